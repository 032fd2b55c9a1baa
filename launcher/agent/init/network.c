/* SPDX-License-Identifier: MIT */
#include "init/network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/console.h"
#include "init/dhcp.h"

static constexpr unsigned attempts_max = 6;
static constexpr int first_wait_ms = 500;

static struct ifreq request_for(const char *interface)
{
	struct ifreq request = {};
	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	return request;
}

static bool bring_up(int control, const char *interface, struct vx_error *err)
{
	struct ifreq request = request_for(interface);
	if (ioctl(control, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		if (ioctl(control, SIOCSIFFLAGS, &request) == 0) {
			return true;
		}
	}
	return vx_error_set_errno(err, errno, "can't bring up '%s'", interface);
}

static void set_sockaddr(struct sockaddr *address, struct in_addr value)
{
	const struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr = value};
	memcpy(address, &inet, sizeof(inet));
}

static bool set_address(
	int control, unsigned long what, const char *interface, struct in_addr value)
{
	struct ifreq request = request_for(interface);
	set_sockaddr(&request.ifr_addr, value);
	return ioctl(control, what, &request) == 0;
}

static bool add_route(int control, char *interface, struct in_addr to, struct in_addr gateway,
	unsigned short flags)
{
	struct rtentry route = {.rt_flags = (unsigned short)(RTF_UP | flags), .rt_dev = interface};
	set_sockaddr(&route.rt_dst, to);
	set_sockaddr(&route.rt_gateway, gateway);
	set_sockaddr(&route.rt_genmask, (struct in_addr){});
	return ioctl(control, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

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

static bool apply_lease(int control, char *interface, const struct dhcp_lease *lease)
{
	bool applied = set_address(control, SIOCSIFADDR, interface, lease->address) &&
		       set_address(control, SIOCSIFNETMASK, interface, lease->netmask);
	if (applied && lease->router.s_addr != 0) {
		/* The router may lie outside the netmask: say first that it is on this wire. */
		applied = add_route(control, interface, lease->router, (struct in_addr){},
				  RTF_HOST) &&
			  add_route(control, interface, (struct in_addr){}, lease->router,
				  RTF_GATEWAY);
	}
	write_resolvers(lease);
	return applied;
}

static int open_dhcp_socket(const char *interface)
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

/* Waits for an answer of `type` to what `client` has sent. */
static bool receive_message(
	int fd, struct dhcp_client *client, enum dhcp_message_type type, int timeout_ms)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	while (poll(&polled, 1, timeout_ms) == 1) {
		uint8_t message[dhcp_message_max];
		ssize_t size = recv(fd, message, sizeof(message), 0);
		if (size > 0 && dhcp_parse(client, type, message, (size_t)size)) {
			return true;
		}
	}
	return false;
}

static bool get_lease(int fd, struct dhcp_client *client)
{
	int wait_ms = first_wait_ms;
	for (unsigned attempt = 0; attempt < attempts_max; attempt++, wait_ms *= 2) {
		if (send_message(fd, client, DHCP_DISCOVER) &&
			receive_message(fd, client, DHCP_OFFER, wait_ms) &&
			send_message(fd, client, DHCP_REQUEST) &&
			receive_message(fd, client, DHCP_ACK, wait_ms)) {
			return true;
		}
		if (wait_ms == first_wait_ms) {
			poll(nullptr, 0, 100); /* the link may have come up just now */
		}
	}
	return false;
}

static bool configure(int control, char *interface)
{
	vx_cleanup_close int fd = open_dhcp_socket(interface);
	struct ifreq request = request_for(interface);
	struct dhcp_client client = {};
	if (fd < 0 || ioctl(control, SIOCGIFHWADDR, &request) != 0 ||
		getrandom(&client.transaction, sizeof(client.transaction), 0) < 0) {
		return false;
	}
	memcpy(client.hardware_address, request.ifr_hwaddr.sa_data,
		sizeof(client.hardware_address));
	return get_lease(fd, &client) && apply_lease(control, interface, &client.lease);
}

/* Name (owned) of the first Ethernet device; NULL if there is none. */
static char *find_ethernet(int control)
{
	struct if_nameindex *interfaces = if_nameindex();
	char *found = nullptr;
	for (size_t i = 0;
		interfaces != nullptr && found == nullptr && interfaces[i].if_name != nullptr;
		i++) {
		struct ifreq request = request_for(interfaces[i].if_name);
		if (ioctl(control, SIOCGIFHWADDR, &request) == 0 &&
			request.ifr_hwaddr.sa_family == ARPHRD_ETHER) {
			found = vx_strdup(interfaces[i].if_name);
		}
	}
	if_freenameindex(interfaces);
	return found;
}

static void start_ethernet(int control)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *interface = find_ethernet(control);
	if (interface == nullptr || !bring_up(control, interface, &err)) {
		console_say("no network: %s", interface == nullptr ? "there is no Ethernet device"
								   : vx_error_message(&err));
		return;
	}
	if (fork() == 0) {
		bool configured = configure(control, interface);
		console_say(
			"%s", configured ? "network ready" : "no network: nobody gave an address");
		_exit(configured ? 0 : 1);
	}
}

bool network_start(bool ethernet, struct vx_error *err)
{
	vx_cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (control < 0) {
		return vx_error_set_errno(err, errno, "can't make a socket");
	}
	if (!bring_up(control, "lo", err)) {
		return false;
	}
	if (ethernet) {
		start_ethernet(control);
	}
	return true;
}
