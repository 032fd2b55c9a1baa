/* SPDX-License-Identifier: MIT */
/* bar */
#include "config/bar.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/bar_bind.h"
#include "commands/bar_fields.h"
#include "commands/command.h"

/* --- Strings --- */

static struct command_result bar_font(struct command_context *context, struct args args)
{
	static const char prefix[] = "pango:";
	struct bar_config *bar = context->bar;
	vx_cleanup_free char *font = args_join(args);
	bool is_markup = strncmp(font, prefix, strlen(prefix)) == 0;
	if (bar->pango_markup == bar_pango_markup_default) {
		bar->pango_markup = is_markup;
	}
	vx_replace_string(&bar->font, is_markup ? font + strlen(prefix) : font);
	return command_ok();
}

static struct command_result bar_icon_theme(struct command_context *context, struct args args)
{
	vx_replace_string(&context->bar->icon_theme, args.items[0]);
	return command_ok();
}

static struct command_result bar_pango_markup(struct command_context *context, struct args args)
{
	struct bar_config *bar = context->bar;
	bar->pango_markup = word_as_boolean(args.items[0], bar->pango_markup != 0);
	return command_ok();
}

static struct command_result bar_position(struct command_context *context, struct args args)
{
	static const char *const positions[] = {"top", "bottom", nullptr};
	if (word_index(args.items[0], positions) < 0) {
		return command_invalid("Invalid value %s", args.items[0]);
	}
	vx_replace_string(&context->bar->position, args.items[0]);
	return command_ok();
}

static struct command_result bar_separator_symbol(struct command_context *context, struct args args)
{
	vx_replace_string(&context->bar->separator_symbol, args.items[0]);
	return command_ok();
}

static struct command_result bar_status_command(struct command_context *context, struct args args)
{
	vx_cleanup_free char *command = args_join(args);
	bool is_none = strcmp(command, "-") == 0;
	vx_replace_string(&context->bar->status_command, is_none ? nullptr : command);
	return command_ok();
}

static struct command_result bar_swaybar_command(struct command_context *context, struct args args)
{
	free(context->bar->swaybar_command);
	context->bar->swaybar_command = args_join(args);
	return command_ok();
}

static struct bar_config *find_bar(const struct config *config, const char *id)
{
	for (int i = 0; i < config->bars.length; i++) {
		if (strcmp(config->bars.items[i]->id, id) == 0) {
			return config->bars.items[i];
		}
	}
	return nullptr;
}

static struct command_result bar_id(struct command_context *context, struct args args)
{
	const char *id = args.items[0];
	if (strcmp(id, context->bar->id) == 0) {
		return command_ok();
	}
	if (strcmp(id, "id") == 0) {
		return command_invalid("id cannot be 'id'");
	}
	if (find_bar(context->config, id)) {
		return command_invalid(
			"Id '%s' already defined for another bar. Id unchanged (%s).", id,
			context->bar->id);
	}
	vx_replace_string(&context->bar->id, id);
	return command_ok();
}

/* --- Gaps, modifier, outputs --- */

static struct command_result bar_gaps(struct command_context *context, struct args args)
{
	int values[4] = {};
	for (int i = 0; i < args.count; i++) {
		char *end;
		values[i] = (int)strtol(args.items[i], &end, 10);
		if (*end && strcasecmp(end, "px") != 0) {
			return command_invalid("Expected 'bar [<bar-id>] gaps <all> | "
					       "<horizontal> <vertical> | <top> <right> <bottom> "
					       "<left>'");
		}
	}
	/* As CSS has it for one and four; with two and three, sway's own order. */
	struct gaps *gaps = &context->bar->gaps;
	gaps->top = values[0];
	gaps->right = args.count > 1 ? values[1] : values[0];
	gaps->bottom = args.count > 2 ? values[2] : values[0];
	gaps->left = args.count > 3 ? values[3] : gaps->right;
	return command_ok();
}

static struct command_result bar_modifier(struct command_context *context, struct args args)
{
	if (strcmp(args.items[0], "none") == 0) {
		context->bar->modifier = 0;
		return command_ok();
	}
	uint32_t modifiers = 0;
	vx_cleanup_free char *copy = vx_strdup(args.items[0]);
	char *rest = copy, *word;
	while ((word = strsep(&rest, "+"))) {
		if (*word == '\0') {
			continue;
		}
		uint32_t modifier = modifier_by_name(word, strlen(word));
		if (strcmp(word, "none") == 0) {
			return command_invalid("none cannot be used along with other modifiers");
		}
		if (!modifier) {
			return command_invalid("Unknown modifier '%s'", word);
		}
		modifiers |= modifier;
	}
	context->bar->modifier = modifiers;
	return command_ok();
}

static void forget_strings(char **items, int *length)
{
	for (int i = 0; i < *length; i++) {
		free(items[i]);
	}
	*length = 0;
}

static struct command_result bar_output(struct command_context *context, struct args args)
{
	struct bar_config *bar = context->bar;
	const char *output = args.items[0];
	bool has_all = bar->outputs.length > 0 && strcmp(bar->outputs.items[0], "*") == 0;
	if (strcmp(output, "*") == 0 || has_all) {
		forget_strings(bar->outputs.items, &bar->outputs.length);
	}
	for (int i = 0; i < bar->outputs.length; i++) {
		if (strcmp(bar->outputs.items[i], output) == 0) {
			return command_ok();
		}
	}
	list_append(&bar->outputs, vx_strdup(output));
	return command_ok();
}

static struct command_result bar_tray_output(struct command_context *context, struct args args)
{
	struct bar_config *bar = context->bar;
	bool is_none = strcmp(args.items[0], "none") == 0;
	bool is_all = strcmp(args.items[0], "*") == 0;
	bool was_none = bar->tray_outputs.length == 1 &&
			strcmp(bar->tray_outputs.items[0], "none") == 0;
	if (is_none || is_all || was_none) {
		forget_strings(bar->tray_outputs.items, &bar->tray_outputs.length);
	}
	if (!is_all) {
		list_append(&bar->tray_outputs, vx_strdup(args.items[0]));
	}
	return command_ok();
}

/* --- Mode and hidden state: of one bar or of all --- */

typedef struct command_result state_setter(
	struct command_context *context, struct bar_config *bar, const char *word);

static struct command_result apply_state(
	struct command_context *context, struct bar_config *bar, char **field, const char *value)
{
	if (strcmp(*field, value) == 0) {
		return command_ok();
	}
	vx_replace_string(field, value);
	/* A bar that is configured now is told of by cmd_bar(). */
	if (!context->bar && !context->is_reading) {
		session_bar_changed(context->session, bar);
	}
	return command_ok();
}

static struct command_result set_hidden_state(
	struct command_context *context, struct bar_config *bar, const char *word)
{
	static const char *const states[] = {"hide", "show", nullptr};
	if (strcasecmp(word, "toggle") == 0 && !context->is_reading) {
		word = strcasecmp(bar->hidden_state, "hide") == 0 ? "show" : "hide";
	}
	int index = word_index(word, states);
	return index < 0 ? command_invalid("Invalid value %s", word)
			 : apply_state(context, bar, &bar->hidden_state, states[index]);
}

static struct command_result set_mode(
	struct command_context *context, struct bar_config *bar, const char *word)
{
	static const char *const modes[] = {"dock", "hide", "invisible", "overlay", nullptr};
	if (strcasecmp(word, "toggle") == 0 && !context->is_reading) {
		word = strcasecmp(bar->mode, "dock") == 0 ? "hide" : "dock";
	}
	int index = word_index(word, modes);
	return index < 0 ? command_invalid("Invalid value %s", word)
			 : apply_state(context, bar, &bar->mode, modes[index]);
}

static struct command_result set_state(
	struct command_context *context, struct args args, state_setter *set)
{
	if (context->is_reading && args.count > 1) {
		return command_invalid("Unexpected value %s in config mode", args.items[1]);
	}
	const char *id = args.count > 1 ? args.items[1] : nullptr;
	if (context->bar) {
		if (id && strcmp(context->bar->id, id) != 0) {
			return command_invalid(
				"Conflicting bar ids: %s and %s", context->bar->id, id);
		}
		return set(context, context->bar, args.items[0]);
	}
	struct command_result result = command_ok();
	for (int i = 0; i < context->config->bars.length; i++) {
		struct bar_config *bar = context->config->bars.items[i];
		if (result.status == COMMAND_SUCCESS && (!id || strcmp(id, bar->id) == 0)) {
			result = set(context, bar, args.items[0]);
		}
	}
	return result;
}

static struct command_result bar_mode(struct command_context *context, struct args args)
{
	return set_state(context, args, set_mode);
}

static struct command_result bar_hidden_state(struct command_context *context, struct args args)
{
	return set_state(context, args, set_hidden_state);
}

/* --- The command --- */

static const struct command bar_commands[] = {
	{"bindcode", bar_bindcode, 0, -1},
	{"bindsym", bar_bindsym, 0, -1},
	{"colors", bar_colors, 1, -1},
	{"font", bar_font, 1, -1},
	{"gaps", bar_gaps, 1, 4},
	{"hidden_state", bar_hidden_state, 1, 2},
	{"icon_theme", bar_icon_theme, 1, 1},
	{"id", bar_id, 1, 1},
	{"mode", bar_mode, 1, 2},
	{"modifier", bar_modifier, 1, 1},
	{"output", bar_output, 1, 1},
	{"pango_markup", bar_pango_markup, 1, 1},
	{"position", bar_position, 1, 1},
	{"separator_symbol", bar_separator_symbol, 1, 1},
	{"status_command", bar_status_command, 1, -1},
	{"swaybar_command", bar_swaybar_command, 1, -1},
	{"tray_bindcode", bar_tray_bindcode, 0, -1},
	{"tray_bindsym", bar_tray_bindsym, 0, -1},
	{"tray_output", bar_tray_output, 1, 1},
	{"unbindcode", bar_unbindcode, 0, -1},
	{"unbindsym", bar_unbindsym, 0, -1},
};

static bool is_subcommand(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bar_commands); i++) {
		if (strcasecmp(name, bar_commands[i].name) == 0) {
			return true;
		}
	}
	return bar_is_field(name);
}

/* The bar that the words are about, made (into `*ret_made`) where it is new; takes an id off
 * `args`. */
static struct command_result select_bar(
	struct command_context *context, struct args *args, struct bar_config **ret_made)
{
	struct config *config = context->config;
	/* At run time no bar is the current one, whichever the file spoke of last. */
	context->bar = context->is_reading ? config->current_bar : nullptr;
	const char *id = args->items[0];
	if (strcmp(id, "id") != 0 && is_subcommand(args->items[1])) {
		struct bar_config *found = find_bar(config, id);
		context->bar = found ? found : context->bar;
		if (!context->bar) {
			context->bar = *ret_made = bar_config_create(id);
		}
		*args = args_skip(*args, 1);
		return command_ok();
	}
	if (context->is_reading && !context->bar) {
		vx_cleanup_free char *name = vx_printf("bar-%d", config->bars.length);
		context->bar = *ret_made = bar_config_create(name);
	} else if (!context->is_reading && strcmp(id, "mode") != 0 &&
		   strcmp(id, "hidden_state") != 0) {
		return is_subcommand(id)
			       ? command_invalid("No bar defined.")
			       : command_invalid("Unknown/invalid command '%s'", args->items[1]);
	}
	return command_ok();
}

static struct command_result run_subcommand(struct command_context *context, struct args args)
{
	static const char *const only_in_file[] = {"id", "swaybar_command", nullptr};
	const char *name = args.items[0];
	if (!context->is_reading && word_index(name, only_in_file) >= 0) {
		return command_invalid("Can only be used in the config file");
	}
	if (bar_is_field(name)) {
		return bar_set_field(context->bar, name, args_skip(args, 1));
	}
	return command_call_sub(bar_commands, VX_ARRAY_LENGTH(bar_commands), context, args);
}

struct command_result cmd_bar(struct command_context *context, struct args args)
{
	if (args.count < 2) {
		return command_invalid(
			"Invalid bar command (expected at least 2 arguments, got %d)", args.count);
	}
	struct config *config = context->config;
	struct bar_config *made = nullptr;
	struct command_result result = select_bar(context, &args, &made);
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	result = run_subcommand(context, args);
	if (result.status != COMMAND_SUCCESS) {
		bar_config_destroy(made);
		return result;
	}
	if (made) {
		list_append(&config->bars, made);
	}
	if (context->is_reading) {
		config->current_bar = context->bar;
	} else if (context->bar) {
		/* Running bars hear of it and change themselves. */
		session_bar_changed(context->session, context->bar);
		if (made) {
			context->desktop->impl->bar_added(context->desktop, made);
		}
	}
	return command_ok();
}
