/* SPDX-License-Identifier: MIT */
/* Keymaps cross by value: the compositor's file is read here, and its bytes sent once per VM. */
#ifndef VX_PROXY_HOST_KEYMAP_H
#define VX_PROXY_HOST_KEYMAP_H

#include <stdint.h>

struct wire_interfaces;

struct host_keymap {
	uint32_t id;   /* 0: free */
	uint32_t size; /* bytes */
	uint8_t *data; /* owned */
	bool known;    /* the guest half has it whole, whatever channel it came by */
};

struct host_keymaps {
	struct host_keymap keymaps[8];
	unsigned next;    /* which is replaced next */
	uint32_t last_id; /* never used twice */
};

void keymaps_finish(struct host_keymaps *keymaps);

/* The guest half says that it has that one; a wrong number does nothing. */
void keymaps_set_known(struct host_keymaps *keymaps, uint32_t untrusted_id);

void keymap_install(struct wire_interfaces *interfaces);

#endif
