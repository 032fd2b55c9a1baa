/* SPDX-License-Identifier: MIT */
#include "host/surface.h"

#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "host/region.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

bool surface_position_is_sane(int32_t x, int32_t y)
{
	return x >= -limit_position && x <= limit_position && y >= -limit_position &&
	       y <= limit_position;
}

static struct host_size surface_size(const struct host_surface *surface)
{
	if (surface->destination.width > 0) {
		return surface->destination;
	}
	return (struct host_size){
		surface->buffer.width / surface->scale, surface->buffer.height / surface->scale};
}

static bool is_within(struct host_size size, int32_t max)
{
	return size.width <= max && size.height <= max;
}

static bool fits_role(const struct host_surface *surface)
{
	static const int32_t max[] = {
		[HOST_SURFACE_WINDOW] = INT32_MAX,
		[HOST_SURFACE_CURSOR] = limit_cursor_size,
		[HOST_SURFACE_ICON] = limit_icon_size,
	};
	return is_within(surface_size(surface), max[surface->role]);
}

bool surface_takes_size(const struct host_object *object, uint32_t width, uint32_t height)
{
	struct host_surface *surface = object->data;
	if (surface == nullptr) {
		return false;
	}
	struct host_surface changed = *surface;
	changed.buffer = (struct host_size){(int32_t)width, (int32_t)height};
	if (!fits_role(&changed)) {
		return false;
	}
	surface->buffer = changed.buffer;
	return true;
}

static void surface_unlink(struct host_surface *surface)
{
	if (surface->parent != nullptr) {
		wl_list_remove(&surface->link);
		surface->parent = nullptr;
	}
}

static void surface_destroy(struct host_object *object)
{
	struct host_surface *surface = vx_take_ptr(object->data);
	object->destroy_data = nullptr;
	struct host_surface *child, *next;
	wl_list_for_each_safe (child, next, &surface->children, link) {
		surface_unlink(child);
	}
	surface_unlink(surface);
	surface_cost_end(surface);
	free(surface);
}

static bool handle_create_surface(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_object *object = nullptr;
	if (!host_client_pass(client, request, &object, err)) {
		return false;
	}
	struct host_surface *surface = vx_new(surface);
	surface->scale = 1;
	surface->cost.all = &client->proxy->surface_costs;
	wl_list_init(&surface->children);
	object->data = surface;
	object->destroy_data = surface_destroy;
	return true;
}

/* From here on until delete_id the object is there and can't be used: its handlers find no data. */
static bool handle_destroy(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (request->object->data == nullptr) {
		return vx_error_set(err, "the surface was destroyed before");
	}
	surface_destroy(request->object);
	if (client->keyboard_focus == request->object->host_id) {
		client->keyboard_focus = 0; /* nobody says so, and the id will be another's */
	}
	return host_client_pass(client, request, nullptr, err);
}

/* An icon stays by the pointer: it isn't moved further off than its size may be. */
static void surface_move(struct host_surface *surface, int32_t *x, int32_t *y)
{
	if (surface->role == HOST_SURFACE_ICON &&
		(abs(surface->place.x + *x) > limit_icon_size ||
			abs(surface->place.y + *y) > limit_icon_size)) {
		*x = *y = 0;
	}
	surface->moved = (struct host_point){*x, *y};
}

bool surface_check_attach(
	const struct host_object *object, int32_t *x, int32_t *y, struct vx_error *err)
{
	if (!surface_position_is_sane(*x, *y)) {
		return vx_error_set(err, "position %d, %d is out of range", *x, *y);
	}
	/* From version 5 on it moves nothing: wl_surface.offset does. */
	if (object->data != nullptr && object->version < WL_SURFACE_OFFSET_SINCE_VERSION) {
		surface_move(object->data, x, y);
	}
	return true;
}

static bool handle_attach(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	int32_t x = request->args[1].i, y = request->args[2].i;
	if (!surface_check_attach(request->object, &x, &y, err)) {
		return false;
	}
	const struct host_object *buffer = request->objects[0];
	struct host_surface *surface = request->object->data;
	if (surface != nullptr) {
		/* What lives on the host has one pixel. */
		surface->buffer = buffer == nullptr ? (struct host_size){}
						    : (struct host_size){1, 1};
	}
	host_client_request(client, request->object, WL_SURFACE_ATTACH, "oii",
		buffer == nullptr ? 0 : buffer->host_id, x, y);
	return true;
}

static bool handle_offset(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	int32_t x = request->args[0].i, y = request->args[1].i;
	if (!surface_position_is_sane(x, y)) {
		return vx_error_set(err, "the position is out of range");
	}
	if (request->object->data != nullptr) {
		surface_move(request->object->data, &x, &y);
	}
	host_client_request(client, request->object, WL_SURFACE_OFFSET, "ii", x, y);
	return true;
}

/* --- damage --- */

static bool handle_damage(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = request->object->data;
	if (surface == nullptr || surface->damage_rects++ >= limit_damage_rects) {
		return true; /* handle_commit() damages everything instead */
	}
	return region_pass_rect(client, request, err);
}

/* What grew out of a cursor's size on some other way than its buffer's is shown no more. */
static void commit_size(
	struct host_client *client, const struct host_object *object, struct host_surface *surface)
{
	if (!fits_role(surface)) {
		host_client_request(client, object, WL_SURFACE_ATTACH, "oii", 0u, 0, 0);
		surface->buffer = (struct host_size){};
	}
	surface->committed = surface_size(surface);
	if (surface->role == HOST_SURFACE_ICON) {
		surface->place.x += surface->moved.x;
		surface->place.y += surface->moved.y;
	}
	surface->moved = (struct host_point){};
}

static bool handle_commit(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = request->object->data;
	if (surface != nullptr) {
		if (surface->damage_rects > limit_damage_rects) {
			host_client_request(client, request->object, WL_SURFACE_DAMAGE, "iiii", 0,
				0, INT32_MAX, INT32_MAX);
		}
		surface->damage_rects = 0;
		commit_size(client, request->object, surface);
		if (!surface_cost_commit(surface, err)) {
			return false;
		}
	}
	return host_client_pass(client, request, nullptr, err);
}

/* --- scale and size --- */

static bool handle_set_buffer_scale(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = request->object->data;
	int32_t scale = request->args[0].i;
	if (scale < 1 || scale > limit_scale) {
		return vx_error_set(err, "scale %d is out of range", scale);
	}
	if (surface != nullptr) {
		surface->scale = scale;
	}
	return host_client_pass(client, request, nullptr, err);
}

static bool handle_set_buffer_transform(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (request->args[0].u > WL_OUTPUT_TRANSFORM_FLIPPED_270) {
		return vx_error_set(err, "transform %u is unknown", request->args[0].u);
	}
	return host_client_pass(client, request, nullptr, err);
}

/* A viewport keeps its surface's id: the surface may go first, and the id be used again. */
static bool handle_get_viewport(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_object *object = nullptr;
	if (!host_client_pass(client, request, &object, err)) {
		return false;
	}
	object->related_id = request->objects[1]->host_id;
	return true;
}

struct host_surface *surface_find(const struct host_client *client, uint32_t host_id)
{
	const struct host_object *object = host_objects_get_by_host_id(&client->objects, host_id);
	return object != nullptr && object->interface->source == &wl_surface_interface
		       ? object->data
		       : nullptr;
}

static struct host_surface *related_surface(
	const struct host_client *client, const struct host_object *of)
{
	return surface_find(client, of->related_id);
}

static bool handle_set_destination(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = related_surface(client, request->object);
	int32_t width = request->args[0].i, height = request->args[1].i;
	if (width > limit_size || height > limit_size) {
		return vx_error_set(err, "%d x %d is too large", width, height);
	}
	if (surface != nullptr) {
		surface->destination = (struct host_size){width, height};
	}
	return host_client_pass(client, request, nullptr, err);
}

static bool handle_viewport_destroy(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = related_surface(client, request->object);
	if (surface != nullptr) {
		surface->destination = (struct host_size){};
	}
	return host_client_pass(client, request, nullptr, err);
}

/* --- subsurfaces --- */

static unsigned depth_above(const struct host_surface *surface)
{
	unsigned depth = 0;
	for (; surface->parent != nullptr; surface = surface->parent) {
		depth++;
	}
	return depth;
}

/* Recursion ends: no tree is deeper than limit_subsurface_depth. */
static unsigned depth_below(const struct host_surface *surface)
{
	unsigned depth = 0;
	const struct host_surface *child;
	wl_list_for_each (child, &surface->children, link) {
		unsigned below = 1 + depth_below(child);
		depth = below > depth ? below : depth;
	}
	return depth;
}

static bool has_ancestor(const struct host_surface *surface, const struct host_surface *ancestor)
{
	for (; surface != nullptr; surface = surface->parent) {
		if (surface == ancestor) {
			return true;
		}
	}
	return false;
}

static bool check_nesting(
	const struct host_surface *surface, const struct host_surface *parent, struct vx_error *err)
{
	if (surface == nullptr || parent == nullptr) {
		return vx_error_set(err, "the surface was destroyed before");
	}
	if (surface->parent != nullptr || has_ancestor(parent, surface)) {
		return vx_error_set(err, "the surface has a parent, or would be its own");
	}
	if (surface->role != HOST_SURFACE_WINDOW || parent->role != HOST_SURFACE_WINDOW) {
		return vx_error_set(err, "cursors and icons of drags have no subsurfaces");
	}
	if (depth_above(parent) + 1 + depth_below(surface) > limit_subsurface_depth) {
		return vx_error_set(
			err, "subsurfaces are nested deeper than %u", limit_subsurface_depth);
	}
	return true;
}

static bool handle_get_subsurface(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = request->objects[1]->data;
	struct host_surface *parent = request->objects[2]->data;
	struct host_object *object = nullptr;
	if (!check_nesting(surface, parent, err) ||
		!host_client_pass(client, request, &object, err)) {
		return false;
	}
	object->related_id = request->objects[1]->host_id;
	surface->parent = parent;
	surface->is_sync = true;
	wl_list_insert(&parent->children, &surface->link);
	return true;
}

static bool handle_set_position(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (!surface_position_is_sane(request->args[0].i, request->args[1].i)) {
		return vx_error_set(err, "the position is out of range");
	}
	return host_client_pass(client, request, nullptr, err);
}

static bool handle_set_sync(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = related_surface(client, request->object);
	if (surface != nullptr) {
		surface->is_sync = request->message->opcode == WL_SUBSURFACE_SET_SYNC;
	}
	return host_client_pass(client, request, nullptr, err);
}

static bool handle_subsurface_destroy(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = related_surface(client, request->object);
	if (surface != nullptr) {
		surface_unlink(surface);
	}
	return host_client_pass(client, request, nullptr, err);
}

/* --- cursors --- */

static bool handle_set_cursor(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	if (request->objects[1] == nullptr) {
		return host_client_pass(client, request, nullptr, err);
	}
	struct host_surface *surface = request->objects[1]->data;
	int32_t x = request->args[2].i, y = request->args[3].i;
	bool sane = x >= -limit_cursor_size && x <= limit_cursor_size && y >= -limit_cursor_size &&
		    y <= limit_cursor_size;
	if (surface == nullptr || !sane || surface->role == HOST_SURFACE_ICON ||
		!is_within(surface_size(surface), limit_cursor_size) ||
		!is_within(surface->committed, limit_cursor_size) ||
		!wl_list_empty(&surface->children)) {
		return true; /* the cursor stays what it was */
	}
	surface->role = HOST_SURFACE_CURSOR;
	return host_client_pass(client, request, nullptr, err);
}

/* --- icons of drags --- */

bool surface_make_icon(struct host_object *object, bool *ret_shown, struct vx_error *err)
{
	struct host_surface *surface = object->data;
	if (surface == nullptr || surface->role == HOST_SURFACE_CURSOR || surface->has_shell_role ||
		surface->parent != nullptr) {
		return vx_error_set(err, "the surface is something else than a drag's icon");
	}
	*ret_shown = is_within(surface_size(surface), limit_icon_size) &&
		     is_within(surface->committed, limit_icon_size) &&
		     abs(surface->moved.x) <= limit_icon_size &&
		     abs(surface->moved.y) <= limit_icon_size && wl_list_empty(&surface->children);
	if (*ret_shown) {
		surface->role = HOST_SURFACE_ICON;
		surface->place = (struct host_point){};
	}
	return true;
}

static bool handle_get_xdg_surface(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	struct host_surface *surface = request->objects[1]->data;
	struct host_object *object = nullptr;
	if (!host_client_pass(client, request, &object, err)) {
		return false;
	}
	object->related_id = request->objects[1]->host_id;
	if (surface != nullptr) {
		surface->has_shell_role = true;
		surface->root_id = object->related_id;
	}
	return true;
}

static const struct host_request_handler handlers[] = {
	{"wl_compositor", "create_surface", handle_create_surface},
	{"wl_surface", "destroy", handle_destroy},
	{"wl_surface", "attach", handle_attach},
	{"wl_surface", "offset", handle_offset},
	{"wl_surface", "damage", handle_damage},
	{"wl_surface", "damage_buffer", handle_damage},
	{"wl_surface", "commit", handle_commit},
	{"wl_surface", "set_buffer_scale", handle_set_buffer_scale},
	{"wl_surface", "set_buffer_transform", handle_set_buffer_transform},
	{"wp_viewporter", "get_viewport", handle_get_viewport},
	{"wp_viewport", "set_destination", handle_set_destination},
	{"wp_viewport", "destroy", handle_viewport_destroy},
	{"wl_subcompositor", "get_subsurface", handle_get_subsurface},
	{"wl_subsurface", "destroy", handle_subsurface_destroy},
	{"wl_subsurface", "set_position", handle_set_position},
	{"wl_subsurface", "set_sync", handle_set_sync},
	{"wl_subsurface", "set_desync", handle_set_sync},
	{"wl_pointer", "set_cursor", handle_set_cursor},
	{"xdg_wm_base", "get_xdg_surface", handle_get_xdg_surface},
};

void surface_install(struct wire_interfaces *interfaces)
{
	host_install_requests(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
