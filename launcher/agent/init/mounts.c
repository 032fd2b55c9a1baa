/* SPDX-License-Identifier: MIT */
#include "init/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/mount_request.h"
#include "init/root.h"
#include "init/user.h"

static constexpr unsigned device_timeout_ms = 10'000;

/* Where the folder `tag` is mounted last (owned); NULL where it isn't. */
static char *find_target(const char *tag)
{
	FILE *table = setmntent("/proc/self/mounts", "r");
	char *target = nullptr;
	if (table == nullptr) {
		return nullptr;
	}
	for (struct mntent *entry = getmntent(table); entry != nullptr; entry = getmntent(table)) {
		if (strcmp(entry->mnt_fsname, tag) == 0 &&
			strcmp(entry->mnt_type, "virtiofs") == 0) {
			vx_replace_string(&target, entry->mnt_dir);
		}
	}
	endmntent(table);
	return target;
}

/* The device of a folder is announced by the host, and then takes its time to be found here. */
static int mount_when_there(const struct mount_request *request)
{
	static constexpr unsigned step_ms = 10;
	unsigned long flags = MS_NOSUID | MS_NODEV |
			      ((request->flags & MOUNT_REQUEST_WRITABLE) != 0 ? 0 : MS_RDONLY);
	for (unsigned waited = 0;; waited += step_ms) {
		if (mount(request->tag, request->target, "virtiofs", flags, nullptr) == 0) {
			return 0;
		}
		if (errno != EINVAL) {
			return errno;
		}
		if (waited >= device_timeout_ms) {
			return ENODEV;
		}
		nanosleep(&(struct timespec){.tv_nsec = step_ms * 1'000'000L}, nullptr);
	}
}

/* A file that tells that the folder which `tag` is mounted on was made for that. Owned. */
static char *marker_of(const char *tag)
{
	return vx_printf("/run/vixos/made-%s", tag);
}

static void mark_made(const char *tag)
{
	vx_cleanup_free char *marker = marker_of(tag);
	vx_cleanup_close int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	(void)fd;
}

/* Undoes root_make_folders() as far as its last folder goes. */
static void remove_made(const char *tag, const char *target)
{
	vx_cleanup_free char *marker = marker_of(tag);
	if (unlink(marker) == 0) {
		rmdir(target);
	}
}

static int answer_mount(const struct mount_request *request)
{
	vx_cleanup_free char *before = find_target(request->tag);
	if (before != nullptr) {
		return strcmp(before, request->target) == 0 ? 0 : EBUSY;
	}
	if (request->target[0] != '/' || strchr(request->tag, '/') != nullptr) {
		return EINVAL;
	}
	vx_cleanup_error struct vx_error err = {};
	bool is_new = access(request->target, F_OK) != 0;
	errno = ENOTDIR;
	if (!root_make_folders(request->target, &err)) {
		return errno;
	}
	if (is_new) {
		mark_made(request->tag);
	}
	int result = mount_when_there(request);
	if (result != 0) {
		remove_made(request->tag, request->target);
	}
	return result;
}

static int answer_unmount(const struct mount_request *request)
{
	int flags = UMOUNT_NOFOLLOW | ((request->flags & MOUNT_REQUEST_LAZY) != 0 ? MNT_DETACH : 0);
	for (;;) {
		vx_cleanup_free char *target = find_target(request->tag);
		if (target == nullptr) {
			return 0;
		}
		if (umount2(target, flags) != 0) {
			return errno;
		}
		remove_made(request->tag, target);
	}
}

static int answer(struct mount_request *request)
{
	request->tag[sizeof(request->tag) - 1] = '\0';
	request->target[sizeof(request->target) - 1] = '\0';
	switch (request->type) {
	case MOUNT_REQUEST_MOUNT:
		return answer_mount(request);
	case MOUNT_REQUEST_UNMOUNT:
		return answer_unmount(request);
	default:
		return EINVAL;
	}
}

/* A process for each request: mount(2) waits for the host's virtiofsd. */
static void handle_connection(int connection)
{
	if (fork() != 0) {
		return;
	}
	struct mount_request request = {};
	int32_t result = EPROTO;
	if (recv(connection, &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
		result = answer(&request);
	}
	(void)send(connection, &result, sizeof(result), MSG_NOSIGNAL);
	_exit(0);
}

[[noreturn]] static void serve(int socket)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	signal(SIGCHLD, SIG_IGN); /* nobody has to be waited for */
	prctl(PR_SET_NAME, "vixos-mounts");
	for (;;) {
		vx_cleanup_close int connection = accept4(socket, nullptr, nullptr, SOCK_CLOEXEC);
		if (connection >= 0) {
			handle_connection(connection);
		}
	}
}

bool mounts_serve(struct vx_error *err)
{
	vx_cleanup_close int socket = vx_unix_listen(MOUNT_REQUEST_SOCKET, SOCK_SEQPACKET, err);
	if (socket < 0) {
		return false;
	}
	int flags = fcntl(socket, F_GETFL);
	if (fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) != 0 ||
		chown(MOUNT_REQUEST_SOCKET, user_id, user_id) != 0 ||
		chmod(MOUNT_REQUEST_SOCKET, 0600) != 0) {
		return vx_error_set_errno(
			err, errno, "can't give '%s' to the user", MOUNT_REQUEST_SOCKET);
	}
	pid_t child = fork();
	if (child == 0) {
		serve(socket);
	}
	return child > 0 || vx_error_set_errno(err, errno, "can't start the mounting of folders");
}
