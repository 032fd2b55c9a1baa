/* SPDX-License-Identifier: MIT */
/* What the pointer looks like: an image of the theme, a client's, or none. */
#include <limits.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_xcursor_manager.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/cursor.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"
#include "shell/scene.h"
#include "ui/text.h"
#include "vm/tag.h"

static constexpr int default_size = 24;
static constexpr int vm_image_max = 64; /* logical pixels of a VM's cursor image */

void cursor_forget_image_surface(struct cursor *cursor)
{
	listener_remove(&cursor->image_surface_destroy);
	listener_remove(&cursor->image_surface_commit);
	cursor->image_surface = nullptr;
}

static struct wlr_xcursor_manager *load_theme(const struct seat *seat)
{
	struct seat_config *config = config_seat_for(
		server_config(seat->server), seat->wlr_seat->name);
	const char *name = config != nullptr ? config->xcursor_theme : nullptr;
	const char *env_size = getenv("XCURSOR_SIZE");
	long wanted = env_size != nullptr ? strtol(env_size, nullptr, 10) : 0;
	int size = wanted > 0 && wanted < INT_MAX ? (int)wanted : default_size;
	if (config != nullptr && config->xcursor_size > 0) {
		size = config->xcursor_size;
	}
	if (name == nullptr) {
		name = getenv("XCURSOR_THEME");
	}
	struct wlr_xcursor_manager *theme = wlr_xcursor_manager_create(name, (uint32_t)size);
	wlr_xcursor_manager_load(theme, 1);
	seat_config_destroy(config);
	return theme;
}

void cursor_set_image(struct cursor *cursor, const char *name)
{
	if (!(cursor->seat->wlr_seat->capabilities & WL_SEAT_CAPABILITY_POINTER) ||
		cursor->hidden) {
		return;
	}
	cursor_forget_image_surface(cursor);
	if (cursor->theme == nullptr) {
		/* All of a theme's hundred files are read at once: not before there is a pointer.
		 */
		cursor->theme = load_theme(cursor->seat);
	}
	if (cursor->image == nullptr || strcmp(cursor->image, name) != 0) {
		wlr_cursor_set_xcursor(cursor->wlr_cursor, cursor->theme, name);
		cursor->image = name;
	}
}

void cursor_show_default(struct cursor *cursor)
{
	cursor->image = nullptr;
	cursor_set_image(cursor, "default");
}

static bool image_is_modest(const struct wlr_surface *surface)
{
	return surface->current.width <= vm_image_max && surface->current.height <= vm_image_max;
}

static void handle_image_surface_destroy(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, image_surface_destroy);
	cursor_forget_image_surface(cursor);
}

static void handle_image_surface_commit(struct wl_listener *listener, void *data)
{
	struct cursor *cursor = wl_container_of(listener, cursor, image_surface_commit);
	if (!image_is_modest(cursor->image_surface)) {
		cursor_show_default(cursor);
	}
}

void cursor_set_client_image(struct cursor *cursor, struct wlr_surface *surface, int hotspot_x,
	int hotspot_y, bool is_vm)
{
	if (is_vm && (surface == nullptr || !image_is_modest(surface))) {
		cursor_set_image(cursor, "default");
		return;
	}
	cursor_forget_image_surface(cursor);
	cursor->image = nullptr;
	wlr_cursor_set_surface(cursor->wlr_cursor, surface, hotspot_x, hotspot_y);
	if (surface == nullptr) {
		return;
	}
	cursor->image_surface = surface;
	listener_add(&cursor->image_surface_destroy, &surface->events.destroy,
		handle_image_surface_destroy);
	if (is_vm) {
		listener_add(&cursor->image_surface_commit, &surface->events.commit,
			handle_image_surface_commit);
	}
}

void cursor_reload_theme(struct cursor *cursor)
{
	wlr_cursor_unset_image(cursor->wlr_cursor); /* it points into the theme */
	wlr_xcursor_manager_destroy(cursor->theme);
	cursor->theme = nullptr;
	cursor_show_default(cursor);
}

void cursor_unhide(struct cursor *cursor)
{
	if (cursor->hidden) {
		cursor->hidden = false;
		cursor_show_default(cursor);
	}
	struct seat_config *config = config_seat_for(
		server_config(cursor->seat->server), cursor->seat->wlr_seat->name);
	int timeout = config != nullptr && config->hide_cursor_timeout != unset
			      ? config->hide_cursor_timeout
			      : 0;
	seat_config_destroy(config);
	wl_event_source_timer_update(cursor->hide_timer, timeout);
}

int cursor_handle_hide_timer(void *data)
{
	struct cursor *cursor = data;
	cursor_forget_image_surface(cursor);
	wlr_cursor_unset_image(cursor->wlr_cursor);
	cursor->image = nullptr;
	cursor->hidden = true;
	return 0;
}
