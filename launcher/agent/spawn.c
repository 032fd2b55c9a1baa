/* SPDX-License-Identifier: MIT */
#include "agent/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"

/* What the child gets as 0, 1 and 2; owned by the parent until after the fork. */
struct child_ends {
	int input, output, errors;
	int status;
};

static bool make_pipe(int *ret_read, int *ret_write)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0) {
		return false;
	}
	*ret_read = ends[0];
	*ret_write = ends[1];
	return true;
}

static bool make_terminal(
	const struct spawn_request *request, struct spawned *parent, struct child_ends *child)
{
	const struct winsize size = {.ws_col = request->columns, .ws_row = request->rows};
	parent->output = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (parent->output < 0 || grantpt(parent->output) != 0 || unlockpt(parent->output) != 0 ||
		ioctl(parent->output, TIOCSWINSZ, &size) != 0) {
		return false;
	}
	child->input = ioctl(parent->output, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	child->output = child->input < 0 ? -1 : fcntl(child->input, F_DUPFD_CLOEXEC, 3);
	child->errors = child->input < 0 ? -1 : fcntl(child->input, F_DUPFD_CLOEXEC, 3);
	parent->input = fcntl(parent->output, F_DUPFD_CLOEXEC, 3);
	return child->output >= 0 && child->errors >= 0 && parent->input >= 0;
}

static bool make_detached(struct spawned *parent, struct child_ends *child)
{
	child->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (child->input < 0 || !make_pipe(&parent->output, &child->output)) {
		return false;
	}
	child->errors = fcntl(child->output, F_DUPFD_CLOEXEC, 3);
	return child->errors >= 0;
}

static bool make_pipes(struct spawned *parent, struct child_ends *child)
{
	return make_pipe(&child->input, &parent->input) &&
	       make_pipe(&parent->output, &child->output) &&
	       make_pipe(&parent->errors, &child->errors);
}

static bool make_ends(
	const struct spawn_request *request, struct spawned *parent, struct child_ends *child)
{
	if (!make_pipe(&parent->status, &child->status)) {
		return false;
	}
	if (request->terminal) {
		return make_terminal(request, parent, child);
	}
	return request->detached ? make_detached(parent, child) : make_pipes(parent, child);
}

static void reset_signals(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	for (int number = 1; number < NSIG; number++) {
		sigaction(number, &standard, nullptr); /* fails for SIGKILL and the library's own */
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] static void report_failure(int status, int errnum)
{
	ssize_t written = write(status, &errnum, sizeof(errnum));
	_exit(written == (ssize_t)sizeof(errnum) ? 127 : 126);
}

/* After the fork: only what is safe in a signal handler, and nothing that allocates. */
[[noreturn]] static void run_child(
	const struct spawn_request *request, const struct child_ends *child)
{
	setsid();
	reset_signals();
	if (request->terminal && ioctl(child->input, TIOCSCTTY, 0) != 0) {
		report_failure(child->status, errno);
	}
	if (dup2(child->input, STDIN_FILENO) < 0 || dup2(child->output, STDOUT_FILENO) < 0 ||
		dup2(child->errors, STDERR_FILENO) < 0) {
		report_failure(child->status, errno);
	}
	/* Whatever a library may have left open in vixos-guest stays there. */
	close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 1024) {
		files.rlim_cur = 1024; /* select(2) in old programs breaks above */
		setrlimit(RLIMIT_NOFILE, &files);
	}
	umask(022);
	if (chdir(request->directory) != 0) {
		report_failure(child->status, errno == ENOENT ? ENOTDIR : errno);
	}
	environ = (char **)request->environment;
	execvp(request->program, (char *const *)request->argv);
	report_failure(child->status, errno);
}

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		vx_replace_fd(&fds[i], -1);
	}
}

static void close_child_ends(struct child_ends *child)
{
	int fds[] = {child->input, child->output, child->errors, child->status};
	close_all(fds, VX_ARRAY_LENGTH(fds));
}

static void close_parent_ends(struct spawned *parent)
{
	int fds[] = {parent->pidfd, parent->status, parent->input, parent->output, parent->errors};
	close_all(fds, VX_ARRAY_LENGTH(fds));
}

static void set_nonblocking(const struct spawned *parent)
{
	const int fds[] = {parent->status, parent->input, parent->output, parent->errors};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(fds); i++) {
		if (fds[i] >= 0) {
			vx_fd_set_nonblocking(fds[i], nullptr);
		}
	}
}

int spawn(const struct spawn_request *request, struct spawned *ret_spawned)
{
	struct spawned parent = {-1, -1, -1, -1, -1, -1};
	struct child_ends child = {-1, -1, -1, -1};
	int errnum = 0;
	/* Signals wait until the child has handlers of its own, or those of vixos-guest would run
	 * there. */
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!make_ends(request, &parent, &child) || (parent.pid = fork()) < 0) {
		errnum = errno;
	} else if (parent.pid == 0) {
		run_child(request, &child);
	} else if ((parent.pidfd = pidfd_open(parent.pid, 0)) < 0) {
		errnum = errno;
		kill(parent.pid, SIGKILL);
		waitpid(parent.pid, nullptr, 0);
	}
	sigprocmask(SIG_SETMASK, &before, nullptr);
	close_child_ends(&child);
	if (errnum != 0) {
		close_parent_ends(&parent);
		return errnum;
	}
	set_nonblocking(&parent);
	*ret_spawned = parent;
	return 0;
}
