/* SPDX-License-Identifier: MIT */
#include "commands/bar_bind.h"

#include <stdlib.h>
#include <string.h>

#include "config/bar.h"

static struct command_result parse_button(const char *word, bool is_code, uint32_t *ret_button)
{
	vx_cleanup_free char *error = nullptr;
	*ret_button = mouse_button_parse(word, is_code, &error);
	if (error) {
		return command_invalid("%s", error);
	}
	return *ret_button ? command_ok() : command_invalid("Unknown button %s", word);
}

static struct bar_binding *find_binding(
	const struct bar_config *bar, uint32_t button, bool release, int *ret_index)
{
	for (int i = 0; i < bar->bindings.length; i++) {
		struct bar_binding *binding = bar->bindings.items[i];
		if (binding->button == button && binding->release == release) {
			*ret_index = i;
			return binding;
		}
	}
	return nullptr;
}

static struct command_result bind_button(
	struct command_context *context, struct args args, bool is_code, bool is_removal)
{
	struct bar_config *bar = context->bar;
	const char *name = is_removal ? (is_code ? "bar unbindcode" : "bar unbindsym")
				      : (is_code ? "bar bindcode" : "bar bindsym");
	bool release = args_is(args, 0, "--release");
	args = args_skip(args, release);
	struct command_result result = command_check_count(name, args, is_removal ? 1 : 2, -1);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	uint32_t button;
	result = parse_button(args.items[0], is_code, &button);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	int index = 0;
	struct bar_binding *binding = find_binding(bar, button, release, &index);
	if (is_removal && !binding) {
		name = mouse_button_name(button);
		return command_fail("Could not find binding for [bar %s] Button %u (%s)%s", bar->id,
			button, name ? name : "", release ? " - release" : "");
	}
	if (is_removal) {
		free(binding->command);
		free(binding);
		list_remove_at(&bar->bindings, index);
		return command_ok();
	}
	if (!binding) {
		binding = vx_new(binding);
		binding->button = button;
		binding->release = release;
		list_append(&bar->bindings, binding);
	}
	free(binding->command);
	binding->command = args_join(args_skip(args, 1));
	return command_ok();
}

struct command_result bar_bindcode(struct command_context *context, struct args args)
{
	return bind_button(context, args, true, false);
}

struct command_result bar_bindsym(struct command_context *context, struct args args)
{
	return bind_button(context, args, false, false);
}

struct command_result bar_unbindcode(struct command_context *context, struct args args)
{
	return bind_button(context, args, true, true);
}

struct command_result bar_unbindsym(struct command_context *context, struct args args)
{
	return bind_button(context, args, false, true);
}

static struct command_result bind_tray(
	struct command_context *context, struct args args, bool is_code)
{
	static const char *const commands[] = {"ContextMenu", "Activate", "SecondaryActivate",
		"ScrollDown", "ScrollLeft", "ScrollRight", "ScrollUp", "nop", nullptr};
	struct bar_config *bar = context->bar;
	struct command_result result = command_check_count(
		is_code ? "bar tray_bindcode" : "bar tray_bindsym", args, 2, 2);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	uint32_t button;
	result = parse_button(args.items[0], is_code, &button);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	int command = word_index(args.items[1], commands);
	if (command < 0) {
		return command_invalid("[Bar %s] Invalid tray command %s", bar->id, args.items[1]);
	}
	for (int i = 0; i < bar->tray_bindings.length; i++) {
		if (bar->tray_bindings.items[i]->button == button) {
			vx_replace_string(&bar->tray_bindings.items[i]->command, commands[command]);
			return command_ok();
		}
	}
	struct bar_tray_binding *binding = vx_new(binding);
	binding->button = button;
	binding->command = vx_strdup(commands[command]);
	list_insert(&bar->tray_bindings, 0, binding);
	return command_ok();
}

struct command_result bar_tray_bindcode(struct command_context *context, struct args args)
{
	return bind_tray(context, args, true);
}

struct command_result bar_tray_bindsym(struct command_context *context, struct args args)
{
	return bind_tray(context, args, false);
}
