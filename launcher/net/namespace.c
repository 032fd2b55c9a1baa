/* SPDX-License-Identifier: MIT */
/* The namespaces, and what is behind "up" where that is the host's network. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "net/arguments.h"
#include "net/net.h"
#include "net/plan.h"

static const char *const pasta_options[] = {
	"--quiet",
	"--foreground",

	/* It gives the namespace its one interface. */
	"--config-net",
	"--ns-ifname=" VM_UPLINK,
	"--address=" VM_INNER_ADDRESS,
	"--netmask=" VM_INNER_PREFIX,
	"--gateway=" VM_INNER_GATEWAY,
	"--dns-forward=" VM_INNER_RESOLVER,

	/* No address stands for the host: its loopback services are out of reach. */
	"--no-map-gw",
	"--map-host-loopback=none",
	"--map-guest-addr=none",

	/* Nothing comes in, and nothing goes between the two loopback interfaces. */
	"--tcp-ports=none",
	"--udp-ports=none",
	"--tcp-ns=none",
	"--udp-ns=none",
};

static const char *const ipv6_options[] = {
	"--address=" VM_INNER_ADDRESS6,
	"--gateway=" VM_INNER_GATEWAY6,
	"--no-ra",
	"--no-dhcpv6",
};
static const char *const ipv4_options[] = {"--ipv4-only"};

static const char *const command[] = {
	/* AppArmor's profile of pasta lets it start programs in /usr/bin alone. */
	"--",
	"env",
};

static bool find_self(char path[static PATH_MAX], struct vx_error *err)
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
	return length > 0 || vx_error_set_errno(err, errno, "can't find vixos-net");
}

bool net_behind_host(const struct net_options *options, struct vx_error *err)
{
	char self[PATH_MAX];
	if (!find_self(self, err)) {
		return false;
	}
	const char *argv[1 + VX_ARRAY_LENGTH(pasta_options) + VX_ARRAY_LENGTH(ipv6_options) +
			 VX_ARRAY_LENGTH(command) + 5] = {"pasta"};
	size_t count = 1;
	ARGUMENTS_APPEND(argv, &count, pasta_options);
	if (options->has_ipv6) {
		ARGUMENTS_APPEND(argv, &count, ipv6_options);
	} else {
		ARGUMENTS_APPEND(argv, &count, ipv4_options);
	}
	ARGUMENTS_APPEND(argv, &count, command);
	argv[count++] = self;
	argv[count++] = options->has_ipv6 ? net_inside_both : net_inside_ipv4;
	argv[count++] = options->socket_path;
	argv[count++] = options->control_path;
	execvp("pasta", (char *const *)argv);
	return errno == ENOENT
		       ? vx_error_set(err, "passt, with its program pasta, is not installed")
		       : vx_error_set_errno(err, errno, "can't start pasta");
}

static bool write_file(const char *path, const char *text, struct vx_error *err)
{
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	return (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text)) ||
	       vx_error_set_errno(err, errno, "can't write '%s'", path);
}

/* As pasta does it: root of the namespace is the user. */
static bool make_namespaces(struct vx_error *err)
{
	vx_cleanup_free char *users = vx_printf("0 %u 1", (unsigned)getuid());
	vx_cleanup_free char *groups = vx_printf("0 %u 1", (unsigned)getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS) != 0) {
		return vx_error_set_errno(err, errno,
			"can't make namespaces (kernel.unprivileged_userns_clone, "
			"user.max_user_namespaces and AppArmor can forbid it)");
	}
	return write_file("/proc/self/setgroups", "deny", err) &&
	       write_file("/proc/self/uid_map", users, err) &&
	       write_file("/proc/self/gid_map", groups, err);
}

int net_behind_vm(const struct net_options *options, struct vx_error *err)
{
	char self[PATH_MAX];
	if (!find_self(self, err) || !make_namespaces(err)) {
		return -1;
	}
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* passt looks at itself there. */
		(void)mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
		(void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
		execl(self, "vixos-net", net_inside_ipv4, options->socket_path,
			options->control_path, nullptr);
		_exit(127);
	}
	int status = 0;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (child < 0) {
		vx_error_set_errno(err, errno, "can't start a process in the namespace");
		return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
