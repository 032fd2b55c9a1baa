/* SPDX-License-Identifier: MIT */
/* As much of DHCP (RFC 2131) as a guest of passt needs: an address, a router, resolvers. Pure. */
#ifndef VX_LAUNCHER_AGENT_INIT_DHCP_H
#define VX_LAUNCHER_AGENT_INIT_DHCP_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

static constexpr uint16_t dhcp_server_port = 67;
static constexpr uint16_t dhcp_client_port = 68;
static constexpr size_t dhcp_message_max = 1500;
static constexpr size_t dhcp_resolvers_max = 3; /* resolv.conf(5) has no more */

enum dhcp_message_type : uint8_t {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
};

struct dhcp_lease {
	struct in_addr address, netmask, router, server; /* 0: not said */
	struct in_addr resolvers[dhcp_resolvers_max];
	size_t resolver_count;
};

struct dhcp_client {
	uint32_t transaction; /* random */
	uint8_t hardware_address[6];
	struct dhcp_lease lease; /* what the last accepted answer said */
};

/* Writes a DISCOVER, or the REQUEST of what was offered; returns its size. */
size_t dhcp_format(const struct dhcp_client *client, enum dhcp_message_type type,
	uint8_t message[static dhcp_message_max]);

/* Takes an answer into `client->lease`; false (and nothing changes) where it isn't one of `type`
 * for us. */
[[nodiscard]] bool dhcp_parse(struct dhcp_client *client, enum dhcp_message_type type,
	const uint8_t *untrusted_message, size_t size);

#endif
