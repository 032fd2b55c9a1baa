/* SPDX-License-Identifier: MIT */
#include "common/interface.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>

static struct ifreq request_for(const char *name)
{
	struct ifreq request = {};
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	return request;
}

bool vx_interface_bring_up(int control, const char *name)
{
	struct ifreq request = request_for(name);
	if (ioctl(control, SIOCGIFFLAGS, &request) != 0) {
		return false;
	}
	request.ifr_flags |= IFF_UP;
	return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

static void set_sockaddr(struct sockaddr *address, struct in_addr value)
{
	const struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr = value};
	memcpy(address, &inet, sizeof(inet));
}

static bool set_one(int control, unsigned long what, const char *name, struct in_addr value)
{
	struct ifreq request = request_for(name);
	set_sockaddr(&request.ifr_addr, value);
	return ioctl(control, what, &request) == 0;
}

bool vx_interface_set_address(
	int control, const char *name, struct in_addr address, struct in_addr netmask)
{
	return set_one(control, SIOCSIFADDR, name, address) &&
	       set_one(control, SIOCSIFNETMASK, name, netmask);
}

bool vx_interface_add_route(
	int control, const char *name, struct in_addr to, struct in_addr gateway)
{
	char device[IFNAMSIZ] = {};
	strncpy(device, name, IFNAMSIZ - 1);
	unsigned short flags = RTF_UP;
	flags |= to.s_addr != 0 ? RTF_HOST : 0;
	flags |= gateway.s_addr != 0 ? RTF_GATEWAY : 0;
	struct rtentry route = {.rt_flags = flags, .rt_dev = device};
	set_sockaddr(&route.rt_dst, to);
	set_sockaddr(&route.rt_gateway, gateway);
	set_sockaddr(&route.rt_genmask, (struct in_addr){});
	return ioctl(control, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

bool vx_interface_get_hardware_address(int control, const char *name, uint8_t ret_address[static 6])
{
	struct ifreq request = request_for(name);
	if (ioctl(control, SIOCGIFHWADDR, &request) != 0 ||
		request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
		return false;
	}
	memcpy(ret_address, request.ifr_hwaddr.sa_data, 6);
	return true;
}

bool vx_interface_rename(int control, const char *from, const char *to)
{
	struct ifreq request = request_for(from);
	strncpy(request.ifr_newname, to, IFNAMSIZ - 1);
	return ioctl(control, SIOCSIFNAME, &request) == 0;
}
