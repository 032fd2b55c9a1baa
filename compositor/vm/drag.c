/* SPDX-License-Identifier: MIT */
#include "vm/drag.h"

#include <wayland-server-protocol.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_seat.h>

#include "common/memory.h"
#include "listener.h"
#include "server.h"
#include "vm/drag_offer.h"
#include "vm/drag_source.h"
#include "vm/tag.h"

static constexpr int manager_version = 3;

struct vm_drags {
	struct server *server;
	struct wl_global *global;
	struct wl_list devices; /* drag_device.link */
};

struct drag_device {
	struct vm_drags *drags;
	struct wl_list link; /* vm_drags.devices */
	struct wl_resource *resource;
	struct wlr_seat_client *seat_client; /* NULL once the seat is gone */
	struct wl_listener seat_client_destroy;
};

/* One that a VM's client started, until the button is up. */
struct vm_drag {
	struct vm_drags *drags;
	struct wlr_drag *drag;
	bool without_source;
	struct wlr_seat_client *told; /* who was sent an enter and no leave; may be NULL */
	struct wl_list offers;        /* drag_offer.link: those of `told` */
	struct wl_listener focus, motion, drop, destroy, told_destroy;
};

/* ---- over the VM's windows ---- */

static void leave(struct vm_drag *vm_drag)
{
	struct drag_offer *offer, *next;
	wl_list_for_each_safe (offer, next, &vm_drag->offers, link) {
		drag_offer_leave(offer);
	}
	const struct drag_device *device;
	wl_list_for_each (device, &vm_drag->drags->devices, link) {
		if (vm_drag->told != nullptr && device->seat_client == vm_drag->told) {
			wl_data_device_send_leave(device->resource);
		}
	}
	listener_remove(&vm_drag->told_destroy);
	vm_drag->told = nullptr;
}

static void handle_told_destroy(struct wl_listener *listener, void *data)
{
	struct vm_drag *vm_drag = wl_container_of(listener, vm_drag, told_destroy);
	listener_remove(&vm_drag->told_destroy);
	vm_drag->told = nullptr;
}

/* Where it is within the surface, the motion says that always follows. */
static void handle_focus(struct wl_listener *listener, void *data)
{
	struct vm_drag *vm_drag = wl_container_of(listener, vm_drag, focus);
	leave(vm_drag);
}

static void enter_device(struct vm_drag *vm_drag, const struct drag_device *device,
	const struct wlr_drag_motion_event *event, uint32_t serial)
{
	const struct wlr_drag *drag = vm_drag->drag;
	struct drag_offer *offer = nullptr;
	if (drag->source != nullptr) {
		offer = drag_offer_create(device->resource, drag->source);
		if (offer == nullptr) {
			wl_client_post_no_memory(vm_drag->told->client);
			return;
		}
		wl_list_insert(&vm_drag->offers, &offer->link);
	}
	wl_data_device_send_enter(device->resource, serial, drag->focus->resource,
		wl_fixed_from_double(event->sx), wl_fixed_from_double(event->sy),
		offer == nullptr ? nullptr : offer->resource);
}

static void enter(struct vm_drag *vm_drag, const struct wlr_drag_motion_event *event)
{
	struct server *server = vm_drag->drags->server;
	vm_drag->told = vm_drag->drag->focus_client;
	listener_add(&vm_drag->told_destroy, &vm_drag->told->events.destroy, handle_told_destroy);
	uint32_t serial = wl_display_next_serial(server->display);
	const struct drag_device *device;
	wl_list_for_each (device, &vm_drag->drags->devices, link) {
		if (device->seat_client == vm_drag->told) {
			enter_device(vm_drag, device, event, serial);
		}
	}
}

static void handle_motion(struct wl_listener *listener, void *data)
{
	struct vm_drag *vm_drag = wl_container_of(listener, vm_drag, motion);
	const struct wlr_drag_motion_event *event = data;
	struct wlr_drag *drag = vm_drag->drag;
	if (drag->focus == nullptr || drag->focus_client == nullptr ||
		!vm_drag_may_enter(vm_drag->drags->server, drag, drag->focus)) {
		return;
	}
	if (vm_drag->told == nullptr) {
		enter(vm_drag, event);
		return;
	}
	const struct drag_device *device;
	wl_list_for_each (device, &vm_drag->drags->devices, link) {
		if (device->seat_client == vm_drag->told) {
			wl_data_device_send_motion(device->resource, event->time,
				wl_fixed_from_double(event->sx), wl_fixed_from_double(event->sy));
		}
	}
}

static void tell_drop(struct vm_drag *vm_drag)
{
	struct drag_offer *offer;
	wl_list_for_each (offer, &vm_drag->offers, link) {
		drag_offer_drop(offer);
	}
	const struct drag_device *device;
	wl_list_for_each (device, &vm_drag->drags->devices, link) {
		if (vm_drag->told != nullptr && device->seat_client == vm_drag->told) {
			wl_data_device_send_drop(device->resource);
		}
	}
}

static void handle_drop(struct wl_listener *listener, void *data)
{
	struct vm_drag *vm_drag = wl_container_of(listener, vm_drag, drop);
	tell_drop(vm_drag);
}

/* wlroots knows of no drop where there is no source: the button's release is it. */
static void handle_drag_destroy(struct wl_listener *listener, void *data)
{
	struct vm_drag *vm_drag = wl_container_of(listener, vm_drag, destroy);
	const struct wlr_drag *drag = vm_drag->drag;
	if (vm_drag->without_source && drag->seat->pointer_state.button_count == 0) {
		tell_drop(vm_drag);
	}
	leave(vm_drag);
	listener_remove(&vm_drag->focus);
	listener_remove(&vm_drag->motion);
	listener_remove(&vm_drag->drop);
	listener_remove(&vm_drag->destroy);
	free(vm_drag);
}

static bool is_of_vm(enum tag_kind kind)
{
	return kind == TAG_VM || kind == TAG_UNKNOWN;
}

bool vm_drag_may_enter(
	struct server *server, const struct wlr_drag *drag, const struct wlr_surface *surface)
{
	struct wl_client *client = wl_resource_get_client(surface->resource);
	struct vm *from_vm = nullptr, *to_vm = nullptr;
	enum tag_kind from = tag_kind_of_client(server, drag->seat_client->client, &from_vm);
	enum tag_kind to = tag_kind_of_client(server, client, &to_vm);
	if (!is_of_vm(from) && !is_of_vm(to)) {
		return true;
	}
	return from == TAG_VM && to == TAG_VM && from_vm == to_vm &&
	       (drag->source != nullptr || client == drag->seat_client->client);
}

void vm_drag_follow(struct vm_drags *drags, struct wlr_drag *drag)
{
	enum tag_kind kind = tag_kind_of_client(drags->server, drag->seat_client->client, nullptr);
	if (kind != TAG_VM) {
		return;
	}
	struct vm_drag *vm_drag = vx_new(vm_drag);
	vm_drag->drags = drags;
	vm_drag->drag = drag;
	vm_drag->without_source = drag->source == nullptr;
	wl_list_init(&vm_drag->offers);
	listener_add(&vm_drag->focus, &drag->events.focus, handle_focus);
	listener_add(&vm_drag->motion, &drag->events.motion, handle_motion);
	listener_add(&vm_drag->drop, &drag->events.drop, handle_drop);
	listener_add(&vm_drag->destroy, &drag->events.destroy, handle_drag_destroy);
}

struct wlr_surface *vm_drag_icon(const struct wlr_drag *drag)
{
	return drag->data;
}

/* ---- devices ---- */

/* wlroots' role for icons, which wlr_drag_create() insists on, isn't to be had. */
static void commit_icon(struct wlr_surface *surface)
{
	if (wlr_surface_has_buffer(surface)) {
		wlr_surface_map(surface);
	}
}

static const struct wlr_surface_role icon_role = {
	.name = "wl_data_device-icon of a VM",
	.no_object = true,
	.commit = commit_icon,
};

/* Only a pointer's button drags: wlroots tells nobody but its own devices of a finger's motion. */
static bool may_start(const struct drag_device *device, struct wlr_surface *origin, uint32_t serial)
{
	return device->seat_client != nullptr && device->seat_client->seat->drag == nullptr &&
	       wl_resource_get_client(origin->resource) == device->seat_client->client &&
	       wlr_seat_validate_pointer_grab_serial(device->seat_client->seat, origin, serial);
}

static void handle_start_drag(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *source_resource, struct wl_resource *origin_resource,
	struct wl_resource *icon_resource, uint32_t serial)
{
	const struct drag_device *device = wl_resource_get_user_data(resource);
	struct wlr_surface *origin = wlr_surface_from_resource(origin_resource);
	struct wlr_surface *icon = icon_resource == nullptr
					   ? nullptr
					   : wlr_surface_from_resource(icon_resource);
	if (icon != nullptr &&
		!wlr_surface_set_role(icon, &icon_role, resource, WL_DATA_DEVICE_ERROR_ROLE)) {
		return;
	}
	if (!may_start(device, origin, serial)) {
		drag_source_cancel(source_resource);
		return;
	}
	struct wlr_data_source *source = source_resource == nullptr
						 ? nullptr
						 : drag_source_use(source_resource);
	if (source == nullptr && source_resource != nullptr) {
		wl_resource_post_error(
			resource, WL_DATA_DEVICE_ERROR_USED_SOURCE, "the source was used before");
		return;
	}
	struct wlr_drag *drag = wlr_drag_create(device->seat_client, source, nullptr);
	if (drag == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	if (icon != nullptr) {
		drag->data = icon;
		commit_icon(icon);
	}
	wlr_seat_request_start_drag(device->seat_client->seat, drag, origin, serial);
}

/* Selections of a VM stay in it. */
static void handle_set_selection(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *source_resource, uint32_t serial)
{
	drag_source_cancel(source_resource);
}

static void handle_release(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static const struct wl_data_device_interface device_impl = {
	.start_drag = handle_start_drag,
	.set_selection = handle_set_selection,
	.release = handle_release,
};

static void handle_device_destroy(struct wl_resource *resource)
{
	struct drag_device *device = wl_resource_get_user_data(resource);
	listener_remove(&device->seat_client_destroy);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_seat_client_destroy(struct wl_listener *listener, void *data)
{
	struct drag_device *device = wl_container_of(listener, device, seat_client_destroy);
	listener_remove(&device->seat_client_destroy);
	device->seat_client = nullptr;
}

static void handle_get_device(struct wl_client *client, struct wl_resource *manager, uint32_t id,
	struct wl_resource *seat_resource)
{
	struct wl_resource *resource = wl_resource_create(
		client, &wl_data_device_interface, wl_resource_get_version(manager), id);
	if (resource == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	struct drag_device *device = vx_new(device);
	device->drags = wl_resource_get_user_data(manager);
	device->resource = resource;
	device->seat_client = wlr_seat_client_from_resource(seat_resource);
	if (device->seat_client != nullptr) {
		listener_add(&device->seat_client_destroy, &device->seat_client->events.destroy,
			handle_seat_client_destroy);
	}
	wl_list_insert(&device->drags->devices, &device->link);
	wl_resource_set_implementation(resource, &device_impl, device, handle_device_destroy);
}

/* ---- the manager ---- */

static void handle_create_source(struct wl_client *client, struct wl_resource *manager, uint32_t id)
{
	drag_source_create(client, (uint32_t)wl_resource_get_version(manager), id);
}

static const struct wl_data_device_manager_interface manager_impl = {
	.create_data_source = handle_create_source,
	.get_data_device = handle_get_device,
};

/* Older versions lack the messages that a drag ends with; vixos-proxy asks for this one. */
static void handle_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	if (version != manager_version) {
		wl_client_post_implementation_error(
			client, "a VM can have version %d only", manager_version);
		return;
	}
	struct wl_resource *resource = wl_resource_create(
		client, &wl_data_device_manager_interface, (int)version, id);
	if (resource == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(resource, &manager_impl, data, nullptr);
}

bool vm_drags_owns_global(const struct vm_drags *drags, const struct wl_global *global)
{
	return drags != nullptr && drags->global == global;
}

struct vm_drags *vm_drags_create(struct server *server)
{
	struct vm_drags *drags = vx_new(drags);
	drags->server = server;
	wl_list_init(&drags->devices);
	drags->global = wl_global_create(server->display, &wl_data_device_manager_interface,
		manager_version, drags, handle_bind);
	if (drags->global == nullptr) {
		free(drags);
		return nullptr;
	}
	return drags;
}

void vm_drags_destroy(struct vm_drags *drags)
{
	if (drags != nullptr) {
		wl_global_destroy(drags->global);
		free(drags);
	}
}
