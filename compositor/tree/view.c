/* SPDX-License-Identifier: MIT */
#include "tree/view.h"

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "tree/arrange.h"
#include "tree/tree.h"

void view_init(
	struct view *view, struct tree *tree, enum view_shell shell, const struct view_impl *impl)
{
	view->tree = tree;
	view->shell = shell;
	view->impl = impl;
	view->allow_request_urgent = true;
	view->idle_inhibit = IDLE_INHIBIT_NONE;
}

static void view_free(struct view *view)
{
	list_finish(&view->executed_rules);
	view->impl->destroy(view);
}

void view_begin_destroy(struct view *view)
{
	vx_assert(!view->container);
	view->destroying = true;
	if (view->container_count == 0) {
		view_free(view);
	}
}

void view_drop_container(struct view *view)
{
	vx_assert(view->container_count > 0);
	view->container_count--;
	if (view->destroying && view->container_count == 0) {
		view_free(view);
	}
}

const char *view_get_string(const struct view *view, enum view_string which)
{
	return view->impl->get_string((struct view *)view, which);
}

bool view_get_vm(const struct view *view, struct view_vm *ret_vm)
{
	return view->impl->get_vm && view->impl->get_vm((struct view *)view, ret_vm);
}

bool view_size_is_fixed(const struct view_size_limits *limits)
{
	return limits->min_width > 0 && limits->min_height > 0 &&
	       (limits->min_width == limits->max_width || limits->min_height == limits->max_height);
}

static const char *const window_type_names[] = {
	[VIEW_WINDOW_TYPE_UNKNOWN] = "unknown",
	[VIEW_WINDOW_TYPE_NORMAL] = "normal",
	[VIEW_WINDOW_TYPE_DIALOG] = "dialog",
	[VIEW_WINDOW_TYPE_UTILITY] = "utility",
	[VIEW_WINDOW_TYPE_TOOLBAR] = "toolbar",
	[VIEW_WINDOW_TYPE_SPLASH] = "splash",
	[VIEW_WINDOW_TYPE_MENU] = "menu",
	[VIEW_WINDOW_TYPE_DROPDOWN_MENU] = "dropdown_menu",
	[VIEW_WINDOW_TYPE_POPUP_MENU] = "popup_menu",
	[VIEW_WINDOW_TYPE_TOOLTIP] = "tooltip",
	[VIEW_WINDOW_TYPE_NOTIFICATION] = "notification",
};
static_assert(VX_ARRAY_LENGTH(window_type_names) == VIEW_WINDOW_TYPE_COUNT);

const char *view_window_type_name(enum view_window_type type)
{
	return window_type_names[type < VIEW_WINDOW_TYPE_COUNT ? type : VIEW_WINDOW_TYPE_UNKNOWN];
}

const char *view_shell_name(const struct view *view)
{
	switch (view->shell) {
	case VIEW_SHELL_XDG:
		return "xdg_shell";
	case VIEW_SHELL_XWAYLAND:
		return "xwayland";
	}
	return "unknown";
}

void view_stop_urgent_timer(struct view *view)
{
	view->urgent_since = 0;
	if (view->has_urgent_timer) {
		view->has_urgent_timer = false;
		wl_signal_emit_mutable(&view->tree->events.urgent_timer, view);
	}
}

/* --- Requests and changes --- */

void view_update_title(struct view *view, bool force)
{
	struct container *con = view->container;
	const char *title = view_get_string(view, VIEW_TITLE);
	bool is_same = title && con->title ? strcmp(title, con->title) == 0 : title == con->title;
	if (is_same && !force) {
		return;
	}
	container_update_title(con);
	tree_emit_window(con, WINDOW_TITLE);
}

static void run_rules(struct view *view)
{
	const struct tree_policy *policy = &view->tree->policy;
	if (view->container && policy->run_rules) {
		policy->run_rules(policy->data, view);
	}
}

void view_title_changed(struct view *view)
{
	if (view->container) {
		view_update_title(view, false);
		run_rules(view);
	}
}

void view_app_id_changed(struct view *view)
{
	run_rules(view);
}

void view_tag_changed(struct view *view)
{
	run_rules(view);
}

void view_update_size(struct view *view)
{
	struct container *con = view->container;
	con->pending.content_width = view->geometry.width;
	con->pending.content_height = view->geometry.height;
	container_set_geometry_from_content(con);
}

void view_update_csd_from_client(struct view *view, bool enabled)
{
	struct container *con = view->container;
	if (enabled && con && con->pending.border != BORDER_CSD) {
		con->saved_border = con->pending.border;
		if (container_is_floating(con)) {
			con->pending.border = BORDER_CSD;
		}
	} else if (!enabled && con && con->pending.border == BORDER_CSD) {
		con->pending.border = con->saved_border;
	}
	view->using_csd = enabled;
}

void view_set_csd_from_server(struct view *view, bool enabled)
{
	if (view->impl->set_csd) {
		view->impl->set_csd(view, enabled);
	}
	view->using_csd = enabled;
}

void view_request_fullscreen(struct view *view, bool enable, struct tree_output *output)
{
	struct container *con = view->container;
	struct workspace *ws = enable ? tree_output_active_workspace(output) : nullptr;
	if (ws && !container_is_scratchpad_hidden(con) && con->pending.workspace != ws) {
		if (container_is_floating(con)) {
			workspace_add_floating(ws, con);
		} else {
			con = workspace_add_tiling(ws, con);
		}
	}
	container_set_fullscreen(con, enable ? FULLSCREEN_WORKSPACE : FULLSCREEN_NONE);
	arrange_tree(view->tree);
}

static void focus_and_raise(struct view *view, struct tree_seat *seat)
{
	tree_seat_set_focus_container(seat, view->container);
	container_raise_floating(view->container);
}

void view_request_activate(struct view *view, struct tree_seat *seat)
{
	struct container *con = view->container;
	struct workspace *ws = con->pending.workspace;
	if (!seat) {
		seat = tree_current_seat(view->tree);
	}
	switch (view->tree->options->focus_on_activation) {
	case FOCUS_ON_ACTIVATION_SMART:
		if (ws && workspace_is_visible(ws)) {
			focus_and_raise(view, seat);
		} else {
			view_set_urgent(view, true);
		}
		break;
	case FOCUS_ON_ACTIVATION_URGENT:
		view_set_urgent(view, true);
		break;
	case FOCUS_ON_ACTIVATION_FOCUS:
		if (container_is_scratchpad_hidden_or_child(con)) {
			tree_scratchpad_show(con);
		} else {
			focus_and_raise(view, seat);
		}
		break;
	case FOCUS_ON_ACTIVATION_NONE:
		break;
	}
}

void view_request_urgent(struct view *view)
{
	if (view->tree->options->focus_on_activation != FOCUS_ON_ACTIVATION_NONE) {
		view_set_urgent(view, true);
	}
}

/* --- State --- */

void view_set_activated(struct view *view, bool activated)
{
	view->activated = activated;
	view->impl->set_activated(view, activated);
}

bool view_is_urgent(const struct view *view)
{
	return view->urgent_since != 0;
}

void view_set_urgent(struct view *view, bool urgent)
{
	struct container *con = view->container;
	if (view_is_urgent(view) == urgent || !con) {
		return;
	}
	if (urgent) {
		struct tree_seat *seat = tree_current_seat(view->tree);
		if (tree_seat_focused_container(seat) == con) {
			return;
		}
		view->urgent_since = (int64_t)vx_clock_ns();
	} else {
		view_stop_urgent_timer(view);
	}
	wl_signal_emit_mutable(&view->tree->events.look, con);
	tree_emit_window(con, WINDOW_URGENT);
	if (!container_is_scratchpad_hidden_or_child(con) && con->pending.workspace) {
		workspace_detect_urgent(con->pending.workspace);
	}
}

static bool inside_fullscreen_global(const struct container *con)
{
	for (; con; con = con->pending.parent) {
		if (con->pending.fullscreen_mode == FULLSCREEN_GLOBAL) {
			return true;
		}
	}
	return false;
}

static bool shows_one_child(enum container_layout layout)
{
	return layout == LAYOUT_TABBED || layout == LAYOUT_STACKED;
}

/* On a tab or in a stack that shows another one, at any level? */
static bool is_behind_tab(const struct container *con)
{
	const struct tree_seat *seat = tree_current_seat(con->node.tree);
	for (; con; con = con->pending.parent) {
		struct node *parent = node_get_parent(&con->node);
		if (seat && parent && shows_one_child(container_parent_layout(con)) &&
			!container_is_floating(con) &&
			tree_seat_active_child(seat, parent) != &con->node) {
			return true;
		}
	}
	return false;
}

bool view_is_visible(const struct view *view)
{
	const struct container *con = view->container;
	if (!con || con->node.destroying) {
		return false;
	}
	const struct workspace *ws = con->pending.workspace;
	if (!ws && !inside_fullscreen_global(con)) {
		return false;
	}
	if (ws && !container_is_sticky_or_child(con) && !workspace_is_visible(ws)) {
		return false;
	}
	if (is_behind_tab(con)) {
		return false;
	}
	const struct container *fullscreen = view->tree->fullscreen_global;
	if (!fullscreen && ws) {
		fullscreen = ws->fullscreen;
	}
	return !fullscreen || container_is_fullscreen_or_child(con) ||
	       container_is_transient_for(con, fullscreen);
}

static bool is_focused(const struct view *view)
{
	const struct tree_seat *seat;
	wl_list_for_each (seat, &view->tree->seats, link) {
		if (tree_seat_focused_container(seat) == view->container) {
			return true;
		}
	}
	return false;
}

bool view_inhibits_idle(const struct view *view)
{
	if (!view->container) {
		return false;
	}
	if (view->application_inhibits_idle && view_is_visible(view)) {
		return true;
	}
	switch (view->idle_inhibit) {
	case IDLE_INHIBIT_NONE:
	case IDLE_INHIBIT_APPLICATION:
		return false;
	case IDLE_INHIBIT_FOCUS:
		return is_focused(view);
	case IDLE_INHIBIT_FULLSCREEN:
		return container_is_fullscreen_or_child(view->container) && view_is_visible(view);
	case IDLE_INHIBIT_OPEN:
		return true;
	case IDLE_INHIBIT_VISIBLE:
		return view_is_visible(view);
	}
	return false;
}

bool view_may_tear(const struct view *view)
{
	return view->allow_tearing == TRISTATE_YES ||
	       (view->allow_tearing == TRISTATE_UNSET && view->hints_tearing);
}
