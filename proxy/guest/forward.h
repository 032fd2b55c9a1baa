/* SPDX-License-Identifier: MIT */
/* Object 0 of a `wayland` channel: what the host half says to the guest half and not to a client.
 */
#ifndef VX_PROXY_GUEST_FORWARD_H
#define VX_PROXY_GUEST_FORWARD_H

#include <stdint.h>

struct guest_client;
struct wire_header;

/* Deals with a whole message whose object is 0. */
void forward_handle_event(
	struct guest_client *client, const struct wire_header *header, const uint8_t *bytes);

#endif
