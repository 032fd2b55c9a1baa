/* SPDX-License-Identifier: MIT */
#include "test_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boxed.h"
#include "common/memory.h"
#include "solid_buffer.h"

void test_client_die(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(1);
}

static void take_common_option(struct test_client *client, int option, const char *argument)
{
	switch (option) {
	case 'e':
		client->engine = argument;
		break;
	case 'a':
		client->app = argument;
		break;
	case 'i':
		client->instance = argument;
		break;
	case 't':
		client->title = argument;
		break;
	case 'c':
		client->color = (uint32_t)strtoul(argument, nullptr, 16);
		break;
	default:
		test_client_die("bad arguments");
	}
}

static const struct test_client_option *find_option(
	const struct test_client_option *options, size_t option_count, int letter)
{
	for (size_t i = 0; i < option_count; i++) {
		if (options[i].letter == letter) {
			return &options[i];
		}
	}
	return nullptr;
}

static void take_option(const struct test_client_option *option, const char *argument)
{
	if (option->kind == OPTION_TEXT) {
		*(const char **)option->value = argument;
	} else if (option->kind == OPTION_NUMBER) {
		*(int *)option->value = (int)strtol(argument, nullptr, 10);
	} else {
		*(bool *)option->value = true;
	}
}

void test_client_parse(struct test_client *client, int argc, char **argv,
	const struct test_client_option *options, size_t option_count)
{
	char letters[64] = "e:a:i:t:c:";
	size_t length = strlen(letters);
	for (size_t i = 0; i < option_count && length + 3 < sizeof(letters); i++) {
		letters[length++] = options[i].letter;
		if (options[i].kind != OPTION_FLAG) {
			letters[length++] = ':';
		}
	}
	int letter;
	while ((letter = getopt(argc, argv, letters)) != -1) {
		const struct test_client_option *option = find_option(
			options, option_count, letter);
		if (option != nullptr) {
			take_option(option, optarg);
		} else {
			take_common_option(client, letter, optarg);
		}
	}
}

/* Events that no test asks about. */
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

/* ---- input ---- */

static void handle_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y)
{
	struct test_client *client = data;
	client->listener->enter(client->data, serial, wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
	printf("pointer leave\n");
}

static void handle_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
	uint32_t button, uint32_t state)
{
	struct test_client *client = data;
	client->listener->button(client->data, serial, button, state);
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_enter,
	.leave = handle_leave,
	.motion = ignore_motion,
	.button = handle_button,
	.axis = ignore_axis,
	.frame = ignore_frame,
	.axis_source = ignore_source,
	.axis_stop = ignore_stop,
	.axis_discrete = ignore_discrete,
};

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities)
{
	struct test_client *client = data;
	const struct wl_keyboard_listener *keyboard = client->listener->keyboard;
	if (capabilities & WL_SEAT_CAPABILITY_KEYBOARD && client->keyboard == nullptr &&
		keyboard != nullptr) {
		client->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(client->keyboard, keyboard, client->data);
	}
	if (capabilities & WL_SEAT_CAPABILITY_POINTER && client->pointer == nullptr) {
		client->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(client->pointer, &pointer_listener, client);
	}
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = ignore_name,
};

/* ---- globals ---- */

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

/* While the registry is read. */
struct binding {
	bool prints;
	const struct test_client_global *globals[2];
	size_t counts[2];
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	const struct binding *binding = data;
	if (binding->prints) {
		printf("global %s %u\n", interface, version);
	}
	for (size_t list = 0; list < VX_ARRAY_LENGTH(binding->globals); list++) {
		for (size_t i = 0; i < binding->counts[list]; i++) {
			const struct test_client_global *global = &binding->globals[list][i];
			if (strcmp(interface, global->interface->name) == 0) {
				*(void **)global->slot = wl_registry_bind(
					registry, name, global->interface, global->version);
			}
		}
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = ignore_remove,
};

void test_client_connect(
	struct test_client *client, const struct test_client_global *extra, size_t extra_count)
{
	setvbuf(stdout, nullptr, _IOLBF, 0);
	setvbuf(stdin, nullptr, _IONBF, 0);
	client->display = client->engine != nullptr
				  ? boxed_connect(client->engine, client->app, client->instance)
				  : wl_display_connect(nullptr);
	if (client->display == nullptr) {
		test_client_die("no compositor");
	}
	const struct test_client_global common[] = {
		{&wl_compositor_interface, 4, &client->compositor},
		{&wl_shm_interface, 1, &client->shm},
		{&wl_seat_interface, 5, &client->seat},
		{&xdg_wm_base_interface, 2, &client->wm_base},
	};
	struct binding binding = {
		client->prints_globals, {common, extra}, {VX_ARRAY_LENGTH(common), extra_count}};
	struct wl_registry *registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(registry, &registry_listener, &binding);
	wl_display_roundtrip(client->display);
	wl_registry_destroy(registry);
	if (client->wm_base != nullptr) {
		xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	}
	if (client->seat != nullptr) {
		wl_seat_add_listener(client->seat, &seat_listener, client);
	}
}

/* ---- the window ---- */

void test_client_draw(const struct test_client *client, struct wl_surface *surface, int width,
	int height, uint32_t color)
{
	wl_surface_attach(surface, solid_buffer_create(client->shm, width, height, color), 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, width, height);
	wl_surface_commit(surface);
}

static void handle_xdg_configure(void *data, struct xdg_surface *xdg_surface, uint32_t serial)
{
	struct test_client *client = data;
	client->listener->configure(client->data, serial);
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_xdg_configure};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
	struct test_client *client = data;
	client->told_width = width;
	client->told_height = height;
}

static void handle_close(void *data, struct xdg_toplevel *toplevel)
{
	struct test_client *client = data;
	printf("close\n");
	client->running = false;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_close,
};

void test_client_open_window(struct test_client *client, const char *app_id)
{
	if (client->compositor == nullptr || client->shm == nullptr || client->wm_base == nullptr) {
		test_client_die("a global is missing");
	}
	client->surface = wl_compositor_create_surface(client->compositor);
	client->xdg_surface = xdg_wm_base_get_xdg_surface(client->wm_base, client->surface);
	xdg_surface_add_listener(client->xdg_surface, &xdg_surface_listener, client);
	client->toplevel = xdg_surface_get_toplevel(client->xdg_surface);
	xdg_toplevel_add_listener(client->toplevel, &toplevel_listener, client);
	xdg_toplevel_set_title(client->toplevel, client->title);
	xdg_toplevel_set_app_id(client->toplevel, app_id);
	wl_surface_commit(client->surface);
	wl_display_roundtrip(client->display);
}

/* ---- commands ---- */

static void read_command(struct test_client *client)
{
	char line[512];
	if (fgets(line, sizeof(line), stdin) == nullptr) {
		client->running = false;
		return;
	}
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, "quit") == 0) {
		client->running = false;
	} else if (!client->listener->command(client->data, line)) {
		test_client_die("unknown command");
	}
	if (wl_display_roundtrip(client->display) < 0) {
		printf("disconnected\n");
		client->running = false;
	}
	printf("done\n");
}

void test_client_run(struct test_client *client)
{
	client->running = true;
	while (client->running) {
		struct pollfd fds[] = {
			{.fd = wl_display_get_fd(client->display), .events = POLLIN},
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = client->extra_fd, .events = POLLIN},
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
			client->listener->extra(client->data);
		}
		if (fds[1].revents != 0) {
			read_command(client);
		}
	}
}
