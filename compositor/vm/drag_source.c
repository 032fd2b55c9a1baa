/* SPDX-License-Identifier: MIT */
#include "vm/drag_source.h"

#include <string.h>
#include <unistd.h>
#include <wayland-server-protocol.h>

#include "common/memory.h"

static constexpr size_t types_max = 64;
static constexpr size_t type_length_max = 256;

struct drag_source {
	struct wlr_data_source base;
	struct wl_resource *resource; /* NULL once the client has destroyed it */
	bool used;
};

/* ---- what wlroots tells a source ---- */

static struct drag_source *source_of(struct wlr_data_source *base)
{
	return wl_container_of(base, (struct drag_source *)nullptr, base);
}

/* Who drags and who takes it are in the same VM, and don't need us for this. */
static void source_send(struct wlr_data_source *base, const char *type, int32_t fd)
{
	close(fd);
}

static void source_accept(struct wlr_data_source *base, uint32_t serial, const char *type)
{
	wl_data_source_send_target(source_of(base)->resource, type);
}

static void source_destroy(struct wlr_data_source *base)
{
	struct drag_source *source = source_of(base);
	if (source->resource != nullptr) {
		wl_data_source_send_cancelled(source->resource);
		wl_resource_set_user_data(source->resource, nullptr);
	}
	free(source);
}

static void source_dnd_drop(struct wlr_data_source *base)
{
	wl_data_source_send_dnd_drop_performed(source_of(base)->resource);
}

static void source_dnd_finish(struct wlr_data_source *base)
{
	wl_data_source_send_dnd_finished(source_of(base)->resource);
}

static void source_dnd_action(
	struct wlr_data_source *base, enum wl_data_device_manager_dnd_action action)
{
	wl_data_source_send_action(source_of(base)->resource, action);
}

static const struct wlr_data_source_impl source_impl = {
	.send = source_send,
	.accept = source_accept,
	.destroy = source_destroy,
	.dnd_drop = source_dnd_drop,
	.dnd_finish = source_dnd_finish,
	.dnd_action = source_dnd_action,
};

/* ---- what the client asks ---- */

/* A source whose drag has ended has no data any more. */
static void handle_offer(struct wl_client *client, struct wl_resource *resource, const char *type)
{
	struct drag_source *source = wl_resource_get_user_data(resource);
	if (source == nullptr || source->used || strlen(type) > type_length_max ||
		source->base.mime_types.size >= types_max * sizeof(char *)) {
		return;
	}
	char **slot = wl_array_add(&source->base.mime_types, sizeof(*slot));
	if (slot != nullptr) {
		*slot = vx_strdup(type);
	}
}

static void handle_set_actions(
	struct wl_client *client, struct wl_resource *resource, uint32_t actions)
{
	struct drag_source *source = wl_resource_get_user_data(resource);
	if (source == nullptr) {
		return;
	}
	if ((actions & ~drag_all_actions) != 0) {
		wl_resource_post_error(resource, WL_DATA_SOURCE_ERROR_INVALID_ACTION_MASK,
			"actions %u are unknown", actions);
	} else if (source->used || source->base.actions >= 0) {
		wl_resource_post_error(resource, WL_DATA_SOURCE_ERROR_INVALID_SOURCE,
			"actions are set once, and before the drag");
	} else {
		source->base.actions = (int32_t)actions;
	}
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static const struct wl_data_source_interface request_impl = {
	.offer = handle_offer,
	.destroy = handle_destroy,
	.set_actions = handle_set_actions,
};

static void handle_resource_destroy(struct wl_resource *resource)
{
	struct drag_source *source = wl_resource_get_user_data(resource);
	if (source != nullptr) {
		source->resource = nullptr;
		wlr_data_source_destroy(&source->base);
	}
}

void drag_source_create(struct wl_client *client, uint32_t version, uint32_t id)
{
	struct wl_resource *resource = wl_resource_create(
		client, &wl_data_source_interface, (int)version, id);
	if (resource == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	struct drag_source *source = vx_new(source);
	source->resource = resource;
	wlr_data_source_init(&source->base, &source_impl);
	wl_resource_set_implementation(resource, &request_impl, source, handle_resource_destroy);
}

struct wlr_data_source *drag_source_use(struct wl_resource *resource)
{
	struct drag_source *source = wl_resource_get_user_data(resource);
	if (source == nullptr || source->used) {
		return nullptr;
	}
	source->used = true;
	return &source->base;
}

void drag_source_cancel(struct wl_resource *resource)
{
	if (resource != nullptr) {
		wl_data_source_send_cancelled(resource);
	}
}
