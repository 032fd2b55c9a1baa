/* SPDX-License-Identifier: MIT */
#include "init/network.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/interface.h"
#include "init/console.h"
#include "init/forward.h"
#include "init/lease.h"
#include "init/modules.h"

static constexpr size_t event_max = 8192;

/* In a process of its own: who gives addresses may be slow, or not there. */
static void start_uplink(int control, const char *interface)
{
	if (!vx_interface_bring_up(control, interface)) {
		console_say("no network: can't bring up '%s'", interface);
		return;
	}
	if (fork() == 0) {
		signal(SIGCHLD, SIG_DFL);
		lease_keep(control, interface);
		_exit(0);
	}
}

static void start_client(int control, const char *interface, unsigned number)
{
	if (fork() == 0) {
		signal(SIGCHLD, SIG_DFL);
		forward_add_client(control, interface, number);
		_exit(0);
	}
}

static void start_interface(int control, const char *interface)
{
	uint8_t address[6];
	unsigned number;
	if (!vx_interface_get_hardware_address(control, interface, address)) {
		return;
	}
	if (forward_is_client(address, &number)) {
		start_client(control, interface, number);
	} else {
		start_uplink(control, interface);
	}
}

static void start_present(int control)
{
	struct if_nameindex *interfaces = if_nameindex();
	for (size_t i = 0; interfaces != nullptr && interfaces[i].if_name != nullptr; i++) {
		start_interface(control, interfaces[i].if_name);
	}
	if_freenameindex(interfaces);
}

/* The value of `key` in a kernel's event, strings one behind another; NULL where it has none. */
static const char *event_get(const char *event, size_t size, const char *key)
{
	size_t length = strlen(key);
	for (size_t at = 0; at < size; at += strlen(event + at) + 1) {
		if (strncmp(event + at, key, length) == 0 && event[at + length] == '=') {
			return event + at + length + 1;
		}
	}
	return nullptr;
}

static bool event_is(const char *event, size_t size, const char *key, const char *value)
{
	const char *found = event_get(event, size, key);
	return found != nullptr && strncmp(found, value, strlen(value)) == 0;
}

static void handle_event(int control, int modules, const char *event, size_t size)
{
	vx_cleanup_error struct vx_error err = {};
	const char *interface = event_get(event, size, "INTERFACE");
	if (!event_is(event, size, "ACTION", "add")) {
		return;
	}
	if (event_is(event, size, "MODALIAS", "virtio:d00000001v") &&
		!modules_load_network(modules, &err)) {
		console_say("no network: %s", vx_error_message(&err));
	}
	if (event_is(event, size, "SUBSYSTEM", "net") && interface != nullptr) {
		start_interface(control, interface);
	}
}

[[noreturn]] static void watch(int control, int modules, int events)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);
	signal(SIGCHLD, SIG_IGN);
	start_present(control);
	for (;;) {
		char event[event_max + 1];
		struct sockaddr_nl from = {};
		socklen_t from_size = sizeof(from);
		ssize_t size = recvfrom(
			events, event, event_max, 0, (struct sockaddr *)&from, &from_size);
		if (size > 0 && from.nl_pid == 0) {
			event[size] = '\0';
			handle_event(control, modules, event, (size_t)size);
		}
	}
}

/* What the kernel tells of devices that come and go. */
static int open_events(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	vx_cleanup_close int fd = socket(
		AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	return fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0
		       ? vx_take_fd(fd)
		       : -1;
}

bool network_start_loopback(struct vx_error *err)
{
	vx_cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return (control >= 0 && vx_interface_bring_up(control, "lo")) ||
	       vx_error_set(err, "can't bring up the loopback interface");
}

bool network_start(int modules, struct vx_error *err)
{
	vx_cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	vx_cleanup_close int events = open_events();
	if (control < 0 || events < 0) {
		return vx_error_set(err, "can't watch for network cards");
	}
	pid_t pid = fork();
	if (pid == 0) {
		watch(control, modules, events);
	}
	return pid > 0 || vx_error_set(err, "can't start a process for the network");
}
