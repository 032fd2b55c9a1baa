/* SPDX-License-Identifier: MIT */
/* The table of commands: what the parser, the help and the completion know comes from here. */
#ifndef VX_LAUNCHER_CLI_COMMANDS_H
#define VX_LAUNCHER_CLI_COMMANDS_H

#include "cli/options.h"
#include "common/error.h"

/* What a command gets. */
struct command_context {
	const struct command *command;
	const struct cli_options *options;
	int argc; /* operands */
	char **argv;
	struct vx_error *err;
};

/* Gives the exit status, or -1 with an error. */
typedef int (*command_handler)(struct command_context *context);

struct command {
	const char *name;
	const char *aliases[2];
	const char *operands; /* for the usage line */
	const char *summary;  /* one line */
	const char *details;  /* more for its own help; may be NULL */
	const struct option_spec *options;
	enum options_order order;
	int operands_min, operands_max; /* max -1: any number */
	bool runs_program; /* its failures are told apart from a program's: 125, 126, 127 */
	command_handler handler;
};

const struct command *commands_table(size_t *ret_count);

const struct command *commands_find(const char *name); /* NULL: there is none */

/* Runs the command line (without the program's name) and gives the exit status. */
int commands_main(int argc, char **argv);

int cmd_audio(struct command_context *context);
int cmd_add(struct command_context *context);
int cmd_attach(struct command_context *context);
int cmd_clipboard(struct command_context *context);
int cmd_clone(struct command_context *context);
int cmd_completion(struct command_context *context);
int cmd_config(struct command_context *context);
int cmd_cp(struct command_context *context);
int cmd_create(struct command_context *context);
int cmd_doctor(struct command_context *context);
int cmd_edit(struct command_context *context);
int cmd_events(struct command_context *context);
int cmd_exec(struct command_context *context);
int cmd_firewall(struct command_context *context);
int cmd_help(struct command_context *context);
int cmd_inspect(struct command_context *context);
int cmd_kill(struct command_context *context);
int cmd_list(struct command_context *context);
int cmd_logs(struct command_context *context);
int cmd_mount(struct command_context *context);
int cmd_network(struct command_context *context);
int cmd_pause(struct command_context *context);
int cmd_remove(struct command_context *context);
int cmd_rename(struct command_context *context);
int cmd_restart(struct command_context *context);
int cmd_run(struct command_context *context);
int cmd_shell(struct command_context *context);
int cmd_start(struct command_context *context);
int cmd_stats(struct command_context *context);
int cmd_stop(struct command_context *context);
int cmd_umount(struct command_context *context);
int cmd_unpause(struct command_context *context);
int cmd_usb(struct command_context *context);
int cmd_version(struct command_context *context);
int cmd_wait(struct command_context *context);

#endif
