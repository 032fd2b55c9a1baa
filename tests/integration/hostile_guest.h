/* SPDX-License-Identifier: MIT */
/*
 * What attacks of hostile-guest are made of: a link to a running vixos-proxy, one `wayland` channel
 * on it with everything bound, and messages that no honest guest would send.
 */
#ifndef VX_TESTS_HOSTILE_GUEST_H
#define VX_TESTS_HOSTILE_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "proxy/link/link.h"

static constexpr int guest_deadline_ms = 8000;
static constexpr size_t guest_globals_max = 32;

/* Ids that every attack finds. */
enum id : uint32_t {
	DISPLAY = 1,
	REGISTRY,
	CALLBACK,
	COMPOSITOR,
	SUBCOMPOSITOR,
	WM_BASE,
	VIEWPORTER,
	SINGLE_PIXEL,
	SEAT,
	FREE_ID, /* from here on they are the attack's */
};

/* The first one after those of guest_show_window(). */
static constexpr uint32_t NEXT_ID = FREE_ID + 10;

enum outcome : unsigned {
	ALIVE,
	CLOSED,
	LOST
};

struct guest {
	const char *path;
	struct vx_link *link;
	struct vx_link_channel *channel;
	struct vx_buffer in;
	bool ready, closed, lost;
	uint32_t answered, serial; /* callbacks done; the last xdg_surface.configure */
	uint32_t names[guest_globals_max];
	char interfaces[guest_globals_max][64];
	size_t global_count;
};

struct attack {
	const char *name;
	enum outcome expected;
	void (*run)(struct guest *guest);
};

#define ATTACK(function, outcome) {#function, outcome, function}

/* Tables of attacks, ended by one without a name. */
extern const struct attack hostile_messages[], hostile_windows[], hostile_floods[];

extern const struct vx_link_channel_listener guest_channel_listener;

/* Has the channel or the link ended? */
[[nodiscard]] bool guest_is_over(const struct guest *guest);

[[nodiscard]] int64_t guest_now_ms(void);

/* Sends and receives what there is, or waits that long for something. */
void guest_turn(struct guest *guest, int timeout_ms);

void guest_send(struct guest *guest, const void *bytes, size_t size);

/* `format` as in wire_write(). */
void guest_request(struct guest *guest, uint32_t object, uint16_t opcode, const char *format, ...);

/* A message with a header of the attack's own making. */
void guest_raw(struct guest *guest, uint32_t object, uint16_t opcode, uint16_t size,
	const void *body, size_t body_size);

/* True once everything sent so far was answered; false where the channel ended instead. */
bool guest_sync(struct guest *guest);

/* Returns `id`. */
uint32_t guest_make_surface(struct guest *guest, uint32_t id);

/* Ids id to id + 2: surface, xdg_surface, xdg_toplevel. */
void guest_make_toplevel(struct guest *guest, uint32_t id);

/* One magenta pixel, stretched. Ids id and id + 1: viewport, buffer. */
void guest_paint(struct guest *guest, uint32_t surface, uint32_t id, int32_t width, int32_t height);

/* A shown window at FREE_ID with ids up to FREE_ID + 9. */
void guest_show_window(struct guest *guest);

#endif
