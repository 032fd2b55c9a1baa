/* SPDX-License-Identifier: MIT */
#include "common/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

static void give_stream(posix_spawn_file_actions_t *actions, int stream, int fd)
{
	if (fd == vx_program_null) {
		posix_spawn_file_actions_addopen(actions, stream, "/dev/null",
			stream == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
	} else if (fd != vx_program_inherit) {
		posix_spawn_file_actions_adddup2(actions, fd, stream);
	}
}

int vx_program_start(const struct vx_program *program, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t no_signals;
	sigemptyset(&no_signals);
	posix_spawn_file_actions_init(&actions);
	give_stream(&actions, STDIN_FILENO, program->input);
	give_stream(&actions, STDOUT_FILENO, program->output);
	give_stream(&actions, STDERR_FILENO, program->error);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &no_signals);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSIGMASK | (program->has_own_session ? POSIX_SPAWN_SETSID : 0));
	int result = posix_spawnp(
		ret_pid, program->path, &actions, &attributes, program->argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

const char *vx_program_reason(char *said, const char *name)
{
	const char *reason = nullptr;
	size_t length = strlen(name);
	for (char *line = strtok_r(said, "\n", &said); line != nullptr;
		line = strtok_r(nullptr, "\n", &said)) {
		reason = line;
		if (strncmp(line, name, length) == 0 && strncmp(line + length, ": ", 2) == 0) {
			break;
		}
	}
	return reason;
}
