/* SPDX-License-Identifier: MIT */
#include "shell/shell.h"

#include <wlr/types/wlr_scene.h>

#include "common/error.h"
#include "common/memory.h"
#include "config/config.h"
#include "listener.h"
#include "server.h"
#include "shell/activation.h"
#include "shell/ext_workspace.h"
#include "shell/frame.h"
#include "shell/urgency.h"
#include "tree/tree.h"

static void handle_node_created(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, node_created);
	struct container *con = node_as_container(data);
	if (con != nullptr) {
		frame_create(shell->server, con);
	}
}

static void handle_look(struct wl_listener *listener, void *data)
{
	struct container *con = data;
	if (frame_of(con) != nullptr) {
		frame_update_look(frame_of(con));
	}
}

static void handle_view_policy(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, view_policy);
	idle_update(shell);
}

static void handle_vms_changed(struct wl_listener *listener, void *data)
{
	struct shell *shell = wl_container_of(listener, shell, vms_changed);
	shell_update_looks(shell);
}

static void update_look(struct container *con, void *data)
{
	if (frame_of(con) != nullptr) {
		frame_update_look(frame_of(con));
	}
}

void shell_update_looks(struct shell *shell)
{
	tree_for_each_container(shell->server->tree, update_look, nullptr);
}

static void listen(struct shell *shell)
{
	struct tree *tree = shell->server->tree;
	listener_add(&shell->node_created, &tree->events.node_created, handle_node_created);
	listener_add(&shell->look, &tree->events.look, handle_look);
	listener_add(&shell->urgent_timer, &tree->events.urgent_timer, urgency_handle_timer);
	listener_add(&shell->view_policy, &tree->events.view_policy, handle_view_policy);
	listener_add(&shell->vms_changed, &shell->server->vms.events.changed, handle_vms_changed);
}

struct shell *shell_create(struct server *server, struct vx_error *err)
{
	struct shell *shell = vx_new(shell);
	shell->server = server;
	server->shell = shell;
	wl_list_init(&shell->windows);
	wl_list_init(&shell->layer_surfaces);
	wl_list_init(&shell->decorations);
	wl_list_init(&shell->launches);
	shell->fullscreen_background = wlr_scene_rect_create(
		server->scene->layers[SCENE_FULLSCREEN], 0, 0, (float[4]){0, 0, 0, 1});
	listen(shell);
	if (!xdg_init(shell) || !layer_init(shell) || !tearing_init(shell) ||
		!decoration_init(shell) || !activation_init(shell) || !foreign_init(shell) ||
		!idle_init(shell) || !ext_workspaces_create(shell)) {
		vx_error_set(err, "the shells can't be made");
		shell_destroy(shell);
		server->shell = nullptr;
		return nullptr;
	}
	return shell;
}

void shell_destroy(struct shell *shell)
{
	if (shell == nullptr) {
		return;
	}
	struct wl_listener *const listeners[] = {
		&shell->node_created,
		&shell->look,
		&shell->urgent_timer,
		&shell->view_policy,
		&shell->new_toplevel,
		&shell->new_layer_surface,
		&shell->new_xdg_decoration,
		&shell->new_kde_decoration,
		&shell->request_activate,
		&shell->new_token,
		&shell->set_tag,
		&shell->capture_request,
		&shell->vms_changed,
		&shell->new_idle_inhibitor,
		&shell->new_tearing,
	};
	listeners_remove(listeners, VX_ARRAY_LENGTH(listeners));
	activation_finish(shell);
	ext_workspaces_destroy(shell->ext_workspaces);
	free(shell);
}
