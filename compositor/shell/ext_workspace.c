/* SPDX-License-Identifier: MIT */
#include "shell/ext_workspace.h"

#include <wlr/types/wlr_ext_workspace_v1.h>
#include <wlr/types/wlr_output.h>

#include "common/memory.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "tree/tree.h"

/* Bits of the protocol's capabilities. */
static constexpr uint32_t can_activate = 1;
static constexpr uint32_t can_create = 1;

struct ext_workspaces {
	struct server *server;
	struct wlr_ext_workspace_manager_v1 *manager;
	struct wl_list groups;     /* struct group.link */
	struct wl_list workspaces; /* struct item.link */
	struct wl_listener node_created, workspace, output, commit;
};

/* One of each enabled output. */
struct group {
	struct wl_list link;
	struct wlr_ext_workspace_group_handle_v1 *handle;
	struct tree_output *output;
	struct wl_listener output_destroy;
};

struct item {
	struct wl_list link;
	struct workspace *workspace;
	struct wlr_ext_workspace_handle_v1 *handle;
	struct wl_listener destroy;
};

/* ---- groups ---- */

static void group_destroy(struct group *group)
{
	listener_remove(&group->output_destroy);
	wl_list_remove(&group->link);
	wlr_ext_workspace_group_handle_v1_destroy(group->handle);
	free(group);
}

static void handle_output_destroy(struct wl_listener *listener, void *data)
{
	struct group *group = wl_container_of(listener, group, output_destroy);
	group_destroy(group);
}

static struct group *group_of(struct ext_workspaces *workspaces, const struct tree_output *output)
{
	struct group *group;
	wl_list_for_each (group, &workspaces->groups, link) {
		if (group->output == output) {
			return group;
		}
	}
	return nullptr;
}

static void add_group(struct ext_workspaces *workspaces, struct output *output)
{
	struct group *group = vx_new(group);
	group->output = output->tree_output;
	group->handle = wlr_ext_workspace_group_handle_v1_create(workspaces->manager, can_create);
	wlr_ext_workspace_group_handle_v1_output_enter(group->handle, output->wlr_output);
	listener_add(
		&group->output_destroy, &output->wlr_output->events.destroy, handle_output_destroy);
	wl_list_insert(&workspaces->groups, &group->link);
}

/* ---- workspaces ---- */

static void update_item(struct ext_workspaces *workspaces, struct item *item)
{
	struct workspace *ws = item->workspace;
	struct group *group = ws->output != nullptr ? group_of(workspaces, ws->output) : nullptr;
	wlr_ext_workspace_handle_v1_set_group(
		item->handle, group != nullptr ? group->handle : nullptr);
	wlr_ext_workspace_handle_v1_set_name(item->handle, ws->name);
	wlr_ext_workspace_handle_v1_set_active(item->handle, workspace_is_visible(ws));
	wlr_ext_workspace_handle_v1_set_urgent(item->handle, ws->urgent);
}

static void update_all(struct ext_workspaces *workspaces)
{
	struct output *output;
	wl_list_for_each (output, &workspaces->server->outputs->list, link) {
		struct group *group = group_of(workspaces, output->tree_output);
		if (output->tree_output->enabled && group == nullptr) {
			add_group(workspaces, output);
		} else if (!output->tree_output->enabled && group != nullptr) {
			group_destroy(group);
		}
	}
	struct item *item;
	wl_list_for_each (item, &workspaces->workspaces, link) {
		update_item(workspaces, item);
	}
}

static void item_destroy(struct item *item)
{
	listener_remove(&item->destroy);
	wl_list_remove(&item->link);
	wlr_ext_workspace_handle_v1_destroy(item->handle);
	free(item);
}

static void handle_workspace_destroy(struct wl_listener *listener, void *data)
{
	struct item *item = wl_container_of(listener, item, destroy);
	item_destroy(item);
}

static void handle_node_created(struct wl_listener *listener, void *data)
{
	struct ext_workspaces *workspaces = wl_container_of(listener, workspaces, node_created);
	struct workspace *ws = node_as_workspace(data);
	if (ws == nullptr) {
		return;
	}
	struct item *item = vx_new(item);
	item->workspace = ws;
	vx_cleanup_free char *id = vx_printf("%zu", ws->node.id);
	item->handle = wlr_ext_workspace_handle_v1_create(workspaces->manager, id, can_activate);
	wl_list_insert(&workspaces->workspaces, &item->link);
	listener_add(&item->destroy, &ws->node.events.destroy, handle_workspace_destroy);
}

static void handle_workspace_event(struct wl_listener *listener, void *data)
{
	struct ext_workspaces *workspaces = wl_container_of(listener, workspaces, workspace);
	update_all(workspaces);
}

static void handle_output_event(struct wl_listener *listener, void *data)
{
	struct ext_workspaces *workspaces = wl_container_of(listener, workspaces, output);
	update_all(workspaces);
}

/* ---- requests ---- */

static void activate(
	struct ext_workspaces *workspaces, const struct wlr_ext_workspace_handle_v1 *handle)
{
	struct tree_seat *seat = tree_default_seat(workspaces->server->tree);
	struct item *item;
	wl_list_for_each (item, &workspaces->workspaces, link) {
		if (item->handle == handle && seat != nullptr) {
			workspace_switch(seat, item->workspace);
			return;
		}
	}
}

static void create(struct ext_workspaces *workspaces, const char *name,
	const struct wlr_ext_workspace_group_handle_v1 *handle)
{
	struct tree *tree = workspaces->server->tree;
	struct tree_seat *seat = tree_default_seat(tree);
	struct workspace *ws = workspace_by_name(tree, seat, name);
	struct group *group;
	wl_list_for_each (group, &workspaces->groups, link) {
		if (group->handle == handle && ws == nullptr && seat != nullptr) {
			ws = workspace_create(tree, group->output, name);
			break;
		}
	}
	if (ws != nullptr && seat != nullptr) {
		workspace_switch(seat, ws);
	}
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ext_workspaces *workspaces = wl_container_of(listener, workspaces, commit);
	const struct wlr_ext_workspace_v1_commit_event *event = data;
	struct wlr_ext_workspace_v1_request *request;
	wl_list_for_each (request, event->requests, link) {
		if (request->type == WLR_EXT_WORKSPACE_V1_REQUEST_ACTIVATE &&
			request->activate.workspace != nullptr) {
			activate(workspaces, request->activate.workspace);
		} else if (request->type == WLR_EXT_WORKSPACE_V1_REQUEST_CREATE_WORKSPACE &&
			   request->create_workspace.group != nullptr) {
			create(workspaces, request->create_workspace.name,
				request->create_workspace.group);
		}
	}
	transactions_commit(workspaces->server->transactions);
}

/* ---- life ---- */

bool ext_workspaces_create(struct shell *shell)
{
	struct ext_workspaces *workspaces = vx_new(workspaces);
	struct tree *tree = shell->server->tree;
	workspaces->server = shell->server;
	shell->ext_workspaces = workspaces;
	wl_list_init(&workspaces->groups);
	wl_list_init(&workspaces->workspaces);
	workspaces->manager = wlr_ext_workspace_manager_v1_create(shell->server->display, 1);
	if (workspaces->manager == nullptr) {
		return false;
	}
	listener_add(&workspaces->node_created, &tree->events.node_created, handle_node_created);
	listener_add(&workspaces->workspace, &tree->events.workspace, handle_workspace_event);
	listener_add(&workspaces->output, &tree->events.output, handle_output_event);
	listener_add(&workspaces->commit, &workspaces->manager->events.commit, handle_commit);
	return true;
}

void ext_workspaces_destroy(struct ext_workspaces *workspaces)
{
	if (workspaces == nullptr) {
		return;
	}
	listener_remove(&workspaces->node_created);
	listener_remove(&workspaces->workspace);
	listener_remove(&workspaces->output);
	listener_remove(&workspaces->commit);
	struct item *item, *next_item;
	wl_list_for_each_safe (item, next_item, &workspaces->workspaces, link) {
		item_destroy(item);
	}
	struct group *group, *next_group;
	wl_list_for_each_safe (group, next_group, &workspaces->groups, link) {
		group_destroy(group);
	}
	free(workspaces);
}
