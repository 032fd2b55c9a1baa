/* SPDX-License-Identifier: MIT */
#include "daemon/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "manager_names.h"

static constexpr long lock_retry_ms = 20;
static constexpr long lock_patience_ms = 10'000;
static constexpr uint32_t boot_deadline_default_s = 120;
static constexpr unsigned long boot_deadline_max_s = 3600;

/* One that is ending holds the lock for a moment longer than it listens. */
static bool lock_patiently(int fd)
{
	const struct timespec pause = {.tv_nsec = lock_retry_ms * 1'000'000};
	for (long waited_ms = 0;; waited_ms += lock_retry_ms) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			return true;
		}
		if ((errno != EWOULDBLOCK && errno != EINTR) || waited_ms >= lock_patience_ms) {
			return false;
		}
		nanosleep(&pause, nullptr);
	}
}

int environment_lock(const char *runtime_base, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", runtime_base, VX_MANAGER_LOCK);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "cannot open '%s'", path);
		return -1;
	}
	if (!lock_patiently(fd)) {
		if (errno == EWOULDBLOCK) {
			vx_error_set(err, "another vixosd runs already");
		} else {
			vx_error_set_errno(err, errno, "cannot lock '%s'", path);
		}
		close(fd);
		return -1;
	}
	return fd;
}

int environment_listen(const char *runtime_base, char **ret_path, struct vx_error *err)
{
	int count = sd_listen_fds(/* unset_environment = */ 1);
	if (count > 1) {
		vx_error_set(err, "systemd gave %d sockets where one is expected", count);
		return -1;
	}
	if (count == 1) {
		return SD_LISTEN_FDS_START;
	}
	/* With the lock held, a socket that is there is a dead one's. */
	vx_cleanup_free char *path = vx_printf("%s/%s", runtime_base, VX_MANAGER_SOCKET);
	(void)unlink(path);
	int fd = vx_unix_listen(path, SOCK_STREAM, err);
	if (fd >= 0) {
		*ret_path = vx_take_ptr(path);
	}
	return fd;
}

uint32_t environment_boot_deadline_ms(void)
{
	const char *text = getenv("VIXOS_BOOT_TIMEOUT");
	if (text != nullptr) {
		char *end;
		errno = 0;
		unsigned long seconds = strtoul(text, &end, 10);
		if (errno == 0 && end != text && *end == '\0' && seconds > 0 &&
			seconds <= boot_deadline_max_s) {
			return (uint32_t)seconds * 1000;
		}
	}
	return boot_deadline_default_s * 1000;
}
