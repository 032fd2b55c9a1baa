/* SPDX-License-Identifier: MIT */
/*
 * The one list of what a guest's programs may use. What is not in it does not exist for them; a
 * version above the one stated, whose requests and events nobody here has read, isn't offered
 * either. To add a protocol: one line in protocols.c and one in protocols/meson.build.
 */
#ifndef VX_PROXY_WIRE_PROTOCOLS_H
#define VX_PROXY_WIRE_PROTOCOLS_H

#include <stddef.h>
#include <stdint.h>

struct wl_interface;

enum wire_side : unsigned {
	WIRE_SIDE_HOST,  /* the compositor's global, passed on message by message */
	WIRE_SIDE_GUEST, /* lives in the guest half: nothing of it reaches the host */
};

struct wire_protocol {
	const struct wl_interface *interface;
	uint32_t version; /* the highest that is offered */
	enum wire_side side;
};

/* All of them, ended by one whose interface is NULL. */
const struct wire_protocol *wire_protocols_get(void);

/* The protocol whose global interface has that name; NULL where there is none to offer. */
const struct wire_protocol *wire_protocols_find(const char *interface_name);

/* A fresh set of everything that can be reached from the list; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] struct wire_interfaces *wire_protocols_compile(void);

#endif
