/* SPDX-License-Identifier: MIT */
/* Keymaps come by value, once per VM; each lies in one sealed memfd that all clients map. */
#ifndef VX_PROXY_GUEST_KEYMAP_H
#define VX_PROXY_GUEST_KEYMAP_H

#include <stdint.h>

static constexpr unsigned guest_keymaps_max = 16;
static constexpr uint32_t guest_keymap_size_max = 1024 * 1024;

struct guest_client;
struct wire_value;

struct guest_keymap {
	uint32_t id; /* 0: free */
	int fd;      /* owned; sealed once complete */
	uint32_t size, received;
};

struct guest_keymaps {
	struct guest_keymap keymaps[guest_keymaps_max];
	unsigned next; /* which is replaced next */
};

void guest_keymaps_finish(struct guest_keymaps *keymaps);

/* The forward interface's events keymap_data and keymap. */
void keymap_handle_data(struct guest_client *client, const struct wire_value *args);
void keymap_handle_keymap(struct guest_client *client, const struct wire_value *args);

#endif
