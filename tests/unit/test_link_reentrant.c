/* SPDX-License-Identifier: MIT */
/* Callbacks may destroy whatever they like. */
#include "link_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"

static void destroy_own_channel(struct user *user)
{
	vx_link_channel_destroy(vx_take_ptr(user->channel), VX_LINK_REASON_PROTOCOL);
}

static void destroy_other_channel(struct user *user)
{
	struct user *other = user->side->users[user == user->side->users[0] ? 1 : 0];
	if (other->channel != nullptr) {
		vx_link_channel_destroy(vx_take_ptr(other->channel), VX_LINK_REASON_INTERNAL);
	}
}

static void destroy_link(struct user *user)
{
	struct vx_link *link = vx_take_ptr(user->side->link);
	vx_link_destroy(link);
}

static void flush_link(struct user *user)
{
	vx_link_flush(user->side->link);
	assert_ptr_equal(vx_link_channel_get_link(user->channel), user->side->link);
}

static void destroy_in_closed(struct user *user)
{
	vx_link_channel_destroy(user->channel, VX_LINK_REASON_NONE);
	vx_link_channel_finish(user->channel);
	assert_int_equal(vx_link_channel_send(user->channel, "x", 1), 0);
	flush_link(user);
}

/* Makes all four events happen on two channels, with `act` in the place of each in turn. */
static void run_reentrant(void (*act)(struct user *user), unsigned event)
{
	static uint8_t bytes[vx_link_window_default];
	struct pair pair;
	pair_init(&pair);
	struct user *clients[] = {
		side_open(&pair.guest, "a", 4096), side_open(&pair.guest, "b", 4096)};
	pair_pump(&pair);
	for (unsigned i = 0; i < 2; i++) {
		struct user *server = pair.host.users[i];
		void (**callbacks[])(struct user *) = {&server->on_received, &server->on_writable,
			&server->on_finished, &server->on_closed};
		*callbacks[event] = act;
		(void)vx_link_channel_send(server->channel, bytes, sizeof(bytes));
		(void)vx_link_channel_send(clients[i]->channel, bytes, sizeof(bytes));
		vx_link_channel_finish(clients[i]->channel);
	}
	pair_pump(&pair);
	for (unsigned i = 0; i < 2; i++) {
		if (pair.host.link != nullptr && pair.host.users[i]->channel != nullptr) {
			vx_link_channel_finish(pair.host.users[i]->channel);
		}
	}
	pair_pump(&pair);
	if (pair.guest.link != nullptr && pair.guest.lost_count == 0) {
		assert_null(clients[0]->channel);
		assert_null(clients[1]->channel);
	}
	pair_finish(&pair);
}

static void test_channel_callbacks_may_destroy(void **state)
{
	for (unsigned event = 0; event < 4; event++) {
		if (event != 3) {
			run_reentrant(destroy_own_channel, event);
		}
		run_reentrant(destroy_other_channel, event);
		run_reentrant(destroy_link, event);
		run_reentrant(flush_link, event);
	}
	run_reentrant(destroy_in_closed, 3);
}

static void side_destroys_link(struct side *side)
{
	vx_link_destroy(vx_take_ptr(side->link));
}

static void opened_destroys_link(struct side *side, struct user *user)
{
	vx_link_destroy(vx_take_ptr(side->link));
	assert_null(user->channel);
}

static void opened_destroys_channel(struct side *side, struct user *user)
{
	vx_link_channel_destroy(vx_take_ptr(user->channel), VX_LINK_REASON_REFUSED);
	vx_link_flush(side->link);
}

static void opened_dispatches(struct side *side, struct user *user)
{
	/* Not allowed to do anything: we are inside. */
	vx_link_dispatch(side->link);
}

static void test_link_callbacks_may_destroy(void **state)
{
	static void (*const acts[])(struct side *, struct user *) = {
		opened_destroys_link, opened_destroys_channel, opened_dispatches};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(acts); i++) {
		struct pair pair;
		pair_init(&pair);
		pair.host.on_opened = acts[i];
		struct user *client = side_open(&pair.guest, "a", 4096);
		(void)vx_link_channel_send(client->channel, "bytes", 5);
		vx_link_channel_finish(client->channel);
		pair_pump(&pair);
		pair_finish(&pair);
	}
}

static void test_ready_and_lost_may_destroy(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, false);
	hostile.side.on_ready = side_destroys_link;
	hostile_hello(&hostile, hostile_good_hello);
	side_dispatch(&hostile.side);
	assert_null(hostile.side.link);
	hostile_finish(&hostile);

	hostile_init(&hostile, true);
	hostile.side.on_lost = side_destroys_link;
	hostile_open(&hostile, 1, 1, "a");
	hostile_open(&hostile, 1, 1, "a");
	side_dispatch(&hostile.side);
	assert_null(hostile.side.link);
	assert_int_equal(hostile.side.lost_count, 1);
	hostile_finish(&hostile);
}

static void handle_interest_by_destroying(struct vx_link *link, bool wants_write, void *data)
{
	if (wants_write) {
		unsigned *count = data;
		(*count)++;
		vx_link_destroy(link);
	}
}

static void test_write_interest_may_destroy(void **state)
{
	static const struct vx_link_listener listener = {
		.write_interest_changed = handle_interest_by_destroying};
	static const struct vx_link_channel_listener silent = {};
	for (unsigned i = 0; i < 2; i++) {
		int fds[2];
		assert_int_equal(
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
		unsigned count = 0;
		/* The hello waits, and nobody was told of that yet: whatever comes first tells. */
		struct vx_link *link = vx_link_create(fds[0], VX_LINK_HOST, 0, &listener, &count);
		if (i == 0) {
			assert_null(vx_link_channel_open(link, "x", 1, &silent, nullptr));
		} else {
			assert_false(vx_link_ping(link));
		}
		assert_int_equal(count, 1);
		close(fds[1]);
	}
}

static void test_closed_may_destroy_the_link_while_it_is_being_lost(void **state)
{
	struct hostile hostile;
	hostile_init(&hostile, true);
	for (uint32_t id = 1; id < 20; id += 2) {
		hostile_open(&hostile, id, 1, "a");
	}
	side_dispatch(&hostile.side);
	hostile.side.users[3]->on_closed = destroy_link;
	hostile.side.users[1]->on_closed = destroy_other_channel;
	hostile_open(&hostile, 1, 1, "a");
	side_dispatch(&hostile.side);
	assert_null(hostile.side.link);
	for (size_t i = 1; i < hostile.side.user_count; i++) {
		assert_int_equal(hostile.side.users[i]->closed_count, 1);
	}
	hostile_finish(&hostile);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channel_callbacks_may_destroy),
		cmocka_unit_test(test_link_callbacks_may_destroy),
		cmocka_unit_test(test_ready_and_lost_may_destroy),
		cmocka_unit_test(test_write_interest_may_destroy),
		cmocka_unit_test(test_closed_may_destroy_the_link_while_it_is_being_lost),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
