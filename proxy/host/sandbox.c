/* SPDX-License-Identifier: MIT */
#include "proxy/host/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"

#define VX_LOG_MODULE "sandbox"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
static constexpr bool with_sanitizer = true;
#else
static constexpr bool with_sanitizer = false;
#endif

static constexpr uint64_t data_max = UINT64_C(512) * 1024 * 1024;

/* --- descriptors and limits --- */

static int compare_fds(const void *a, const void *b)
{
	int left = *(const int *)a;
	int right = *(const int *)b;
	return (left > right) - (left < right);
}

static bool close_between(unsigned first, unsigned last, struct vx_error *err)
{
	if (first <= last && syscall(SYS_close_range, first, last, 0u) < 0) {
		return vx_error_set_errno(err, errno, "can't close inherited descriptors");
	}
	return true;
}

bool sandbox_close_inherited(const int *keep, size_t keep_count, struct vx_error *err)
{
	unsigned first = STDERR_FILENO + 1;
	vx_cleanup_free int *sorted = vx_calloc(keep_count + 1, sizeof(*sorted));
	for (size_t i = 0; i < keep_count; i++) {
		sorted[i] = keep[i];
	}
	qsort(sorted, keep_count, sizeof(*sorted), compare_fds);
	for (size_t i = 0; i < keep_count; i++) {
		if (sorted[i] < (int)first) {
			continue;
		}
		unsigned kept = (unsigned)sorted[i];
		if (!close_between(first, kept - 1, err)) {
			return false;
		}
		first = kept + 1;
	}
	return close_between(first, ~0u, err);
}

static bool limit_resources(struct vx_error *err)
{
	/* A sanitizer's shadow memory and its leak checker's thread need what these forbid. */
	static const struct {
		__rlimit_resource_t resource;
		rlim_t limit;
		bool with_sanitizer;
	} limits[] = {
		{RLIMIT_CORE, 0, true},
		{RLIMIT_NOFILE, sandbox_fds_max, true},
		{RLIMIT_NPROC, 0, false},
		{RLIMIT_AS, sandbox_address_space_max, false},
		{RLIMIT_DATA, data_max, false},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(limits); i++) {
		struct rlimit old;
		if ((with_sanitizer && !limits[i].with_sanitizer) ||
			getrlimit(limits[i].resource, &old) < 0) {
			continue;
		}
		rlim_t limit = limits[i].limit < old.rlim_max ? limits[i].limit : old.rlim_max;
		if (setrlimit(limits[i].resource, &(struct rlimit){limit, limit}) < 0) {
			return vx_error_set_errno(err, errno, "can't limit resources");
		}
	}
	return true;
}

/* --- Landlock --- */

/* What each version of the interface can take away; headers may be older than the kernel. */
static const struct {
	uint64_t fs, net, scoped;
} landlock_rights[] = {
	{0x1fff, 0, 0}, /* 1: execute, read, write, list, remove and make of every kind */
	{0x2000, 0, 0}, /* 2: refer */
	{0x4000, 0, 0}, /* 3: truncate */
	{0, 3, 0},      /* 4: bind and connect TCP */
	{0x8000, 0, 0}, /* 5: ioctl on devices */
	{0, 0, 3},      /* 6: abstract unix sockets, signals */
};

static bool enter_landlock(struct vx_error *err)
{
	struct {
		uint64_t fs, net, scoped;
	} handled = {};
	long version = syscall(
		SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1) {
		vx_log_warn("the kernel has no Landlock, going on with seccomp alone");
		return true;
	}
	size_t known = VX_ARRAY_LENGTH(landlock_rights);
	for (size_t i = 0; i < known && i < (size_t)version; i++) {
		handled.fs |= landlock_rights[i].fs;
		handled.net |= landlock_rights[i].net;
		handled.scoped |= landlock_rights[i].scoped;
	}
	if (with_sanitizer) {
		handled.fs &= ~UINT64_C(0xc); /* reading: the leak checker looks at /proc/self */
	}
	/* An older kernel takes a longer structure whose tail is zero. */
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) {
		return vx_error_set_errno(err, errno, "can't enter Landlock");
	}
	close(ruleset);
	vx_log_debug("Landlock version %ld", version);
	return true;
}

/* --- seccomp --- */

enum rule_condition : unsigned {
	ANY,
	NOT_EXECUTABLE, /* argument 2 lacks PROT_EXEC */
	UNIX_SOCKET,    /* argument 0 is AF_UNIX */
	OWN_PROCESS,    /* argument 0 is our process id */
	COMMAND,        /* argument 1 is `value` */
	USB_REQUEST,    /* argument 1 is one of usbdevfs' requests */
};

static constexpr unsigned in_proxy = 1 << SANDBOX_PROXY;
static constexpr unsigned in_connector = 1 << SANDBOX_CONNECTOR;
static constexpr unsigned in_usb = 1 << SANDBOX_USB;
static constexpr unsigned in_both = in_proxy | in_connector;
static constexpr unsigned in_all = in_both | in_usb;
static_assert(SANDBOX_ROLE_COUNT == 3);

struct rule {
	int call;
	unsigned roles;
	enum rule_condition condition;
	unsigned value;
};

static const struct rule rules[] = {
	/* bytes over descriptors that we hold */
	{SCMP_SYS(read), in_all, ANY},
	{SCMP_SYS(write), in_all, ANY},
	{SCMP_SYS(readv), in_proxy, ANY},
	{SCMP_SYS(writev), in_all, ANY},
	{SCMP_SYS(pread64), in_proxy, ANY}, /* keymaps, from the compositor's fd */
	{SCMP_SYS(recvmsg), in_both, ANY},  /* libwayland */
	{SCMP_SYS(sendmsg), in_both, ANY},
	{SCMP_SYS(recvfrom), in_all, ANY}, /* exec streams */
	{SCMP_SYS(sendto), in_all, ANY},
	{SCMP_SYS(accept4), in_proxy, ANY},    /* the control socket, bound before */
	{SCMP_SYS(getsockopt), in_proxy, ANY}, /* who connected to it */
	{SCMP_SYS(shutdown), in_proxy, ANY},
	{SCMP_SYS(close), in_all, ANY},
	/* no F_SETOWN: that sends signals to any process of the user's */
	{SCMP_SYS(fcntl), in_both, COMMAND, F_DUPFD_CLOEXEC},
	{SCMP_SYS(fcntl), in_both, COMMAND, F_GETFD},
	{SCMP_SYS(fcntl), in_both, COMMAND, F_SETFD},
	{SCMP_SYS(fcntl), in_both, COMMAND, F_GETFL},
	{SCMP_SYS(fcntl), in_both, COMMAND, F_SETFL},
	{SCMP_SYS(fcntl), in_both, COMMAND, F_ADD_SEALS},
	{SCMP_SYS(fcntl), in_both, COMMAND, F_GET_SEALS},
	{SCMP_SYS(fstat), in_proxy | in_usb, ANY}, /* of fds from the compositor */
	{SCMP_SYS(lseek), in_proxy, ANY},
	/* new descriptors that lead nowhere outside */
	{SCMP_SYS(pipe2), in_proxy, ANY},        /* clipboard transfers */
	{SCMP_SYS(memfd_create), in_proxy, ANY}, /* wl_shm pools of cursors and the like */
	{SCMP_SYS(ftruncate), in_proxy, ANY},
	{SCMP_SYS(timerfd_create), in_proxy, ANY}, /* wl_event_loop makes its timer late */
	{SCMP_SYS(timerfd_settime), in_proxy | in_usb, ANY},
	{SCMP_SYS(eventfd2), in_proxy, ANY},
	/* waiting */
	{SCMP_SYS(epoll_wait), in_proxy, ANY},
	{SCMP_SYS(epoll_pwait), in_proxy, ANY},
	{SCMP_SYS(epoll_pwait2), in_proxy, ANY},
	{SCMP_SYS(epoll_ctl), in_proxy, ANY},
	{SCMP_SYS(poll), in_all, ANY},
	{SCMP_SYS(ppoll), in_all, ANY},
	{SCMP_SYS(restart_syscall), in_all, ANY},
	/* time: where the vDSO can't tell it */
	{SCMP_SYS(clock_gettime), in_all, ANY},
	{SCMP_SYS(clock_nanosleep), in_all, ANY},
	{SCMP_SYS(gettimeofday), in_all, ANY},
	/* memory, never executable */
	{SCMP_SYS(mmap), in_all, NOT_EXECUTABLE},
	{SCMP_SYS(mprotect), in_all, NOT_EXECUTABLE},
	{SCMP_SYS(munmap), in_all, ANY},
	{SCMP_SYS(mremap), in_all, ANY},
	{SCMP_SYS(madvise), in_all, ANY},
	{SCMP_SYS(brk), in_all, ANY},
	{SCMP_SYS(getrandom), in_all, ANY}, /* malloc's tags */
	{SCMP_SYS(futex), in_all, ANY},     /* libwayland's locks */
	/* signals and the end; assertions end in abort() */
	{SCMP_SYS(rt_sigreturn), in_all, ANY},
	{SCMP_SYS(rt_sigaction), in_all, ANY},
	{SCMP_SYS(rt_sigprocmask), in_all, ANY},
	{SCMP_SYS(getpid), in_all, ANY},
	{SCMP_SYS(geteuid), in_proxy, ANY}, /* is who connected to it one of ours? */
	{SCMP_SYS(gettid), in_all, ANY},
	{SCMP_SYS(tgkill), in_all, OWN_PROCESS},
	{SCMP_SYS(wait4), in_proxy, ANY}, /* the connector's end */
	{SCMP_SYS(exit), in_all, ANY},
	{SCMP_SYS(exit_group), in_all, ANY},
	/* vixos-usb's job; a terminal, which its log may be, knows none of these */
	{SCMP_SYS(ioctl), in_usb, USB_REQUEST},
	/* the connector's job */
	{SCMP_SYS(socket), in_connector, UNIX_SOCKET},
	{SCMP_SYS(connect), in_connector, ANY},
	{SCMP_SYS(setsockopt), in_connector, ANY}, /* a time limit on connect() */
};

#if defined(__SANITIZE_ADDRESS__)
/* AddressSanitizer's reports and the leak checker at exit: they read /proc and trace themselves. */
static const int sanitizer_calls[] = {
	SCMP_SYS(arch_prctl),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(getdents64),
	SCMP_SYS(getppid),
	SCMP_SYS(getrlimit),
	SCMP_SYS(getrusage),
	SCMP_SYS(kill),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(prctl),
	SCMP_SYS(prlimit64),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(ptrace),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(stat),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(ioctl),
	SCMP_SYS(access),
	SCMP_SYS(wait4),
	SCMP_SYS(getuid),
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
};

static int add_sanitizer_calls(scmp_filter_ctx filter)
{
	vx_log_warn("built with a sanitizer: the filter is wider than in real builds");
	for (size_t i = 0; i < VX_ARRAY_LENGTH(sanitizer_calls); i++) {
		int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, sanitizer_calls[i], 0);
		if (error < 0 && error != -EEXIST) {
			return error;
		}
	}
	return 0;
}
#else
static int add_sanitizer_calls(scmp_filter_ctx filter)
{
	return 0;
}
#endif

static int add_rule(scmp_filter_ctx filter, const struct rule *rule)
{
	const struct scmp_arg_cmp conditions[] = {
		[NOT_EXECUTABLE] = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
		[UNIX_SOCKET] = SCMP_A0_32(SCMP_CMP_EQ, AF_UNIX),
		[OWN_PROCESS] = SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)getpid()),
		[COMMAND] = SCMP_A1_32(SCMP_CMP_EQ, rule->value),
		[USB_REQUEST] = SCMP_A1_32(SCMP_CMP_MASKED_EQ, 0xff00, 'U' << 8),
	};
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule->call,
		rule->condition == ANY ? 0 : 1, &conditions[rule->condition]);
}

static int add_rules(scmp_filter_ctx filter, enum sandbox_role role)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(rules); i++) {
		if ((rules[i].roles & (1u << role)) == 0) {
			continue;
		}
		int error = add_rule(filter, &rules[i]);
		if (error < 0) {
			return error;
		}
	}
	return add_sanitizer_calls(filter);
}

static bool enter_seccomp(enum sandbox_role role, struct vx_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == nullptr) {
		return vx_error_set(err, "can't make a seccomp filter");
	}
	int error = add_rules(filter, role);
	if (error == 0) {
		/* A tree instead of a list: the calls are many, and each one of ours passes here.
		 */
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
		error = seccomp_load(filter);
	}
	seccomp_release(filter);
	if (error < 0) {
		return vx_error_set_errno(err, -error, "can't load the seccomp filter");
	}
	return true;
}

bool sandbox_enter(enum sandbox_role role, struct vx_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		return vx_error_set_errno(err, errno, "can't give up new privileges");
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		return vx_error_set_errno(err, errno, "can't forbid tracing");
	}
	return limit_resources(err) && enter_landlock(err) && enter_seccomp(role, err);
}
