/* SPDX-License-Identifier: MIT */
/* Each case runs in a child that has entered the sandbox; what is refused kills it by SIGSYS. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include <cmocka.h>

#include "common/fd.h"
#include "common/memory.h"
#include "proxy/host/sandbox.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

static void try_open(void)
{
	_exit(open("/etc/passwd", O_RDONLY) >= 0 ? 10 : 11);
}

static void try_create(void)
{
	_exit(syscall(SYS_openat, AT_FDCWD, "/tmp/x", O_RDWR | O_CREAT, 0600) >= 0 ? 10 : 11);
}

static void try_unix_socket(void)
{
	_exit(socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 10 : 11);
}

static void try_inet_socket(void)
{
	_exit(socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 10 : 11);
}

static void try_netlink_socket(void)
{
	_exit(socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ? 10 : 11);
}

static void try_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	_exit(connect(0, (struct sockaddr *)&address, sizeof(address)) == 0 ? 10 : 11);
}

static void try_execve(void)
{
	execl("/bin/true", "true", nullptr);
	_exit(11);
}

static void try_fork(void)
{
	_exit(fork() >= 0 ? 10 : 11);
}

static void try_vfork_call(void)
{
	_exit(syscall(SYS_vfork) >= 0 ? 10 : 11);
}

static void try_ptrace(void)
{
	_exit(ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) == 0 ? 10 : 11);
}

static void try_kill_parent(void)
{
	_exit(syscall(SYS_tgkill, 1, 1, 0) == 0 ? 10 : 11);
}

static void try_executable_mapping(void)
{
	void *map = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	_exit(map != MAP_FAILED ? 10 : 11);
}

static void try_executable_protection(void)
{
	void *map = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	_exit(mprotect(map, 4096, PROT_READ | PROT_EXEC) == 0 ? 10 : 11);
}

static void try_io_uring(void)
{
	char parameters[120] = {};
	_exit(syscall(SYS_io_uring_setup, 1, parameters) >= 0 ? 10 : 11);
}

static void try_bpf(void)
{
	_exit(syscall(SYS_bpf, 0, nullptr, 0) >= 0 ? 10 : 11);
}

static void try_mount(void)
{
	_exit(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr) == 0 ? 10 : 11);
}

static void try_raise_limit(void)
{
	struct rlimit limit = {100000, 100000};
	_exit(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 10 : 11);
}

static void try_stat(void)
{
	struct stat status;
	_exit(stat("/etc/passwd", &status) == 0 ? 10 : 11);
}

/* With O_ASYNC that would send any signal to any process of the user's. */
static void try_set_owner(void)
{
	_exit(fcntl(1, F_SETOWN, getppid()) == 0 ? 10 : 11);
}

/* Types into the terminal that a log may be. */
static void try_terminal(void)
{
	_exit(ioctl(2, TIOCSTI, "x") == 0 ? 10 : 11);
}

struct probe {
	const char *name;
	void (*run)(void);
	bool connector_may;    /* the connector's job */
	bool sanitizer_allows; /* in the table of extra calls; Landlock or limits may still refuse
				*/
};

static const struct probe refused[] = {
	{"open", try_open, false, true},
	{"create", try_create, false, true},
	{"unix socket", try_unix_socket, true, false},
	{"inet socket", try_inet_socket, false, false},
	{"netlink socket", try_netlink_socket, false, false},
	{"connect", try_connect, true, false},
	{"execve", try_execve, false, false},
	{"fork", try_fork, false, true},
	{"vfork", try_vfork_call, false, false},
	{"ptrace", try_ptrace, false, true},
	{"tgkill", try_kill_parent, false, false},
	{"mmap PROT_EXEC", try_executable_mapping, false, false},
	{"mprotect PROT_EXEC", try_executable_protection, false, false},
	{"io_uring", try_io_uring, false, false},
	{"bpf", try_bpf, false, false},
	{"mount", try_mount, false, false},
	{"setrlimit", try_raise_limit, false, true},
	{"stat", try_stat, false, true},
	{"fcntl F_SETOWN", try_set_owner, false, false},
	{"ioctl TIOCSTI", try_terminal, false, true},
};

/* Made before the sandbox, as the proxy does. */
static struct wl_event_loop *loop;

static int run_sandboxed(enum sandbox_role role, void (*run)(void))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){});
		signal(SIGSEGV, SIG_DFL); /* cmocka has a handler of its own */
		loop = wl_event_loop_create();
		if (!sandbox_enter(role, nullptr)) {
			_exit(99);
		}
		run();
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool was_refused(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void check_refused(enum sandbox_role role)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(refused); i++) {
		if (role == SANDBOX_CONNECTOR && refused[i].connector_may) {
			continue;
		}
#if defined(__SANITIZE_ADDRESS__)
		if (refused[i].sanitizer_allows) {
			continue;
		}
#endif
		int status = run_sandboxed(role, refused[i].run);
		if (!was_refused(status)) {
			fail_msg("%s was not refused: status %x", refused[i].name, status);
		}
	}
}

static void test_proxy_is_refused_what_it_does_not_need(void **state)
{
	check_refused(SANDBOX_PROXY);
}

static void test_connector_is_refused_what_it_does_not_need(void **state)
{
	check_refused(SANDBOX_CONNECTOR);
}

static void test_usb_is_refused_what_it_does_not_need(void **state)
{
	check_refused(SANDBOX_USB);
}

/* --- every call that there is --- */

enum role_bits : unsigned {
	P = 1 << SANDBOX_PROXY,
	C = 1 << SANDBOX_CONNECTOR,
	U = 1 << SANDBOX_USB,
};

/* Those that get through with arguments of all ones; some do with others only. */
static const struct {
	long call;
	unsigned roles;
} allowed[] = {
	{SYS_read, P | C | U},
	{SYS_write, P | C | U},
	{SYS_readv, P},
	{SYS_writev, P | C | U},
	{SYS_pread64, P},
	{SYS_recvmsg, P | C},
	{SYS_sendmsg, P | C},
	{SYS_recvfrom, P | C | U},
	{SYS_sendto, P | C | U},
	{SYS_accept4, P},
	{SYS_getsockopt, P},
	{SYS_shutdown, P},
	{SYS_close, P | C | U},
	{SYS_fstat, P | U},
	{SYS_lseek, P},
	{SYS_pipe2, P},
	{SYS_memfd_create, P},
	{SYS_ftruncate, P},
	{SYS_timerfd_create, P},
	{SYS_timerfd_settime, P | U},
	{SYS_eventfd2, P},
	{SYS_epoll_pwait, P},
	{SYS_epoll_pwait2, P},
	{SYS_epoll_ctl, P},
	{SYS_ppoll, P | C | U},
	{SYS_restart_syscall, P | C | U},
	{SYS_clock_gettime, P | C | U},
	{SYS_clock_nanosleep, P | C | U},
	{SYS_gettimeofday, P | C | U},
	{SYS_munmap, P | C | U},
	{SYS_mremap, P | C | U},
	{SYS_madvise, P | C | U},
	{SYS_brk, P | C | U},
	{SYS_getrandom, P | C | U},
	{SYS_futex, P | C | U},
	{SYS_rt_sigreturn, P | C | U},
	{SYS_rt_sigaction, P | C | U},
	{SYS_rt_sigprocmask, P | C | U},
	{SYS_getpid, P | C | U},
	{SYS_geteuid, P},
	{SYS_gettid, P | C | U},
	{SYS_wait4, P},
	{SYS_exit, P | C | U},
	{SYS_exit_group, P | C | U},
	{SYS_connect, C},
	{SYS_setsockopt, C},
#ifdef SYS_poll
	{SYS_poll, P | C | U},
#endif
#ifdef SYS_epoll_wait
	{SYS_epoll_wait, P},
#endif
};

static constexpr long calls_end = 512; /* the kernel has fewer */
/* Linux asks no filter about these two of x86; they do nothing where nobody has set a probe. */
static constexpr long uretprobe_call = 335;
static constexpr long uprobe_call = 336;

static bool is_allowed(long call, enum sandbox_role role)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(allowed); i++) {
		if (allowed[i].call == call) {
			return (allowed[i].roles & (1u << role)) != 0;
		}
	}
	return false;
}

static long probed_call;

static void try_call(void)
{
	syscall(probed_call, -1L, -1L, -1L, -1L, -1L, -1L);
	_exit(0);
}

static void test_no_other_call_gets_through(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
	skip();
#endif
	for (unsigned role = 0; role < SANDBOX_ROLE_COUNT; role++) {
		for (probed_call = 0; probed_call < calls_end; probed_call++) {
			if (probed_call == uretprobe_call || probed_call == uprobe_call) {
				continue;
			}
			bool expected = is_allowed(probed_call, role);
			bool stopped = was_refused(run_sandboxed(role, try_call));
			if (stopped == expected) {
				fail_msg("call %ld of role %u was %s", probed_call, role,
					stopped ? "refused" : "let through");
			}
		}
	}
}

static void need(bool condition, int number)
{
	if (!condition) {
		_exit(number);
	}
}

static int count_call(int fd, uint32_t mask, void *data)
{
	char byte;
	need(read(fd, &byte, 1) == 1, 30);
	++*(int *)data;
	return 0;
}

static int count_timer(void *data)
{
	++*(int *)data;
	return 0;
}

static void use_event_loop(void)
{
	need(loop != nullptr, 31);
	int pipes[2];
	int calls = 0;
	need(pipe2(pipes, O_CLOEXEC | O_NONBLOCK) == 0, 32);
	struct wl_event_source *source = wl_event_loop_add_fd(
		loop, pipes[0], WL_EVENT_READABLE, count_call, &calls);
	struct wl_event_source *timer = wl_event_loop_add_timer(loop, count_timer, &calls);
	need(source != nullptr && timer != nullptr, 33);
	wl_event_source_timer_update(timer, 1);
	need(write(pipes[1], "x", 1) == 1, 34);
	while (calls < 2) {
		need(wl_event_loop_dispatch(loop, 5000) == 0, 35);
	}
	wl_event_source_remove(source);
	wl_event_source_remove(timer);
	wl_event_loop_destroy(loop);
}

static void use_memory(void)
{
	char *large = malloc(8 * 1024 * 1024);
	need(large != nullptr, 40);
	memset(large, 1, 8 * 1024 * 1024);
	large = realloc(large, 16 * 1024 * 1024);
	need(large != nullptr, 41);
	free(large);
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	need(fd >= 0 && ftruncate(fd, 8192) == 0, 42);
	need(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0, 43);
	struct stat status;
	need(fstat(fd, &status) == 0 && status.st_size == 8192, 44);
	void *map = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(map != MAP_FAILED && munmap(map, 8192) == 0 && close(fd) == 0, 45);
}

static void use_everything(void)
{
	use_event_loop();
	use_memory();
	struct timespec now;
	need(clock_gettime(CLOCK_MONOTONIC, &now) == 0, 50);
	need(fcntl(0, F_GETFL) >= 0, 51);
	_exit(0);
}

static void test_proxy_has_what_it_needs(void **state)
{
	int status = run_sandboxed(SANDBOX_PROXY, use_everything);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A failed assertion ends as a core-less SIGABRT that a supervisor can tell from a refused call. */
static void test_abort_is_an_abort(void **state)
{
	int status = run_sandboxed(SANDBOX_PROXY, abort);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void use_loop_only(void)
{
	use_event_loop();
}

static void test_entering_leaves_descriptors_usable(void **state)
{
	assert_int_equal(run_sandboxed(SANDBOX_PROXY, use_loop_only), 0);
}

static void test_inherited_descriptors_are_closed(void **state)
{
	pid_t pid = fork();
	if (pid == 0) {
		int first = dup(1);
		int second = dup(1);
		int third = dup(1);
		int keep[] = {third, first};
		need(sandbox_close_inherited(keep, 2, nullptr), 60);
		need(fcntl(first, F_GETFD) >= 0 && fcntl(third, F_GETFD) >= 0, 61);
		need(fcntl(second, F_GETFD) < 0 && fcntl(1, F_GETFD) >= 0, 62);
		need(sandbox_close_inherited(nullptr, 0, nullptr), 63);
		need(fcntl(first, F_GETFD) < 0 && fcntl(third, F_GETFD) < 0, 64);
		_exit(0);
	}
	int status = 0;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proxy_is_refused_what_it_does_not_need),
		cmocka_unit_test(test_connector_is_refused_what_it_does_not_need),
		cmocka_unit_test(test_usb_is_refused_what_it_does_not_need),
		cmocka_unit_test(test_no_other_call_gets_through),
		cmocka_unit_test(test_proxy_has_what_it_needs),
		cmocka_unit_test(test_abort_is_an_abort),
		cmocka_unit_test(test_entering_leaves_descriptors_usable),
		cmocka_unit_test(test_inherited_descriptors_are_closed),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
