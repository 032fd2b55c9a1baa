/* SPDX-License-Identifier: MIT */
#include "net/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/network_plan.h"

static const struct in_addr netmask = {.s_addr = 0xfcffffff}; /* /30, in network byte order */

static struct ifreq request_for(const char *interface)
{
	struct ifreq request = {};
	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	return request;
}

static bool bring_up(int control, const char *interface)
{
	struct ifreq request = request_for(interface);
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

static bool set_address(int control, unsigned long what, struct in_addr value)
{
	struct ifreq request = request_for(VM_UPLINK);
	set_sockaddr(&request.ifr_addr, value);
	return ioctl(control, what, &request) == 0;
}

static bool add_default_route(int control, struct in_addr gateway)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
	set_sockaddr(&route.rt_dst, (struct in_addr){});
	set_sockaddr(&route.rt_gateway, gateway);
	set_sockaddr(&route.rt_genmask, (struct in_addr){});
	return ioctl(control, SIOCADDRT, &route) == 0;
}

static int open_tap(struct vx_error *err)
{
	vx_cleanup_close int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't open /dev/net/tun");
		return -1;
	}
	struct ifreq request = request_for(VM_UPLINK);
	request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	if (ioctl(fd, TUNSETIFF, &request) != 0) {
		vx_error_set_errno(err, errno, "can't make a tap device");
		return -1;
	}
	return vx_take_fd(fd);
}

int tap_make(struct in_addr address, struct in_addr gateway, struct vx_error *err)
{
	vx_cleanup_close int fd = open_tap(err);
	vx_cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -1;
	}
	if (control < 0 || !set_address(control, SIOCSIFADDR, address) ||
		!set_address(control, SIOCSIFNETMASK, netmask) || !bring_up(control, VM_UPLINK) ||
		!add_default_route(control, gateway)) {
		vx_error_set_errno(err, errno, "can't set up the link to the net-vm");
		return -1;
	}
	return vx_take_fd(fd);
}

bool tap_is_up(void)
{
	return if_nametoindex(VM_UPLINK) != 0;
}

bool tap_bring_up_loopback(struct vx_error *err)
{
	vx_cleanup_close int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return (control >= 0 && bring_up(control, "lo")) ||
	       vx_error_set_errno(err, errno, "can't bring up the loopback");
}
