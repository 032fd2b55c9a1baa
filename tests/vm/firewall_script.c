/* SPDX-License-Identifier: MIT */
/* Prints what vixosd would have nftables do for a firewall, given as one line. */
#include <stdio.h>

#include "vm/firewall_script.h"

int main(int argc, char **argv)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_firewall firewall = {};
	if (argc != 2 || !vm_firewall_parse(&firewall, argv[1], &err)) {
		fprintf(stderr, "%s\n", vx_error_message(&err));
		return 2;
	}
	vx_cleanup_free struct vm_firewall_addresses *addresses = vm_firewall_resolve(
		&firewall, &err);
	struct vm_firewall_places places;
	vx_cleanup_free char *script =
		addresses != nullptr && vm_firewall_places_find(&places, &err)
			? vm_firewall_script(&firewall, addresses, &places, &err)
			: nullptr;
	vm_firewall_finish(&firewall);
	return script != nullptr && fputs(script, stdout) >= 0 ? 0 : 1;
}
