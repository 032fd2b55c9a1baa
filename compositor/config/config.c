/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "config"

#include "config/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
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
	return text_take_string(&expanded);
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

bool config_is_readable(const char *path, struct vx_error *err)
{
	struct stat status;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		return vx_error_set(err, "'%s' is a directory, not a configuration file", path);
	}
	return access(path, R_OK) == 0 || vx_error_set(err, "cannot read '%s'", path);
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
	return text_take_string(&text);
}

void config_warn(struct config *config, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vx_cleanup_free char *message = vx_vprintf(format, args);
	va_end(args);
	if (config->reading_path && !config->validating) {
		vx_log_warn("%s:%d: %s", config->reading_path, config->reading_line, message);
	} else {
		vx_log_info("%s", message);
	}
}
