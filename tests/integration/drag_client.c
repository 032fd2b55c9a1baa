/* SPDX-License-Identifier: MIT */
/*
 * A Wayland client for tests of drag and drop: one window. Where it has something to drag, a press
 * of a button starts the drag; what is dragged over it, it takes. It prints one line for everything
 * that it hears, and reads commands from its standard input: select TEXT, forge SERIAL, quit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "boxed.h"
#include "common/memory.h"
#include "xdg-shell-client-protocol.h"

static constexpr uint32_t copy = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY;
static constexpr uint32_t move = WL_DATA_DEVICE_MANAGER_DND_ACTION_MOVE;
static const char text_type[] = "text/plain;charset=utf-8";

struct arguments {
	const char *engine, *app, *instance; /* engine NULL: no security context */
	const char *title;
	const char *text; /* to be dragged; NULL: nothing is */
	uint32_t version; /* of wl_data_device_manager */
	uint32_t color;
	int icon;            /* size of what is shown while dragging; 0: nothing */
	bool without_source; /* the drag concerns this client only */
	bool refuses;        /* it takes nothing that is dragged over it */
	bool leaves;         /* it destroys what was dropped on it, instead of finishing */
};

struct offer {
	struct wl_data_offer *offer;
	char types[1024]; /* separated by commas */
	uint32_t source_actions;
};

struct client {
	struct arguments arguments;
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_seat *seat;
	struct wl_pointer *pointer;
	struct xdg_wm_base *wm_base;
	struct wl_data_device_manager *manager;
	struct wl_data_device *device;
	struct wl_surface *surface;
	struct xdg_toplevel *toplevel;
	int width, height;
	struct offer *announced; /* owned; what the next enter or selection is about */
	struct offer *dragged;   /* owned; over the window, or dropped on it */
	int pipe;                /* of what was dropped; -1 */
	char received[4096];
	size_t received_size;
	bool running;
};

[[noreturn]] static void die(const char *what)
{
	fprintf(stderr, "drag_client: %s\n", what);
	exit(1);
}

#define IGNORE(name, ...)                         \
	static void name(void *data, __VA_ARGS__) \
	{                                         \
	}

IGNORE(ignore_motion, struct wl_pointer *p, uint32_t a, wl_fixed_t b, wl_fixed_t c)
IGNORE(ignore_axis, struct wl_pointer *p, uint32_t a, uint32_t b, wl_fixed_t c)
IGNORE(ignore_frame, struct wl_pointer *p)
IGNORE(ignore_source, struct wl_pointer *p, uint32_t a)
IGNORE(ignore_stop, struct wl_pointer *p, uint32_t a, uint32_t b)
IGNORE(ignore_discrete, struct wl_pointer *p, uint32_t a, int32_t b)
IGNORE(ignore_name, struct wl_seat *s, const char *a)
IGNORE(ignore_remove, struct wl_registry *r, uint32_t a)

static void draw(
	struct client *client, struct wl_surface *surface, int width, int height, uint32_t color)
{
	size_t count = (size_t)width * (size_t)height;
	int fd = memfd_create("drag_client", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)(count * 4)) < 0) {
		die("no memory for a buffer");
	}
	uint32_t *pixels = mmap(nullptr, count * 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED) {
		die("no memory for a buffer");
	}
	for (size_t i = 0; i < count; i++) {
		pixels[i] = 0xff000000 | color;
	}
	munmap(pixels, count * 4);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int)(count * 4));
	wl_surface_attach(surface,
		wl_shm_pool_create_buffer(
			pool, 0, width, height, width * 4, WL_SHM_FORMAT_XRGB8888),
		0, 0);
	wl_shm_pool_destroy(pool);
	close(fd);
	wl_surface_damage(surface, 0, 0, width, height);
	wl_surface_commit(surface);
}

/* ---- dragging ---- */

static void handle_target(void *data, struct wl_data_source *source, const char *type)
{
	printf("source target %s\n", type == nullptr ? "none" : type);
}

static void handle_send(void *data, struct wl_data_source *source, const char *type, int fd)
{
	const struct client *client = data;
	const char *text = client->arguments.text;
	printf("source send %s\n", type);
	if (write(fd, text, strlen(text)) < 0) {
		printf("nobody reads\n");
	}
	close(fd);
}

static void handle_cancelled(void *data, struct wl_data_source *source)
{
	printf("source cancelled\n");
	wl_data_source_destroy(source);
}

static void handle_performed(void *data, struct wl_data_source *source)
{
	printf("source performed\n");
}

static void handle_finished(void *data, struct wl_data_source *source)
{
	printf("source finished\n");
	wl_data_source_destroy(source);
}

static void handle_source_action(void *data, struct wl_data_source *source, uint32_t action)
{
	printf("source action %u\n", action);
}

static const struct wl_data_source_listener source_listener = {
	.target = handle_target,
	.send = handle_send,
	.cancelled = handle_cancelled,
	.dnd_drop_performed = handle_performed,
	.dnd_finished = handle_finished,
	.action = handle_source_action,
};

static struct wl_data_source *make_source(struct client *client)
{
	struct wl_data_source *source = wl_data_device_manager_create_data_source(client->manager);
	wl_data_source_add_listener(source, &source_listener, client);
	wl_data_source_offer(source, text_type);
	wl_data_source_offer(source, "application/x-secret");
	return source;
}

static void start_drag(struct client *client, uint32_t serial)
{
	struct wl_data_source *source = nullptr;
	if (!client->arguments.without_source) {
		source = make_source(client);
		if (client->arguments.version >= WL_DATA_SOURCE_SET_ACTIONS_SINCE_VERSION) {
			wl_data_source_set_actions(source, copy | move);
		}
	}
	int size = client->arguments.icon;
	struct wl_surface *icon = size > 0 ? wl_compositor_create_surface(client->compositor)
					   : nullptr;
	wl_data_device_start_drag(client->device, source, client->surface, icon, serial);
	if (icon != nullptr) {
		draw(client, icon, size, size, 0xff00ff);
	}
	printf("dragging\n");
}

static void handle_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
	uint32_t button, uint32_t state)
{
	struct client *client = data;
	printf("button %u\n", state);
	if (state == WL_POINTER_BUTTON_STATE_PRESSED && client->arguments.text != nullptr) {
		start_drag(client, serial);
	}
}

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y)
{
	printf("pointer enter\n");
}

static void handle_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
	printf("pointer leave\n");
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = ignore_motion,
	.button = handle_button,
	.axis = ignore_axis,
	.frame = ignore_frame,
	.axis_source = ignore_source,
	.axis_stop = ignore_stop,
	.axis_discrete = ignore_discrete,
};

/* ---- being dragged over ---- */

static void offer_destroy(struct offer *offer)
{
	if (offer != nullptr) {
		wl_data_offer_destroy(offer->offer);
		free(offer);
	}
}

static void handle_offer_type(void *data, struct wl_data_offer *wl_offer, const char *type)
{
	struct offer *offer = data;
	size_t used = strlen(offer->types);
	snprintf(offer->types + used, sizeof(offer->types) - used, "%s%s", used > 0 ? "," : "",
		type);
}

static void handle_source_actions(void *data, struct wl_data_offer *wl_offer, uint32_t actions)
{
	struct offer *offer = data;
	offer->source_actions = actions;
}

static void handle_offer_action(void *data, struct wl_data_offer *wl_offer, uint32_t action)
{
	printf("offer action %u\n", action);
}

static const struct wl_data_offer_listener offer_listener = {
	.offer = handle_offer_type,
	.source_actions = handle_source_actions,
	.action = handle_offer_action,
};

static void handle_data_offer(
	void *data, struct wl_data_device *device, struct wl_data_offer *wl_offer)
{
	struct client *client = data;
	struct offer *offer = vx_new(offer);
	offer->offer = wl_offer;
	wl_data_offer_add_listener(wl_offer, &offer_listener, offer);
	offer_destroy(client->announced);
	client->announced = offer;
}

/* The compositor has seen the requests so far. */
static void handle_done(void *data, struct wl_callback *callback, uint32_t time)
{
	printf("answered\n");
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener done_listener = {.done = handle_done};

static void handle_enter(void *data, struct wl_data_device *device, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y, struct wl_data_offer *wl_offer)
{
	struct client *client = data;
	offer_destroy(client->dragged);
	client->dragged = wl_offer == nullptr ? nullptr : vx_take_ptr(client->announced);
	if (client->dragged == nullptr) {
		printf("enter without offer\n");
		return;
	}
	printf("enter %s actions %u\n", client->dragged->types, client->dragged->source_actions);
	if (client->arguments.refuses) {
		return;
	}
	wl_data_offer_accept(wl_offer, serial, text_type);
	if (client->arguments.version >= WL_DATA_OFFER_SET_ACTIONS_SINCE_VERSION) {
		wl_data_offer_set_actions(wl_offer, copy | move, move);
	}
	wl_callback_add_listener(wl_display_sync(client->display), &done_listener, client);
}

static void handle_leave(void *data, struct wl_data_device *device)
{
	struct client *client = data;
	printf("leave\n");
	if (client->pipe < 0) {
		offer_destroy(vx_take_ptr(client->dragged));
	}
}

static void handle_drag_motion(
	void *data, struct wl_data_device *device, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
	printf("motion %d %d\n", wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_drop(void *data, struct wl_data_device *device)
{
	struct client *client = data;
	printf("drop\n");
	int ends[2];
	if (client->dragged == nullptr || client->arguments.refuses) {
		return;
	}
	if (client->arguments.leaves) {
		offer_destroy(vx_take_ptr(client->dragged));
		return;
	}
	if (pipe2(ends, O_CLOEXEC) < 0) {
		die("no pipe");
	}
	wl_data_offer_receive(client->dragged->offer, text_type, ends[1]);
	close(ends[1]);
	client->pipe = ends[0];
	client->received_size = 0;
}

static void handle_selection(
	void *data, struct wl_data_device *device, struct wl_data_offer *wl_offer)
{
	struct client *client = data;
	if (wl_offer == nullptr || client->announced == nullptr) {
		printf("selection none\n");
		return;
	}
	printf("selection %s\n", client->announced->types);
	offer_destroy(vx_take_ptr(client->announced));
}

static const struct wl_data_device_listener device_listener = {
	.data_offer = handle_data_offer,
	.enter = handle_enter,
	.leave = handle_leave,
	.motion = handle_drag_motion,
	.drop = handle_drop,
	.selection = handle_selection,
};

static void read_pipe(struct client *client)
{
	ssize_t got = read(client->pipe, client->received + client->received_size,
		sizeof(client->received) - 1 - client->received_size);
	if (got > 0) {
		client->received_size += (size_t)got;
		return;
	}
	close(client->pipe);
	client->pipe = -1;
	client->received[client->received_size] = '\0';
	printf("received %s\n", client->received);
	if (client->arguments.version >= WL_DATA_OFFER_FINISH_SINCE_VERSION) {
		wl_data_offer_finish(client->dragged->offer);
	}
	offer_destroy(vx_take_ptr(client->dragged));
}

/* ---- the window ---- */

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities)
{
	struct client *client = data;
	if (capabilities & WL_SEAT_CAPABILITY_POINTER && client->pointer == nullptr) {
		client->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(client->pointer, &pointer_listener, client);
	}
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = ignore_name,
};

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_xdg_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct client *client = data;
	xdg_surface_ack_configure(xdg_surface, serial);
	printf("configured %dx%d\n", client->width, client->height);
	draw(client, client->surface, client->width > 0 ? client->width : 300,
		client->height > 0 ? client->height : 200, client->arguments.color);
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_xdg_configure};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
	struct client *client = data;
	client->width = width;
	client->height = height;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel)
{
	struct client *client = data;
	client->running = false;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
};

static void open_window(struct client *client)
{
	client->surface = wl_compositor_create_surface(client->compositor);
	struct xdg_surface *xdg_surface = xdg_wm_base_get_xdg_surface(
		client->wm_base, client->surface);
	xdg_surface_add_listener(xdg_surface, &xdg_surface_listener, client);
	client->toplevel = xdg_surface_get_toplevel(xdg_surface);
	xdg_toplevel_add_listener(client->toplevel, &toplevel_listener, client);
	xdg_toplevel_set_title(client->toplevel, client->arguments.title);
	xdg_toplevel_set_app_id(client->toplevel, "drag");
	wl_surface_commit(client->surface);
	wl_display_roundtrip(client->display);
}

/* ---- globals ---- */

static const struct {
	const struct wl_interface *interface;
	uint32_t version;
	size_t offset;
} wanted[] = {
	{&wl_compositor_interface, 4, offsetof(struct client, compositor)},
	{&wl_shm_interface, 1, offsetof(struct client, shm)},
	{&wl_seat_interface, 5, offsetof(struct client, seat)},
	{&xdg_wm_base_interface, 1, offsetof(struct client, wm_base)},
	{&wl_data_device_manager_interface, 0, offsetof(struct client, manager)},
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct client *client = data;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(wanted); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			void **slot = (void **)((char *)client + wanted[i].offset);
			*slot = wl_registry_bind(registry, name, wanted[i].interface,
				wanted[i].version != 0 ? wanted[i].version
						       : client->arguments.version);
		}
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = ignore_remove,
};

static void bind_globals(struct client *client)
{
	wl_registry_add_listener(
		wl_display_get_registry(client->display), &registry_listener, client);
	wl_display_roundtrip(client->display);
	if (client->compositor == nullptr || client->shm == nullptr || client->seat == nullptr ||
		client->wm_base == nullptr || client->manager == nullptr) {
		die("a global is missing");
	}
	xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	wl_seat_add_listener(client->seat, &seat_listener, client);
	client->device = wl_data_device_manager_get_data_device(client->manager, client->seat);
	wl_data_device_add_listener(client->device, &device_listener, client);
}

/* ---- commands ---- */

static void run_command(struct client *client, const char *line)
{
	if (strcmp(line, "quit") == 0) {
		client->running = false;
	} else if (strncmp(line, "select ", 7) == 0) {
		client->arguments.text = vx_strdup(line + 7);
		wl_data_device_set_selection(client->device, make_source(client), 0);
	} else if (strncmp(line, "forge ", 6) == 0) {
		start_drag(client, (uint32_t)strtoul(line + 6, nullptr, 10));
	} else if (strcmp(line, "device") == 0) {
		struct wl_data_device *device = wl_data_device_manager_get_data_device(
			client->manager, client->seat);
		wl_data_device_add_listener(device, &device_listener, client);
	} else {
		die("unknown command");
	}
	wl_display_roundtrip(client->display);
	printf("done\n");
}

static void read_commands(struct client *client)
{
	char line[512];
	if (fgets(line, sizeof(line), stdin) == nullptr) {
		client->running = false;
		return;
	}
	line[strcspn(line, "\n")] = '\0';
	run_command(client, line);
}

static void run(struct client *client)
{
	client->running = true;
	while (client->running) {
		struct pollfd fds[] = {
			{.fd = wl_display_get_fd(client->display), .events = POLLIN},
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = client->pipe, .events = POLLIN},
		};
		wl_display_flush(client->display);
		if (poll(fds, VX_ARRAY_LENGTH(fds), -1) < 0 && errno != EINTR) {
			break;
		}
		if (fds[0].revents != 0 && wl_display_dispatch(client->display) < 0) {
			printf("disconnected\n");
			return;
		}
		if (fds[2].revents != 0) {
			read_pipe(client);
		}
		if (fds[1].revents != 0) {
			read_commands(client);
		}
	}
}

static void parse(struct arguments *arguments, int argc, char **argv)
{
	*arguments = (struct arguments){.title = "drag", .version = 3, .color = 0x4060a0};
	int opt;
	while ((opt = getopt(argc, argv, "e:a:i:t:d:v:c:I:nrl")) != -1) {
		switch (opt) {
		case 'e':
			arguments->engine = optarg;
			break;
		case 'a':
			arguments->app = optarg;
			break;
		case 'i':
			arguments->instance = optarg;
			break;
		case 't':
			arguments->title = optarg;
			break;
		case 'd':
			arguments->text = optarg;
			break;
		case 'v':
			arguments->version = (uint32_t)atoi(optarg);
			break;
		case 'c':
			arguments->color = (uint32_t)strtoul(optarg, nullptr, 16);
			break;
		case 'I':
			arguments->icon = atoi(optarg);
			break;
		case 'n':
			arguments->without_source = true;
			break;
		case 'r':
			arguments->refuses = true;
			break;
		case 'l':
			arguments->leaves = true;
			break;
		default:
			die("bad arguments");
		}
	}
}

int main(int argc, char **argv)
{
	struct client client = {.pipe = -1};
	const struct arguments *arguments = &client.arguments;
	setvbuf(stdout, nullptr, _IOLBF, 0);
	setvbuf(stdin, nullptr, _IONBF, 0);
	parse(&client.arguments, argc, argv);
	client.display = arguments->engine != nullptr ? boxed_connect(arguments->engine,
								arguments->app, arguments->instance)
						      : wl_display_connect(nullptr);
	if (client.display == nullptr) {
		die("no compositor");
	}
	bind_globals(&client);
	open_window(&client);
	printf("ready\n");
	run(&client);
	return 0;
}
