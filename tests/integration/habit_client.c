/* SPDX-License-Identifier: MIT */
/*
 * One window that is drawn the way a well-known program draws: `habit-client NAME`. The last
 * picture is stripes, of which each habit would lose some if it weren't understood.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "common/memory.h"
#include "test_client.h"

static constexpr int width = 300;
static constexpr int height = 200;
static constexpr int stride = width * 4;
static constexpr int line_height = 13;
static constexpr int frames = 20;

struct client {
	struct test_client base;
	void (*draw)(struct client *client, int frame);
	struct wl_shm_pool *pool;
	int fd, pool_size;
	uint8_t *memory;
	int frame;
	bool shown;
};

/* ---- memory ---- */

static void make_pool(struct client *client, int size, int mapped_at, int mapped_size)
{
	client->fd = memfd_create("pool", MFD_CLOEXEC);
	client->pool_size = size;
	if (client->fd < 0 || ftruncate(client->fd, size) < 0) {
		test_client_die("no pool");
	}
	client->memory = mmap(nullptr, (size_t)mapped_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		client->fd, mapped_at);
	if (client->memory == MAP_FAILED) {
		test_client_die("no memory");
	}
	client->pool = wl_shm_create_pool(client->base.shm, client->fd, size);
}

/* Row `y` of the picture of a frame. */
static void draw_row(uint8_t *row, int y, int frame)
{
	uint32_t color = 0x202020u + (uint32_t)((y / line_height + frame) % 7) * 0x1c1008u;
	for (int x = 0; x < width; x++) {
		memcpy(row + x * 4, &color, 4);
	}
}

static void draw_rows(uint8_t *pixels, int from, int to, int frame)
{
	for (int y = from; y < to; y++) {
		draw_row(pixels + y * stride, y, frame);
	}
}

static struct wl_buffer *make_buffer(struct client *client, int offset)
{
	return wl_shm_pool_create_buffer(
		client->pool, offset, width, height, stride, WL_SHM_FORMAT_XRGB8888);
}

static void show(struct client *client, struct wl_buffer *buffer)
{
	wl_surface_attach(client->base.surface, buffer, 0, 0);
}

static void commit(struct client *client)
{
	wl_surface_commit(client->base.surface);
}

/* ---- habits ---- */

/* A terminal scrolls by a buffer a line further on in a pool of 512 MiB; empty damage, then all. */
static void draw_foot(struct client *client, int frame)
{
	static constexpr int pool_size = 512 << 20;
	static constexpr int start = 128 << 20;
	if (frame == 0) {
		make_pool(client, pool_size, start, stride * (height + frames * line_height));
	}
	int first = frame * line_height;
	draw_rows(client->memory, first, first + height, 0);
	struct wl_buffer *buffer = make_buffer(client, start + first * stride);
	show(client, buffer);
	wl_surface_damage_buffer(client->base.surface, 0, 0, width, 0);
	wl_surface_damage_buffer(client->base.surface, 0, 0, 0, height);
	wl_surface_damage_buffer(client->base.surface, 0, 0, width, height);
	commit(client);
}

/* A browser makes a buffer a frame and destroys it at once, in a pool that grows; many commits have
 * none. */
static void draw_firefox(struct client *client, int frame)
{
	static constexpr int size = stride * height;
	if (frame == 0) {
		make_pool(client, size, 0, size * (frames + 1));
	}
	if (ftruncate(client->fd, size * (frame + 1)) < 0) {
		test_client_die("the pool does not grow");
	}
	wl_shm_pool_resize(client->pool, size * (frame + 1));
	uint8_t *pixels = client->memory + size * frame;
	draw_rows(pixels, 0, height, frame);
	struct wl_buffer *buffer = make_buffer(client, size * frame);
	show(client, buffer);
	wl_surface_damage_buffer(client->base.surface, 0, 0, 128, height);
	wl_surface_damage_buffer(client->base.surface, 128, 0, width - 128, height);
	commit(client);
	wl_buffer_destroy(buffer);
	commit(client);
	commit(client);
}

/* Another one damages the surface, and only what has changed, in two buffers by turns. */
static void draw_chromium(struct client *client, int frame)
{
	static constexpr int size = stride * height;
	static struct wl_buffer *buffers[2];
	if (frame == 0) {
		make_pool(client, 2 * size, 0, 2 * size);
		buffers[0] = make_buffer(client, 0);
		buffers[1] = make_buffer(client, size);
	}
	uint8_t *pixels = client->memory + frame % 2 * size;
	int row = frame * 10 % height;
	memcpy(pixels, client->memory + (frame + 1) % 2 * size, size);
	draw_rows(pixels, frame == 0 ? 0 : row, frame == 0 ? height : row + 10, frame);
	show(client, buffers[frame % 2]);
	wl_surface_damage(client->base.surface, 0, row, frame == 0 ? INT32_MAX : width,
		frame == 0 ? INT32_MAX : 10);
	commit(client);
}

/* A toolkit damages far more than there is, from below zero, and in thin stripes. */
static void draw_toolkit(struct client *client, int frame)
{
	static constexpr int size = stride * height;
	if (frame == 0) {
		make_pool(client, size * frames, 0, size * frames);
	}
	uint8_t *pixels = client->memory + size * frame;
	draw_rows(pixels, 0, height, frame);
	struct wl_buffer *buffer = make_buffer(client, size * frame);
	show(client, buffer);
	if (frame % 2 == 0) {
		wl_surface_damage_buffer(client->base.surface, -8, -8, INT32_MAX, INT32_MAX);
	}
	for (int y = 0; y < height && frame % 2 == 1; y++) {
		wl_surface_damage_buffer(client->base.surface, 0, y, width, 1);
	}
	commit(client);
}

static const struct {
	const char *name;
	void (*draw)(struct client *client, int frame);
} habits[] = {
	{"foot", draw_foot},
	{"firefox", draw_firefox},
	{"chromium", draw_chromium},
	{"toolkit", draw_toolkit},
};

/* ---- frames ---- */

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time);

static const struct wl_callback_listener frame_listener = {.done = handle_frame};

static void draw_next(struct client *client)
{
	struct wl_callback *callback = wl_surface_frame(client->base.surface);
	wl_callback_add_listener(callback, &frame_listener, client);
	client->draw(client, client->frame++);
}

static void handle_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	struct client *client = data;
	wl_callback_destroy(callback);
	if (client->frame < frames) {
		draw_next(client);
	} else {
		printf("drawn\n");
	}
}

static void handle_configure(void *data, uint32_t serial)
{
	struct client *client = data;
	xdg_surface_ack_configure(client->base.xdg_surface, serial);
	if (!client->shown) {
		client->shown = true;
		draw_next(client);
	} else {
		commit(client);
	}
}

static void ignore_enter(void *data, uint32_t serial, int x, int y)
{
}

static void ignore_button(void *data, uint32_t serial, uint32_t button, uint32_t state)
{
}

static bool no_command(void *data, const char *line)
{
	return false;
}

static const struct test_client_listener listener = {
	.enter = ignore_enter,
	.button = ignore_button,
	.configure = handle_configure,
	.command = no_command,
};

int main(int argc, char **argv)
{
	static struct client client = {
		.base = {.listener = &listener, .title = "habit", .extra_fd = -1}, .fd = -1};
	for (size_t i = 0; argc == 2 && i < VX_ARRAY_LENGTH(habits); i++) {
		client.draw = strcmp(argv[1], habits[i].name) == 0 ? habits[i].draw : client.draw;
	}
	if (client.draw == nullptr) {
		test_client_die("no such habit");
	}
	client.base.data = &client;
	test_client_connect(&client.base, nullptr, 0);
	test_client_open_window(&client.base, "habit");
	test_client_run(&client.base);
	return 0;
}
