/* SPDX-License-Identifier: MIT */
#include "compositor_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/config_reader.h"
#include "commands/rules.h"
#include "common/error.h"
#include "common/log.h"
#include "config/config.h"
#include "tree/arrange.h"

/* --- Windows --- */

static struct fake_window *window_of(struct view *view)
{
	struct fake_window *window = wl_container_of(view, window, view);
	return window;
}

static const char *get_string(struct view *view, enum view_string which)
{
	struct fake_window *window = window_of(view);
	const char *value = which == VIEW_APP_ID  ? window->app_id
			    : which == VIEW_TITLE ? window->title
			    : which == VIEW_TAG   ? window->tag
						  : "";
	return value[0] ? value : nullptr;
}

static bool get_vm(struct view *view, struct view_vm *ret_vm)
{
	struct fake_window *window = window_of(view);
	*ret_vm = (struct view_vm){window->vm, window->vm, "#ff0000"};
	return window->vm[0];
}

static struct view_size_limits get_size_limits(struct view *view)
{
	return (struct view_size_limits){};
}

static bool wants_floating(struct view *view)
{
	return window_of(view)->is_floating || window_of(view)->parent;
}

static bool is_transient_for(struct view *view, struct view *ancestor)
{
	for (struct fake_window *at = window_of(view)->parent; at; at = at->parent) {
		if (&at->view == ancestor) {
			return true;
		}
	}
	return false;
}

static bool has_client_side_decorations(struct view *view)
{
	return window_of(view)->has_csd;
}

static uint32_t configure(struct view *view, double x, double y, int width, int height)
{
	return 0;
}

static void set_activated(struct view *view, bool activated)
{
	window_of(view)->is_activated = activated;
}

static void set_tiled(struct view *view, bool tiled)
{
	window_of(view)->is_tiled = tiled;
}

static void set_fullscreen(struct view *view, bool fullscreen)
{
	window_of(view)->is_fullscreen = fullscreen;
}

static void set_resizing(struct view *view, bool resizing)
{
}

static void close_window(struct view *view)
{
	window_of(view)->was_closed = true;
}

static void close_popups(struct view *view)
{
}

static void destroy_window(struct view *view)
{
	struct fake_window *window = window_of(view);
	list_remove(&window->compositor->windows, window);
	free(window);
}

static const struct view_impl window_impl = {
	.get_string = get_string,
	.get_vm = get_vm,
	.get_size_limits = get_size_limits,
	.wants_floating = wants_floating,
	.is_transient_for = is_transient_for,
	.has_client_side_decorations = has_client_side_decorations,
	.configure = configure,
	.set_activated = set_activated,
	.set_tiled = set_tiled,
	.set_fullscreen = set_fullscreen,
	.set_resizing = set_resizing,
	.close = close_window,
	.close_popups = close_popups,
	.destroy = destroy_window,
};

static void map(struct fake_window *window)
{
	view_map(&window->view,
		&(struct view_map_options){.natural_width = 400, .natural_height = 300});
}

struct fake_window *compositor_open_dialog(
	struct compositor *compositor, const char *app_id, struct fake_window *parent)
{
	struct fake_window *window = vx_new(window);
	window->compositor = compositor;
	window->parent = parent;
	window->has_csd = true;
	snprintf(window->app_id, sizeof(window->app_id), "%s", app_id);
	snprintf(window->title, sizeof(window->title), "title of %s", app_id);
	view_init(&window->view, compositor->tree, VIEW_SHELL_XDG, &window_impl);
	list_append(&compositor->windows, window);
	map(window);
	return window;
}

struct fake_window *compositor_open(struct compositor *compositor, const char *app_id)
{
	return compositor_open_dialog(compositor, app_id, nullptr);
}

void compositor_unmap(struct compositor *compositor, struct fake_window *window)
{
	for (int i = 0; i < compositor->windows.length; i++) {
		if (compositor->windows.items[i]->parent == window) {
			compositor->windows.items[i]->parent = nullptr;
		}
	}
	view_unmap(&window->view);
	view_begin_destroy(&window->view);
}

void compositor_close_requested(struct compositor *compositor)
{
	for (int i = 0; i < compositor->windows.length; i++) {
		struct fake_window *window = compositor->windows.items[i];
		if (window->was_closed && window->view.container) {
			compositor_unmap(compositor, window);
		}
	}
}

/* --- The desktop --- */

static struct compositor *compositor_of(struct desktop *desktop)
{
	struct compositor *compositor = wl_container_of(desktop, compositor, desktop);
	return compositor;
}

static void commit(struct desktop *desktop)
{
	compositor_of(desktop)->commits++;
}

static bool exec(struct desktop *desktop, struct tree_seat *seat, const char *command,
	bool no_startup_id, struct vx_error *err)
{
	struct compositor *compositor = compositor_of(desktop);
	snprintf(compositor->last_exec, sizeof(compositor->last_exec), "%s", command);
	return true;
}

static struct workspace *exec_workspace(struct desktop *desktop, struct view *view)
{
	return nullptr;
}

static void call_later(struct desktop *desktop, void (*callback)(void *data), void *data)
{
	struct compositor *compositor = compositor_of(desktop);
	compositor->later = callback;
	compositor->later_data = data;
}

static void measure_font(
	struct desktop *desktop, const char *font, int *ret_height, int *ret_baseline)
{
	*ret_height = 17;
	*ret_baseline = 13;
}

static bool font_is_valid(struct desktop *desktop, const char *font, struct vx_error *err)
{
	return true;
}

static void ignore(struct desktop *desktop)
{
}

static void config_changed(struct desktop *desktop, struct config *config, struct config *old)
{
}

static void output_changed(struct desktop *desktop, struct output_config *changed)
{
}

static void input_changed(struct desktop *desktop, struct input_config *changed)
{
}

static void seat_changed(struct desktop *desktop, struct seat_config *changed)
{
}

static void bar_added(struct desktop *desktop, const struct bar_config *bar)
{
}

static void show_errors(struct desktop *desktop, const char *message, const char *log)
{
	struct compositor *compositor = compositor_of(desktop);
	snprintf(compositor->last_errors, sizeof(compositor->last_errors), "%s", log);
}

static bool switch_xkb_layout(struct desktop *desktop, const char *input_identifier, int index,
	int relative, struct vx_error *err)
{
	return true;
}

static bool create_output(struct desktop *desktop, struct vx_error *err)
{
	struct compositor *compositor = compositor_of(desktop);
	const struct tree *tree = compositor->tree;
	compositor_add_output(compositor, (int)(tree->bounds.x + tree->bounds.width), 1024, 768);
	return true;
}

static void update_bounds(struct compositor *compositor)
{
	struct box bounds = {};
	for (int i = 0; i < compositor->tree->outputs.length; i++) {
		const struct tree_output *output = compositor->tree->outputs.items[i];
		if (output->x + output->width > bounds.width) {
			bounds.width = output->x + output->width;
		}
		if (output->height > bounds.height) {
			bounds.height = output->height;
		}
	}
	tree_set_bounds(compositor->tree, bounds);
}

static bool unplug_output(struct desktop *desktop, struct tree_output *output, struct vx_error *err)
{
	struct compositor *compositor = compositor_of(desktop);
	list_remove(&compositor->outputs, output);
	tree_output_begin_destroy(output);
	update_bounds(compositor);
	return true;
}

static bool output_is_powered(struct desktop *desktop, struct tree_output *output)
{
	return true;
}

static bool cursor_position(
	struct desktop *desktop, struct tree_seat *seat, double *ret_x, double *ret_y)
{
	*ret_x = *ret_y = 100;
	return true;
}

static void cursor_set(struct desktop *desktop, struct tree_seat *seat, double x, double y)
{
}

static void cursor_button(
	struct desktop *desktop, struct tree_seat *seat, uint32_t button, bool pressed)
{
}

static struct tree_seat *seat_by_name(struct desktop *desktop, const char *name)
{
	return strcmp(name, "seat0") == 0 ? compositor_of(desktop)->seat : nullptr;
}

static bool shortcuts_inhibitor(
	struct desktop *desktop, struct tree_seat *seat, const char *action, struct vx_error *err)
{
	return vx_error_set(err, "No inhibitor found for focused surface");
}

static void for_each_output(struct desktop *desktop,
	void (*visit)(const struct desktop_output *output, void *data), void *data)
{
	struct compositor *compositor = compositor_of(desktop);
	for (int i = 0; i < compositor->outputs.length; i++) {
		struct tree_output *output = compositor->outputs.items[i];
		struct desktop_output described = {
			.output = output,
			.name = output->name,
			.make = "Unknown",
			.model = "Unknown",
			.serial = "Unknown",
			.enabled = output->enabled,
			.power = true,
			.scale = 1,
			.scale_filter = "nearest",
			.transform = "normal",
			.subpixel = "unknown",
			.mode = {output->width, output->height, 60000, 0},
		};
		visit(&described, data);
	}
}

static void for_each_input(struct desktop *desktop,
	void (*visit)(const struct desktop_input *input, void *data), void *data)
{
	static const char *const layouts[] = {"English (US)", nullptr};
	struct desktop_input keyboard = {
		.identifier = "0:0:fake",
		.name = "fake",
		.type = "keyboard",
		.is_keyboard = true,
		.repeat_delay = 600,
		.repeat_rate = 25,
		.layout_names = layouts,
		.layout_count = 1,
	};
	visit(&keyboard, data);
}

static void for_each_seat(struct desktop *desktop,
	void (*visit)(const struct desktop_seat *seat, void *data), void *data)
{
	static const char *const inputs[] = {"0:0:fake"};
	struct desktop_seat seat = {
		.seat = compositor_of(desktop)->seat,
		.capabilities = 2,
		.inputs = inputs,
		.input_count = 1,
	};
	visit(&seat, data);
}

static bool vm_menu(struct desktop *desktop, struct tree_seat *seat, struct vx_error *err)
{
	return true;
}

static bool vm_shell(
	struct desktop *desktop, struct tree_seat *seat, struct view *view, struct vx_error *err)
{
	return true;
}

static bool vm_clipboard(struct desktop *desktop, struct tree_seat *seat, struct view *view,
	enum desktop_clipboard_action action, struct vx_error *err)
{
	return vx_error_set(err, "the focused window belongs to no VM");
}

static const struct desktop_impl desktop_impl = {
	.commit = commit,
	.exec = exec,
	.exec_workspace = exec_workspace,
	.exit = ignore,
	.call_later = call_later,
	.measure_font = measure_font,
	.font_is_valid = font_is_valid,
	.config_changed = config_changed,
	.output_changed = output_changed,
	.input_changed = input_changed,
	.seat_changed = seat_changed,
	.bar_added = bar_added,
	.look_changed = ignore,
	.bindings_changed = ignore,
	.show_errors = show_errors,
	.switch_xkb_layout = switch_xkb_layout,
	.create_output = create_output,
	.unplug_output = unplug_output,
	.output_is_powered = output_is_powered,
	.cursor_position = cursor_position,
	.cursor_move = cursor_set,
	.cursor_set = cursor_set,
	.cursor_button = cursor_button,
	.seat_by_name = seat_by_name,
	.idle_wake = ignore,
	.shortcuts_inhibitor = shortcuts_inhibitor,
	.for_each_output = for_each_output,
	.for_each_input = for_each_input,
	.for_each_seat = for_each_seat,
	.vm_menu = vm_menu,
	.vm_shell = vm_shell,
	.vm_clipboard = vm_clipboard,
};

/* --- All together --- */

struct tree_output *compositor_add_output(
	struct compositor *compositor, int x, int width, int height)
{
	char name[32];
	snprintf(name, sizeof(name), "OUT-%d", ++compositor->next_output);
	struct tree_output *output = tree_output_create(compositor->tree, name, name);
	list_append(&compositor->outputs, output);
	tree_output_set_area(output, x, 0, width, height, nullptr);
	tree_output_enable(output);
	update_bounds(compositor);
	arrange_tree(compositor->tree);
	return output;
}

struct compositor *compositor_create(const char *config)
{
	vx_log_init("test", VX_LOG_ERROR);
	struct compositor *compositor = vx_new(compositor);
	compositor->desktop.impl = &desktop_impl;
	compositor->session.desktop = &compositor->desktop;
	compositor->session.config = config_create();
	compositor->tree = tree_create(&compositor->session.config->options);
	compositor->session.tree = compositor->tree;
	if (config) {
		config_read_text(&compositor->session, "test.config", config);
	}
	compositor->tree->policy = rules_policy(&compositor->session);
	compositor->seat = tree_seat_create(compositor->tree, "seat0", nullptr);
	compositor_add_output(compositor, 0, 1280, 720);
	session_start(&compositor->session);
	return compositor;
}

void compositor_destroy(struct compositor *compositor)
{
	for (int i = 0; i < compositor->windows.length; i++) {
		if (compositor->windows.items[i]->view.container) {
			compositor_unmap(compositor, compositor->windows.items[i]);
		}
	}
	while (compositor->outputs.length > 0) {
		struct tree_output *output = compositor->outputs.items[0];
		list_remove(&compositor->outputs, output);
		tree_output_begin_destroy(output);
	}
	compositor_settle(compositor);
	tree_seat_destroy(compositor->seat);
	session_finish(&compositor->session);
	tree_destroy(compositor->tree);
	list_finish(&compositor->outputs);
	list_finish(&compositor->windows);
	free(compositor);
}

enum command_status compositor_status(
	struct compositor *compositor, const char *list, char **ret_error)
{
	struct command_results results;
	commands_run(&compositor->session, list, nullptr, nullptr, &results);
	enum command_status status = COMMAND_SUCCESS;
	if (ret_error) {
		*ret_error = nullptr;
	}
	if (results.length > 0) {
		status = results.items[results.length - 1].status;
		if (ret_error) {
			*ret_error = vx_strdup(results.items[results.length - 1].error);
		}
	}
	command_results_finish(&results);
	return status;
}

bool compositor_run(struct compositor *compositor, const char *list)
{
	struct command_results results;
	commands_run(&compositor->session, list, nullptr, nullptr, &results);
	bool success = true;
	for (size_t i = 0; i < results.length; i++) {
		success &= results.items[i].status == COMMAND_SUCCESS;
	}
	command_results_finish(&results);
	return success;
}

static void apply(struct node *node)
{
	if (node_as_container(node)) {
		struct container_state state;
		container_snapshot(node_as_container(node), &state);
		container_apply(node_as_container(node), &state);
	} else if (node_as_workspace(node)) {
		struct workspace_state state;
		workspace_snapshot(node_as_workspace(node), &state);
		workspace_apply(node_as_workspace(node), &state);
	} else if (node_as_output(node)) {
		struct tree_output_state state;
		tree_output_snapshot(node_as_output(node), &state);
		tree_output_apply(node_as_output(node), &state);
	}
}

void compositor_settle(struct compositor *compositor)
{
	struct tree *tree = compositor->tree;
	LIST(struct node) nodes = {};
	list_copy(&nodes, &tree->dirty);
	tree->dirty.length = 0;
	for (int i = 0; i < nodes.length; i++) {
		node_retain(nodes.items[i]);
		nodes.items[i]->dirty = false;
	}
	for (int i = 0; i < nodes.length; i++) {
		apply(nodes.items[i]);
	}
	for (int i = 0; i < nodes.length; i++) {
		node_release(nodes.items[i]);
	}
	list_finish(&nodes);
}

const char *compositor_shape(struct compositor *compositor)
{
	const struct workspace *ws = tree_seat_focused_workspace(compositor->seat);
	return ws && ws->representation ? ws->representation : "";
}
