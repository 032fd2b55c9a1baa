/* SPDX-License-Identifier: MIT */
#include "link_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"

const struct link_hello hostile_good_hello = {
	.magic = link_frame_magic,
	.major = link_version_major,
	.minor = link_version_minor,
	.role = VX_LINK_GUEST,
};

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct user *user = data;
	assert_ptr_equal(user->channel, channel);
	assert_true(size > 0);
	assert_true(vx_buffer_append(&user->received, untrusted_data, size));
	user->unconsumed += size;
	if (!user->holds) {
		user->unconsumed = 0;
		vx_link_channel_consume(channel, size);
	}
	if (user->on_received != nullptr) {
		user->on_received(user);
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	struct user *user = data;
	user->writable_count++;
	assert_true(vx_link_channel_get_credit(channel) > 0);
	if (user->on_writable != nullptr) {
		user->on_writable(user);
	}
}

static void handle_peer_finished(struct vx_link_channel *channel, void *data)
{
	struct user *user = data;
	user->finished_count++;
	if (user->on_finished != nullptr) {
		user->on_finished(user);
	}
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct user *user = data;
	assert_ptr_equal(user->channel, channel);
	user->closed_count++;
	user->reason = reason;
	if (user->on_closed != nullptr) {
		user->on_closed(user);
	}
	user->channel = nullptr;
}

const struct vx_link_channel_listener user_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_peer_finished,
	.closed = handle_closed,
};

static struct user *side_add_user(struct side *side)
{
	assert_true(side->user_count < fixture_users_max);
	struct user *user = vx_new(user);
	user->side = side;
	side->users[side->user_count++] = user;
	return user;
}

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
	struct side *side = data;
	side->ready_count++;
	side->features = common_features;
	if (side->on_ready != nullptr) {
		side->on_ready(side);
	}
}

static void handle_channel_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	struct side *side = data;
	side->opened_count++;
	snprintf(side->last_service, sizeof(side->last_service), "%s", untrusted_service);
	if (side->refuses) {
		return;
	}
	struct user *user = side_add_user(side);
	user->channel = channel;
	vx_link_channel_set_listener(channel, &user_listener, user);
	if (side->on_opened != nullptr) {
		side->on_opened(side, user);
	}
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct side *side = data;
	side->lost_count++;
	snprintf(side->lost_reason, sizeof(side->lost_reason), "%s", vx_error_message(reason));
	for (size_t i = 0; i < side->user_count; i++) {
		assert_null(side->users[i]->channel);
	}
	if (side->on_lost != nullptr) {
		side->on_lost(side);
	}
}

static void handle_write_interest_changed(struct vx_link *link, bool wants_write, void *data)
{
	struct side *side = data;
	assert_true(side->wants_write != wants_write);
	side->wants_write = wants_write;
	side->interest_changes++;
}

const struct vx_link_listener side_listener = {
	.ready = handle_ready,
	.channel_opened = handle_channel_opened,
	.lost = handle_lost,
	.write_interest_changed = handle_write_interest_changed,
};

void side_init(struct side *side, int fd, enum vx_link_role role, uint32_t features)
{
	*side = (struct side){};
	side->link = vx_link_create(fd, role, features, &side_listener, side);
}

void side_finish(struct side *side)
{
	vx_link_destroy(vx_take_ptr(side->link));
	for (size_t i = 0; i < side->user_count; i++) {
		vx_buffer_finish(&side->users[i]->received);
		free(side->users[i]);
	}
}

struct user *side_open(struct side *side, const char *service, uint32_t window)
{
	struct user *user = side_add_user(side);
	user->channel = vx_link_channel_open(side->link, service, window, &user_listener, user);
	return user;
}

struct user *side_last_user(struct side *side)
{
	assert_true(side->user_count > 0);
	return side->users[side->user_count - 1];
}

void side_dispatch(struct side *side)
{
	if (side->link != nullptr) {
		vx_link_dispatch(side->link);
	}
}

void socket_pair(int ret_fds[2])
{
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_fds), 0);
}

void pair_connect(struct pair *pair)
{
	int fds[2];
	socket_pair(fds);
	side_init(&pair->host, fds[0], VX_LINK_HOST, VX_LINK_FEATURE_REGION | VX_LINK_FEATURE_LZ4);
	side_init(&pair->guest, fds[1], VX_LINK_GUEST, VX_LINK_FEATURE_LZ4 | 1u << 31);
}

void pair_init(struct pair *pair)
{
	pair_connect(pair);
	pair_pump(pair);
}

void pair_finish(struct pair *pair)
{
	side_finish(&pair->host);
	side_finish(&pair->guest);
}

/* Would its owner's event loop call dispatch now? */
static bool side_is_due(const struct side *side)
{
	if (side->link == nullptr || side->lost_count > 0) {
		return false;
	}
	bool wants_write = vx_link_wants_write(side->link);
	assert_true(side->wants_write == wants_write || side->interest_changes == 0);
	struct pollfd poll_fd = {
		.fd = vx_link_get_fd(side->link),
		.events = (short)(POLLIN | (wants_write ? POLLOUT : 0)),
	};
	return poll(&poll_fd, 1, 0) > 0;
}

void pair_pump(struct pair *pair)
{
	static constexpr unsigned turns_max = 100000;
	unsigned turns = 0;
	while (side_is_due(&pair->host) || side_is_due(&pair->guest)) {
		side_dispatch(&pair->host);
		side_dispatch(&pair->guest);
		assert_true(++turns < turns_max);
	}
}

void hostile_init(struct hostile *hostile, bool says_hello)
{
	int fds[2];
	socket_pair(fds);
	side_init(&hostile->side, fds[0], VX_LINK_HOST, VX_LINK_FEATURE_LZ4);
	hostile->fd = fds[1];
	if (says_hello) {
		hostile_hello(hostile, hostile_good_hello);
		side_dispatch(&hostile->side);
		hostile_drain(hostile);
		assert_int_equal(hostile->side.ready_count, 1);
	}
}

void hostile_finish(struct hostile *hostile)
{
	side_finish(&hostile->side);
	close(hostile->fd);
}

void hostile_write(struct hostile *hostile, const void *bytes, size_t size)
{
	const uint8_t *position = bytes;
	while (size > 0) {
		ssize_t written = send(hostile->fd, position, size, MSG_NOSIGNAL);
		if (written < 0) {
			assert_int_equal(errno, EAGAIN);
			side_dispatch(&hostile->side);
			continue;
		}
		position += written;
		size -= (size_t)written;
	}
}

void hostile_frame(
	struct hostile *hostile, uint8_t type, uint32_t channel, const void *payload, uint32_t size)
{
	uint8_t header[link_frame_header_size];
	link_frame_encode_header(header, (enum link_frame_type)type, channel, size);
	hostile_write(hostile, header, sizeof(header));
	hostile_write(hostile, payload, size);
}

void hostile_u32(struct hostile *hostile, uint8_t type, uint32_t channel, uint32_t value)
{
	uint8_t frame[link_frame_control_max];
	size_t size = link_frame_encode_u32(frame, (enum link_frame_type)type, channel, value);
	hostile_write(hostile, frame, size);
}

void hostile_open(struct hostile *hostile, uint32_t channel, uint32_t window, const char *service)
{
	uint8_t frame[1024];
	assert_true(strlen(service) < sizeof(frame) - 64);
	hostile_write(hostile, frame, link_frame_encode_open(frame, channel, window, service));
}

void hostile_hello(struct hostile *hostile, struct link_hello hello)
{
	uint8_t frame[link_frame_control_max];
	hostile_write(hostile, frame, link_frame_encode_hello(frame, &hello));
}

size_t hostile_read(struct hostile *hostile, uint8_t *bytes, size_t size)
{
	size_t used = 0;
	while (used < size) {
		ssize_t count = read(hostile->fd, bytes + used, size - used);
		if (count <= 0) {
			break;
		}
		used += (size_t)count;
	}
	return used;
}

void hostile_drain(struct hostile *hostile)
{
	uint8_t bytes[4096];
	while (hostile_read(hostile, bytes, sizeof(bytes)) > 0) {
	}
}

void hostile_expect_lost(struct hostile *hostile, const char *part)
{
	struct side *side = &hostile->side;
	for (unsigned i = 0; i < 64 && side->lost_count == 0; i++) {
		side_dispatch(side);
	}
	assert_int_equal(side->lost_count, 1);
	if (strstr(side->lost_reason, part) == nullptr) {
		fail_msg("lost by '%s', not by '%s'", side->lost_reason, part);
	}
	side_dispatch(side);
	assert_int_equal(side->lost_count, 1);
	assert_false(vx_link_is_ready(side->link));
	assert_null(vx_link_channel_open(side->link, "x", 1, &user_listener, nullptr));
}

void hostile_expect_alive(struct hostile *hostile)
{
	for (unsigned i = 0; i < 4; i++) {
		side_dispatch(&hostile->side);
	}
	if (hostile->side.lost_count != 0) {
		fail_msg("lost by '%s'", hostile->side.lost_reason);
	}
}
