/* SPDX-License-Identifier: MIT */
/* Loading and reloading the configuration, and the commands that start or end things. */
#define VX_LOG_MODULE "session"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "commands/config_reader.h"
#include "commands/rules.h"
#include "common/error.h"
#include "common/log.h"
#include "config/bar.h"
#include "tree/arrange.h"

void session_measure_font(struct session *session)
{
	struct config *config = session->config;
	session->desktop->impl->measure_font(session->desktop, config->font,
		&config->options.font_height, &config->options.font_baseline);
}

/* Reads `path` into a new configuration, which becomes the session's; the old one is in `*ret_old`.
 */
static bool read_new(
	struct session *session, const char *path, struct config **ret_old, struct vx_error *err)
{
	struct config *old = session->config;
	session->config = config_create();
	session->config->validating = session->validating;
	if (old) {
		session->config->xwayland = old->xwayland;
		session->config->primary_selection = old->primary_selection;
	}
	session_measure_font(session);
	if (!config_read(session, path, err)) {
		config_destroy(session->config);
		session->config = old;
		return false;
	}
	*ret_old = old;
	return true;
}

bool session_load(struct session *session, struct vx_error *err)
{
	vx_cleanup_free char *path = config_find_file(session->config_path);
	if (!path) {
		return vx_error_set(err, "there is no configuration file");
	}
	struct config *old = nullptr;
	if (!read_new(session, path, &old, err)) {
		return false;
	}
	config_destroy(old);
	session->tree->options = &session->config->options;
	session->tree->policy = rules_policy(session);
	return true;
}

void session_start(struct session *session)
{
	struct config *config = session->config;
	config->active = true;
	for (int i = 0; i < config->deferred.length; i++) {
		commands_run_quiet(session, config->deferred.items[i]->command, nullptr, nullptr);
	}
	config_forget_deferred(config);
	if (config->errors.length > 0) {
		vx_cleanup_free char *log = config_format_errors(config);
		session->desktop->impl->show_errors(
			session->desktop, "There are errors in your config file", log);
	}
}

void session_finish(struct session *session)
{
	if (session->tree) {
		session->tree->policy = (struct tree_policy){};
	}
	config_destroy(session->config);
	session->config = nullptr;
}

/* --- Reloading --- */

static void forget_rules(struct container *con, void *data)
{
	if (con->view) {
		con->view->executed_rules.length = 0;
	}
}

static bool has_bar(const struct config *config, const char *id)
{
	for (int i = 0; i < config->bars.length; i++) {
		if (strcmp(config->bars.items[i]->id, id) == 0) {
			return true;
		}
	}
	return false;
}

void session_bar_changed(struct session *session, const struct bar_config *bar)
{
	if (session->listener) {
		session->listener->bar_changed(session->listener_data, bar);
	}
}

static void tell_of_reload(struct session *session, const struct config *old)
{
	const struct config *config = session->config;
	if (session->listener) {
		session->listener->reloaded(session->listener_data);
	}
	for (int i = 0; i < config->bars.length; i++) {
		if (has_bar(old, config->bars.items[i]->id)) {
			session_bar_changed(session, config->bars.items[i]);
		}
	}
}

void session_reload(struct session *session)
{
	struct tree *tree = session->tree;
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *path = vx_strdup(session->config->path);
	if (!session->config_path) {
		free(path);
		path = config_find_file(nullptr);
	}
	struct config *old = nullptr;
	session->reloading = true;
	tree->is_reloading = true;
	bool success = path && read_new(session, path, &old, &err);
	tree->is_reloading = false;
	session->reloading = false;
	if (!success) {
		vx_log_error("cannot reload the configuration, the old one stays: %s",
			vx_error_message(&err));
		return;
	}
	session->config->active = true;
	tree->options = &session->config->options;
	tree_for_each_container(tree, forget_rules, nullptr);
	session->desktop->impl->config_changed(session->desktop, session->config, old);
	if (session->config->errors.length > 0) {
		vx_cleanup_free char *log = config_format_errors(session->config);
		session->desktop->impl->show_errors(
			session->desktop, "There are errors in your config file", log);
	}
	tell_of_reload(session, old);
	config_destroy(old);
	session->desktop->impl->look_changed(session->desktop);
	arrange_tree(tree);
	session->desktop->impl->commit(session->desktop);
}

static void reload_later(void *data)
{
	session_reload(data);
}

struct command_result cmd_reload(struct command_context *context, struct args args)
{
	/* Bindings and rules that are in use now belong to the configuration that goes. */
	vx_cleanup_error struct vx_error err = {};
	struct session *session = context->session;
	vx_cleanup_free char *path = session->config_path ? vx_strdup(session->config->path)
							  : config_find_file(nullptr);
	if (!path || !config_is_readable(path, &err)) {
		return command_fail("Error(s) reloading config.");
	}
	context->desktop->impl->call_later(context->desktop, reload_later, session);
	return command_ok();
}

/* --- Modes --- */

bool session_set_mode(struct session *session, const char *name)
{
	struct binding_mode *mode = config_find_mode(session->config, name);
	if (!mode) {
		return false;
	}
	session->config->current_mode = mode;
	if (session->listener) {
		session->listener->mode_changed(
			session->listener_data, mode->name, mode->pango_markup);
	}
	return true;
}

static struct binding_mode *find_or_make_mode(struct config *config, const char *name, bool pango)
{
	struct binding_mode *mode = config_find_mode(config, name);
	if (!mode) {
		mode = vx_new(mode);
		mode->name = vx_strdup(name);
		mode->pango_markup = pango;
		list_append(&config->modes, mode);
	}
	return mode;
}

static const struct command mode_commands[] = {
	{"bindcode", cmd_bindcode, 2, -1},
	{"bindgesture", cmd_bindgesture, 2, -1},
	{"bindswitch", cmd_bindswitch, 2, -1},
	{"bindsym", cmd_bindsym, 2, -1},
	{"set", cmd_set, 2, -1},
	{"unbindcode", cmd_unbindcode, 1, -1},
	{"unbindgesture", cmd_unbindgesture, 1, -1},
	{"unbindswitch", cmd_unbindswitch, 1, -1},
	{"unbindsym", cmd_unbindsym, 1, -1},
};

struct command_result cmd_mode(struct command_context *context, struct args args)
{
	bool pango = strcmp(args.items[0], "--pango_markup") == 0;
	args = args_skip(args, pango);
	if (args.count == 0) {
		return command_fail("Mode name is missing");
	}
	if (context->is_reading && args.count == 1) {
		return command_defer();
	}
	word_strip_quotes(args.items[0]);
	if (args.count == 1) {
		return session_set_mode(context->session, args.items[0])
			       ? command_ok()
			       : command_invalid("Unknown mode `%s'", args.items[0]);
	}
	struct config *config = context->config;
	struct binding_mode *before = config->current_mode;
	config->current_mode = find_or_make_mode(config, args.items[0], pango);
	struct command_result result = command_call_sub(
		mode_commands, VX_ARRAY_LENGTH(mode_commands), context, args_skip(args, 1));
	config->current_mode = before;
	return result;
}

/* --- set, include --- */

struct command_result cmd_set(struct command_context *context, struct args args)
{
	if (args.items[0][0] != '$') {
		return command_invalid("variable '%s' must start with $", args.items[0]);
	}
	vx_cleanup_free char *value = args_join(args_skip(args, 1));
	config_set_variable(context->config, args.items[0], value);
	return command_ok();
}

struct command_result cmd_include(struct command_context *context, struct args args)
{
	vx_cleanup_free char *pattern = args_join(args);
	config_include(context->session, pattern);
	return command_ok();
}

/* --- Programs --- */

static struct command_result run_program(struct command_context *context, struct args args)
{
	bool no_startup_id = strcmp(args.items[0], "--no-startup-id") == 0;
	args = args_skip(args, no_startup_id);
	if (args.count == 0) {
		return command_invalid(
			"Invalid --no-startup-id command (expected at least 1 argument, got 0)");
	}
	vx_cleanup_free char *command = args_join(args);
	if (args.count == 1 && (command[0] == '\'' || command[0] == '"')) {
		word_strip_quotes(command);
	}
	struct vx_error err = {};
	return command_from_error(context->desktop->impl->exec(context->desktop, context->seat,
					  command, no_startup_id, &err),
		&err);
}

struct command_result cmd_exec(struct command_context *context, struct args args)
{
	if (context->session->reloading) {
		return command_ok();
	}
	return context->is_reading ? command_defer() : run_program(context, args);
}

struct command_result cmd_exec_always(struct command_context *context, struct args args)
{
	bool is_running = !context->is_reading || context->session->reloading;
	return is_running ? run_program(context, args) : command_defer();
}

struct command_result cmd_exit(struct command_context *context, struct args args)
{
	context->desktop->impl->exit(context->desktop);
	return command_ok();
}

struct command_result cmd_nop(struct command_context *context, struct args args)
{
	return command_ok();
}

struct command_result cmd_create_output(struct command_context *context, struct args args)
{
	struct vx_error err = {};
	bool success = context->desktop->impl->create_output(context->desktop, &err);
	vx_error_finish(&err);
	return success ? command_ok()
		       : command_invalid("Can only create outputs for Wayland, X11 "
					 "or headless backends");
}

/* --- VMs --- */

static struct view *target_view(const struct command_context *context)
{
	return context->container ? context->container->view : nullptr;
}

struct command_result cmd_vm_menu(struct command_context *context, struct args args)
{
	struct vx_error err = {};
	return command_from_error(
		context->desktop->impl->vm_menu(context->desktop, context->seat, &err), &err);
}

struct command_result cmd_vm_shell(struct command_context *context, struct args args)
{
	struct vx_error err = {};
	return command_from_error(context->desktop->impl->vm_shell(context->desktop, context->seat,
					  target_view(context), &err),
		&err);
}

struct command_result cmd_vm_clipboard(struct command_context *context, struct args args)
{
	static const char *const actions[] = {
		[DESKTOP_CLIPBOARD_COPY] = "copy",
		[DESKTOP_CLIPBOARD_PASTE] = "paste",
		nullptr,
	};
	int action = word_index(args.items[0], actions);
	if (action < 0) {
		return command_invalid("Expected 'vm_clipboard copy|paste'");
	}
	struct vx_error err = {};
	return command_from_error(
		context->desktop->impl->vm_clipboard(context->desktop, context->seat,
			target_view(context), (enum desktop_clipboard_action)action, &err),
		&err);
}
