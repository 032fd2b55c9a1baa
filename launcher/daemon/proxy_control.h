/* SPDX-License-Identifier: MIT */
/* What comes from a vixos-proxy by its control socket (proxy/host/control.h), checked. */
#ifndef VX_LAUNCHER_DAEMON_PROXY_CONTROL_H
#define VX_LAUNCHER_DAEMON_PROXY_CONTROL_H

struct vx_control_message;

enum proxy_control_result : unsigned {
	PROXY_CONTROL_NOTHING, /* no message is there */
	PROXY_CONTROL_STATE,
	PROXY_CONTROL_ENDED,
	PROXY_CONTROL_UNSOUND, /* the peer doesn't keep to the protocol */
};

/*
 * Takes one message off the socket, without waiting. Only a STATE is written to `ret`: whatever
 * the sender is, no value outside the enums and ranges and no unterminated or unprintable string.
 */
[[nodiscard]] enum proxy_control_result proxy_control_receive(
	int socket, struct vx_control_message *ret);

#endif
