/* SPDX-License-Identifier: MIT */
#include "init/hotplug.h"

#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "init/console.h"
#include "init/user.h"

static constexpr size_t message_max = 8192;
static constexpr unsigned from_kernel = 1; /* the multicast group */

int hotplug_open(struct vx_error *err)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = from_kernel};
	vx_cleanup_close int fd = socket(
		AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		vx_error_set_errno(err, errno, "can't hear of new devices");
		return -1;
	}
	return vx_take_fd(fd);
}

/* For what the boot image doesn't bring along: from the modules in /usr, if they are this kernel's.
 * Not waited for; supervise.c reaps it. */
static void load_driver(const char *alias)
{
	if (fork() != 0) {
		return;
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	execl("/usr/sbin/modprobe", "modprobe", "-q", "--", alias, nullptr);
	_exit(127);
}

static void give_node(const char *node)
{
	vx_cleanup_free char *path = vx_printf("/dev/%s", node);
	if (chown(path, user_id, user_id) != 0 || chmod(path, 0600) != 0) {
		console_say("can't give '%s' to the user", path);
	}
}

void hotplug_dispatch(int fd)
{
	char message[message_max];
	struct sockaddr_nl sender;
	for (;;) {
		socklen_t length = sizeof(sender);
		ssize_t size = recvfrom(fd, message, sizeof(message), MSG_DONTWAIT,
			(struct sockaddr *)&sender, &length);
		if (size < 0) {
			return;
		}
		if (sender.nl_pid != 0) {
			continue;
		}
		struct hotplug_event event = hotplug_parse(message, (size_t)size);
		if (event.node != nullptr) {
			give_node(event.node);
		}
		if (event.alias != nullptr) {
			load_driver(event.alias);
		}
	}
}
