/* SPDX-License-Identifier: MIT */
/*
 * What test clients share: one window, the pointer over it, and commands from standard input. What
 * they hear they print, a line each.
 */
#ifndef VX_TESTS_TEST_CLIENT_H
#define VX_TESTS_TEST_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <wayland-client.h>

#include "xdg-shell-client-protocol.h"

struct test_client;

/* What one client does otherwise than another. All get the client's `data`. */
struct test_client_listener {
	/* The pointer came over the window, at a place in it. */
	void (*enter)(void *data, uint32_t serial, int x, int y);
	void (*button)(void *data, uint32_t serial, uint32_t button, uint32_t state);
	/* The window is to be `told_width` by `told_height`: acknowledge it, and draw. */
	void (*configure)(void *data, uint32_t serial);
	/* Runs a command; false where there is none of that name. */
	bool (*command)(void *data, const char *line);
	/* `extra_fd` can be read; NULL where there is none. */
	void (*extra)(void *data);
	const struct wl_keyboard_listener *keyboard; /* NULL: it has none */
};

struct test_client {
	const struct test_client_listener *listener;
	void *data;
	/* Options. */
	const char *engine, *app, *instance; /* engine NULL: no security context */
	const char *title;
	uint32_t color;
	bool prints_globals;
	/* State; objects live until the program ends. */
	struct wl_display *display;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_seat *seat;       /* NULL where there is none */
	struct wl_pointer *pointer; /* NULL where there is none */
	struct wl_keyboard *keyboard;
	struct xdg_wm_base *wm_base;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	int told_width, told_height; /* 0: as it likes */
	int extra_fd;                /* watched while it runs; -1: none */
	bool running;
};

/* A global of a client's own: `slot` gets the object, and stays NULL where there is none. */
struct test_client_global {
	const struct wl_interface *interface;
	uint32_t version;
	void *slot;
};

[[noreturn]] void test_client_die(const char *what);

enum test_client_option_kind : unsigned {
	OPTION_FLAG,   /* bool */
	OPTION_NUMBER, /* int */
	OPTION_TEXT,   /* const char *; borrowed */
};

/* An option of a client's own: "-x", or "-x VALUE". */
struct test_client_option {
	char letter;
	enum test_client_option_kind kind;
	void *value;
};

/* Also takes -e ENGINE, -a APP, -i INSTANCE, -t TITLE, -c RRGGBB; ends the program at any other. */
void test_client_parse(struct test_client *client, int argc, char **argv,
	const struct test_client_option *options, size_t option_count);

/* Connects, and binds what is there of the globals above and of `extra`. */
void test_client_connect(
	struct test_client *client, const struct test_client_global *extra, size_t extra_count);

void test_client_open_window(struct test_client *client, const char *app_id);

/* Fills a surface with one colour, and commits it. */
void test_client_draw(const struct test_client *client, struct wl_surface *surface, int width,
	int height, uint32_t color);

/* Runs commands until there are no more, the window is closed, or the connection is. */
void test_client_run(struct test_client *client);

#endif
