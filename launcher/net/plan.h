/* SPDX-License-Identifier: MIT */
/*
 * Addresses inside a VM's network, none of which is ever seen outside. The guest's wire is one of
 * its own. What is behind passt, in the VM's network namespace, is link-local, so that no real
 * network is hidden by it: a guest can't be given access to link-local addresses.
 */
#ifndef VX_LAUNCHER_NET_PLAN_H
#define VX_LAUNCHER_NET_PLAN_H

/* The guest's wire, served by passt. */
#define VM_GUEST_ADDRESS "10.0.2.15/24"
#define VM_GUEST_GATEWAY "10.0.2.2"
#define VM_GUEST_RESOLVER "10.0.2.3"
#define VM_GUEST_ADDRESS6 "fd76:6978:6f73::15"
#define VM_GUEST_GATEWAY6 "fd76:6978:6f73::1"

/* The namespace: where the guest's connections become the kernel's. */
#define VM_UPLINK "up"
#define VM_INNER_NETWORK "169.254.77.0/24"
#define VM_INNER_ADDRESS "169.254.77.2"
#define VM_INNER_PREFIX "24"
#define VM_INNER_GATEWAY "169.254.77.1"
#define VM_INNER_RESOLVER "169.254.77.3"
#define VM_INNER_ADDRESS6 "fd76:6978:6f73:1::2"
#define VM_INNER_GATEWAY6 "fd76:6978:6f73:1::1"

/* Both of them, in IPv6: of a network that is nobody's (RFC 4193). */
#define VM_OWN_NETWORK6 "fd76:6978:6f73::/48"

/*
 * The wire to a net-vm: number n of its clients has 169.254.78.(4n+1) on the net-vm's side and
 * 169.254.78.(4n+2) on the client's. The net-vm's card has the number in its hardware address:
 * 02:76:69:78:00:n.
 */
#define VM_LINK_NETWORK "169.254.78."
static const unsigned char vm_link_hardware[] = {0x02, 0x76, 0x69, 0x78, 0x00};
static constexpr unsigned vm_links_max = 16;

#endif
