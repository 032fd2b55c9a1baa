/* SPDX-License-Identifier: MIT */
/* vixos-net host|vm SOCKET CONTROL: see net.h. "inside" and "inside6" are for vixos-net itself. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/net.h"

int main(int argc, char **argv)
{
	vx_cleanup_error struct vx_error err = {};
	int status = -1;
	if (argc != 4) {
		fputs("vixos-net is started by vixosd\n", stderr);
		return 2;
	}
	bool is_both = strcmp(argv[1], net_inside_both) == 0;
	bool is_inside = is_both || strcmp(argv[1], net_inside_ipv4) == 0;
	bool is_host = strcmp(argv[1], "host") == 0;
	const struct net_options options = {
		.has_ipv6 = is_both || (is_host && access("/proc/net/if_inet6", F_OK) == 0),
		.socket_path = argv[2],
		.control_path = argv[3],
	};
	/* We belong to a VM, not to vixosd: nobody shall have to wait for our end. */
	if (!is_inside && fork() > 0) {
		return 0;
	}
	if (is_host) {
		(void)net_behind_host(&options, &err);
	} else if (strcmp(argv[1], "vm") == 0) {
		status = net_behind_vm(&options, &err);
	} else if (is_inside) {
		status = net_inside(&options, &err) ? 0 : -1;
	} else {
		vx_error_set(&err, "'%s' is no uplink", argv[1]);
	}
	if (status < 0) {
		fprintf(stderr, "%s\n", vx_error_message(&err));
	}
	return status < 0 ? 1 : status;
}
