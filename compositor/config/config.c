/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "config/bar.h"
#include "config/rules.h"
#include "tree/text.h"

static const char default_font[] = "monospace 10";

static struct binding_mode *mode_create(const char *name)
{
	struct binding_mode *mode = vx_new(mode);
	mode->name = vx_strdup(name);
	return mode;
}

struct config *config_create(void)
{
	struct config *config = vx_new(config);
	tree_options_init(&config->options);
	config->font = vx_strdup(default_font);
	config->colors.focused = (struct border_colors){
		0x4c7899ff, 0x285577ff, 0xffffffff, 0x2e9ef4ff, 0x285577ff};
	config->colors.focused_inactive = (struct border_colors){
		0x333333ff, 0x5f676aff, 0xffffffff, 0x484e50ff, 0x5f676aff};
	config->colors.unfocused = (struct border_colors){
		0x333333ff, 0x222222ff, 0x888888ff, 0x292d2eff, 0x222222ff};
	config->colors.urgent = (struct border_colors){
		0x2f343aff, 0x900000ff, 0xffffffff, 0x900000ff, 0x900000ff};
	config->colors.placeholder = (struct border_colors){
		0x000000ff, 0x0c0c0cff, 0xffffffff, 0x000000ff, 0x0c0c0cff};
	config->current_mode = mode_create("default");
	list_append(&config->modes, config->current_mode);
	config->mouse_warping = MOUSE_WARPING_OUTPUT;
	config->xwayland = XWAYLAND_LAZY;
	config->primary_selection = true;
	config->swaybg_command = vx_strdup("swaybg");
	config->swaynag_command = vx_strdup("swaynag");
	return config;
}

#define destroy_all(list, destroy)                            \
	do {                                                  \
		for (int i_ = 0; i_ < (list)->length; i_++) { \
			destroy((list)->items[i_]);           \
		}                                             \
		list_finish(list);                            \
	} while (0)

static void variable_destroy(struct config_variable *variable)
{
	free(variable->name);
	free(variable->value);
	free(variable);
}

static void workspace_config_destroy(struct workspace_config *ws)
{
	destroy_all(&ws->outputs, free);
	free(ws->name);
	free(ws);
}

static void error_destroy(struct config_error *error)
{
	free(error->path);
	free(error->text);
	free(error->message);
	free(error);
}

static void deferred_destroy(struct config_deferred *deferred)
{
	free(deferred->command);
	free(deferred);
}

void config_destroy(struct config *config)
{
	if (!config) {
		return;
	}
	destroy_all(&config->variables, variable_destroy);
	destroy_all(&config->modes, binding_mode_destroy);
	destroy_all(&config->rules, rule_destroy);
	destroy_all(&config->workspaces, workspace_config_destroy);
	destroy_all(&config->bars, bar_config_destroy);
	destroy_all(&config->outputs, output_config_destroy);
	destroy_all(&config->inputs, input_config_destroy);
	destroy_all(&config->seats, seat_config_destroy);
	destroy_all(&config->deferred, deferred_destroy);
	destroy_all(&config->files, free);
	destroy_all(&config->errors, error_destroy);
	free(config->font);
	free(config->swaybg_command);
	free(config->swaynag_command);
	free(config->path);
	free(config->text);
	xkb_state_unref(config->translation);
	free(config);
}

/* --- --to-code --- */

static struct xkb_keymap *keymap_from_file(struct xkb_context *context, const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file) {
		return nullptr;
	}
	struct xkb_keymap *keymap = xkb_keymap_new_from_file(
		context, file, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	fclose(file);
	return keymap;
}

static struct xkb_keymap *make_keymap(struct xkb_context *context, const struct input_config *input)
{
	if (input && input->xkb_file) {
		return keymap_from_file(context, input->xkb_file);
	}
	struct xkb_rule_names names = {};
	if (input) {
		names = (struct xkb_rule_names){
			.rules = input->xkb_rules,
			.model = input->xkb_model,
			.layout = input->xkb_layout,
			.variant = input->xkb_variant,
			.options = input->xkb_options,
		};
	}
	return xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
}

static struct xkb_state *make_translation(
	const struct input_config *input, enum xkb_context_flags flags)
{
	struct xkb_context *context = xkb_context_new(flags);
	if (!context) {
		return nullptr;
	}
	struct xkb_keymap *keymap = make_keymap(context, input);
	struct xkb_state *state = keymap ? xkb_state_new(keymap) : nullptr;
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	return state;
}

static struct xkb_state *translation(struct config *config)
{
	if (!config->translation) {
		config->translation = make_translation(nullptr, XKB_CONTEXT_NO_FLAGS);
	}
	if (!config->translation) {
		config->translation = make_translation(nullptr, XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	}
	return config->translation;
}

void config_translate_binding(struct config *config, struct binding *binding)
{
	struct xkb_state *state = translation(config);
	if (state) {
		binding_translate(binding, state);
	}
}

/* The first `input` line with a layout decides; types come after devices. */
static const struct input_config *find_layout(const struct config *config)
{
	static const char prefix[] = "type:";
	for (int types = 0; types < 2; types++) {
		for (int i = 0; i < config->inputs.length; i++) {
			const struct input_config *input = config->inputs.items[i];
			bool is_type = strncmp(input->identifier, prefix, strlen(prefix)) == 0;
			if (is_type == (types == 1) && (input->xkb_layout || input->xkb_file)) {
				return input;
			}
		}
	}
	return nullptr;
}

void config_translate_bindings(struct config *config)
{
	const struct input_config *input = find_layout(config);
	struct xkb_state *state = input ? make_translation(input, XKB_CONTEXT_NO_FLAGS) : nullptr;
	if (!state) {
		return;
	}
	xkb_state_unref(config->translation);
	config->translation = state;
	for (int i = 0; i < config->modes.length; i++) {
		binding_mode_translate(config->modes.items[i], xkb_state_get_keymap(state));
	}
}

/* Keeps the first error that xkbcommon logs. */
[[gnu::format(printf, 3, 0)]] static void keep_xkb_error(
	struct xkb_context *context, enum xkb_log_level level, const char *format, va_list args)
{
	char **error = xkb_context_get_user_data(context);
	if (level <= XKB_LOG_LEVEL_ERROR && !*error) {
		*error = vx_vprintf(format, args);
		(*error)[strcspn(*error, "\n")] = '\0';
	}
}

static struct input_config *merge_stored(
	const struct config *config, const struct input_config *input)
{
	const char *const names[] = {"*", input->identifier};
	struct input_config *merged = input_config_create(input->identifier);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(names); i++) {
		for (int j = 0; j < config->inputs.length; j++) {
			if (strcmp(config->inputs.items[j]->identifier, names[i]) == 0) {
				input_config_merge(merged, config->inputs.items[j]);
			}
		}
	}
	input_config_merge(merged, input);
	return merged;
}

bool config_check_keymap(
	const struct config *config, const struct input_config *input, struct vx_error *err)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_SECURE_GETENV);
	if (!context) {
		return true; /* as without a keyboard */
	}
	vx_cleanup_free char *error = nullptr;
	xkb_context_set_user_data(context, &error);
	xkb_context_set_log_fn(context, keep_xkb_error);
	struct input_config *merged = merge_stored(config, input);
	errno = 0;
	struct xkb_keymap *keymap = make_keymap(context, merged);
	bool found = keymap != nullptr;
	if (!found && !error && merged->xkb_file) {
		error = vx_printf("cannot read xkb file %s: %s", merged->xkb_file, strerror(errno));
	}
	if (!found) {
		vx_error_set(
			err, "Failed to compile keymap: %s", error ? error : "no reason given");
	}
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	input_config_destroy(merged);
	return found;
}

void config_forget_deferred(struct config *config)
{
	destroy_all(&config->deferred, deferred_destroy);
}

struct binding_mode *config_find_mode(const struct config *config, const char *name)
{
	for (int i = 0; i < config->modes.length; i++) {
		if (strcmp(config->modes.items[i]->name, name) == 0) {
			return config->modes.items[i];
		}
	}
	return nullptr;
}

struct workspace_config *config_find_workspace(const struct config *config, const char *name)
{
	for (int i = 0; i < config->workspaces.length; i++) {
		if (strcmp(config->workspaces.items[i]->name, name) == 0) {
			return config->workspaces.items[i];
		}
	}
	return nullptr;
}

/* --- Variables --- */

static struct config_variable *find_variable(const struct config *config, const char *name)
{
	for (int i = 0; i < config->variables.length; i++) {
		if (strcmp(config->variables.items[i]->name, name) == 0) {
			return config->variables.items[i];
		}
	}
	return nullptr;
}

void config_set_variable(struct config *config, const char *name, const char *value)
{
	struct config_variable *variable = find_variable(config, name);
	if (variable) {
		vx_replace_string(&variable->value, value);
		return;
	}
	variable = vx_new(variable);
	variable->name = vx_strdup(name);
	variable->value = vx_strdup(value);
	/* Longest first, so that $ab does not hide $abc. */
	int index = 0;
	while (index < config->variables.length &&
		strlen(config->variables.items[index]->name) >= strlen(name)) {
		index++;
	}
	list_insert(&config->variables, index, variable);
}

static const struct config_variable *variable_at(const struct config *config, const char *text)
{
	for (int i = 0; i < config->variables.length; i++) {
		const struct config_variable *variable = config->variables.items[i];
		if (strncmp(text, variable->name, strlen(variable->name)) == 0) {
			return variable;
		}
	}
	return nullptr;
}

/* A backslash before it that is not escaped itself. */
static bool is_escaped(const char *text, const char *at)
{
	return at > text && at[-1] == '\\' && !(at > text + 1 && at[-2] == '\\');
}

/* Variables in variables can double with each line; what would get longer than this stays as it is.
 */
static constexpr size_t max_expanded = 64 * 1024;

char *config_expand_variables(const struct config *config, const char *text)
{
	struct text expanded = {};
	const char *at = text;
	while (*at) {
		if (*at != '$' || is_escaped(text, at)) {
			text_append_char(&expanded, *at++);
			continue;
		}
		if (at[1] == '$') {
			text_append_char(&expanded, '$');
			at += 2;
			continue;
		}
		const struct config_variable *variable = variable_at(config, at);
		if (variable && expanded.length + strlen(variable->value) <= max_expanded) {
			text_append(&expanded, variable->value);
			at += strlen(variable->name);
		} else {
			text_append_char(&expanded, *at++);
		}
	}
	char *result = text_take(&expanded);
	return result ? result : vx_strdup("");
}

/* --- Files --- */

/* In the order of looking. "~" is $HOME, "+" is $XDG_CONFIG_HOME. */
static const char *const places[] = {
	"+/vixos/compositor.config",
	"~/.sway/config",
	"+/sway/config",
	"~/.i3/config",
	"+/i3/config",
	VX_SYSCONFDIR "/vixos/compositor.config",
	VX_SYSCONFDIR "/sway/config",
	VX_SYSCONFDIR "/i3/config",
	"/etc/vixos/compositor.config",
	"/etc/sway/config",
};

static char *expand_place(const char *place)
{
	const char *home = getenv("HOME");
	const char *config_home = getenv("XDG_CONFIG_HOME");
	if (place[0] == '/') {
		return vx_strdup(place);
	}
	if (place[0] == '+' && config_home && config_home[0]) {
		return vx_printf("%s%s", config_home, place + 1);
	}
	if (!home || !home[0]) {
		return nullptr;
	}
	return vx_printf("%s%s%s", home, place[0] == '+' ? "/.config" : "", place + 1);
}

char *config_find_file(const char *given)
{
	if (given) {
		return vx_strdup(given);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(places); i++) {
		char *path = expand_place(places[i]);
		if (path && access(path, R_OK) == 0) {
			return path;
		}
		free(path);
	}
	return nullptr;
}

char *config_format_errors(const struct config *config)
{
	struct text text = {};
	for (int i = 0; i < config->errors.length; i++) {
		const struct config_error *error = config->errors.items[i];
		char *line = vx_printf(
			"%s:%d: %s: '%s'\n", error->path, error->line, error->message, error->text);
		text_append(&text, line);
		free(line);
	}
	char *result = text_take(&text);
	return result ? result : vx_strdup("");
}
