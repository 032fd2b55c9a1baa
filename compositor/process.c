/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"
#include "common/fd.h"
#include "common/memory.h"
#include "server.h"

struct child {
	struct wl_list link; /* server.children */
	pid_t pid;
};

[[noreturn]] static void run_child(const char *const argv[], const struct process_token *token)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	sigaction(SIGPIPE, &action, nullptr);
	setsid();
	if (token != nullptr && token->name != nullptr) {
		setenv("XDG_ACTIVATION_TOKEN", token->name, true);
	}
	if (token != nullptr && token->name != nullptr && !token->is_without_startup_id) {
		setenv("DESKTOP_STARTUP_ID", token->name, true);
	}
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

pid_t process_spawn(struct server *server, const char *const argv[],
	const struct process_token *token, struct vx_error *err)
{
	pid_t pid = fork();
	if (pid == 0) {
		run_child(argv, token);
	}
	if (pid < 0) {
		vx_error_set_errno(err, errno, "can't start '%s'", argv[0]);
		return 0;
	}
	struct child *child = vx_new(child);
	child->pid = pid;
	wl_list_insert(&server->children, &child->link);
	return pid;
}

void process_end(struct server *server, pid_t pid)
{
	struct child *child;
	wl_list_for_each (child, &server->children, link) {
		if (child->pid == pid) {
			kill(pid, SIGTERM);
			return;
		}
	}
}

void processes_reap(struct server *server)
{
	struct child *child, *next;
	wl_list_for_each_safe (child, next, &server->children, link) {
		if (waitpid(child->pid, nullptr, WNOHANG) != 0) {
			wl_list_remove(&child->link);
			free(child);
		}
	}
}

void processes_finish(struct server *server)
{
	struct child *child, *next;
	wl_list_for_each_safe (child, next, &server->children, link) {
		wl_list_remove(&child->link);
		free(child);
	}
}

/* The parent's id from /proc, or 0. */
static pid_t parent_of(pid_t pid)
{
	char *path = vx_printf("/proc/%d/stat", (int)pid);
	char *text = vx_read_file(path, 4096, nullptr, nullptr);
	free(path);
	/* "pid (name) state parent": the name may contain anything, also parentheses. */
	const char *end = text != nullptr ? strrchr(text, ')') : nullptr;
	int parent = 0;
	if (end == nullptr || sscanf(end + 1, " %*c %d", &parent) != 1) {
		parent = 0;
	}
	free(text);
	return parent;
}

bool process_descends_from(pid_t pid, pid_t ancestor)
{
	static constexpr int depth_max = 64;
	for (int i = 0; i < depth_max && pid > 1; i++) {
		if (pid == ancestor) {
			return true;
		}
		pid = parent_of(pid);
	}
	return false;
}
