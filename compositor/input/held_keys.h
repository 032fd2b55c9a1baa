/* SPDX-License-Identifier: MIT */
#ifndef INPUT_HELD_KEYS_H
#define INPUT_HELD_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* Keys that are held, as the matching of bindings wants them: sorted, with their key codes. */
struct held_keys {
	uint32_t ids[32], codes[32]; /* keysyms or key codes, and the code of each */
	size_t count;
	uint32_t last_code; /* the latest press */
	uint32_t last_modifiers;
};

/* Beyond what fits, keys are not kept. */
void held_keys_add(struct held_keys *held, uint32_t code, uint32_t id);
/* Takes out everything that `code` produced; false where that is nothing. */
bool held_keys_remove(struct held_keys *held, uint32_t code);
bool held_keys_contain(const struct held_keys *held, uint32_t code);
/* Takes a key event; `modifiers` are those in force when it came. */
void held_keys_update(
	struct held_keys *held, uint32_t code, bool pressed, uint32_t id, uint32_t modifiers);

#endif
