/* SPDX-License-Identifier: MIT */
/*
 * Random operations on both ends of a link: what goes in comes out, in order and whole, and credit
 * is conserved.
 */
#include "link_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "common/memory.h"
#include "proxy/link/state.h"

/* xorshift64*: the same sequence everywhere. */
static uint32_t random_next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static uint32_t random_below(uint64_t *seed, uint32_t bound)
{
	return random_next(seed) % bound;
}

/* The byte at `position` of the stream that `salt` stands for. */
static uint8_t stream_byte(uint32_t salt, size_t position)
{
	return (uint8_t)((salt + position) * 2654435761u >> 13);
}

/* What one end of a channel knows of the bytes in both directions. */
struct flow {
	struct user *user;
	uint32_t send_salt;
	size_t sent;
	size_t checked; /* of user->received */
	bool finished;  /* we said that we won't send more */
};

struct world {
	struct pair pair;
	uint64_t seed;
	struct flow flows[2][fixture_users_max]; /* by side and user */
	size_t opened;
};

static struct side *world_side(struct world *world, unsigned which)
{
	return which == 0 ? &world->pair.host : &world->pair.guest;
}

/* A channel's id and opener give its stream; the service name carries the number across. */
static void handle_opened(struct side *side, struct user *user)
{
	struct world *world = user->side->users[0]->extra;
	unsigned which = side == &world->pair.guest ? 1 : 0;
	uint32_t number = (uint32_t)strtoul(side->last_service + 1, nullptr, 10);
	struct flow *flow = &world->flows[which][side->user_count - 1];
	*flow = (struct flow){.user = user, .send_salt = number * 2 + 1};
	user->holds = true;
	user->extra = flow;
}

static void world_open(struct world *world, unsigned which)
{
	struct side *side = world_side(world, which);
	static const uint32_t windows[] = {1, 7, 1000, 65536, vx_link_window_default};
	if (side->user_count >= fixture_users_max / 2) {
		return;
	}
	char service[32];
	uint32_t number = (uint32_t)++world->opened;
	snprintf(service, sizeof(service), "s%u", number);
	struct user *user = side_open(
		side, service, windows[random_below(&world->seed, VX_ARRAY_LENGTH(windows))]);
	struct flow *flow = &world->flows[which][side->user_count - 1];
	*flow = (struct flow){.user = user, .send_salt = number * 2};
	user->holds = true;
	user->extra = flow;
}

static void flow_send(struct world *world, struct flow *flow)
{
	static uint8_t bytes[100000];
	size_t size = 1 +
		      random_below(&world->seed, random_below(&world->seed, 8) == 0 ? 100000 : 300);
	for (size_t i = 0; i < size; i++) {
		bytes[i] = stream_byte(flow->send_salt, flow->sent + i);
	}
	size_t credit = vx_link_channel_get_credit(flow->user->channel);
	size_t taken = vx_link_channel_send(flow->user->channel, bytes, size);
	assert_int_equal(taken, size < credit ? size : credit);
	flow->sent += taken;
}

static void flow_consume(struct world *world, struct flow *flow)
{
	struct user *user = flow->user;
	if (user->unconsumed > 0) {
		size_t size = 1 + random_below(&world->seed, (uint32_t)user->unconsumed);
		user->unconsumed -= size;
		vx_link_channel_consume(user->channel, size);
	}
}

/* Everything that came is the next of what the other end sent. */
static void flow_check(struct flow *flow)
{
	const uint8_t *bytes = vx_buffer_bytes(&flow->user->received);
	for (; flow->checked < flow->user->received.size; flow->checked++) {
		assert_int_equal(
			bytes[flow->checked], stream_byte(flow->send_salt ^ 1, flow->checked));
	}
}

static void channel_check(const struct vx_link_channel *channel)
{
	const struct vx_link *link = channel->link;
	uint32_t arriving = link->data_left > 0 && link->data_channel == channel->id
				    ? link->data_left
				    : 0;
	assert_true(channel->in_flight + channel->queue.size <= channel->send_window);
	if (!channel->told) {
		assert_int_equal(channel->receive_credit + channel->unconsumed +
					 channel->returnable + arriving,
			channel->receive_window);
	}
}

static void link_check(const struct vx_link *link)
{
	size_t queued = 0;
	size_t capacity = 0;
	for (uint32_t id = 0; id < vx_link_channels_max; id++) {
		if (link->channels[id] != nullptr) {
			channel_check(link->channels[id]);
			queued += link->channels[id]->queue.size;
			capacity += link->channels[id]->queue.capacity;
		}
	}
	assert_int_equal(queued, link->queued);
	assert_int_equal(capacity, link->queue_capacity);
}

static void flow_operate(struct world *world, struct flow *flow)
{
	if (flow->user == nullptr || flow->user->channel == nullptr) {
		return;
	}
	uint32_t choice = random_below(&world->seed, 100);
	if (choice < 50) {
		flow_send(world, flow);
	} else if (choice < 96) {
		flow_consume(world, flow);
	} else if (choice < 98) {
		vx_link_channel_finish(flow->user->channel);
	} else if (choice < 99) {
		vx_link_channel_destroy(vx_take_ptr(flow->user->channel), VX_LINK_REASON_CANCELLED);
	}
}

static void world_step(struct world *world)
{
	unsigned which = random_below(&world->seed, 2);
	struct side *side = world_side(world, which);
	uint32_t choice = random_below(&world->seed, 100);
	if (choice < 3) {
		world_open(world, which);
	} else if (choice < 80) {
		flow_operate(world, &world->flows[which][random_below(
					    &world->seed, (uint32_t)side->user_count)]);
	} else if (choice < 81) {
		(void)vx_link_ping(side->link);
	} else if (choice < 85) {
		vx_link_flush(side->link);
	} else {
		vx_link_dispatch(side->link);
	}
	for (size_t i = 0; i < side->user_count; i++) {
		if (world->flows[which][i].user != nullptr) {
			flow_check(&world->flows[which][i]);
		}
	}
}

static struct world *world_create(uint64_t seed)
{
	struct world *world = vx_new(world);
	world->seed = seed;
	pair_init(&world->pair);
	for (unsigned which = 0; which < 2; which++) {
		struct side *side = world_side(world, which);
		if (seed % 2 == 1) {
			/* A small socket buffer, so that most writes are short. */
			int small = 1;
			assert_int_equal(setsockopt(vx_link_get_fd(side->link), SOL_SOCKET,
						 SO_SNDBUF, &small, sizeof(small)),
				0);
		}
		side->on_opened = handle_opened;
		/* User 0 of each side never has a channel: it holds the way back to the world. */
		side->users[side->user_count++] = vx_calloc(1, sizeof(struct user));
		side->users[0]->extra = world;
	}
	return world;
}

/* Finishes and consumes all until every channel is closed; then no sent byte may be missing. */
static void world_settle(struct world *world)
{
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned which = 0; which < 2; which++) {
			struct side *side = world_side(world, which);
			for (size_t i = 1; i < side->user_count; i++) {
				struct user *user = side->users[i];
				user->holds = false;
				if (user->channel != nullptr) {
					vx_link_channel_consume(user->channel, user->unconsumed);
					user->unconsumed = 0;
					vx_link_channel_finish(user->channel);
				}
			}
		}
		pair_pump(&world->pair);
	}
}

static void world_check_end(struct world *world)
{
	for (unsigned which = 0; which < 2; which++) {
		struct side *side = world_side(world, which);
		assert_int_equal(side->lost_count, 0);
		assert_int_equal(side->link->queued, 0);
		for (uint32_t id = 0; id < vx_link_channels_max; id++) {
			assert_null(side->link->channels[id]);
		}
		for (size_t i = 1; i < side->user_count; i++) {
			struct flow *flow = &world->flows[which][i];
			flow_check(flow);
			struct side *other = world_side(world, 1 - which);
			for (size_t k = 1; k < other->user_count; k++) {
				struct flow *peer = &world->flows[1 - which][k];
				if (peer->send_salt == (flow->send_salt ^ 1) &&
					flow->user->closed_count == 1 &&
					flow->user->reason == VX_LINK_REASON_NONE) {
					assert_int_equal(peer->sent, flow->user->received.size);
				}
			}
		}
	}
}

static void run_world(uint64_t seed)
{
	static constexpr unsigned steps = 3000;
	struct world *world = world_create(seed);
	for (unsigned i = 0; i < steps; i++) {
		world_step(world);
		if (i % 16 == 0) {
			link_check(world->pair.host.link);
			link_check(world->pair.guest.link);
		}
		assert_int_equal(world->pair.host.lost_count + world->pair.guest.lost_count, 0);
	}
	world_settle(world);
	world_check_end(world);
	pair_finish(&world->pair);
	free(world);
}

static void test_random_operations(void **state)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		run_world(seed * UINT64_C(0x9e3779b97f4a7c15));
	}
}

static void test_id_sets_against_a_plain_table(void **state)
{
	uint64_t seed = 42;
	struct link_id_set set = {};
	bool table[vx_link_channels_max] = {};
	for (unsigned i = 0; i < 4000; i++) {
		uint32_t id = random_below(&seed, vx_link_channels_max);
		/* Mostly removing in the second half, so that sparse sets are seen as well. */
		table[id] = random_below(&seed, 4000) > i;
		table[id] ? link_id_set_add(&set, id) : link_id_set_remove(&set, id);
		uint32_t from = random_below(&seed, vx_link_channels_max);
		uint32_t expected = from;
		while (expected < vx_link_channels_max && !table[expected]) {
			expected++;
		}
		expected = expected < vx_link_channels_max ? expected : link_id_none;
		assert_int_equal(link_id_set_find(&set, from), expected);
	}
	for (uint32_t id = 0; id < vx_link_channels_max; id++) {
		link_id_set_remove(&set, id);
	}
	assert_true(link_id_set_is_empty(&set));
	assert_int_equal(link_id_set_next(&set, 1023), link_id_none);
	link_id_set_add(&set, 1023);
	assert_int_equal(link_id_set_next(&set, 1023), 1023);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_operations),
		cmocka_unit_test(test_id_sets_against_a_plain_table),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
