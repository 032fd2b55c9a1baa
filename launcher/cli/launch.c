/* SPDX-License-Identifier: MIT */
#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "helper_path.h"
#include "manager_names.h"

static constexpr int ready_deadline_ms = 15'000;
static constexpr size_t vixosd_options_max = 4;
static constexpr off_t log_size_max = 1024 * 1024;

static char *runtime_base(struct vx_error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	if (runtime == nullptr || runtime[0] != '/') {
		vx_error_set(err, "XDG_RUNTIME_DIR is not set: vixos needs a user session");
		return nullptr;
	}
	return vx_printf("%s/vixos", runtime);
}

char *launch_address(struct vx_error *err)
{
	vx_cleanup_free char *base = runtime_base(err);
	return base != nullptr ? vx_printf("%s/%s", base, VX_MANAGER_SOCKET) : nullptr;
}

char *launch_find_vixosd(struct vx_error *err)
{
	return helper_path_find("vixosd", "launcher/daemon", err);
}

/* Its standard error from now on; what an earlier one wrote is kept while it is short. */
static int open_log(const char *base)
{
	vx_cleanup_free char *path = vx_printf("%s/vixosd.log", base);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat info;
	if (fd >= 0 && fstat(fd, &info) == 0 && info.st_size > log_size_max) {
		(void)ftruncate(fd, 0);
	}
	return fd;
}

/* In the grandchild: its parent is gone, so that nobody waits for it. */
[[noreturn]] static void exec_vixosd(const char *program, int ready_fd, int log_fd)
{
	int null_fd = open("/dev/null", O_RDWR);
	dup2(null_fd, STDIN_FILENO);
	dup2(null_fd, STDOUT_FILENO);
	dup2(log_fd >= 0 ? log_fd : null_fd, STDERR_FILENO);
	dup2(ready_fd, 3);
	fcntl(3, F_SETFD, 0); /* dup2() leaves the flag alone where both are the same */
	closefrom(4);
	(void)chdir("/");
	sigset_t no_signals;
	sigemptyset(&no_signals);
	sigprocmask(SIG_SETMASK, &no_signals, nullptr);
	execl(program, "vixosd", "--ready-fd=3", nullptr);
	_exit(127);
}

static bool spawn_vixosd(const char *program, int ready_fd, int log_fd, struct vx_error *err)
{
	pid_t child = fork();
	if (child < 0) {
		return vx_error_set_errno(err, errno, "cannot start vixosd");
	}
	if (child == 0) {
		setsid();
		pid_t grandchild = fork();
		if (grandchild != 0) {
			_exit(grandchild < 0);
		}
		exec_vixosd(program, ready_fd, log_fd);
	}
	int status;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return status == 0 || vx_error_set(err, "cannot start vixosd");
}

/* "<kind> <sentence>", as of a struct vx_error. */
static bool report_problem(char *text, struct vx_error *err)
{
	text[strcspn(text, "\n")] = '\0';
	unsigned kind = (unsigned)(text[0] - '0');
	if (kind >= VX_ERROR_KIND_COUNT || text[1] != ' ') {
		return vx_error_set(err, "vixosd could not start");
	}
	return vx_error_set_kind(
		err, (enum vx_error_kind)kind, "vixosd could not start: %s", text + 2);
}

/* It said nothing to us: its log's last line is all that there is. */
static bool report_death(const char *base, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("%s/vixosd.log", base);
	vx_cleanup_free char *log = vx_read_file(path, 2 * log_size_max, nullptr, nullptr);
	char *line = log;
	if (log != nullptr) {
		size_t length = strlen(log);
		while (length > 0 && log[length - 1] == '\n') {
			log[--length] = '\0';
		}
		char *newline = strrchr(log, '\n');
		line = newline != nullptr ? newline + 1 : log;
	}
	return vx_error_set(err, "vixosd ended at once: %s (its log is '%s')",
		line != nullptr && line[0] != '\0' ? line : "it said nothing", path);
}

/* An empty line says that it listens; another says why it doesn't; none, that it died. */
static bool wait_until_ready(int fd, const char *base, struct vx_error *err)
{
	char text[1024];
	size_t size = 0;
	while (size < sizeof(text) - 1) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		int count = poll(&poll_fd, 1, ready_deadline_ms);
		if (count == 0) {
			return vx_error_set(err, "vixosd did not get ready within %d s",
				ready_deadline_ms / 1000);
		}
		ssize_t got = read(fd, text + size, sizeof(text) - 1 - size);
		if (got == 0) {
			break;
		}
		size += got > 0 ? (size_t)got : 0;
	}
	text[size] = '\0';
	if (size == 0) {
		return report_death(base, err);
	}
	return text[0] == '\n' || report_problem(text, err);
}

static bool start_vixosd(const char *base, struct vx_error *err)
{
	vx_cleanup_free char *program = launch_find_vixosd(err);
	int ready[2];
	if (program == nullptr) {
		return false;
	}
	if (pipe2(ready, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "cannot make a pipe");
	}
	vx_cleanup_close int ready_read = ready[0];
	vx_cleanup_close int log_fd = open_log(base);
	bool is_spawned = spawn_vixosd(program, ready[1], log_fd, err);
	close(ready[1]);
	return is_spawned && wait_until_ready(ready_read, base, err);
}

/* Two of us at once take turns, and the second finds that the first has done it. */
static int take_turn(const char *base, struct vx_error *err)
{
	if (mkdir(base, 0700) < 0 && errno != EEXIST) {
		vx_error_set_errno(err, errno, "cannot make '%s'", base);
		return -1;
	}
	vx_cleanup_free char *path = vx_printf("%s/start.lock", base);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		vx_error_set_errno(err, errno, "cannot lock '%s'", path);
		vx_replace_fd(&fd, -1);
	}
	return fd;
}

bool launch_vixosd(const char *address, struct vx_error *err)
{
	vx_cleanup_free char *base = runtime_base(err);
	if (base == nullptr) {
		return false;
	}
	vx_cleanup_close int turn = take_turn(base, err);
	if (turn < 0) {
		return false;
	}
	vx_cleanup_close int probe = vx_unix_connect(address, SOCK_STREAM, nullptr);
	return probe >= 0 || start_vixosd(base, err);
}

FILE *launch_ask_vixosd(const char *const *options, pid_t *ret_child, struct vx_error *err)
{
	vx_cleanup_free char *program = launch_find_vixosd(err);
	int output[2];
	if (program == nullptr) {
		return nullptr;
	}
	if (pipe2(output, O_CLOEXEC) < 0) {
		vx_error_set_errno(err, errno, "cannot make a pipe");
		return nullptr;
	}
	char *argv[vixosd_options_max + 2] = {program};
	for (size_t i = 0; options[i] != nullptr && i < vixosd_options_max; i++) {
		argv[i + 1] = (char *)options[i];
	}
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
	int result = posix_spawn(ret_child, program, &actions, nullptr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(output[1]);
	FILE *stream = result == 0 ? fdopen(output[0], "r") : nullptr;
	if (stream == nullptr) {
		close(output[0]);
		vx_error_set_errno(err, result != 0 ? result : errno, "cannot run '%s'", program);
	}
	return stream;
}
