/* SPDX-License-Identifier: MIT */
/*
 * A compositor without a display: tree, configuration and commands are real, the desktop and the
 * windows are fakes that record what they are told.
 */
#ifndef TESTS_COMPOSITOR_FIXTURE_H
#define TESTS_COMPOSITOR_FIXTURE_H

#include "commands/command.h"
#include "commands/commands.h"
#include "commands/desktop.h"
#include "tree/tree.h"

struct fake_window {
	struct view view;
	char app_id[32], title[64], tag[32], vm[32];
	struct fake_window *parent; /* may be NULL */
	bool is_floating, has_csd;
	bool was_closed, is_fullscreen, is_activated, is_tiled;
	struct compositor *compositor;
};

struct compositor {
	struct desktop desktop;
	struct session session;
	struct tree *tree;
	struct tree_seat *seat;
	LIST(struct tree_output) outputs;
	LIST(struct fake_window) windows; /* owned, mapped or not */
	int commits, next_output;
	char last_exec[256], last_errors[1024];
	void (*later)(void *data);
	void *later_data;
};

/* With one output of 1280x720 named OUT-1, a seat, and `config` (may be NULL) loaded. */
struct compositor *compositor_create(const char *config);
void compositor_destroy(struct compositor *compositor);

struct tree_output *compositor_add_output(
	struct compositor *compositor, int x, int width, int height);
struct fake_window *compositor_open(struct compositor *compositor, const char *app_id);
struct fake_window *compositor_open_dialog(
	struct compositor *compositor, const char *app_id, struct fake_window *parent);
void compositor_unmap(struct compositor *compositor, struct fake_window *window);
/* Unmaps windows that commands asked to close. */
void compositor_close_requested(struct compositor *compositor);

/* Runs a list of commands; true where all succeeded. */
bool compositor_run(struct compositor *compositor, const char *list);
/* The status of the last command of a list; `*ret_error` (may be NULL) is owned by the caller. */
enum command_status compositor_status(
	struct compositor *compositor, const char *list, char **ret_error);

/* What a transaction does once everybody has answered: pending becomes current, dead nodes are
 * freed. */
void compositor_settle(struct compositor *compositor);
/* The representation of the focused workspace; borrowed. */
const char *compositor_shape(struct compositor *compositor);

#endif
