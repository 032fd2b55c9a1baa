/* SPDX-License-Identifier: MIT */
/* File descriptors: -1 when unset, always close-on-exec, one owner. */
#ifndef VX_COMMON_FD_H
#define VX_COMMON_FD_H

#include <stddef.h>
#include <sys/types.h>

#include "common/error.h"

/* A local that is closed when it goes out of scope. */
#define vx_cleanup_close VX_CLEANUP(vx_cleanup_close_fd)

/* Gives an fd away: evaluates to its value and leaves -1 behind. */
#define vx_take_fd(fd)             \
	__extension__({            \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

void vx_cleanup_close_fd(const int *fd);

/* Closes what `*fd` owns, if anything, and stores `replacement`. */
void vx_replace_fd(int *fd, int replacement);

bool vx_fd_set_nonblocking(int fd, struct vx_error *err);

/* Writes all of `data` to a blocking fd, going on after EINTR and short writes. */
bool vx_write_all(int fd, const void *data, size_t size, struct vx_error *err);

/*
 * The whole content of a regular file, with a NUL behind it that `ret_size` does not count; owned
 * by the caller. Fails for files over `max_size` bytes. `ret_size` may be NULL.
 */
[[nodiscard]] char *vx_read_file(
	const char *path, size_t max_size, size_t *ret_size, struct vx_error *err);

/* A non-blocking, close-on-exec unix stream socket connected to / listening on `path`; -1 on
 * failure. */
int vx_unix_connect(const char *path, int type, struct vx_error *err);
int vx_unix_listen(const char *path, int type, struct vx_error *err);

/*
 * One datagram or stream chunk together with up to `fd_count` descriptors over a unix socket.
 * vx_send_fds() returns false with errno EAGAIN kept where the socket is full. vx_receive_fds()
 * returns the number of bytes (0 at end of file, -1 with errno on failure), stores received fds,
 * which the caller then owns, and sets the unused rest to -1; a message with more descriptors than
 * fit is refused whole (all are closed, errno EPROTO).
 */
bool vx_send_fds(int socket, const void *data, size_t size, const int *fds, size_t fd_count);
ssize_t vx_receive_fds(int socket, void *data, size_t size, int *ret_fds, size_t fd_count);

#endif
