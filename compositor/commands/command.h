/* SPDX-License-Identifier: MIT */
/* What a command's handler works with, and the table that leads to it. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "commands/commands.h"
#include "commands/desktop.h"
#include "commands/words.h"
#include "config/config.h"
#include "tree/tree.h"

struct command_context {
	struct session *session;
	struct tree *tree;
	struct config *config;
	struct desktop *desktop;
	struct tree_seat *seat; /* NULL only in a config file before start */
	/* The target: a matched container, else what has focus. All NULL in a config file. */
	struct node *node;
	struct container *container; /* NULL: a workspace is the target */
	struct workspace *workspace; /* may be NULL in the hidden scratchpad */
	bool has_explicit_target;    /* by criteria or a rule, not by focus */
	bool is_reading;             /* comes from a config file */

	/* What a subcommand of bar, output, input and seat fills in. */
	struct bar_config *bar;
	struct output_config *output;
	struct input_config *input;
	struct seat_config *seat_config;
	struct args rest; /* words that an output subcommand left for the next one */
};

typedef struct command_result command_handler(struct command_context *context, struct args args);

enum command_flag : unsigned {
	COMMAND_IN_CONFIG = 1 << 0,  /* may stand in a config file */
	COMMAND_AT_RUNTIME = 1 << 1, /* may come from IPC and bindings */
	COMMAND_ANYWHERE = COMMAND_IN_CONFIG | COMMAND_AT_RUNTIME,
	COMMAND_NEEDS_OUTPUT = 1 << 2,
	COMMAND_KEEPS_QUOTES = 1 << 3,         /* at run time and in files */
	COMMAND_KEEPS_QUOTES_IN_FILE = 1 << 4, /* in files only */
	COMMAND_KEEPS_FIRST_WORD = 1 << 5,     /* variables are not replaced in it: set */
};

struct command {
	const char *name;
	command_handler *handler;
	int min_args, max_args; /* -1: any number */
	unsigned flags;
};

/* The command of that name for a file or for run time, or NULL. */
const struct command *command_find(const char *name, bool in_config);
/* By position, for tests and documentation; NULL behind the last. */
const struct command *command_at(size_t index);

/* Checks the number of arguments, then runs the handler. */
struct command_result command_call(
	const struct command *command, struct command_context *context, struct args args);

/* Success, or the words for too few or too many of them; -1: any number. */
struct command_result command_check_count(const char *name, struct args args, int min, int max);

/* A table of subcommands (sorted by name): finds args[0] and calls its handler with the rest. */
struct command_result command_call_sub(const struct command *table, size_t length,
	struct command_context *context, struct args args);

/* Results. */
struct command_result command_ok(void);
struct command_result command_defer(void);
[[gnu::format(printf, 1, 2)]] struct command_result command_invalid(const char *format, ...);
[[gnu::format(printf, 1, 2)]] struct command_result command_fail(const char *format, ...);
/* For errors of library functions. */
struct command_result command_from_error(bool success, struct vx_error *err);

/* Arranges the tree's fullscreen container, or else `ws` where it is not NULL. */
void command_arrange(struct command_context *context, struct workspace *ws);
/* mouse_warping may follow the focus. */
void command_warp(struct command_context *context, bool force);
/* The output that a word means: left, right, up, down, current, a name; with wrap-around. */
struct tree_output *command_output_in_direction(
	struct command_context *context, const char *word, struct tree_output *from, int x, int y);
bool direction_parse(const char *word, enum direction *ret_direction);
enum direction direction_opposite(enum direction direction);
/* Farthest output against `direction`: where going on in it wraps to. */
struct tree_output *command_wrap_output(
	struct tree *tree, struct tree_output *from, enum direction direction, int x, int y);

/* The configured font's height into the tree's options. */
void session_measure_font(struct session *session);

/* Every handler that the table in command_table.c names. */
#define COMMAND_DECLARE(name) command_handler cmd_##name;
#include "commands/handlers.h"
#undef COMMAND_DECLARE

#endif
