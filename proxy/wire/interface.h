/* SPDX-License-Identifier: MIT */
/*
 * Wayland interfaces in a form that is quick to check messages against, compiled once at start from
 * wayland-scanner's tables. A process makes one set and hangs its own handlers on it.
 */
#ifndef VX_PROXY_WIRE_INTERFACE_H
#define VX_PROXY_WIRE_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

struct wl_interface;

static constexpr unsigned wire_args_max = 20; /* as in libwayland */

struct wire_arg {
	char kind; /* i, u, f, s, o, n, a or h: as in wl_message's signature */
	bool nullable;
	bool needs_id;                          /* o and n that may not be null */
	const struct wire_interface *interface; /* o, n: NULL where any will do */
};

struct wire_message {
	const char *name;
	uint32_t since; /* of the interface, 1 or more */
	uint16_t opcode;
	uint8_t arg_count;
	uint8_t fd_count;
	uint16_t words_size;     /* with its header, where its arguments are words; else 0 */
	bool has_ids;            /* an o or n argument */
	bool has_new_id;         /* an n argument */
	bool has_untyped_new_id; /* wl_registry.bind */
	bool is_destructor;
	struct wire_arg args[wire_args_max];
	/* What this process does with the message; NULL: pass it on. Set by wire_set_handler(). */
	const void *handler;
};

struct wire_interface {
	const char *name;
	const struct wl_interface *source;
	struct wire_message *requests, *events; /* owned */
	uint16_t request_count, event_count;
	uint16_t index; /* in the set: 0, 1, … */
};

struct wire_interfaces {
	struct wire_interface *all[128]; /* owned */
	unsigned count;
};

/*
 * Compiles `roots` (NULL-terminated) and every interface their messages name. The sources must
 * outlive the set.
 */
[[nodiscard, gnu::returns_nonnull]] struct wire_interfaces *wire_interfaces_create(
	const struct wl_interface *const *roots);
void wire_interfaces_destroy(struct wire_interfaces *set);

/* NULL where the set has none of that name. */
const struct wire_interface *wire_interfaces_find(
	const struct wire_interfaces *set, const char *name);

/*
 * Hangs `handler` on the request or event `message` of `interface`; both must be in the set (that a
 * table of handlers names what exists is ours to get right, so it is asserted).
 */
void wire_set_request_handler(struct wire_interfaces *set, const char *interface,
	const char *message, const void *handler);
void wire_set_event_handler(struct wire_interfaces *set, const char *interface, const char *message,
	const void *handler);

#endif
