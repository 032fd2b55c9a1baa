/* SPDX-License-Identifier: MIT */
/*
 * What vixosd and a VM's vixos-proxy say to each other: fixed-size messages over a SOCK_SEQPACKET
 * socket that the proxy listens on ($XDG_RUNTIME_DIR/vixos/vm/NAME/proxy.sock), so that a new
 * vixosd finds the proxies of the one before. Both are ours, but the proxy may have been taken over
 * by its guest: vixosd checks sizes, types and ranges and believes nothing else.
 */
#ifndef VX_PROXY_HOST_CONTROL_H
#define VX_PROXY_HOST_CONTROL_H

#include <stdint.h>

enum vx_control_type : uint32_t {
	/* vixosd to proxy */
	VX_CONTROL_OPEN = 1, /* with one fd: connect this stream to a new `exec` channel */
	VX_CONTROL_QUIT = 2, /* close all windows and end */
	VX_CONTROL_OPEN_CLIPBOARD = 3, /* with one fd: see proxy/host/clipboard_relay.h */
	VX_CONTROL_ASK_MEMORY = 4,     /* have the guest tell of its memory */
	/* proxy to vixosd; the current state is repeated to each new connection */
	VX_CONTROL_STATE = 16,
	VX_CONTROL_COUNT,
};

enum vx_control_link_state : uint32_t {
	VX_CONTROL_LINK_WAITING, /* the guest half hasn't said hello */
	VX_CONTROL_LINK_READY,
	VX_CONTROL_LINK_LOST,   /* the guest broke the protocol or hung up; `detail` says which */
	VX_CONTROL_LINK_SILENT, /* as READY, but the guest hasn't answered for some time */
	VX_CONTROL_LINK_STATE_COUNT,
};

struct vx_control_message {
	uint32_t type;           /* enum vx_control_type */
	uint32_t link_state;     /* STATE: enum vx_control_link_state */
	uint32_t clients;        /* STATE: guest Wayland clients connected */
	uint32_t windows;        /* STATE: mapped toplevels */
	uint64_t first_frame_ns; /* STATE: CLOCK_MONOTONIC time of the first presented frame, 0 if
				    none */
	uint32_t uses_region;    /* STATE: 1 where pixels take the shared region, 0 inline */
	/* STATE: what the guest claims of its memory (proxy/link/memory.h); zeroes before its first
	 * report */
	uint32_t memory_reports; /* how many there were: a new number is a new report */
	uint32_t memory_total_kib, memory_available_kib;
	uint32_t memory_pressure;
	char detail[116]; /* STATE: why the link was lost; printable ASCII, NUL-terminated */
};
static_assert(sizeof(struct vx_control_message) == 160);

#endif
