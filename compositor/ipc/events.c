/* SPDX-License-Identifier: MIT */
#include "ipc/events.h"

#include <stdlib.h>

#include "commands/command.h"
#include "config/bar.h"
#include "ipc/client.h"
#include "ipc/describe.h"
#include "ipc/messages.h"
#include "ipc/server.h"

char *ipc_write_json(yyjson_mut_doc *doc, size_t *ret_length)
{
	char *text = yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, ret_length);
	if (!text) {
		/* NaN or infinity somewhere; the rest is worth more than nothing. */
		text = yyjson_mut_write(doc,
			YYJSON_WRITE_ALLOW_INVALID_UNICODE | YYJSON_WRITE_INF_AND_NAN_AS_NULL,
			ret_length);
	}
	if (!text) {
		abort();
	}
	return text;
}

/* Descriptions are made only where somebody listens. */
static bool is_wanted(const struct ipc_server *ipc, enum ipc_event event)
{
	if (!ipc) {
		return false;
	}
	const struct ipc_client *client;
	wl_list_for_each (client, &ipc->clients, link) {
		if (client->subscriptions & 1u << event) {
			return true;
		}
	}
	return false;
}

static struct describe begin(struct ipc_server *ipc)
{
	return (struct describe){yyjson_mut_doc_new(nullptr), ipc->session};
}

/* Sends `value` to the subscribers and frees the document. */
static void finish(struct ipc_server *ipc, enum ipc_event event, struct describe *describe,
	yyjson_mut_val *value)
{
	yyjson_mut_doc_set_root(describe->doc, value);
	size_t length;
	char *text = ipc_write_json(describe->doc, &length);
	struct ipc_client *client, *next;
	wl_list_for_each_safe (client, next, &ipc->clients, link) {
		if (client->subscriptions & 1u << event) {
			ipc_client_send(client, ipc_event_bit | event, text, length);
		}
	}
	free(text);
	yyjson_mut_doc_free(describe->doc);
}

static yyjson_mut_val *begin_change(struct describe *describe, const char *change)
{
	yyjson_mut_val *object = yyjson_mut_obj(describe->doc);
	describe_add_string(describe, object, "change", change);
	return object;
}

static void add_node(
	struct describe *describe, yyjson_mut_val *object, const char *key, struct node *node)
{
	if (node) {
		yyjson_mut_obj_add_val(describe->doc, object, key, describe_node(describe, node));
	} else {
		yyjson_mut_obj_add_null(describe->doc, object, key);
	}
}

/* --- Of the tree --- */

static void handle_window(struct wl_listener *listener, void *data)
{
	static const char *const names[WINDOW_CHANGE_COUNT] = {
		[WINDOW_NEW] = "new",
		[WINDOW_CLOSE] = "close",
		[WINDOW_FOCUS] = "focus",
		[WINDOW_TITLE] = "title",
		[WINDOW_FULLSCREEN_MODE] = "fullscreen_mode",
		[WINDOW_MOVE] = "move",
		[WINDOW_FLOATING] = "floating",
		[WINDOW_URGENT] = "urgent",
		[WINDOW_MARK] = "mark",
	};
	struct ipc_server *ipc = wl_container_of(listener, ipc, window);
	const struct tree_window_event *event = data;
	if (!is_wanted(ipc, IPC_EVENT_WINDOW)) {
		return;
	}
	struct describe describe = begin(ipc);
	yyjson_mut_val *object = begin_change(&describe, names[event->change]);
	add_node(&describe, object, "container", &event->container->node);
	finish(ipc, IPC_EVENT_WINDOW, &describe, object);
}

static void send_workspace(struct ipc_server *ipc, const char *change, struct workspace *old,
	struct workspace *current)
{
	if (!is_wanted(ipc, IPC_EVENT_WORKSPACE)) {
		return;
	}
	struct describe describe = begin(ipc);
	yyjson_mut_val *object = begin_change(&describe, change);
	add_node(&describe, object, "old", old ? &old->node : nullptr);
	add_node(&describe, object, "current", current ? &current->node : nullptr);
	finish(ipc, IPC_EVENT_WORKSPACE, &describe, object);
}

static void handle_workspace(struct wl_listener *listener, void *data)
{
	static const char *const names[WORKSPACE_CHANGE_COUNT] = {
		[WORKSPACE_INIT] = "init",
		[WORKSPACE_EMPTY] = "empty",
		[WORKSPACE_FOCUS] = "focus",
		[WORKSPACE_MOVE] = "move",
		[WORKSPACE_RENAME] = "rename",
		[WORKSPACE_URGENT] = "urgent",
		[WORKSPACE_RELOAD] = "reload",
	};
	struct ipc_server *ipc = wl_container_of(listener, ipc, workspace);
	const struct tree_workspace_event *event = data;
	send_workspace(ipc, names[event->change], event->old, event->current);
}

static void handle_output(struct wl_listener *listener, void *data)
{
	struct ipc_server *ipc = wl_container_of(listener, ipc, output);
	ipc_event_output(ipc);
}

/* --- Of the session --- */

static void handle_reloaded(void *data)
{
	send_workspace(data, "reload", nullptr, nullptr);
}

static void handle_mode_changed(void *data, const char *mode, bool pango_markup)
{
	struct ipc_server *ipc = data;
	if (is_wanted(ipc, IPC_EVENT_MODE)) {
		struct describe describe = begin(ipc);
		yyjson_mut_val *object = begin_change(&describe, mode);
		yyjson_mut_obj_add_bool(describe.doc, object, "pango_markup", pango_markup);
		finish(ipc, IPC_EVENT_MODE, &describe, object);
	}
}

static void handle_bar_changed(void *data, const struct bar_config *bar)
{
	struct ipc_server *ipc = data;
	if (is_wanted(ipc, IPC_EVENT_BARCONFIG_UPDATE)) {
		struct describe describe = begin(ipc);
		finish(ipc, IPC_EVENT_BARCONFIG_UPDATE, &describe, describe_bar(&describe, bar));
	}
}

static const struct session_listener session_listener = {
	.bar_changed = handle_bar_changed,
	.mode_changed = handle_mode_changed,
	.reloaded = handle_reloaded,
};

void ipc_events_subscribe(struct ipc_server *ipc)
{
	struct tree *tree = ipc->session->tree;
	ipc->window.notify = handle_window;
	wl_signal_add(&tree->events.window, &ipc->window);
	ipc->workspace.notify = handle_workspace;
	wl_signal_add(&tree->events.workspace, &ipc->workspace);
	ipc->output.notify = handle_output;
	wl_signal_add(&tree->events.output, &ipc->output);
	ipc->session->listener = &session_listener;
	ipc->session->listener_data = ipc;
}

void ipc_events_unsubscribe(struct ipc_server *ipc)
{
	wl_list_remove(&ipc->window.link);
	wl_list_remove(&ipc->workspace.link);
	wl_list_remove(&ipc->output.link);
	ipc->session->listener = nullptr;
}

/* --- Of the rest --- */

void ipc_event_output(struct ipc_server *ipc)
{
	if (is_wanted(ipc, IPC_EVENT_OUTPUT)) {
		struct describe describe = begin(ipc);
		finish(ipc, IPC_EVENT_OUTPUT, &describe, begin_change(&describe, "unspecified"));
	}
}

void ipc_event_input(struct ipc_server *ipc, const char *change, const struct desktop_input *input)
{
	if (is_wanted(ipc, IPC_EVENT_INPUT)) {
		struct describe describe = begin(ipc);
		yyjson_mut_val *object = begin_change(&describe, change);
		yyjson_mut_obj_add_val(
			describe.doc, object, "input", describe_input(&describe, input));
		finish(ipc, IPC_EVENT_INPUT, &describe, object);
	}
}

void ipc_event_binding(struct ipc_server *ipc, const struct binding *binding)
{
	if (!is_wanted(ipc, IPC_EVENT_BINDING)) {
		return;
	}
	struct describe describe = begin(ipc);
	yyjson_mut_val *described = describe_binding(&describe, binding);
	if (!described) {
		yyjson_mut_doc_free(describe.doc);
		return;
	}
	yyjson_mut_val *object = begin_change(&describe, "run");
	yyjson_mut_obj_add_val(describe.doc, object, "binding", described);
	finish(ipc, IPC_EVENT_BINDING, &describe, object);
}

void ipc_event_shutdown(struct ipc_server *ipc, const char *reason)
{
	if (is_wanted(ipc, IPC_EVENT_SHUTDOWN)) {
		struct describe describe = begin(ipc);
		finish(ipc, IPC_EVENT_SHUTDOWN, &describe, begin_change(&describe, reason));
	}
}

void ipc_event_tick(struct ipc_server *ipc, const char *untrusted_payload)
{
	if (is_wanted(ipc, IPC_EVENT_TICK)) {
		struct describe describe = begin(ipc);
		yyjson_mut_val *object = yyjson_mut_obj(describe.doc);
		yyjson_mut_obj_add_bool(describe.doc, object, "first", false);
		describe_add_string(&describe, object, "payload", untrusted_payload);
		finish(ipc, IPC_EVENT_TICK, &describe, object);
	}
}

void ipc_event_bar_state(struct ipc_server *ipc, const struct bar_config *bar)
{
	if (is_wanted(ipc, IPC_EVENT_BAR_STATE_UPDATE)) {
		struct describe describe = begin(ipc);
		yyjson_mut_val *object = yyjson_mut_obj(describe.doc);
		describe_add_string(&describe, object, "id", bar->id);
		yyjson_mut_obj_add_bool(
			describe.doc, object, "visible_by_modifier", bar->visible_by_modifier);
		finish(ipc, IPC_EVENT_BAR_STATE_UPDATE, &describe, object);
	}
}
