/* SPDX-License-Identifier: MIT */
#include "init/supervise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/console.h"
#include "init/hotplug.h"
#include "init/user.h"

#define GUEST_PROGRAM "/run/vixos/vixos-guest"

static constexpr int end_deadline_ms = 3000;
static constexpr size_t buttons_max = 7;
static constexpr nfds_t first_button = 2;

/* What PID 1 knows while it waits. */
struct supervisor {
	pid_t guest;
	struct pollfd polled[2 + buttons_max]; /* signals, new devices, then input devices */
	nfds_t polled_count;
	bool ending;
};

static void fill_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGPWR);
}

void supervise_prepare(void)
{
	sigset_t set;
	fill_signals(&set);
	sigprocmask(SIG_BLOCK, &set, nullptr);
}

/* In the child: nothing here returns where it could go on with root's rights. */
[[noreturn]] static void run_guest(int start_fd)
{
	static const char *const environment[] = {"HOME=/home/user", "USER=user", "LOGNAME=user",
		"XDG_RUNTIME_DIR=/run/user/1000",
		"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", nullptr};
	const char *const argv[] = {"vixos-guest", start_fd >= 0 ? "--wait" : nullptr, nullptr};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	setsid();
	/* Its log must never hold it up: what the console doesn't take at once is lost. */
	int log = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(start_fd >= 0 ? start_fd : null, STDIN_FILENO);
	dup2(log < 0 ? null : log, STDOUT_FILENO);
	dup2(log < 0 ? null : log, STDERR_FILENO);
	struct rlimit files = {.rlim_cur = 16384, .rlim_max = 524288};
	setrlimit(RLIMIT_NOFILE, &files);
	if (setgroups(0, nullptr) != 0 || setresgid(user_id, user_id, user_id) != 0 ||
		setresuid(user_id, user_id, user_id) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || chdir("/home/user") != 0) {
		_exit(125);
	}
	execve(GUEST_PROGRAM, (char *const *)argv, (char *const *)environment);
	_exit(errno == ENOENT ? 127 : 126);
}

pid_t supervise_start_guest(int start_fd, struct vx_error *err)
{
	pid_t guest = fork();
	if (guest < 0) {
		vx_error_set_errno(err, errno, "can't start vixos-guest");
	} else if (guest == 0) {
		run_guest(start_fd);
	}
	return guest;
}

static void open_buttons(struct supervisor *supervisor)
{
	DIR *directory = opendir("/dev/input");
	if (directory == nullptr) {
		return;
	}
	for (struct dirent *entry = readdir(directory);
		entry != nullptr && supervisor->polled_count < first_button + buttons_max;
		entry = readdir(directory)) {
		if (strncmp(entry->d_name, "event", 5) != 0) {
			continue;
		}
		int fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0) {
			supervisor->polled[supervisor->polled_count++] = (struct pollfd){
				.fd = fd, .events = POLLIN};
		}
	}
	closedir(directory);
}

static bool is_power_pressed(int fd)
{
	struct input_event event;
	while (read(fd, &event, sizeof(event)) == (ssize_t)sizeof(event)) {
		if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1) {
			return true;
		}
	}
	return false;
}

static void report_end(int status)
{
	if (WIFSIGNALED(status)) {
		console_say("vixos-guest was killed by signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status) != 0) {
		console_say("vixos-guest ended with status %d", WEXITSTATUS(status));
	}
}

static void reap(struct supervisor *supervisor)
{
	int status;
	for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0;
		pid = waitpid(-1, &status, WNOHANG)) {
		if (pid == supervisor->guest) {
			if (!supervisor->ending) {
				report_end(status);
			}
			supervise_power_off();
		}
	}
}

static void end_guest(struct supervisor *supervisor, const char *reason)
{
	if (!supervisor->ending) {
		supervisor->ending = true;
		console_say("%s: ending", reason);
		kill(supervisor->guest, SIGTERM);
	}
}

static void handle_signals(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;
	while (read(supervisor->polled[0].fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGCHLD) {
			end_guest(supervisor, "asked by a signal");
		}
	}
	reap(supervisor);
}

static void handle_buttons(struct supervisor *supervisor)
{
	for (nfds_t i = first_button; i < supervisor->polled_count; i++) {
		struct pollfd *button = &supervisor->polled[i];
		if ((button->revents & POLLIN) != 0 && is_power_pressed(button->fd)) {
			end_guest(supervisor, "power button");
		} else if ((button->revents & (POLLERR | POLLHUP)) != 0) {
			button->fd = -1; /* unplugged; poll() passes it over */
		}
	}
}

void supervise(pid_t guest, int hotplug_fd)
{
	sigset_t set;
	fill_signals(&set);
	struct supervisor supervisor = {.guest = guest, .polled_count = first_button};
	supervisor.polled[0] = (struct pollfd){
		.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .events = POLLIN};
	supervisor.polled[1] = (struct pollfd){.fd = hotplug_fd, .events = POLLIN};
	open_buttons(&supervisor);
	for (;;) {
		int ready = poll(supervisor.polled, supervisor.polled_count,
			supervisor.ending ? end_deadline_ms : -1);
		if (ready == 0) {
			supervise_power_off();
		}
		handle_signals(&supervisor);
		if (supervisor.polled[1].revents != 0) {
			hotplug_dispatch(hotplug_fd);
		}
		handle_buttons(&supervisor);
	}
}

/* True when no process is left but this one. */
static bool wait_for_all(unsigned timeout_ms)
{
	static constexpr unsigned step_ms = 10;
	for (unsigned waited = 0; waited < timeout_ms; waited += step_ms) {
		pid_t pid;
		do {
			pid = waitpid(-1, nullptr, WNOHANG);
		} while (pid > 0);
		if (pid < 0) {
			return true;
		}
		nanosleep(&(struct timespec){.tv_nsec = step_ms * 1'000'000L}, nullptr);
	}
	return false;
}

void supervise_power_off(void)
{
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	if (!wait_for_all(1000)) {
		kill(-1, SIGKILL);
		wait_for_all(500);
	}
	sync();
	console_say("power off");
	reboot(RB_POWER_OFF);
	/* A VM without ACPI: a restart ends it too, for QEMU is told not to restart. */
	reboot(RB_AUTOBOOT);
	for (;;) {
		pause();
	}
}
