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

static constexpr size_t vm_firewall_addresses_max = 128; /* of a name, of this machine */
static constexpr size_t vm_firewall_script_max = 192 * 1024;

/* What a name or a word stands for now. */
struct vm_firewall_addresses {
	struct vm_firewall_network networks[vm_firewall_addresses_max];
	size_t count;
	bool is_full; /* there are more */
};

/* What `host` and `lan` (besides what it always is) stand for now, and may not tomorrow. */
struct vm_firewall_places {
	struct vm_firewall_addresses host;     /* this machine's addresses */
	struct vm_firewall_addresses networks; /* of IPv6, that need no router */
};

[[nodiscard]] bool vm_firewall_places_find(struct vm_firewall_places *places, struct vx_error *err);
bool vm_firewall_has_places(const struct vm_firewall *firewall);

/*
 * Asks the host's resolver, for some seconds at most; one entry a rule, owned by the caller. A name
 * without address allows nothing; where it was to be denied that is an error, and so is one with
 * too many.
 */
[[nodiscard]] struct vm_firewall_addresses *vm_firewall_resolve(
	const struct vm_firewall *firewall, struct vx_error *err);

/* Replaces all that was in force, in one step. Owned by the caller; NULL where it gets too long. */
[[nodiscard]] char *vm_firewall_script(const struct vm_firewall *firewall,
	const struct vm_firewall_addresses *addresses, const struct vm_firewall_places *places,
	struct vx_error *err);

/* Puts other places into rules that are in force; what names stand for stays. The same otherwise.
 */
[[nodiscard]] char *vm_firewall_places_script(const struct vm_firewall *firewall,
	const struct vm_firewall_places *places, struct vx_error *err);

#endif
