/* SPDX-License-Identifier: MIT */
/*
 * The far end of the forwarding benchmark: a compositor that shows nothing and costs next to
 * nothing. It answers frame callbacks and releases buffers at commit, reads the stamp from the
 * pixels, and on SIGTERM prints one JSON line: frames that arrived, those whose pixels were wrong,
 * median age.
 *
 *   sink SOCKET-NAME
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <wayland-server.h>

#include "common/memory.h"
#include "stamp.h"
#include "xdg-shell-protocol.h"

static constexpr size_t ages_max = 1 << 20;

struct sink {
	struct wl_display *display; /* owned */
	uint32_t *ages_ns;          /* owned */
	size_t age_count;
	uint64_t arrived, wrong;
};

struct sink_surface {
	struct sink *sink;          /* borrowed */
	struct wl_resource *buffer; /* pending; may be NULL */
	struct wl_listener buffer_destroyed;
	struct wl_list callbacks; /* wl_resource link */
};

static void handle_destroy_request(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

/* Requests that have no effect here. One function serves them all: it reads none of its arguments.
 */
static void ignore(struct wl_client *client, struct wl_resource *resource, ...)
{
}
#define IGNORE ((void *)ignore)

static void surface_forget_buffer(struct sink_surface *surface)
{
	if (surface->buffer != nullptr) {
		wl_list_remove(&surface->buffer_destroyed.link);
		surface->buffer = nullptr;
	}
}

static void handle_buffer_destroyed(struct wl_listener *listener, void *data)
{
	struct sink_surface *surface = wl_container_of(listener, surface, buffer_destroyed);
	surface_forget_buffer(surface);
}

static void surface_attach(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *buffer, int32_t x, int32_t y)
{
	struct sink_surface *surface = wl_resource_get_user_data(resource);
	surface_forget_buffer(surface);
	if (buffer != nullptr) {
		surface->buffer = buffer;
		surface->buffer_destroyed.notify = handle_buffer_destroyed;
		wl_resource_add_destroy_listener(buffer, &surface->buffer_destroyed);
	}
}

static void handle_callback_destroyed(struct wl_resource *resource)
{
	wl_list_remove(wl_resource_get_link(resource));
}

static void surface_frame(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct sink_surface *surface = wl_resource_get_user_data(resource);
	struct wl_resource *callback = wl_resource_create(client, &wl_callback_interface, 1, id);
	wl_resource_set_implementation(callback, nullptr, nullptr, handle_callback_destroyed);
	wl_list_insert(surface->callbacks.prev, wl_resource_get_link(callback));
}

/* The last row must be of one colour: the whole frame if it isn't a partial one, else the square.
 */
static bool fill_is_right(struct wl_shm_buffer *buffer, const struct stamp *stamp)
{
	const uint8_t *pixels = wl_shm_buffer_get_data(buffer);
	size_t stride = (size_t)wl_shm_buffer_get_stride(buffer);
	size_t height = (size_t)wl_shm_buffer_get_height(buffer);
	uint32_t corner, square;
	memcpy(&corner, pixels + stride * (height - 1), 4);
	memcpy(&square, pixels + stride * 63, 4);
	return corner == stamp->fill || square == stamp->fill;
}

static void sink_see_buffer(struct sink *sink, struct wl_shm_buffer *buffer)
{
	struct stamp stamp;
	if (wl_shm_buffer_get_height(buffer) < 64 || wl_shm_buffer_get_width(buffer) < 64) {
		return;
	}
	wl_shm_buffer_begin_access(buffer);
	memcpy(&stamp, wl_shm_buffer_get_data(buffer), sizeof(stamp));
	bool right = stamp.magic == stamp_magic &&
		     stamp.check == (stamp.frame ^ stamp.fill ^ stamp_magic) &&
		     fill_is_right(buffer, &stamp);
	wl_shm_buffer_end_access(buffer);
	if (!right) {
		sink->wrong++;
		return;
	}
	sink->arrived++;
	if (sink->age_count < ages_max) {
		sink->ages_ns[sink->age_count++] = (uint32_t)(bench_now_ns() - stamp.commit_ns);
	}
}

static void surface_commit(struct wl_client *client, struct wl_resource *resource)
{
	struct sink_surface *surface = wl_resource_get_user_data(resource);
	if (surface->buffer != nullptr) {
		struct wl_shm_buffer *buffer = wl_shm_buffer_get(surface->buffer);
		if (buffer != nullptr) {
			sink_see_buffer(surface->sink, buffer);
		}
		wl_buffer_send_release(surface->buffer);
		surface_forget_buffer(surface);
	}
	struct wl_resource *callback, *next;
	wl_resource_for_each_safe(callback, next, &surface->callbacks)
	{
		wl_callback_send_done(callback, (uint32_t)(bench_now_ns() / 1000000u));
		wl_resource_destroy(callback);
	}
}

static const struct wl_surface_interface surface_implementation = {
	.destroy = handle_destroy_request,
	.attach = surface_attach,
	.damage = IGNORE,
	.frame = surface_frame,
	.set_opaque_region = IGNORE,
	.set_input_region = IGNORE,
	.commit = surface_commit,
	.set_buffer_transform = IGNORE,
	.set_buffer_scale = IGNORE,
	.damage_buffer = IGNORE,
	.offset = IGNORE,
};

static void handle_surface_destroyed(struct wl_resource *resource)
{
	struct sink_surface *surface = wl_resource_get_user_data(resource);
	surface_forget_buffer(surface);
	struct wl_resource *callback, *next;
	wl_resource_for_each_safe(callback, next, &surface->callbacks)
	{
		wl_resource_destroy(callback);
	}
	free(surface);
}

static void create_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct sink_surface *surface = vx_new(surface);
	surface->sink = wl_resource_get_user_data(resource);
	wl_list_init(&surface->callbacks);
	struct wl_resource *created = wl_resource_create(
		client, &wl_surface_interface, wl_resource_get_version(resource), id);
	wl_resource_set_implementation(
		created, &surface_implementation, surface, handle_surface_destroyed);
}

static const struct wl_region_interface region_implementation = {
	.destroy = handle_destroy_request,
	.add = IGNORE,
	.subtract = IGNORE,
};

static void create_region(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct wl_resource *region = wl_resource_create(client, &wl_region_interface, 1, id);
	wl_resource_set_implementation(region, &region_implementation, nullptr, nullptr);
}

static const struct wl_compositor_interface compositor_implementation = {
	.create_surface = create_surface,
	.create_region = create_region,
};

static const struct xdg_toplevel_interface toplevel_implementation = {
	.destroy = handle_destroy_request,
	.set_parent = IGNORE,
	.set_title = IGNORE,
	.set_app_id = IGNORE,
	.show_window_menu = IGNORE,
	.move = IGNORE,
	.resize = IGNORE,
	.set_max_size = IGNORE,
	.set_min_size = IGNORE,
	.set_maximized = IGNORE,
	.unset_maximized = IGNORE,
	.set_fullscreen = IGNORE,
	.unset_fullscreen = IGNORE,
	.set_minimized = IGNORE,
};

static void get_toplevel(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
	struct wl_resource *toplevel = wl_resource_create(
		client, &xdg_toplevel_interface, wl_resource_get_version(resource), id);
	wl_resource_set_implementation(toplevel, &toplevel_implementation, nullptr, nullptr);
	struct wl_array states;
	wl_array_init(&states);
	xdg_toplevel_send_configure(toplevel, 0, 0, &states);
	xdg_surface_send_configure(resource, 1);
}

static const struct xdg_surface_interface xdg_surface_implementation = {
	.destroy = handle_destroy_request,
	.get_toplevel = get_toplevel,
	.get_popup = IGNORE,
	.set_window_geometry = IGNORE,
	.ack_configure = IGNORE,
};

static void get_xdg_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface)
{
	struct wl_resource *created = wl_resource_create(
		client, &xdg_surface_interface, wl_resource_get_version(resource), id);
	wl_resource_set_implementation(created, &xdg_surface_implementation, nullptr, nullptr);
}

static const struct xdg_wm_base_interface wm_base_implementation = {
	.destroy = handle_destroy_request,
	.create_positioner = IGNORE,
	.get_xdg_surface = get_xdg_surface,
	.pong = IGNORE,
};

static void bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	wl_resource_set_implementation(
		wl_resource_create(client, &wl_compositor_interface, (int)version, id),
		&compositor_implementation, data, nullptr);
}

static void bind_wm_base(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	wl_resource_set_implementation(
		wl_resource_create(client, &xdg_wm_base_interface, (int)version, id),
		&wm_base_implementation, data, nullptr);
}

static int handle_signal(int signal_number, void *data)
{
	struct sink *sink = data;
	wl_display_terminate(sink->display);
	return 0;
}

static int compare_ages(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

static void sink_report(struct sink *sink)
{
	qsort(sink->ages_ns, sink->age_count, sizeof(*sink->ages_ns), compare_ages);
	double median = sink->age_count > 0 ? sink->ages_ns[sink->age_count / 2] / 1e6 : 0;
	printf("{\"arrived\": %llu, \"wrong\": %llu, \"age_ms\": %.4f}\n",
		(unsigned long long)sink->arrived, (unsigned long long)sink->wrong, median);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: sink SOCKET-NAME\n", stderr);
		return 2;
	}
	struct sink sink = {.display = wl_display_create()};
	sink.ages_ns = vx_calloc(ages_max, sizeof(*sink.ages_ns));
	wl_display_init_shm(sink.display);
	wl_global_create(sink.display, &wl_compositor_interface, 6, &sink, bind_compositor);
	wl_global_create(sink.display, &xdg_wm_base_interface, 5, &sink, bind_wm_base);
	struct wl_event_source *signal_source = wl_event_loop_add_signal(
		wl_display_get_event_loop(sink.display), SIGTERM, handle_signal, &sink);
	if (wl_display_add_socket(sink.display, argv[1]) < 0) {
		fprintf(stderr, "sink: can't listen on '%s'\n", argv[1]);
		return 1;
	}
	wl_display_run(sink.display);
	sink_report(&sink);
	wl_display_destroy_clients(sink.display);
	wl_event_source_remove(signal_source);
	wl_display_destroy(sink.display);
	free(sink.ages_ns);
	return 0;
}
