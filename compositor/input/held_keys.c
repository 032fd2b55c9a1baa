/* SPDX-License-Identifier: MIT */
#include "input/held_keys.h"

#include <string.h>

#include "common/memory.h"

void held_keys_add(struct held_keys *held, uint32_t code, uint32_t id)
{
	if (held->count >= VX_ARRAY_LENGTH(held->ids)) {
		return;
	}
	size_t at = 0;
	while (at < held->count && held->ids[at] < id) {
		at++;
	}
	memmove(held->ids + at + 1, held->ids + at, (held->count - at) * sizeof(held->ids[0]));
	memmove(held->codes + at + 1, held->codes + at,
		(held->count - at) * sizeof(held->codes[0]));
	held->ids[at] = id;
	held->codes[at] = code;
	held->count++;
}

bool held_keys_remove(struct held_keys *held, uint32_t code)
{
	size_t kept = 0;
	for (size_t i = 0; i < held->count; i++) {
		if (held->codes[i] != code) {
			held->ids[kept] = held->ids[i];
			held->codes[kept++] = held->codes[i];
		}
	}
	bool found = kept != held->count;
	held->count = kept;
	return found;
}

bool held_keys_contain(const struct held_keys *held, uint32_t code)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->codes[i] == code) {
			return true;
		}
	}
	return false;
}

/*
 * A key that turned out to be a modifier is no longer one of the keys: it is known only after the
 * press, when the next key finds the modifiers changed.
 */
void held_keys_update(
	struct held_keys *held, uint32_t code, bool pressed, uint32_t id, uint32_t modifiers)
{
	bool last_was_modifier = modifiers != held->last_modifiers;
	held->last_modifiers = modifiers;
	if (last_was_modifier && held->last_code != 0) {
		held_keys_remove(held, held->last_code);
		held->last_code = 0;
	}
	if (pressed) {
		held_keys_add(held, code, id);
		held->last_code = code;
	} else {
		held_keys_remove(held, code);
	}
}
