/* SPDX-License-Identifier: MIT */
/* Which binding fits what was pressed. */
#include <string.h>

#include "config/binding.h"

static bool is_for_device(const struct binding *binding, const char *input, bool exact)
{
	return strcmp(binding->input, input) == 0 || (!exact && strcmp(binding->input, "*") == 0);
}

static bool may_run(const struct binding *binding, const struct binding_query *query)
{
	bool is_release = binding->flags & BINDING_RELEASE;
	return binding->modifiers == query->modifiers && is_release == query->release &&
	       (!query->locked || (binding->flags & BINDING_LOCKED)) &&
	       (!query->inhibited || (binding->flags & BINDING_INHIBITED)) &&
	       (binding->group == XKB_LAYOUT_INVALID || binding->group == query->group) &&
	       is_for_device(binding, query->input, query->exact_input);
}

static bool keys_fit(const struct binding *binding, const struct binding_query *query)
{
	if (binding->key_count == query->key_count) {
		return memcmp(binding->keys, query->keys,
			       query->key_count * sizeof(query->keys[0])) == 0;
	}
	return binding->key_count == 1 && binding->keys[0] == query->current_key;
}

/* What decides between bindings for the same keys. */
struct fit {
	bool input, group_is_set, group, locked, inhibited;
};

static struct fit fit_of(const struct binding *binding, const struct binding_query *query)
{
	return (struct fit){
		.input = strcmp(binding->input, query->input) == 0,
		.group_is_set = binding->group != XKB_LAYOUT_INVALID,
		.group = binding->group == query->group,
		.locked = binding->flags & BINDING_LOCKED,
		.inhibited = binding->flags & BINDING_INHIBITED,
	};
}

/* Is `current` at least as good: device before "*", then group, lock state, inhibited state? */
static bool is_kept(struct fit current, struct fit other, const struct binding_query *query)
{
	bool same_input = current.input == other.input;
	bool same_group = same_input && current.group_is_set == other.group_is_set;
	bool same_locked = same_group && current.locked == other.locked;
	if (same_locked && current.inhibited == other.inhibited) {
		return true; /* conflicting bindings: the first one stays */
	}
	return (current.input && !other.input) || (same_input && current.group) ||
	       (same_group && current.locked == query->locked) ||
	       (same_locked && current.inhibited == query->inhibited);
}

struct binding *binding_find(const struct binding_list *bindings, const struct binding_query *query,
	struct binding *current)
{
	for (int i = 0; i < bindings->list.length; i++) {
		struct binding *binding = bindings->list.items[i];
		if (binding == current || !may_run(binding, query) || !keys_fit(binding, query)) {
			continue;
		}
		if (!current || !is_kept(fit_of(current, query), fit_of(binding, query), query)) {
			current = binding;
		}
	}
	return current;
}

static bool buttons_fit(const struct binding *binding, const uint32_t *buttons, size_t count)
{
	return binding->key_count == count &&
	       memcmp(binding->keys, buttons, count * sizeof(buttons[0])) == 0;
}

struct binding *binding_find_mouse(const struct binding_mode *mode, const uint32_t *buttons,
	size_t button_count, uint32_t modifiers, bool release, uint32_t on, const char *input)
{
	static constexpr uint32_t places = BINDING_TITLEBAR | BINDING_BORDER | BINDING_CONTENTS;
	struct binding *found = nullptr;
	for (int i = 0; i < mode->mouse.list.length; i++) {
		struct binding *binding = mode->mouse.list.items[i];
		bool is_release = binding->flags & BINDING_RELEASE;
		bool on_place = on == 0 || (binding->flags & places & on);
		if (binding->modifiers != modifiers || is_release != release || !on_place ||
			!buttons_fit(binding, buttons, button_count) ||
			!is_for_device(binding, input, false)) {
			continue;
		}
		if (strcmp(binding->input, "*") != 0) {
			return binding;
		}
		found = found ? found : binding;
	}
	return found;
}

struct binding *binding_find_switch(const struct binding_mode *mode, enum binding_switch_kind kind,
	enum binding_switch_state state, bool locked)
{
	for (int i = 0; i < mode->switches.list.length; i++) {
		struct binding *binding = mode->switches.list.items[i];
		bool fits = binding->switch_state == state ||
			    binding->switch_state == BINDING_SWITCH_TOGGLE;
		if (binding->switch_kind == kind && fits &&
			(!locked || (binding->flags & BINDING_LOCKED))) {
			return binding;
		}
	}
	return nullptr;
}
