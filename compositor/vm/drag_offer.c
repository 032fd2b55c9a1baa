/* SPDX-License-Identifier: MIT */
#include "vm/drag_offer.h"

#include <unistd.h>
#include <wayland-server-protocol.h>
#include <wlr/types/wlr_data_device.h>

#include "common/memory.h"
#include "listener.h"
#include "vm/drag_source.h"

static constexpr uint32_t none = WL_DATA_DEVICE_MANAGER_DND_ACTION_NONE;
static constexpr uint32_t copy = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY;
static constexpr uint32_t ask = WL_DATA_DEVICE_MANAGER_DND_ACTION_ASK;

static void offer_end(struct drag_offer *offer)
{
	listener_remove(&offer->source_destroy);
	offer->source = nullptr;
}

static void handle_source_destroy(struct wl_listener *listener, void *data)
{
	struct drag_offer *offer = wl_container_of(listener, offer, source_destroy);
	offer_end(offer);
}

/* ---- actions ---- */

static uint32_t choose_action(const struct drag_offer *offer)
{
	uint32_t possible = offer->actions &
			    (offer->source->actions >= 0 ? (uint32_t)offer->source->actions : copy);
	if ((offer->preferred & possible) != 0) {
		return offer->preferred;
	}
	return possible & -possible; /* the lowest, 0 for none */
}

/* In the middle of an `ask` the source learns of the choice only when it is made for good. */
static void update_action(struct drag_offer *offer)
{
	uint32_t action = choose_action(offer);
	if (action == offer->source->current_dnd_action) {
		return;
	}
	offer->source->current_dnd_action = action;
	if (!offer->in_ask) {
		wlr_data_source_dnd_action(offer->source, action);
		wl_data_offer_send_action(offer->resource, action);
	}
}

/* ---- what the client asks ---- */

static void handle_accept(
	struct wl_client *client, struct wl_resource *resource, uint32_t serial, const char *type)
{
	const struct drag_offer *offer = wl_resource_get_user_data(resource);
	if (offer->source != nullptr) {
		wlr_data_source_accept(offer->source, serial, type);
	}
}

static void handle_receive(
	struct wl_client *client, struct wl_resource *resource, const char *type, int32_t fd)
{
	close(fd);
}

static void handle_set_actions(struct wl_client *client, struct wl_resource *resource,
	uint32_t actions, uint32_t preferred)
{
	struct drag_offer *offer = wl_resource_get_user_data(resource);
	if ((actions & ~drag_all_actions) != 0) {
		wl_resource_post_error(resource, WL_DATA_OFFER_ERROR_INVALID_ACTION_MASK,
			"actions %u are unknown", actions);
	} else if ((preferred & ~actions) != 0 || (preferred & (preferred - 1)) != 0) {
		wl_resource_post_error(resource, WL_DATA_OFFER_ERROR_INVALID_ACTION,
			"action %u can't be preferred", preferred);
	} else if (offer->source != nullptr) {
		offer->actions = actions;
		offer->preferred = preferred;
		update_action(offer);
	}
}

static void handle_finish(struct wl_client *client, struct wl_resource *resource)
{
	struct drag_offer *offer = wl_resource_get_user_data(resource);
	struct wlr_data_source *source = offer->source;
	if (source == nullptr) {
		return;
	}
	uint32_t action = source->current_dnd_action;
	if (!offer->dropped || !source->accepted || action == none || action == ask) {
		wl_resource_post_error(resource, WL_DATA_OFFER_ERROR_INVALID_FINISH,
			"nothing was dropped and accepted with an action");
		return;
	}
	if (offer->in_ask) {
		wlr_data_source_dnd_action(source, action);
	}
	offer_end(offer);
	wlr_data_source_dnd_finish(source);
}

static void handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static const struct wl_data_offer_interface request_impl = {
	.accept = handle_accept,
	.receive = handle_receive,
	.destroy = handle_destroy,
	.finish = handle_finish,
	.set_actions = handle_set_actions,
};

/* What was dropped and not finished came to nothing; what is still dragged can go elsewhere. */
static void handle_resource_destroy(struct wl_resource *resource)
{
	struct drag_offer *offer = wl_resource_get_user_data(resource);
	struct wlr_data_source *source = offer->source;
	bool dropped = offer->dropped;
	wl_list_remove(&offer->link);
	offer_end(offer);
	free(offer);
	if (source != nullptr && dropped) {
		wlr_data_source_destroy(source);
	} else if (source != nullptr) {
		wlr_data_source_accept(source, 0, nullptr);
	}
}

/* ---- the drag ---- */

struct drag_offer *drag_offer_create(struct wl_resource *device, struct wlr_data_source *source)
{
	struct wl_resource *resource = wl_resource_create(wl_resource_get_client(device),
		&wl_data_offer_interface, wl_resource_get_version(device), 0);
	if (resource == nullptr) {
		return nullptr;
	}
	struct drag_offer *offer = vx_new(offer);
	offer->resource = resource;
	offer->source = source;
	wl_list_init(&offer->link);
	listener_add(&offer->source_destroy, &source->events.destroy, handle_source_destroy);
	wl_resource_set_implementation(resource, &request_impl, offer, handle_resource_destroy);
	wl_data_device_send_data_offer(device, resource);
	char *const *type;
	wl_array_for_each (type, &source->mime_types) {
		wl_data_offer_send_offer(resource, *type);
	}
	source->accepted = false;
	update_action(offer);
	wl_data_offer_send_source_actions(
		resource, source->actions >= 0 ? (uint32_t)source->actions : copy);
	return offer;
}

void drag_offer_drop(struct drag_offer *offer)
{
	offer->dropped = true;
	offer->in_ask = offer->source != nullptr && offer->source->current_dnd_action == ask;
}

void drag_offer_leave(struct drag_offer *offer)
{
	wl_list_remove(&offer->link);
	wl_list_init(&offer->link);
	if (!offer->dropped) {
		offer_end(offer);
	}
}
