/* SPDX-License-Identifier: MIT */
/* The server as commands, configuration and IPC see it: struct desktop_impl. */
#ifndef COMPOSITOR_DESKTOP_H
#define COMPOSITOR_DESKTOP_H

#include "commands/desktop.h"

extern const struct desktop_impl server_desktop_impl;

struct server;
struct server *server_from_desktop(struct desktop *desktop);
/* Drops callbacks that were not made yet. */
void desktop_finish(struct server *server);

/* Of desktop_describe.c. */
void desktop_for_each_output(struct desktop *desktop,
	void (*visit)(const struct desktop_output *output, void *data), void *data);
void desktop_for_each_input(struct desktop *desktop,
	void (*visit)(const struct desktop_input *input, void *data), void *data);
void desktop_for_each_seat(struct desktop *desktop,
	void (*visit)(const struct desktop_seat *seat, void *data), void *data);

#endif
