/* SPDX-License-Identifier: MIT */
#include "cli/program.h"

#include <string.h>
#include <unistd.h>

#include "cli/session.h"
#include "cli/terminal.h"
#include "manager_names.h"
#include "proxy/link/exec.h"

static constexpr unsigned lease_attempts_max = 5; /* of a vixosd that dies again and again */

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

/* `ret_reply` is borrowed until the next call. */
static int open_stream(
	struct client *client, const char *vm, sd_json_variant **ret_reply, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm));
	return client_call_for_fd(client, VX_MANAGER_METHOD("Exec"), parameters, ret_reply, err);
}

static size_t count_strings(const char *const *strings)
{
	size_t count = 0;
	while (strings != nullptr && strings[count] != nullptr) {
		count++;
	}
	return count;
}

/*
 * The terminal's kind, which is for the program to know, then what is configured for the VM, then
 * what the user says; the last of a name counts. `term` is an entry or NULL. The array is owned by
 * the caller.
 */
static const char **join_environment(
	const struct program *program, const char *term, sd_json_variant *configured)
{
	size_t configured_count = configured != nullptr ? sd_json_variant_elements(configured) : 0;
	size_t own_count = count_strings(program->environment);
	const char **environment = vx_calloc(
		configured_count + own_count + 2, sizeof(*environment));
	size_t used = 0;
	if (term != nullptr) {
		environment[used++] = term;
	}
	for (size_t i = 0; i < configured_count; i++) {
		sd_json_variant *entry = sd_json_variant_by_index(configured, i);
		if (sd_json_variant_is_string(entry)) {
			environment[used++] = sd_json_variant_string(entry);
		}
	}
	for (size_t i = 0; i < own_count; i++) {
		environment[used++] = program->environment[i];
	}
	return environment;
}

/* "TERM=…", owned by the caller, or NULL. */
static char *term_entry(const struct program *program)
{
	const char *term = getenv("TERM");
	return program->has_terminal && term != nullptr ? vx_printf("TERM=%s", term) : nullptr;
}

/* The lease of a VM goes with the connection, and the connection with vixosd: the next one gets it
 * anew. */
struct lease {
	struct session_watch watch;
	struct client *client; /* borrowed */
	const char *vm;        /* borrowed */
	unsigned attempts_left;
};

static void lease_renew(struct lease *lease)
{
	vx_cleanup_error struct vx_error err = {};
	sd_json_variant *parameters = nullptr;
	lease->watch.fd = -1;
	if (lease->attempts_left == 0) {
		return;
	}
	lease->attempts_left--;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", lease->vm));
	if (client_connect(lease->client, &err) &&
		client_call(lease->client, VX_MANAGER_METHOD("Lease"), vx_take_ptr(parameters),
			nullptr, &err)) {
		lease->watch.fd = client_get_fd(lease->client);
	}
	/* A failure is of no concern to the program; when it ends, stopping the VM tells more. */
	sd_json_variant_unref(parameters);
}

static void handle_lease(struct session_watch *watch)
{
	struct lease *lease = watch->data;
	if (client_has_hung_up(lease->client)) {
		lease_renew(lease);
	}
}

int program_run(struct client *client, const struct program *program, struct interrupts *interrupts,
	struct vx_error *err)
{
	sd_json_variant *reply;
	int fd = open_stream(client, program->vm, &reply, err);
	if (fd < 0) {
		return -1;
	}
	vx_cleanup_free char *term = term_entry(program);
	vx_cleanup_free const char **environment = join_environment(
		program, term, sd_json_variant_by_key(reply, "environment"));
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
	struct lease lease = {
		.watch = {program->holds_lease ? client_get_fd(client) : -1, handle_lease, &lease},
		.client = client,
		.vm = program->vm,
		.attempts_left = lease_attempts_max,
	};
	struct session_options options = {
		.request = &request,
		.program = program->argv[0] != nullptr ? program->argv[0] : "the shell",
		.sends_stdin = program->sends_stdin,
		.interrupt_grace_ms = program->interrupt_grace_ms,
		.interrupts = interrupts,
		.watch = &lease.watch,
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
