/* SPDX-License-Identifier: MIT */
/* For tests: `shell-client panel HEIGHT RRGGBB` is a panel at the top, `shell-client lock RRGGBB` a
 * locker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-client.h>

#include "ext-session-lock-v1-client-protocol.h"
#include "solid_buffer.h"
#include "wlr-layer-shell-unstable-v1-client-protocol.h"

struct client {
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_output *output;
	struct zwlr_layer_shell_v1 *layer_shell;
	struct ext_session_lock_manager_v1 *lock_manager;
	struct wl_surface *surface;
	uint32_t color;
};

static void show(const struct client *client, uint32_t width, uint32_t height)
{
	wl_surface_attach(client->surface,
		solid_buffer_create(client->shm, (int)width, (int)height, client->color), 0, 0);
	wl_surface_damage_buffer(client->surface, 0, 0, INT32_MAX, INT32_MAX);
	wl_surface_commit(client->surface);
}

static void handle_panel_configure(void *data, struct zwlr_layer_surface_v1 *panel, uint32_t serial,
	uint32_t width, uint32_t height)
{
	zwlr_layer_surface_v1_ack_configure(panel, serial);
	show(data, width, height);
	printf("configured %ux%u\n", width, height);
}

static void handle_panel_closed(void *data, struct zwlr_layer_surface_v1 *panel)
{
	printf("closed\n");
	exit(0);
}

static const struct zwlr_layer_surface_v1_listener panel_listener = {
	.configure = handle_panel_configure,
	.closed = handle_panel_closed,
};

static void open_panel(struct client *client, uint32_t height)
{
	struct zwlr_layer_surface_v1 *panel = zwlr_layer_shell_v1_get_layer_surface(
		client->layer_shell, client->surface, nullptr, ZWLR_LAYER_SHELL_V1_LAYER_TOP,
		"test");
	zwlr_layer_surface_v1_add_listener(panel, &panel_listener, client);
	zwlr_layer_surface_v1_set_size(panel, 0, height);
	zwlr_layer_surface_v1_set_anchor(panel, ZWLR_LAYER_SURFACE_V1_ANCHOR_TOP |
							ZWLR_LAYER_SURFACE_V1_ANCHOR_LEFT |
							ZWLR_LAYER_SURFACE_V1_ANCHOR_RIGHT);
	zwlr_layer_surface_v1_set_exclusive_zone(panel, (int32_t)height);
	wl_surface_commit(client->surface);
	wl_display_roundtrip(client->display);
	wl_display_roundtrip(client->display);
	printf("shown\n");
}

static void handle_lock_configure(void *data, struct ext_session_lock_surface_v1 *surface,
	uint32_t serial, uint32_t width, uint32_t height)
{
	ext_session_lock_surface_v1_ack_configure(surface, serial);
	show(data, width, height);
}

static const struct ext_session_lock_surface_v1_listener lock_surface_listener = {
	.configure = handle_lock_configure,
};

static void handle_locked(void *data, struct ext_session_lock_v1 *lock)
{
	printf("locked\n");
}

static void handle_lock_finished(void *data, struct ext_session_lock_v1 *lock)
{
	printf("refused\n");
	exit(1);
}

static const struct ext_session_lock_v1_listener lock_listener = {
	.locked = handle_locked,
	.finished = handle_lock_finished,
};

static void lock(struct client *client)
{
	struct ext_session_lock_v1 *session_lock = ext_session_lock_manager_v1_lock(
		client->lock_manager);
	ext_session_lock_v1_add_listener(session_lock, &lock_listener, client);
	struct ext_session_lock_surface_v1 *surface = ext_session_lock_v1_get_lock_surface(
		session_lock, client->surface, client->output);
	ext_session_lock_surface_v1_add_listener(surface, &lock_surface_listener, client);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct client *client = data;
	const struct {
		const struct wl_interface *interface;
		void **slot;
		uint32_t version;
	} wanted[] = {
		{&wl_compositor_interface, (void **)&client->compositor, 4},
		{&wl_shm_interface, (void **)&client->shm, 1},
		{&wl_output_interface, (void **)&client->output, 1},
		{&zwlr_layer_shell_v1_interface, (void **)&client->layer_shell, 1},
		{&ext_session_lock_manager_v1_interface, (void **)&client->lock_manager, 1},
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			*wanted[i].slot = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

int main(int argc, char **argv)
{
	struct client client = {.display = wl_display_connect(nullptr)};
	setvbuf(stdout, nullptr, _IOLBF, 0);
	if (client.display == nullptr || argc < 3) {
		return 1;
	}
	struct wl_registry *registry = wl_display_get_registry(client.display);
	wl_registry_add_listener(registry, &registry_listener, &client);
	wl_display_roundtrip(client.display);
	if (client.layer_shell == nullptr || client.lock_manager == nullptr) {
		return 1;
	}
	client.color = (uint32_t)strtoul(argv[argc - 1], nullptr, 16);
	client.surface = wl_compositor_create_surface(client.compositor);
	if (strcmp(argv[1], "panel") == 0) {
		open_panel(&client, (uint32_t)atoi(argv[2]));
	} else {
		lock(&client);
	}
	while (wl_display_dispatch(client.display) >= 0) {
	}
	return 0;
}
