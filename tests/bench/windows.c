/* SPDX-License-Identifier: MIT */
/*
 * The windows of the compositor benchmark: a plain xdg-shell client with as many as it is told. It
 * waits for $WAYLAND_DISPLAY to appear, and reads commands from its standard input; each answers
 * with one line: the time in nanoseconds of CLOCK_MONOTONIC, and a count.
 *
 *   first            one window; until its first frame has been shown
 *   open N           N more windows; until each has drawn what it was told to
 *   close            all windows; until the compositor knows
 *   animate SECONDS  the last window draws as often as it may; the count is of frames
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

#include "common/memory.h"
#include "xdg-shell-client-protocol.h"

static constexpr int windows_max = 1000;
static constexpr int fallback_size = 64;

struct bench_window {
	struct bench_client *client;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct wl_callback *frame; /* may be NULL */
	int told_width, told_height, width, height;
	bool drawn, animated;
};

struct bench_client {
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct bench_window windows[windows_max];
	int count, drawn;
	uint64_t frames;
};

[[noreturn]] static void die(const char *what)
{
	fprintf(stderr, "bench-windows: %s\n", what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- drawing ---- */

static void handle_release(void *data, struct wl_buffer *buffer)
{
	wl_buffer_destroy(buffer);
}

static const struct wl_buffer_listener buffer_listener = {.release = handle_release};

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time);
static const struct wl_callback_listener frame_listener = {.done = handle_frame};

static void draw(struct bench_window *window)
{
	struct bench_client *client = window->client;
	int stride = window->width * 4, size = stride * window->height;
	int fd = memfd_create("bench", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, size) < 0) {
		die("no memory for a buffer");
	}
	uint32_t *pixels = mmap(nullptr, (size_t)size, PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED) {
		die("can't map a buffer");
	}
	memset(pixels, (int)(client->frames & 0xff), (size_t)size);
	munmap(pixels, (size_t)size);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, size);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, window->width, window->height, stride, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	wl_buffer_add_listener(buffer, &buffer_listener, nullptr);
	wl_surface_attach(window->surface, buffer, 0, 0);
	wl_surface_damage_buffer(window->surface, 0, 0, window->width, window->height);
	if (window->animated) {
		window->frame = wl_surface_frame(window->surface);
		wl_callback_add_listener(window->frame, &frame_listener, window);
	}
	wl_surface_commit(window->surface);
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	struct bench_window *window = data;
	wl_callback_destroy(callback);
	window->frame = nullptr;
	window->client->frames++;
	if (window->animated) {
		draw(window);
	}
}

/* ---- windows ---- */

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
	struct bench_window *window = data;
	window->told_width = width > 0 ? width : fallback_size;
	window->told_height = height > 0 ? height : fallback_size;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel)
{
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
};

static void handle_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct bench_window *window = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	if (window->drawn && window->told_width == window->width &&
		window->told_height == window->height) {
		wl_surface_commit(window->surface);
		return;
	}
	window->width = window->told_width;
	window->height = window->told_height;
	if (window->frame == nullptr) {
		draw(window);
	}
	window->client->drawn += window->drawn ? 0 : 1;
	window->drawn = true;
}

static const struct xdg_surface_listener surface_listener = {.configure = handle_configure};

static void open_window(struct bench_client *client)
{
	if (client->count >= windows_max) {
		die("too many windows");
	}
	struct bench_window *window = &client->windows[client->count++];
	*window = (struct bench_window){.client = client};
	window->surface = wl_compositor_create_surface(client->compositor);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	char title[32];
	snprintf(title, sizeof(title), "bench window %d", client->count);
	xdg_toplevel_set_title(window->toplevel, title);
	xdg_toplevel_set_app_id(window->toplevel, "bench");
	wl_surface_commit(window->surface);
}

static void dispatch(struct bench_client *client)
{
	if (wl_display_dispatch(client->display) < 0) {
		die("the compositor is gone");
	}
}

static void open_windows(struct bench_client *client, int count)
{
	for (int i = 0; i < count; i++) {
		open_window(client);
	}
	while (client->drawn < client->count) {
		dispatch(client);
	}
	wl_display_roundtrip(client->display);
}

static void close_windows(struct bench_client *client)
{
	for (int i = 0; i < client->count; i++) {
		struct bench_window *window = &client->windows[i];
		if (window->frame != nullptr) {
			wl_callback_destroy(window->frame);
		}
		xdg_toplevel_destroy(window->toplevel);
		xdg_surface_destroy(window->xdg_surface);
		wl_surface_destroy(window->surface);
	}
	client->count = client->drawn = 0;
	wl_display_roundtrip(client->display);
}

static void animate(struct bench_client *client, double seconds)
{
	if (client->count == 0) {
		die("no window to animate");
	}
	struct bench_window *window = &client->windows[client->count - 1];
	uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
	client->frames = 0;
	window->animated = true;
	draw(window);
	while (now_ns() < end) {
		dispatch(client);
	}
	window->animated = false;
}

static void first_frame(struct bench_client *client)
{
	open_window(client);
	client->windows[0].animated = true;
	while (client->frames == 0) {
		dispatch(client);
	}
}

/* ---- the connection ---- */

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct bench_client *client = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		client->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		client->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		client->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
		xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

/* The watch is there before the first attempt, so that no socket is missed; its bind comes before
 * its listen, though: hence the short time-out. */
static struct wl_display *connect_when_there(void)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (directory == nullptr || watch < 0 ||
		inotify_add_watch(watch, directory, IN_CREATE) < 0) {
		die("can't watch XDG_RUNTIME_DIR");
	}
	struct wl_display *display;
	bool has_appeared = false;
	while ((display = wl_display_connect(nullptr)) == nullptr) {
		struct pollfd pollfd = {.fd = watch, .events = POLLIN};
		has_appeared |= poll(&pollfd, 1, has_appeared ? 1 : -1) > 0;
		char events[4096];
		while (read(watch, events, sizeof(events)) > 0) {
		}
	}
	close(watch);
	return display;
}

static void run_command(struct bench_client *client, const char *line)
{
	int count;
	double seconds;
	if (strcmp(line, "first") == 0) {
		first_frame(client);
	} else if (sscanf(line, "open %d", &count) == 1) {
		open_windows(client, count);
	} else if (strcmp(line, "close") == 0) {
		close_windows(client);
	} else if (sscanf(line, "animate %lf", &seconds) == 1) {
		animate(client, seconds);
	} else {
		die("unknown command");
	}
	printf("%llu %llu\n", (unsigned long long)now_ns(), (unsigned long long)client->frames);
	fflush(stdout);
}

int main(void)
{
	struct bench_client *client = vx_new(client);
	client->display = connect_when_there();
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &registry_listener, client);
	wl_display_roundtrip(client->display);
	if (client->compositor == nullptr || client->shm == nullptr || client->wm_base == nullptr) {
		die("the compositor lacks a global");
	}
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = wl_display_get_fd(client->display), .events = POLLIN},
	};
	char line[128];
	for (;;) {
		wl_display_dispatch_pending(client->display);
		wl_display_flush(client->display);
		if (poll(fds, VX_ARRAY_LENGTH(fds), -1) < 0 && errno != EINTR) {
			break;
		}
		if (fds[1].revents != 0) {
			dispatch(client);
		}
		if (fds[0].revents != 0) {
			if (fgets(line, sizeof(line), stdin) == nullptr) {
				break;
			}
			line[strcspn(line, "\n")] = '\0';
			run_command(client, line);
		}
	}
	wl_display_disconnect(client->display);
	free(client);
	return 0;
}
