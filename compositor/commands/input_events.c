/* SPDX-License-Identifier: MIT */
#include "commands/input.h"

#include <libinput.h>
#include <string.h>

#include "common/memory.h"

/* In the order in which they follow one another. */
static const struct mode {
	const char *name;
	enum libinput_config_send_events_mode value;
} all_modes[] = {
	{"enabled", LIBINPUT_CONFIG_SEND_EVENTS_ENABLED},
	{"disabled_on_external_mouse", LIBINPUT_CONFIG_SEND_EVENTS_DISABLED_ON_EXTERNAL_MOUSE},
	{"disabled", LIBINPUT_CONFIG_SEND_EVENTS_DISABLED},
};

struct toggle {
	struct command_context *context;
	struct args modes;
	LIST(struct input_config) changes; /* each owned until it is stored */
};

static const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(all_modes); i++) {
		if (strcmp(all_modes[i].name, name) == 0) {
			return &all_modes[i];
		}
	}
	return nullptr;
}

static const struct mode *next_of_device(const struct desktop_input *device)
{
	const char *now = device->libinput.send_events;
	if (strcmp(now, "enabled") != 0 && strcmp(now, "disabled_on_external_mouse") != 0) {
		return &all_modes[0];
	}
	bool by_mouse = strcmp(now, "enabled") == 0 && device->libinput.can_be_off_by_mouse;
	return by_mouse ? &all_modes[1] : &all_modes[2];
}

static const struct mode *next_of_list(struct args modes, const char *now)
{
	int next = 0;
	while (next < modes.count && strcmp(modes.items[next], now) != 0) {
		next++;
	}
	return find_mode(modes.items[(next + 1) % modes.count]);
}

static bool is_meant(const char *identifier, const struct desktop_input *device)
{
	static const char prefix[] = "type:";
	size_t length = strlen(prefix);
	return strcmp(identifier, "*") == 0 || strcmp(identifier, device->identifier) == 0 ||
	       (strncmp(identifier, prefix, length) == 0 &&
		       strcmp(identifier + length, device->type) == 0);
}

static void look_at_device(const struct desktop_input *device, void *data)
{
	struct toggle *toggle = data;
	if (!device->has_libinput || !device->libinput.send_events ||
		!is_meant(toggle->context->input->identifier, device)) {
		return;
	}
	const struct mode *next = toggle->modes.count > 0 ? next_of_list(toggle->modes,
								    device->libinput.send_events)
							  : next_of_device(device);
	struct input_config *change = input_config_create(device->identifier);
	change->send_events = (int)next->value;
	list_append(&toggle->changes, change);
}

struct command_result input_toggle_events(struct command_context *context, struct args modes)
{
	for (int i = 0; i < modes.count; i++) {
		if (!find_mode(modes.items[i])) {
			return command_invalid("Invalid toggle mode %s", modes.items[i]);
		}
	}
	struct toggle toggle = {.context = context, .modes = modes};
	context->desktop->impl->for_each_input(context->desktop, look_at_device, &toggle);
	for (int i = 0; i < toggle.changes.length; i++) {
		input_store(context, toggle.changes.items[i]);
	}
	list_finish(&toggle.changes);
	return command_ok();
}
