/* SPDX-License-Identifier: MIT */
/*
 * What makes this VM a net-vm: cards whose other end is the network namespace of another VM
 * (launcher/net/), which are called client0, client1, … here. Their packets go out by this VM's own
 * network, with its address, and nowhere else: not to this VM, not to each other.
 */
#ifndef VX_LAUNCHER_AGENT_INIT_FORWARD_H
#define VX_LAUNCHER_AGENT_INIT_FORWARD_H

#include <stdint.h>

/* Is a card with this hardware address a client's? Then its number is stored. */
bool forward_is_client(const uint8_t hardware_address[static 6], unsigned *ret_number);

/* Sets up the interface `name` as the client's of that number, and forwards from it. */
void forward_add_client(int control, const char *name, unsigned number);

/* Tells nftables the rules again, where there are clients: this VM's resolver may be another. */
void forward_update(void);

#endif
