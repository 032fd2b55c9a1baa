/* SPDX-License-Identifier: MIT */
#include "cli/program.h"

#include <string.h>
#include <unistd.h>

#include "cli/session.h"
#include "cli/terminal.h"
#include "manager_names.h"
#include "proxy/link/exec.h"

bool program_has_terminals(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

bool program_check_environment(const char *const *environment, struct vx_error *err)
{
	for (size_t i = 0; environment != nullptr && environment[i] != nullptr; i++) {
		if (environment[i][0] == '=' || strchr(environment[i], '=') == nullptr) {
			return vx_error_set_kind(err, VX_ERROR_USAGE,
				"--env takes NAME=VALUE, not '%s'", environment[i]);
		}
	}
	return true;
}

static int open_stream(struct client *client, const char *vm, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm));
	return client_call_for_fd(client, VX_MANAGER_METHOD("Exec"), parameters, err);
}

/* The terminal's kind is for the program to know; `entry` is owned by the caller. */
static const char **with_term(const struct program *program, char **entry)
{
	size_t count = 0;
	while (program->environment != nullptr && program->environment[count] != nullptr) {
		count++;
	}
	const char **environment = vx_calloc(count + 2, sizeof(*environment));
	size_t used = 0;
	const char *term = getenv("TERM");
	if (program->has_terminal && term != nullptr) {
		*entry = vx_printf("TERM=%s", term);
		environment[used++] = *entry;
	}
	for (size_t i = 0; i < count; i++) {
		environment[used++] = program->environment[i];
	}
	return environment;
}

int program_run(struct client *client, const struct program *program, struct interrupts *interrupts,
	struct vx_error *err)
{
	int fd = open_stream(client, program->vm, err);
	if (fd < 0) {
		return -1;
	}
	vx_cleanup_free char *term = nullptr;
	vx_cleanup_free const char **environment = with_term(program, &term);
	struct vx_exec_request request = {
		.argv = program->argv,
		.environment = environment,
	};
	if (program->has_terminal) {
		request.flags |= VX_EXEC_FLAG_TERMINAL;
		terminal_get_size(&request.columns, &request.rows);
	}
	if (program->argv[0] == nullptr) {
		request.flags |= VX_EXEC_FLAG_LOGIN_SHELL;
	}
	struct session_options options = {
		.request = &request,
		.program = program->argv[0] != nullptr ? program->argv[0] : "the shell",
		.sends_stdin = program->sends_stdin,
		.interrupt_grace_ms = program->interrupt_grace_ms,
		.interrupts = interrupts,
	};
	return session_run(fd, &options, err);
}

bool program_spawn(
	struct client *client, const struct program *program, bool is_owner, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr;
	int result = sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", program->vm),
		SD_JSON_BUILD_PAIR_STRV("command", (char **)program->argv),
		SD_JSON_BUILD_PAIR_CONDITION(program->environment != nullptr, "environment",
			SD_JSON_BUILD_STRV((char **)program->environment)),
		SD_JSON_BUILD_PAIR_BOOLEAN("owner", is_owner));
	if (result < 0) {
		return vx_error_set_kind(
			err, VX_ERROR_USAGE, "arguments of programs must be valid UTF-8");
	}
	return client_call(client, VX_MANAGER_METHOD("Spawn"), parameters, nullptr, err);
}
