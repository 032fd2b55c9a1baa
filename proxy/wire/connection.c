/* SPDX-License-Identifier: MIT */
#include "wire/connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

static constexpr size_t in_max = 128 * 1024;
static constexpr size_t read_size = 64 * 1024;

union fds_message {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(wire_connection_fds_max * sizeof(int))];
};

void wire_connection_init(struct wire_connection *connection, int fd, size_t out_max)
{
	*connection = (struct wire_connection){
		.fd = fd,
		.in.max_size = in_max,
		.out.max_size = out_max,
	};
}

static void close_all(int *fds, unsigned *count)
{
	for (unsigned i = 0; i < *count; i++) {
		close(fds[i]);
	}
	*count = 0;
}

void wire_connection_finish(struct wire_connection *connection)
{
	close_all(connection->fds_in, &connection->fds_in_count);
	close_all(connection->fds_out, &connection->fds_out_count);
	vx_buffer_finish(&connection->in);
	vx_buffer_finish(&connection->out);
	vx_replace_fd(&connection->fd, -1);
}

/* Keeps the fds of one control message; false (all of them closed) where they are too many. */
static bool keep_fds(struct wire_connection *connection, const struct cmsghdr *control)
{
	size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	bool fits = connection->fds_in_count + count <= VX_ARRAY_LENGTH(connection->fds_in);
	for (size_t i = 0; i < count; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
		if (fits) {
			connection->fds_in[connection->fds_in_count++] = fd;
		} else {
			close(fd);
		}
	}
	return fits;
}

static bool keep_all_fds(struct wire_connection *connection, struct msghdr *message)
{
	bool fits = (message->msg_flags & MSG_CTRUNC) == 0;
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != nullptr;
		control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS) {
			fits &= keep_fds(connection, control);
		}
	}
	return fits;
}

int wire_connection_read(struct wire_connection *connection)
{
	size_t room = in_max - connection->in.size;
	struct iovec iov = {.iov_len = room < read_size ? room : read_size};
	if (iov.iov_len == 0) {
		return 0;
	}
	iov.iov_base = vx_buffer_reserve(&connection->in, iov.iov_len);
	union fds_message control;
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;
	do {
		got = recvmsg(connection->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return errno == EAGAIN ? 0 : -1;
	}
	if (!keep_all_fds(connection, &message) || got == 0) {
		return -1;
	}
	vx_buffer_commit(&connection->in, (size_t)got);
	return 1;
}

int wire_connection_take_fd(struct wire_connection *connection)
{
	if (connection->fds_in_count == 0) {
		return -1;
	}
	int fd = connection->fds_in[0];
	connection->fds_in_count--;
	memmove(connection->fds_in, connection->fds_in + 1,
		connection->fds_in_count * sizeof(connection->fds_in[0]));
	return fd;
}

bool wire_connection_add_fd(struct wire_connection *connection, int fd)
{
	if (connection->fds_out_count == VX_ARRAY_LENGTH(connection->fds_out) &&
		(!wire_connection_flush(connection) || connection->fds_out_count > 0)) {
		close(fd);
		return false;
	}
	connection->fds_out[connection->fds_out_count++] = fd;
	return true;
}

static ssize_t send_some(struct wire_connection *connection)
{
	struct iovec iov = {
		.iov_base = connection->out.data + connection->out.start,
		.iov_len = connection->out.size,
	};
	union fds_message control = {};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	size_t fds_size = connection->fds_out_count * sizeof(int);
	if (fds_size > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(fds_size);
		control.header = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(fds_size),
		};
		memcpy(CMSG_DATA(&control.header), connection->fds_out, fds_size);
	}
	ssize_t sent;
	do {
		sent = sendmsg(connection->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent;
}

bool wire_connection_flush(struct wire_connection *connection)
{
	while (connection->out.size > 0) {
		ssize_t sent = send_some(connection);
		if (sent < 0) {
			return errno == EAGAIN;
		}
		close_all(connection->fds_out, &connection->fds_out_count);
		vx_buffer_consume(&connection->out, (size_t)sent);
	}
	return true;
}
