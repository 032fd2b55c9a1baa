/* SPDX-License-Identifier: MIT */
#include "net/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/interface.h"
#include "net/plan.h"

static const struct in_addr any = {};
static const struct in_addr netmask = {.s_addr = 0xfcffffff}; /* /30, in network byte order */

static int open_tap(struct vx_error *err)
{
	vx_cleanup_close int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't open /dev/net/tun");
		return -1;
	}
	struct ifreq request = {
		.ifr_name = VM_UPLINK, .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
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
	if (control < 0 || !vx_interface_set_address(control, VM_UPLINK, address, netmask) ||
		!vx_interface_bring_up(control, VM_UPLINK) ||
		!vx_interface_add_route(control, VM_UPLINK, any, gateway)) {
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
	return (control >= 0 && vx_interface_bring_up(control, "lo")) ||
	       vx_error_set_errno(err, errno, "can't bring up the loopback");
}
