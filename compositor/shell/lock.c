/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "lock"

#include "shell/lock.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_session_lock_v1.h>

#include "common/log.h"
#include "common/memory.h"
#include "input/seat.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/scene.h"
#include "tree/tree.h"
#include "ui/menu.h"
#include "ui/prompts.h"

struct lock {
	struct server *server;
	struct wlr_session_lock_v1 *current; /* NULL where unlocked or abandoned */
	bool locked;
	struct wl_list surfaces; /* struct lock_surface.link */
	struct wlr_scene_rect *background;
	struct scene_owner owner;
	struct wl_listener new_lock, new_surface, unlock, destroy;
};

struct lock_surface {
	struct lock *lock;
	struct wl_list link;
	struct wlr_session_lock_surface_v1 *wlr_surface;
	struct wlr_scene_tree *tree; /* owned */
	struct wl_listener map, destroy;
};

bool lock_is_locked(const struct lock *lock)
{
	return lock != nullptr && lock->locked;
}

struct wlr_surface *lock_focus(const struct lock *lock)
{
	if (lock == nullptr) {
		return nullptr;
	}
	struct output *focused = outputs_focused(lock->server->outputs);
	struct wlr_surface *any = nullptr;
	struct lock_surface *surface;
	wl_list_for_each (surface, &lock->surfaces, link) {
		if (!surface->wlr_surface->surface->mapped) {
			continue;
		}
		any = surface->wlr_surface->surface;
		if (focused != nullptr && surface->wlr_surface->output == focused->wlr_output) {
			return any;
		}
	}
	return any;
}

static void place_surface(struct lock_surface *surface)
{
	struct wlr_box box;
	wlr_output_layout_get_box(
		surface->lock->server->outputs->layout, surface->wlr_surface->output, &box);
	wlr_scene_node_set_position(&surface->tree->node, box.x, box.y);
	wlr_session_lock_surface_v1_configure(
		surface->wlr_surface, (uint32_t)box.width, (uint32_t)box.height);
}

void lock_outputs_changed(struct lock *lock)
{
	if (lock == nullptr) {
		return;
	}
	struct wlr_box box;
	wlr_output_layout_get_box(lock->server->outputs->layout, nullptr, &box);
	wlr_scene_node_set_position(&lock->background->node, box.x, box.y);
	wlr_scene_rect_set_size(lock->background, box.width, box.height);
	struct lock_surface *surface;
	wl_list_for_each (surface, &lock->surfaces, link) {
		if (surface->wlr_surface->output != nullptr) {
			place_surface(surface);
		}
	}
}

static void surface_finish(struct lock_surface *surface)
{
	listener_remove(&surface->map);
	listener_remove(&surface->destroy);
	wl_list_remove(&surface->link);
	wlr_scene_node_destroy(&surface->tree->node);
	struct server *server = surface->lock->server;
	free(surface);
	seats_update_focus(server);
}

void lock_output_gone(struct lock *lock, struct output *output)
{
	if (lock == nullptr) {
		return;
	}
	struct lock_surface *surface, *next;
	wl_list_for_each_safe (surface, next, &lock->surfaces, link) {
		if (surface->wlr_surface->output == output->wlr_output) {
			surface_finish(surface);
		}
	}
}

static void handle_surface_map(struct wl_listener *listener, void *data)
{
	struct lock_surface *surface = wl_container_of(listener, surface, map);
	seats_update_focus(surface->lock->server);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct lock_surface *surface = wl_container_of(listener, surface, destroy);
	surface_finish(surface);
}

static void handle_new_surface(struct wl_listener *listener, void *data)
{
	struct lock *lock = wl_container_of(listener, lock, new_surface);
	struct wlr_session_lock_surface_v1 *wlr_surface = data;
	struct lock_surface *surface = vx_new(surface);
	surface->lock = lock;
	surface->wlr_surface = wlr_surface;
	surface->tree = wlr_scene_subsurface_tree_create(
		lock->server->scene->layers[SCENE_LOCK], wlr_surface->surface);
	surface->tree->node.data = &lock->owner;
	wl_list_insert(lock->surfaces.prev, &surface->link);
	listener_add(&surface->map, &wlr_surface->surface->events.map, handle_surface_map);
	listener_add(&surface->destroy, &wlr_surface->events.destroy, handle_surface_destroy);
	place_surface(surface);
}

static void forget_current(struct lock *lock)
{
	listener_remove(&lock->new_surface);
	listener_remove(&lock->unlock);
	listener_remove(&lock->destroy);
	lock->current = nullptr;
}

static void handle_unlock(struct wl_listener *listener, void *data)
{
	struct lock *lock = wl_container_of(listener, lock, unlock);
	forget_current(lock);
	lock->locked = false;
	scene_set_locked(lock->server->scene, false);
	seats_update_focus(lock->server);
}

static void handle_abandon(struct wl_listener *listener, void *data)
{
	struct lock *lock = wl_container_of(listener, lock, destroy);
	vx_log_error("the screen locker went away without unlocking: the screen stays locked");
	forget_current(lock);
}

static void handle_new_lock(struct wl_listener *listener, void *data)
{
	struct lock *lock = wl_container_of(listener, lock, new_lock);
	struct wlr_session_lock_v1 *wlr_lock = data;
	if (lock->current != nullptr) {
		vx_log_info("a second screen locker is refused");
		wlr_session_lock_v1_destroy(wlr_lock);
		return;
	}
	lock->current = wlr_lock;
	lock->locked = true;
	listener_add(&lock->new_surface, &wlr_lock->events.new_surface, handle_new_surface);
	listener_add(&lock->unlock, &wlr_lock->events.unlock, handle_unlock);
	listener_add(&lock->destroy, &wlr_lock->events.destroy, handle_abandon);
	menu_close(lock->server->menu);
	prompts_refuse_all(lock->server->prompts);
	lock_outputs_changed(lock);
	scene_set_locked(lock->server->scene, true);
	seats_update_focus(lock->server);
	wlr_session_lock_v1_send_locked(wlr_lock);
}

struct lock *lock_create(struct server *server)
{
	struct wlr_session_lock_manager_v1 *manager = wlr_session_lock_manager_v1_create(
		server->display);
	if (manager == nullptr) {
		return nullptr;
	}
	struct lock *lock = vx_new(lock);
	lock->server = server;
	lock->owner = (struct scene_owner){.kind = SCENE_OWNER_LOCK, .object = lock};
	wl_list_init(&lock->surfaces);
	lock->background = wlr_scene_rect_create(
		server->scene->layers[SCENE_LOCK], 0, 0, (float[4]){0, 0, 0, 1});
	lock->background->node.data = &lock->owner;
	listener_add(&lock->new_lock, &manager->events.new_lock, handle_new_lock);
	return lock;
}

void lock_destroy(struct lock *lock)
{
	if (lock == nullptr) {
		return;
	}
	listener_remove(&lock->new_lock);
	forget_current(lock);
	free(lock);
}
