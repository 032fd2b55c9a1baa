/* SPDX-License-Identifier: MIT */
/* vixos exec, vixos shell */
#include <unistd.h>

#include "cli/commands.h"
#include "cli/program.h"

/* Runs `program` on a new connection; what the user interrupts is the program's affair. */
static int run_in_vm(const struct program *program, struct vx_error *err)
{
	struct client client = {};
	struct interrupts interrupts;
	if (!program_check_environment(program->environment, err) ||
		!client_connect(&client, err)) {
		return -1;
	}
	int status = -1;
	if (interrupts_init(&interrupts, err)) {
		status = program_run(&client, program, &interrupts, err);
		status = status < 0 && interrupts.count > 0 ? interrupts_status(&interrupts)
							    : status;
	}
	interrupts_finish(&interrupts);
	client_finish(&client);
	return status;
}

static int spawn_in_vm(const struct program *program, struct vx_error *err)
{
	struct client client = {};
	bool is_started = program_check_environment(program->environment, err) &&
			  client_connect(&client, err) &&
			  program_spawn(&client, program, false, err);
	client_finish(&client);
	return is_started ? 0 : -1;
}

int cmd_exec(struct command_context *context)
{
	const struct cli_options *options = context->options;
	struct program program = {
		.vm = context->argv[0],
		.argv = (const char *const *)context->argv + 1,
		.environment = options->environment,
		.has_terminal = options->terminal,
		.sends_stdin = options->interactive,
	};
	if (options->background) {
		return spawn_in_vm(&program, context->err);
	}
	if (options->terminal && options->interactive && !isatty(STDIN_FILENO)) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"-t with -i needs a terminal as standard input");
		return -1;
	}
	return run_in_vm(&program, context->err);
}

int cmd_shell(struct command_context *context)
{
	struct program program = {
		.vm = context->argv[0],
		.argv = (const char *const *)context->argv + 1,
		.environment = context->options->environment,
		.has_terminal = program_has_terminals(),
		.sends_stdin = true,
	};
	return run_in_vm(&program, context->err);
}
