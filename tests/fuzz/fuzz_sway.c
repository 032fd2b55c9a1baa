/* SPDX-License-Identifier: MIT */
/*
 * What a compositor says that vixosd takes for sway. Input: u8 size of the pieces in which it
 * comes, then the bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "daemon/sway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64];

static void remove_folder(void)
{
	rmdir(folder);
}

/* sway_connect() looks for sway's socket by the process that has the Wayland one, which is us. */
static void set_up_once(void)
{
	if (folder[0] == '\0') {
		vx_log_init("fuzz-sway", VX_LOG_ERROR);
		snprintf(folder, sizeof(folder), "/tmp/vixos-fuzz-XXXXXX");
		char *made = mkdtemp(folder);
		vx_assert(made != nullptr);
		setenv("XDG_RUNTIME_DIR", folder, 1);
		unsetenv("SWAYSOCK");
		atexit(remove_folder);
	}
}

static void say(sd_event *event, int peer, const uint8_t *data, size_t size, size_t piece)
{
	char heard[4096];
	while (size > 0) {
		size_t next = piece < size ? piece : size;
		if (send(peer, data, next, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)next) {
			return;
		}
		data += next;
		size -= next;
		while (sd_event_run(event, 0) > 0) {
		}
		while (recv(peer, heard, sizeof(heard), MSG_DONTWAIT) > 0) {
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1) {
		return 0;
	}
	set_up_once();
	int pair[2];
	sd_event *event = nullptr;
	vx_cleanup_free char *path = vx_printf(
		"%s/sway-ipc.%u.%d.sock", folder, (unsigned)getuid(), (int)getpid());
	vx_cleanup_close int listener = vx_unix_listen(path, SOCK_STREAM, nullptr);
	int result = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	vx_assert(listener >= 0 && result == 0 && sd_event_new(&event) >= 0);
	struct sway *sway = sway_connect(event, pair[0]);
	vx_assert(sway != nullptr);
	vx_cleanup_close int peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
	sway_bind(sway, "work", "1: web");
	say(event, peer, data + 1, size - 1, data[0] == 0 ? size : data[0]);
	sway_bind(sway, "work", "2");
	sway_destroy(sway);
	sd_event_unref(event);
	close(pair[0]);
	close(pair[1]);
	unlink(path);
	return 0;
}
