/* SPDX-License-Identifier: MIT */
/*
 * The load of the forwarding benchmark: a plain xdg-shell client that draws frames into wl_shm
 * buffers, or sends small requests, for some seconds, and prints one JSON line.
 *
 *   load frames WIDTHxHEIGHT SECONDS HZ     every pixel new; HZ 0: as fast as buffers come back
 *   load partial WIDTHxHEIGHT SECONDS HZ    a 64x64 square changes
 *   load roundtrips SECONDS                 wl_display.sync, one after another
 *   load requests SECONDS                   three small requests, 256 times, then a sync; two
 * bursts under way
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <wayland-client.h>

#include "common/memory.h"
#include "stamp.h"
#include "xdg-shell-client-protocol.h"

static constexpr int buffer_count = 3;
static constexpr int square = 64;
static constexpr int burst = 256;

struct load_buffer {
	struct wl_buffer *buffer; /* owned */
	uint32_t *pixels;         /* borrowed from load.pixels */
	bool busy;
};

struct load {
	struct wl_display *display; /* owned */
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct load_buffer buffers[buffer_count];
	void *pixels;
	size_t pixels_size;
	int width, height;
	bool partial;
	bool configured;
	uint32_t frame;
	uint64_t done;
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct load *load = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		load->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		load->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		load->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_configure(void *data, struct xdg_surface *surface, uint32_t serial)
{
	struct load *load = data;
	xdg_surface_ack_configure(surface, serial);
	load->configured = true;
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_configure};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
}

static void handle_close(void *data, struct xdg_toplevel *toplevel)
{
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
};

static void handle_release(void *data, struct wl_buffer *buffer)
{
	struct load_buffer *load_buffer = data;
	load_buffer->busy = false;
}

static const struct wl_buffer_listener buffer_listener = {.release = handle_release};

static void load_create_buffers(struct load *load)
{
	size_t frame_size = (size_t)load->width * (size_t)load->height * 4;
	load->pixels_size = frame_size * buffer_count;
	int fd = memfd_create("load", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)load->pixels_size) < 0) {
		perror("load: memfd");
		_exit(1);
	}
	load->pixels = mmap(nullptr, load->pixels_size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, fd, 0);
	struct wl_shm_pool *pool = wl_shm_create_pool(load->shm, fd, (int32_t)load->pixels_size);
	close(fd);
	for (int i = 0; i < buffer_count; i++) {
		struct load_buffer *buffer = &load->buffers[i];
		buffer->pixels = (uint32_t *)((char *)load->pixels + frame_size * (size_t)i);
		buffer->buffer = wl_shm_pool_create_buffer(pool, (int32_t)(frame_size * (size_t)i),
			load->width, load->height, load->width * 4, WL_SHM_FORMAT_XRGB8888);
		wl_buffer_add_listener(buffer->buffer, &buffer_listener, buffer);
	}
	wl_shm_pool_destroy(pool);
}

static void load_create_window(struct load *load)
{
	load->surface = wl_compositor_create_surface(load->compositor);
	load->xdg_surface = xdg_wm_base_get_xdg_surface(load->wm_base, load->surface);
	xdg_surface_add_listener(load->xdg_surface, &xdg_surface_listener, load);
	load->toplevel = xdg_surface_get_toplevel(load->xdg_surface);
	xdg_toplevel_add_listener(load->toplevel, &toplevel_listener, load);
	xdg_toplevel_set_title(load->toplevel, "load");
	wl_surface_commit(load->surface);
	while (!load->configured && wl_display_dispatch(load->display) >= 0) {
	}
}

static struct load_buffer *load_find_free_buffer(struct load *load)
{
	for (int i = 0; i < buffer_count; i++) {
		if (!load->buffers[i].busy) {
			return &load->buffers[i];
		}
	}
	return nullptr;
}

static void load_draw(struct load *load, struct load_buffer *buffer)
{
	uint32_t fill = 0xff000000u | (load->frame * 2654435761u >> 8);
	/*
	 * The drawing is not what is measured: the stamp and the last row change, the rest keeps
	 * what it has; its whole area is damaged all the same, and a forwarder must take it as new.
	 */
	uint32_t *last_row = buffer->pixels + (size_t)load->width * (size_t)(load->height - 1);
	if (load->partial) {
		last_row = buffer->pixels + (size_t)load->width * (square - 1);
	}
	int columns = load->partial ? square : load->width;
	for (int x = 0; x < columns; x++) {
		last_row[x] = fill;
	}
	struct stamp stamp = {
		.magic = stamp_magic,
		.frame = load->frame,
		.commit_ns = bench_now_ns(),
		.fill = fill,
		.check = load->frame ^ fill ^ stamp_magic,
	};
	memcpy(buffer->pixels, &stamp, sizeof(stamp));
}

static void load_commit_frame(struct load *load, struct load_buffer *buffer)
{
	load->frame++;
	load_draw(load, buffer);
	wl_surface_attach(load->surface, buffer->buffer, 0, 0);
	wl_surface_damage_buffer(load->surface, 0, 0, load->partial ? square : load->width,
		load->partial ? square : load->height);
	wl_surface_commit(load->surface);
	buffer->busy = true;
	load->done++;
}

/* Handles what has come within `timeout_ms`; false when the connection is gone. */
static bool load_wait(struct load *load, int timeout_ms)
{
	while (wl_display_prepare_read(load->display) != 0) {
		wl_display_dispatch_pending(load->display);
	}
	wl_display_flush(load->display);
	struct pollfd poll_fd = {.fd = wl_display_get_fd(load->display), .events = POLLIN};
	if (poll(&poll_fd, 1, timeout_ms) <= 0) {
		wl_display_cancel_read(load->display);
		return wl_display_get_error(load->display) == 0;
	}
	return wl_display_read_events(load->display) == 0 &&
	       wl_display_dispatch_pending(load->display) >= 0;
}

static bool load_run_frames(struct load *load, double seconds, int hz)
{
	load_create_buffers(load);
	load_create_window(load);
	uint64_t end = bench_now_ns() + (uint64_t)(seconds * 1e9);
	uint64_t next = bench_now_ns();
	for (uint64_t now = next; now < end; now = bench_now_ns()) {
		struct load_buffer *buffer = load_find_free_buffer(load);
		int timeout_ms = 1000;
		if (buffer != nullptr && now >= next) {
			load_commit_frame(load, buffer);
			next += hz > 0 ? 1000000000u / (uint64_t)hz : 0;
			timeout_ms = 0;
		} else if (buffer != nullptr) {
			timeout_ms = (int)((next - now + 999999u) / 1000000u);
		}
		if (!load_wait(load, timeout_ms)) {
			return false;
		}
	}
	return wl_display_roundtrip(load->display) >= 0;
}

static bool load_run_round_trips(struct load *load, double seconds)
{
	uint64_t end = bench_now_ns() + (uint64_t)(seconds * 1e9);
	while (bench_now_ns() < end) {
		if (wl_display_roundtrip(load->display) < 0) {
			return false;
		}
		load->done++;
	}
	return true;
}

static void handle_burst_done(void *data, struct wl_callback *callback, uint32_t value)
{
	unsigned *under_way = data;
	(*under_way)--;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener burst_listener = {.done = handle_burst_done};

static bool load_run_requests(struct load *load, double seconds)
{
	unsigned under_way = 0;
	struct wl_surface *surface = wl_compositor_create_surface(load->compositor);
	uint64_t end = bench_now_ns() + (uint64_t)(seconds * 1e9);
	while (bench_now_ns() < end) {
		while (under_way < 2) {
			for (int i = 0; i < burst; i++) {
				struct wl_region *region = wl_compositor_create_region(
					load->compositor);
				wl_surface_set_opaque_region(surface, region);
				wl_region_destroy(region);
			}
			wl_callback_add_listener(
				wl_display_sync(load->display), &burst_listener, &under_way);
			under_way++;
			load->done += burst * 3;
		}
		if (wl_display_dispatch(load->display) < 0) {
			return false;
		}
	}
	return wl_display_roundtrip(load->display) >= 0;
}

static bool load_connect(struct load *load)
{
	load->display = wl_display_connect(nullptr);
	if (load->display == nullptr) {
		return false;
	}
	struct wl_registry *registry = wl_display_get_registry(load->display);
	wl_registry_add_listener(registry, &registry_listener, load);
	if (wl_display_roundtrip(load->display) < 0 || load->compositor == nullptr ||
		load->shm == nullptr || load->wm_base == nullptr) {
		return false;
	}
	xdg_wm_base_add_listener(load->wm_base, &wm_base_listener, load);
	wl_registry_destroy(registry);
	return true;
}

static bool load_run(struct load *load, const char *mode, double seconds, int hz)
{
	if (!load_connect(load)) {
		fputs("load: can't connect, or a global is missing\n", stderr);
		return false;
	}
	load->partial = strcmp(mode, "partial") == 0;
	bool good = hz >= 0                           ? load_run_frames(load, seconds, hz)
		    : strcmp(mode, "roundtrips") == 0 ? load_run_round_trips(load, seconds)
						      : load_run_requests(load, seconds);
	if (!good) {
		fprintf(stderr, "load: connection lost: %s\n",
			strerror(wl_display_get_error(load->display)));
	}
	wl_display_disconnect(load->display);
	return good;
}

int main(int argc, char **argv)
{
	struct load load = {};
	bool draws = argc == 5 && sscanf(argv[2], "%dx%d", &load.width, &load.height) == 2;
	if (!draws && argc != 3) {
		fputs("usage: load frames|partial WIDTHxHEIGHT SECONDS HZ\n"
		      "       load roundtrips|requests SECONDS\n",
			stderr);
		return 2;
	}
	uint64_t start = bench_now_ns();
	if (!load_run(&load, argv[1], strtod(argv[draws ? 3 : 2], nullptr),
		    draws ? atoi(argv[4]) : -1)) {
		return 1;
	}
	double elapsed = (double)(bench_now_ns() - start) / 1e9;
	printf("{\"done\": %llu, \"seconds\": %.6f}\n", (unsigned long long)load.done, elapsed);
	return 0;
}
