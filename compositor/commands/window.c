/* SPDX-License-Identifier: MIT */
/* Commands on one window or container: floating, fullscreen, border, kill, opacity, idle and so on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "tree/arrange.h"

struct command_result cmd_floating(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	struct workspace *ws = context->workspace;
	if (!con && ws->tiling.length == 0) {
		return command_invalid("Can't float an empty workspace");
	}
	if (!con) {
		con = workspace_wrap_children(ws);
		ws->layout = LAYOUT_HORIZ;
		tree_seat_set_focus_container(context->seat, con);
	}
	bool is_hidden = container_is_scratchpad_hidden(con);
	if (container_is_floating_or_child(con)) {
		con = container_toplevel_ancestor(con);
	}
	bool wanted = word_as_boolean(args.items[0], container_is_floating(con));
	/* sway refuses what is hidden, but not its children; to tile one of those would crash it.
	 */
	if (is_hidden || (container_is_scratchpad_hidden(con) && !wanted)) {
		return command_invalid("Can't change floating on hidden scratchpad container");
	}
	container_set_floating(con, wanted);
	if (con->pending.workspace) {
		arrange_workspace(con->pending.workspace);
	}
	return command_ok();
}

struct command_result cmd_fullscreen(struct command_context *context, struct args args)
{
	if (context->tree->outputs.length == 0) {
		return command_fail("Can't run this command while there's no outputs connected.");
	}
	struct container *con = context->container;
	if (!con) {
		return command_ok();
	}
	if (!con->pending.workspace) {
		con = container_toplevel_ancestor(con);
	}
	bool is_fullscreen = con->pending.fullscreen_mode != FULLSCREEN_NONE;
	bool enable = !is_fullscreen;
	bool global = args_is(args, 0, "global");
	if (args.count > 0 && !global) {
		enable = word_as_boolean(args.items[0], is_fullscreen);
	}
	if (args.count > 1) {
		global = args_is(args, 1, "global");
	}
	container_set_fullscreen(con, !enable  ? FULLSCREEN_NONE
				      : global ? FULLSCREEN_GLOBAL
					       : FULLSCREEN_WORKSPACE);
	arrange_tree(context->tree);
	return command_ok();
}

struct command_result cmd_sticky(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con) {
		return command_fail("No current container");
	}
	con->is_sticky = word_as_boolean(args.items[0], con->is_sticky);
	if (!container_is_sticky_or_child(con) || container_is_scratchpad_hidden_or_child(con)) {
		return command_ok();
	}
	struct container *top = container_toplevel_ancestor(con);
	struct workspace *old = top->pending.workspace;
	struct workspace *active = old ? tree_output_active_workspace(old->output) : nullptr;
	if (active && active != old) {
		workspace_add_floating(active, top);
		arrange_workspace(active);
		workspace_consider_destroy(old);
	}
	return command_ok();
}

/* --- Borders --- */

/* A tiled window never has border csd: it remembers that the client draws, and gets sway's own. */
static void set_border(struct container *con, enum container_border border)
{
	struct view *view = con->view;
	bool csd = border == BORDER_CSD;
	if (view->using_csd != csd) {
		view_set_csd_from_server(view, csd);
		if (csd) {
			con->saved_border = con->pending.border;
		}
	}
	if (!csd || container_is_floating(con)) {
		con->pending.border = border;
	}
	view->using_csd = csd;
}

static bool supports_csd(struct view *view)
{
	return view->impl->has_client_side_decorations &&
	       view->impl->has_client_side_decorations(view);
}

static enum container_border next_border(struct container *con)
{
	if (con->view->using_csd) {
		return BORDER_NONE;
	}
	switch (con->pending.border) {
	case BORDER_NONE:
		return BORDER_PIXEL;
	case BORDER_PIXEL:
		return BORDER_NORMAL;
	case BORDER_NORMAL:
		return supports_csd(con->view) ? BORDER_CSD : BORDER_NONE;
	case BORDER_CSD:
		break;
	}
	return BORDER_NONE;
}

struct command_result cmd_border(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con || !con->view) {
		return command_invalid("Only views can have borders");
	}
	static const char *const names[] = {
		[BORDER_NONE] = "none",
		[BORDER_PIXEL] = "pixel",
		[BORDER_NORMAL] = "normal",
		[BORDER_CSD] = "csd",
		"toggle",
		nullptr,
	};
	int index = word_index(args.items[0], names);
	if (index < 0) {
		return command_invalid("Expected 'border <none|normal|pixel|csd|toggle>' or "
				       "'border pixel <px>'");
	}
	if (index == BORDER_CSD && !supports_csd(con->view)) {
		return command_invalid("This window doesn't support client side decorations");
	}
	set_border(con, index <= (int)BORDER_CSD ? (enum container_border)index : next_border(con));
	if (args.count == 2) {
		int thickness = atoi(args.items[1]); /* lint: atoi allowed, sway reads it so */
		con->pending.border_thickness = pixels_from(thickness);
	}
	if (container_is_floating(con)) {
		container_set_geometry_from_content(con);
	}
	arrange_container(con);
	return command_ok();
}

/* --- Small ones --- */

static void close_view(struct container *con, void *data)
{
	if (con->view && con->view->container == con) {
		con->view->impl->close(con->view);
	}
}

struct command_result cmd_kill(struct command_context *context, struct args args)
{
	if (context->container) {
		close_view(context->container, nullptr);
		container_for_each_child(context->container, close_view, nullptr);
	} else {
		workspace_for_each_container(context->workspace, close_view, nullptr);
	}
	return command_ok();
}

struct command_result cmd_opacity(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con) {
		return command_fail("No current container");
	}
	float value = word_as_float(args.items[args.count == 1 ? 0 : 1]);
	if (isnan(value)) {
		return command_invalid("opacity float invalid");
	}
	if (args_is(args, 0, "plus")) {
		value = con->opacity + value;
	} else if (args_is(args, 0, "minus")) {
		value = con->opacity - value;
	} else if (args.count > 1 && !args_is(args, 0, "set")) {
		return command_invalid("Expected: set|plus|minus <0..1>: %s", args.items[0]);
	}
	if (value < 0 || value > 1) {
		return command_fail("opacity value out of bounds");
	}
	con->opacity = value;
	wl_signal_emit_mutable(&context->tree->events.look, con);
	return command_ok();
}

struct command_result cmd_title_format(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con) {
		return command_invalid("Only valid containers can have a title_format");
	}
	free(con->title_format);
	con->title_format = args_join(args);
	if (con->view) {
		view_update_title(con->view, true);
	} else {
		container_update_representation(con);
	}
	return command_ok();
}

struct command_result cmd_urgent(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con) {
		return command_fail("No current container");
	}
	if (!con->view) {
		return command_invalid("Only views can be urgent");
	}
	const char *word = args.items[0];
	if (strcmp(word, "allow") == 0 || strcmp(word, "deny") == 0) {
		con->view->allow_request_urgent = word[0] == 'a';
	} else {
		view_set_urgent(con->view, word_as_boolean(word, view_is_urgent(con->view)));
	}
	return command_ok();
}

static void policy_changed(struct view *view)
{
	wl_signal_emit_mutable(&view->tree->events.view_policy, view);
}

static struct view *target_view(const struct command_context *context)
{
	return context->container ? context->container->view : nullptr;
}

struct command_result cmd_inhibit_idle(struct command_context *context, struct args args)
{
	static const char *const modes[] = {
		[IDLE_INHIBIT_APPLICATION] = "",
		[IDLE_INHIBIT_FOCUS] = "focus",
		[IDLE_INHIBIT_FULLSCREEN] = "fullscreen",
		[IDLE_INHIBIT_OPEN] = "open",
		[IDLE_INHIBIT_NONE] = "none",
		[IDLE_INHIBIT_VISIBLE] = "visible",
		nullptr,
	};
	struct view *view = target_view(context);
	if (!view) {
		return command_invalid("Only views can have idle inhibitors");
	}
	int mode = word_index(args.items[0], modes);
	if (mode <= 0) {
		return command_invalid(
			"Expected `inhibit_idle focus|fullscreen|open|none|visible`");
	}
	view->idle_inhibit = (enum view_idle_inhibit)mode;
	policy_changed(view);
	return command_ok();
}

struct command_result cmd_allow_tearing(struct command_context *context, struct args args)
{
	struct view *view = target_view(context);
	if (!view) {
		return command_invalid("Tearing can only be allowed on views");
	}
	view->allow_tearing = word_as_boolean(args.items[0], true) ? TRISTATE_YES : TRISTATE_NO;
	policy_changed(view);
	return command_ok();
}

struct command_result cmd_max_render_time(struct command_context *context, struct args args)
{
	int milliseconds = 0;
	if (args.count == 0) {
		return command_invalid("Missing max render time argument.");
	}
	if (strcmp(args.items[0], "off") != 0 &&
		(!word_as_int(args.items[0], &milliseconds) || milliseconds <= 0)) {
		return command_invalid("Invalid max render time.");
	}
	struct view *view = target_view(context);
	if (!view) {
		return command_invalid("Only views can have a max_render_time");
	}
	view->max_render_time = milliseconds;
	policy_changed(view);
	return command_ok();
}

struct command_result cmd_shortcuts_inhibitor(struct command_context *context, struct args args)
{
	struct view *view = target_view(context);
	if (!view) {
		return command_invalid("Only views can have shortcuts inhibitors");
	}
	if (strcmp(args.items[0], "enable") == 0) {
		view->shortcuts_inhibit = TRISTATE_YES;
	} else if (strcmp(args.items[0], "disable") == 0) {
		view->shortcuts_inhibit = TRISTATE_NO;
	} else {
		return command_invalid("Expected `shortcuts_inhibitor enable|disable`");
	}
	policy_changed(view);
	return command_ok();
}
