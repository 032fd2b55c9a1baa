/* SPDX-License-Identifier: MIT */
/*
 * vixos-net: the network of one VM, in namespaces of its own. Needs no privileges.
 *
 *   guest ── QEMU ══vhost-user══ passt ─ sockets ─ nftables ─ "up" ┬ pasta ─ sockets of the user's
 *                                └──────── namespace ─────────┘    └ a tap of a net-vm's QEMU
 *
 * passt makes connections of the guest's packets; in the namespace nftables judges each packet of
 * these; the only way on is the interface "up". With uplink `host` pasta makes the namespace and is
 * behind "up"; with uplink `vm` there is nothing until a tap has been made, whose descriptor goes
 * to the net-vm's QEMU, and nothing again when that is gone.
 *
 * All ends together: with QEMU, which is passt's one client, or when any part is killed. vixosd
 * isn't needed for it to go on.
 */
#ifndef VX_LAUNCHER_NET_NET_H
#define VX_LAUNCHER_NET_NET_H

#include "common/error.h"

struct net_options {
	bool has_ipv6;            /* both families, else IPv4 alone */
	const char *socket_path;  /* where passt waits for QEMU */
	const char *control_path; /* where we wait for vixosd (control.h) */
};

/* First arguments of vixos-net where it is started by itself, in the namespace. */
static const char net_inside_ipv4[] = "inside";
static const char net_inside_both[] = "inside6";

/* Makes the namespace and goes on in it with net_inside(). Returns on failure only. */
bool net_behind_host(const struct net_options *options, struct vx_error *err);
/* Gives the exit status once all has ended, -1 on failure. */
int net_behind_vm(const struct net_options *options, struct vx_error *err);

/*
 * In the namespace, as its process 1: denies everything, starts passt, says "ready" on the standard
 * output and serves. True at the end of passt.
 */
bool net_inside(const struct net_options *options, struct vx_error *err);

#endif
