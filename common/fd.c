/* SPDX-License-Identifier: MIT */
#include "common/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

/* The kernel's SCM_MAX_FD: room for whatever a peer can attach, so that nothing is truncated. */
static constexpr size_t scm_max_fd = 253;

void vx_cleanup_close_fd(const int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

void vx_replace_fd(int *fd, int replacement)
{
	if (*fd >= 0 && *fd != replacement) {
		close(*fd);
	}
	*fd = replacement;
}

bool vx_fd_set_nonblocking(int fd, struct vx_error *err)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		return vx_error_set_errno(err, errno, "can't make a descriptor non-blocking");
	}
	return true;
}

bool vx_write_all(int fd, const void *data, size_t size, struct vx_error *err)
{
	const char *position = data;
	while (size > 0) {
		ssize_t written = write(fd, position, size);
		if (written < 0 && errno == EINTR) {
			continue;
		}
		if (written < 0) {
			return vx_error_set_errno(err, errno, "write failed");
		}
		position += written;
		size -= (size_t)written;
	}
	return true;
}

static ssize_t read_fully(int fd, char *data, size_t size)
{
	size_t used = 0;
	while (used < size) {
		ssize_t count = read(fd, data + used, size - used);
		if (count < 0 && errno == EINTR) {
			continue;
		}
		if (count < 0) {
			return -1;
		}
		if (count == 0) {
			break;
		}
		used += (size_t)count;
	}
	return (ssize_t)used;
}

char *vx_read_file(const char *path, size_t max_size, size_t *ret_size, struct vx_error *err)
{
	vx_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't open '%s'", path);
		return nullptr;
	}
	/* Files in /proc and /sys say size 0, so grow while reading. */
	size_t capacity = 4096;
	size_t used = 0;
	vx_cleanup_free char *content = nullptr;
	for (;;) {
		content = vx_reallocarray(content, capacity + 1, 1);
		ssize_t count = read_fully(fd, content + used, capacity - used);
		if (count < 0) {
			vx_error_set_errno(err, errno, "can't read '%s'", path);
			return nullptr;
		}
		used += (size_t)count;
		if (used > max_size) {
			vx_error_set(err, "'%s' is larger than %zu bytes", path, max_size);
			return nullptr;
		}
		if (used < capacity) {
			break;
		}
		capacity *= 2;
	}
	content[used] = '\0';
	if (ret_size != nullptr) {
		*ret_size = used;
	}
	return vx_take_ptr(content);
}

static bool unix_address(const char *path, struct sockaddr_un *ret_address, struct vx_error *err)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(ret_address->sun_path)) {
		return vx_error_set(err, "socket path '%s' is longer than %zu bytes", path,
			sizeof(ret_address->sun_path) - 1);
	}
	memcpy(ret_address->sun_path, path, strlen(path) + 1);
	return true;
}

int vx_unix_connect(const char *path, int type, struct vx_error *err)
{
	struct sockaddr_un address;
	if (!unix_address(path, &address, err)) {
		return -1;
	}
	vx_cleanup_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int saved = errno;
		vx_error_set_errno(err, saved, "can't connect to '%s'", path);
		errno = saved;
		return -1;
	}
	return vx_take_fd(fd);
}

int vx_unix_listen(const char *path, int type, struct vx_error *err)
{
	static constexpr int backlog = 64;
	struct sockaddr_un address;
	if (!unix_address(path, &address, err)) {
		return -1;
	}
	vx_cleanup_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, backlog) < 0) {
		vx_error_set_errno(err, errno, "can't listen on '%s'", path);
		return -1;
	}
	return vx_take_fd(fd);
}

bool vx_send_fds(int socket, const void *data, size_t size, const int *fds, size_t fd_count)
{
	vx_assert(fd_count <= scm_max_fd);
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * scm_max_fd)] = {};
	struct iovec iov = {.iov_base = (void *)data, .iov_len = size};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	if (fd_count > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
	}
	ssize_t sent;
	do {
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)size;
}

static size_t collect_fds(struct msghdr *message, int *fds)
{
	size_t count = 0;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != nullptr;
		header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t bytes = header->cmsg_len - CMSG_LEN(0);
		memcpy(fds + count, CMSG_DATA(header), bytes);
		count += bytes / sizeof(int);
	}
	return count;
}

ssize_t vx_receive_fds(int socket, void *data, size_t size, int *ret_fds, size_t fd_count)
{
	alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * scm_max_fd)];
	struct iovec iov = {.iov_base = data, .iov_len = size};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t received;
	do {
		received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (received < 0 && errno == EINTR);
	for (size_t i = 0; i < fd_count; i++) {
		ret_fds[i] = -1;
	}
	if (received < 0) {
		return -1;
	}
	int fds[scm_max_fd];
	size_t count = collect_fds(&message, fds);
	if (count > fd_count || (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0) {
		for (size_t i = 0; i < count; i++) {
			close(fds[i]);
		}
		errno = EPROTO;
		return -1;
	}
	memcpy(ret_fds, fds, sizeof(int) * count);
	return received;
}
