/* SPDX-License-Identifier: MIT */
#include "init/lease.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/interface.h"
#include "init/console.h"
#include "init/dhcp.h"
#include "init/forward.h"

static constexpr unsigned attempts_max = 6;
static constexpr unsigned renew_attempts_max = 3;
static constexpr int first_wait_ms = 500;
static constexpr time_t seconds_min = 4; /* whatever somebody on the wire says */
static constexpr time_t again_s = 60;    /* without an address */

struct keeper {
	int control; /* borrowed */
	const char *interface;
	unsigned index; /* another interface may get the same name */
	struct dhcp_client client;
};

static void write_resolvers(const struct dhcp_lease *lease)
{
	FILE *file = fopen("/etc/resolv.conf", "we");
	if (file == nullptr) {
		return;
	}
	for (size_t i = 0; i < lease->resolver_count; i++) {
		fprintf(file, "nameserver %s\n", inet_ntoa(lease->resolvers[i]));
	}
	fclose(file);
}

static bool apply(const struct keeper *keeper)
{
	static const struct in_addr nowhere = {};
	const struct dhcp_lease *lease = &keeper->client.lease;
	int control = keeper->control;
	const char *interface = keeper->interface;
	bool applied = vx_interface_set_address(control, interface, lease->address, lease->netmask);
	if (applied && lease->router.s_addr != 0) {
		/* The router may lie outside the netmask: say first that it is on this wire. */
		applied = vx_interface_add_route(control, interface, lease->router, nowhere) &&
			  vx_interface_add_route(control, interface, nowhere, lease->router);
	}
	write_resolvers(lease);
	forward_update();
	return applied;
}

static int open_socket(const char *interface)
{
	const struct sockaddr_in local = {
		.sin_family = AF_INET, .sin_port = htons(dhcp_client_port)};
	const int on = 1;
	vx_cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
			(socklen_t)strlen(interface)) != 0 ||
		bind(fd, (const struct sockaddr *)&local, sizeof(local)) != 0) {
		return -1;
	}
	return vx_take_fd(fd);
}

static bool send_message(int fd, const struct dhcp_client *client, enum dhcp_message_type type)
{
	const struct sockaddr_in everyone = {.sin_family = AF_INET,
		.sin_port = htons(dhcp_server_port),
		.sin_addr.s_addr = INADDR_BROADCAST};
	uint8_t message[dhcp_message_max];
	size_t size = dhcp_format(client, type, message);
	return sendto(fd, message, size, 0, (const struct sockaddr *)&everyone, sizeof(everyone)) ==
	       (ssize_t)size;
}

/* Waits for an answer of `type` to what `client` has sent; also false, at once, for a refusal. */
static bool receive_message(int fd, struct dhcp_client *client, enum dhcp_message_type type,
	int timeout_ms, bool *ret_refused)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	while (poll(&polled, 1, timeout_ms) == 1) {
		uint8_t message[dhcp_message_max];
		ssize_t size = recv(fd, message, sizeof(message), 0);
		if (size > 0 && dhcp_parse(client, type, message, (size_t)size)) {
			return true;
		}
		if (size > 0 && dhcp_parse(client, DHCP_NAK, message, (size_t)size)) {
			*ret_refused = true;
			return false;
		}
	}
	return false;
}

static bool ask(int fd, struct dhcp_client *client)
{
	bool refused = false;
	int wait_ms = first_wait_ms;
	for (unsigned attempt = 0; attempt < attempts_max; attempt++, wait_ms *= 2) {
		if (send_message(fd, client, DHCP_DISCOVER) &&
			receive_message(fd, client, DHCP_OFFER, wait_ms, &refused) &&
			send_message(fd, client, DHCP_REQUEST) &&
			receive_message(fd, client, DHCP_ACK, wait_ms, &refused)) {
			return true;
		}
		if (wait_ms == first_wait_ms) {
			poll(nullptr, 0, 100); /* the link may have come up just now */
		}
	}
	return false;
}

static bool begin(struct keeper *keeper, int fd)
{
	struct dhcp_client *client = &keeper->client;
	return fd >= 0 &&
	       getrandom(&client->transaction, sizeof(client->transaction), 0) ==
		       sizeof(client->transaction) &&
	       vx_interface_get_hardware_address(
		       keeper->control, keeper->interface, client->hardware_address);
}

static bool obtain(struct keeper *keeper)
{
	vx_cleanup_close int fd = open_socket(keeper->interface);
	keeper->client.is_renewing = false;
	return begin(keeper, fd) && ask(fd, &keeper->client) && apply(keeper);
}

static bool is_same(const struct dhcp_lease *a, const struct dhcp_lease *b)
{
	return a->address.s_addr == b->address.s_addr && a->netmask.s_addr == b->netmask.s_addr &&
	       a->router.s_addr == b->router.s_addr && a->resolver_count == b->resolver_count &&
	       memcmp(a->resolvers, b->resolvers, sizeof(a->resolvers)) == 0;
}

/* Of whoever answers: the server of the first lease may have been replaced. */
static bool renew(struct keeper *keeper, bool *ret_refused)
{
	const struct dhcp_lease before = keeper->client.lease;
	vx_cleanup_close int fd = open_socket(keeper->interface);
	keeper->client.is_renewing = true;
	bool good = false;
	int wait_ms = first_wait_ms;
	*ret_refused = false;
	for (unsigned i = 0; !good && !*ret_refused && i < renew_attempts_max; i++, wait_ms *= 2) {
		good = begin(keeper, fd) && send_message(fd, &keeper->client, DHCP_REQUEST) &&
		       receive_message(fd, &keeper->client, DHCP_ACK, wait_ms, ret_refused);
	}
	return good && (is_same(&before, &keeper->client.lease) || apply(keeper));
}

/* Time that goes on while the VM is suspended. */
static time_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec;
}

/* False once the interface is gone. */
static bool sleep_until(const struct keeper *keeper, time_t when)
{
	const struct timespec time = {.tv_sec = when};
	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &time, nullptr) == EINTR) {
	}
	return if_nametoindex(keeper->interface) == keeper->index;
}

static time_t at_least(time_t seconds, time_t least)
{
	return seconds > least ? seconds : least;
}

/* Renews until the lease has run out or is refused (true), or there is nothing more to do. */
static bool hold(struct keeper *keeper)
{
	time_t got = now();
	while (keeper->client.lease.seconds != dhcp_forever) {
		time_t end = got + at_least(keeper->client.lease.seconds, seconds_min);
		bool is_renewed = false, refused = false;
		while (!is_renewed) {
			time_t asked = now();
			if (refused || asked >= end) {
				return true;
			}
			if (!sleep_until(keeper, asked + at_least((end - asked) / 2, 1))) {
				return false;
			}
			asked = now();
			is_renewed = renew(keeper, &refused);
			got = is_renewed ? asked : got;
		}
	}
	return false;
}

/* Without an address, which is somebody else's by now, until there is one again. */
static bool obtain_again(struct keeper *keeper)
{
	static const struct in_addr nowhere = {};
	console_say("the network's address has run out");
	(void)vx_interface_set_address(keeper->control, keeper->interface, nowhere, nowhere);
	while (!obtain(keeper)) {
		if (!sleep_until(keeper, now() + again_s)) {
			return false;
		}
	}
	console_say("network ready");
	return true;
}

void lease_keep(int control, const char *interface)
{
	struct keeper keeper = {
		.control = control,
		.interface = interface,
		.index = if_nametoindex(interface),
	};
	bool has_lease = obtain(&keeper);
	console_say("%s", has_lease ? "network ready" : "no network: nobody gave an address");
	while (has_lease && hold(&keeper)) {
		has_lease = obtain_again(&keeper);
	}
}
