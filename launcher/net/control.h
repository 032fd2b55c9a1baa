/* SPDX-License-Identifier: MIT */
/*
 * What vixosd asks of a VM's vixos-net: one request a connection, over a SOCK_SEQPACKET socket in
 * the VM's runtime folder, which only the user can reach.
 *
 *   "F" script    put the firewall's rules in force (vm/firewall_script.h)
 *   "L" number    make the link to the net-vm, as its client of that number; the answer carries the
 *                 descriptor of its other end
 *   "A"           is there a link?
 *   "E"           end; the answer comes once that has begun, and its end once all is gone
 *
 * The answer is "+", or "-" and a sentence.
 */
#ifndef VX_LAUNCHER_NET_CONTROL_H
#define VX_LAUNCHER_NET_CONTROL_H

#include <stddef.h>

static constexpr char net_request_filter = 'F';
static constexpr char net_request_link = 'L';
static constexpr char net_request_ask = 'A';
static constexpr char net_request_end = 'E';
static constexpr size_t net_request_max = 200 * 1024;
static constexpr size_t net_answer_max = 1024;

#endif
