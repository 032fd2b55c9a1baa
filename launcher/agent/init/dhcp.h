/* SPDX-License-Identifier: MIT */
/* As much of DHCP (RFC 2131) as a guest needs: an address, how long it is good for, a router,
 * resolvers. Pure. */
#ifndef VX_LAUNCHER_AGENT_INIT_DHCP_H
#define VX_LAUNCHER_AGENT_INIT_DHCP_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

static constexpr uint16_t dhcp_server_port = 67;
static constexpr uint16_t dhcp_client_port = 68;
static constexpr size_t dhcp_message_max = 1500;
static constexpr uint32_t dhcp_forever = UINT32_MAX;
static constexpr size_t dhcp_resolvers_max = 3; /* resolv.conf(5) has no more */

enum dhcp_message_type : uint8_t {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
};

struct dhcp_lease {
	struct in_addr address, netmask, router, server; /* 0: not said */
	struct in_addr resolvers[dhcp_resolvers_max];
	size_t resolver_count;
	uint32_t seconds; /* how long it is good for; dhcp_forever where nobody said */
};

struct dhcp_client {
	uint32_t transaction; /* random */
	uint8_t hardware_address[6];
	bool is_renewing; /* a REQUEST is for the lease that we have, not for what was offered */
	struct dhcp_lease lease; /* what the last accepted answer said */
};

/* Writes a DISCOVER, or the REQUEST of what was offered or is had; returns its size. */
size_t dhcp_format(const struct dhcp_client *client, enum dhcp_message_type type,
	uint8_t message[static dhcp_message_max]);

/* Takes an answer into `client->lease`, but for a NAK, which has none; false (and nothing changes)
 * where it isn't one of `type` for us. */
[[nodiscard]] bool dhcp_parse(struct dhcp_client *client, enum dhcp_message_type type,
	const uint8_t *untrusted_message, size_t size);

#endif
