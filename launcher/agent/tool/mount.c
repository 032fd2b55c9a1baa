/* SPDX-License-Identifier: MIT */
#include "tool/mount.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/mount_request.h"

static bool copy_text(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);
	if (length >= size) {
		return false;
	}
	memcpy(to, text, length + 1);
	return true;
}

static int ask(const struct mount_request *request)
{
	vx_cleanup_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = MOUNT_REQUEST_SOCKET};
	int32_t result = 0;
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		send(fd, request, sizeof(*request), MSG_NOSIGNAL) != (ssize_t)sizeof(*request)) {
		return errno;
	}
	ssize_t size = recv(fd, &result, sizeof(result), 0);
	if (size < 0) {
		return errno;
	}
	return size == (ssize_t)sizeof(result) ? result : EPROTO;
}

int tool_mount(char *const *argv)
{
	struct mount_request request = {.type = MOUNT_REQUEST_MOUNT};
	if (argv[0] == nullptr || argv[1] == nullptr || argv[2] == nullptr ||
		!copy_text(request.tag, sizeof(request.tag), argv[0]) ||
		!copy_text(request.target, sizeof(request.target), argv[1])) {
		return EINVAL;
	}
	request.flags = strcmp(argv[2], "rw") == 0 ? MOUNT_REQUEST_WRITABLE : 0u;
	return ask(&request);
}

int tool_unmount(char *const *argv)
{
	struct mount_request request = {.type = MOUNT_REQUEST_UNMOUNT};
	if (argv[0] == nullptr || !copy_text(request.tag, sizeof(request.tag), argv[0])) {
		return EINVAL;
	}
	request.flags = argv[1] != nullptr && strcmp(argv[1], "lazy") == 0 ? MOUNT_REQUEST_LAZY
									   : 0u;
	return ask(&request);
}
