/* SPDX-License-Identifier: MIT */
/*
 * Running commands, from IPC, bindings, rules and the configuration: one table {name, handler,
 * flags}.
 *
 * A struct session ties together what commands work on; main makes one.
 */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include <stddef.h>

struct bar_config;
struct config;
struct container;
struct desktop;
struct node;
struct tree;
struct tree_seat;
struct vx_error;
struct workspace;

/* Who wants to know what commands have changed. */
struct session_listener {
	void (*bar_changed)(void *data, const struct bar_config *bar);
	void (*mode_changed)(void *data, const char *mode, bool pango_markup);
	void (*reloaded)(void *data);
};

struct session {
	struct tree *tree;       /* borrowed */
	struct desktop *desktop; /* borrowed */
	struct config *config;   /* owned after session_load(); replaced on reload */
	const struct session_listener *listener; /* borrowed; may be NULL */
	void *listener_data;
	const char *config_path; /* borrowed; -c, may be NULL */
	bool validating;
	bool reloading;
	int rule_depth; /* for_window commands are running */
};

enum command_status : unsigned {
	COMMAND_SUCCESS,
	COMMAND_FAILURE, /* not possible now */
	COMMAND_INVALID, /* a parse error: stops the list of commands */
	COMMAND_DEFER,   /* in a config file: run once the compositor is up */
	COMMAND_BLOCK,   /* opens a block */
	COMMAND_BLOCK_COMMANDS,
};

struct command_result {
	enum command_status status;
	char *error; /* owned; NULL on success */
};

/* Results of a list of commands, in order; owned by the caller. */
struct command_results {
	struct command_result *items;
	size_t length;
};

void command_results_finish(struct command_results *results);

/*
 * Runs a list of commands ("[criteria] command; command, command") for a seat (NULL: the default)
 * on the focused node, or on `con` (NULL: none). Commits one transaction at the end.
 */
void commands_run(struct session *session, const char *list, struct tree_seat *seat,
	struct container *con, struct command_results *ret_results);
/* The same, results only logged: for bindings and rules. */
void commands_run_quiet(
	struct session *session, const char *list, struct tree_seat *seat, struct container *con);

/*
 * Finds and loads the configuration into session->config (with errors collected in it). False only
 * where no file can be read. Sets the tree's options and policy.
 */
bool session_load(struct session *session, struct vx_error *err);
/* After start-up: runs what the configuration deferred (exec, workspace, …). */
void session_start(struct session *session);
/* The `reload` command does this from the event loop. */
void session_reload(struct session *session);
void session_finish(struct session *session);

/* Changes the binding mode, and tells the listener. False: no such mode. */
bool session_set_mode(struct session *session, const char *mode);
/* A bar's settings are others now: tells the listener. */
void session_bar_changed(struct session *session, const struct bar_config *bar);

#endif
