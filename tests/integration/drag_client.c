/* SPDX-License-Identifier: MIT */
/*
 * A Wayland client for tests of drag and drop: one window. Where it has something to drag, a press
 * of a button starts the drag; what is dragged over it, it takes. It prints one line for everything
 * that it hears, and reads commands from its standard input: select TEXT, forge SERIAL, quit.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "common/memory.h"
#include "test_client.h"

static constexpr uint32_t copy = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY;
static constexpr uint32_t move = WL_DATA_DEVICE_MANAGER_DND_ACTION_MOVE;
static const char text_type[] = "text/plain;charset=utf-8";

struct arguments {
	const char *text;    /* to be dragged; NULL: nothing is */
	uint32_t version;    /* of wl_data_device_manager */
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
	struct test_client base; /* its extra_fd: the pipe of what was dropped */
	struct arguments arguments;
	struct wl_data_device_manager *manager;
	struct wl_data_device *device;
	struct offer *announced; /* owned; what the next enter or selection is about */
	struct offer *dragged;   /* owned; over the window, or dropped on it */
	char received[4096];
	size_t received_size;
};

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
	struct wl_surface *icon = size > 0 ? wl_compositor_create_surface(client->base.compositor)
					   : nullptr;
	wl_data_device_start_drag(client->device, source, client->base.surface, icon, serial);
	if (icon != nullptr) {
		test_client_draw(&client->base, icon, size, size, 0xff00ff);
	}
	printf("dragging\n");
}

static void handle_button(void *data, uint32_t serial, uint32_t button, uint32_t state)
{
	struct client *client = data;
	printf("button %u\n", state);
	if (state == WL_POINTER_BUTTON_STATE_PRESSED && client->arguments.text != nullptr) {
		start_drag(client, serial);
	}
}

static void handle_pointer_enter(void *data, uint32_t serial, int x, int y)
{
	printf("pointer enter\n");
}

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
	wl_callback_add_listener(wl_display_sync(client->base.display), &done_listener, client);
}

static void handle_leave(void *data, struct wl_data_device *device)
{
	struct client *client = data;
	printf("leave\n");
	if (client->base.extra_fd < 0) {
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
		test_client_die("no pipe");
	}
	wl_data_offer_receive(client->dragged->offer, text_type, ends[1]);
	close(ends[1]);
	client->base.extra_fd = ends[0];
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

static void read_pipe(void *data)
{
	struct client *client = data;
	ssize_t got = read(client->base.extra_fd, client->received + client->received_size,
		sizeof(client->received) - 1 - client->received_size);
	if (got > 0) {
		client->received_size += (size_t)got;
		return;
	}
	close(client->base.extra_fd);
	client->base.extra_fd = -1;
	client->received[client->received_size] = '\0';
	printf("received %s\n", client->received);
	if (client->arguments.version >= WL_DATA_OFFER_FINISH_SINCE_VERSION) {
		wl_data_offer_finish(client->dragged->offer);
	}
	offer_destroy(vx_take_ptr(client->dragged));
}

/* ---- the window ---- */

static void handle_configure(void *data, uint32_t serial)
{
	struct client *client = data;
	struct test_client *base = &client->base;
	xdg_surface_ack_configure(base->xdg_surface, serial);
	printf("configured %dx%d\n", base->told_width, base->told_height);
	test_client_draw(base, base->surface, base->told_width > 0 ? base->told_width : 300,
		base->told_height > 0 ? base->told_height : 200, base->color);
}

static bool run_command(void *data, const char *line)
{
	struct client *client = data;
	if (strncmp(line, "select ", 7) == 0) {
		client->arguments.text = vx_strdup(line + 7);
		wl_data_device_set_selection(client->device, make_source(client), 0);
	} else if (strncmp(line, "forge ", 6) == 0) {
		start_drag(client, (uint32_t)strtoul(line + 6, nullptr, 10));
	} else if (strcmp(line, "device") == 0) {
		struct wl_data_device *device = wl_data_device_manager_get_data_device(
			client->manager, client->base.seat);
		wl_data_device_add_listener(device, &device_listener, client);
	} else {
		return false;
	}
	return true;
}

static const struct test_client_listener listener = {
	.enter = handle_pointer_enter,
	.button = handle_button,
	.configure = handle_configure,
	.command = run_command,
	.extra = read_pipe,
};

static void connect_to_compositor(struct client *client)
{
	const struct test_client_global globals[] = {
		{&wl_data_device_manager_interface, client->arguments.version, &client->manager},
	};
	test_client_connect(&client->base, globals, VX_ARRAY_LENGTH(globals));
	if (client->base.seat == nullptr || client->manager == nullptr) {
		test_client_die("a global is missing");
	}
	client->device = wl_data_device_manager_get_data_device(client->manager, client->base.seat);
	wl_data_device_add_listener(client->device, &device_listener, client);
}

static void parse(struct client *client, int argc, char **argv)
{
	struct arguments *arguments = &client->arguments;
	const struct test_client_option options[] = {
		{'d', OPTION_TEXT, &arguments->text},
		{'v', OPTION_NUMBER, &arguments->version},
		{'I', OPTION_NUMBER, &arguments->icon},
		{'n', OPTION_FLAG, &arguments->without_source},
		{'r', OPTION_FLAG, &arguments->refuses},
		{'l', OPTION_FLAG, &arguments->leaves},
	};
	test_client_parse(&client->base, argc, argv, options, VX_ARRAY_LENGTH(options));
}

int main(int argc, char **argv)
{
	static struct client client = {
		.base = {.listener = &listener, .title = "drag", .color = 0x4060a0, .extra_fd = -1},
		.arguments = {.version = 3},
	};
	client.base.data = &client;
	parse(&client, argc, argv);
	connect_to_compositor(&client);
	test_client_open_window(&client.base, "drag");
	printf("ready\n");
	test_client_run(&client.base);
	return 0;
}
