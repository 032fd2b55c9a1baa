/* SPDX-License-Identifier: MIT */
#include "guest/clock.h"

#include <time.h>

#include "common/clock.h"
#include "common/memory.h"
#include "guest/client.h"
#include "guest/server.h"
#include "wire/opcodes.h"

static constexpr int64_t nanoseconds_per_second = 1'000'000'000;
/* Halves on one machine have one clock: this much is the message's way and no difference. */
static constexpr int64_t same_clock = 20'000'000;
/* Clocks drift: what was the fastest message an hour ago says nothing now. */
static constexpr unsigned samples_max = 512;

static int64_t time_from_args(const struct wire_value *args)
{
	uint64_t seconds = (uint64_t)args[0].u << 32 | args[1].u;
	uint64_t limit = INT64_MAX / nanoseconds_per_second / 2;
	return (int64_t)(seconds < limit ? seconds : limit) * nanoseconds_per_second + args[2].u;
}

void clock_handle_clock(struct guest_client *client, const struct wire_value *args)
{
	struct guest_clock *clock = &client->server->clock;
	int64_t offset = (int64_t)vx_clock_ns() - time_from_args(args);
	if (offset > -same_clock && offset < same_clock) {
		offset = 0;
	}
	/* A message is never early, so the smallest difference is the nearest to the truth. */
	if (!clock->known || offset < clock->offset || ++clock->samples > samples_max) {
		*clock = (struct guest_clock){.known = true, .offset = offset};
	}
}

static bool handle_presented(struct guest_client *client, const struct guest_event *event)
{
	const struct wire_value *args = event->args;
	int64_t time = time_from_args(args) + client->server->clock.offset;
	uint64_t seconds = time < 0 ? 0 : (uint64_t)(time / nanoseconds_per_second);
	uint32_t nanoseconds = time < 0 ? 0 : (uint32_t)(time % nanoseconds_per_second);
	guest_client_send(client, event->id, WP_PRESENTATION_FEEDBACK_PRESENTED, "uuuuuuu",
		(uint32_t)(seconds >> 32), (uint32_t)seconds, nanoseconds, args[3].u, args[4].u,
		args[5].u, args[6].u);
	return false;
}

/* Times are translated to this clock, whatever the compositor's is. */
static bool handle_clock_id(struct guest_client *client, const struct guest_event *event)
{
	guest_client_send(
		client, event->id, WP_PRESENTATION_CLOCK_ID, "u", (uint32_t)CLOCK_MONOTONIC);
	return false;
}

static const struct guest_event_handler handlers[] = {
	{"wp_presentation", "clock_id", handle_clock_id},
	{"wp_presentation_feedback", "presented", handle_presented},
};

void clock_install(struct wire_interfaces *interfaces)
{
	guest_install_events(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
