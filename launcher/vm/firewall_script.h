/* SPDX-License-Identifier: MIT */
/*
 * A firewall as a program for nftables in the VM's network namespace (net/net.h), where every
 * packet of the guest's leaves by a socket of its passt: each one is judged, not only the first of
 * a connection, so that what is denied ends at once, whatever was open.
 */
#ifndef VX_LAUNCHER_VM_FIREWALL_SCRIPT_H
#define VX_LAUNCHER_VM_FIREWALL_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "vm/firewall.h"

static constexpr size_t vm_firewall_addresses_max = 64; /* of a name */
static constexpr size_t vm_firewall_script_max = 192 * 1024;

/* What a rule's `host` or name stands for now. */
struct vm_firewall_addresses {
	uint32_t addresses[vm_firewall_addresses_max]; /* host byte order */
	size_t count;
};

/*
 * Asks the host's resolver, for some seconds at most; one entry a rule, owned by the caller. A name
 * without address allows nothing; where it was to be denied that is an error.
 */
[[nodiscard]] struct vm_firewall_addresses *vm_firewall_resolve(
	const struct vm_firewall *firewall, struct vx_error *err);

/* Replaces all that was in force, in one step. Owned by the caller; NULL where it gets too long. */
[[nodiscard]] char *vm_firewall_script(const struct vm_firewall *firewall,
	const struct vm_firewall_addresses *addresses, struct vx_error *err);

#endif
