/* SPDX-License-Identifier: MIT */
#include "init/dhcp.h"

#include <string.h>

#include "common/memory.h"

enum option : uint8_t {
	OPTION_PAD = 0,
	OPTION_NETMASK = 1,
	OPTION_ROUTER = 3,
	OPTION_RESOLVERS = 6,
	OPTION_REQUESTED_ADDRESS = 50,
	OPTION_SECONDS = 51,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_WANTED = 55,
	OPTION_END = 255,
};

static constexpr size_t transaction_offset = 4;
static constexpr size_t flags_offset = 10;
static constexpr size_t own_address_offset = 12; /* ciaddr */
static constexpr size_t address_offset = 16;     /* yiaddr */
static constexpr size_t hardware_offset = 28;
static constexpr size_t cookie_offset = 236;
static constexpr size_t options_offset = 240;
static constexpr size_t message_min = 300; /* BOOTP's size; some servers drop less */
static const uint8_t cookie[] = {99, 130, 83, 99};
static const uint8_t wanted[] = {OPTION_NETMASK, OPTION_ROUTER, OPTION_RESOLVERS};

static uint8_t *put_option(uint8_t *at, enum option option, const void *value, size_t size)
{
	*at++ = option;
	*at++ = (uint8_t)size;
	memcpy(at, value, size);
	return at + size;
}

size_t dhcp_format(const struct dhcp_client *client, enum dhcp_message_type type,
	uint8_t message[static dhcp_message_max])
{
	memset(message, 0, message_min);
	message[0] = 1; /* request */
	message[1] = 1; /* Ethernet */
	message[2] = sizeof(client->hardware_address);
	memcpy(message + transaction_offset, &client->transaction, sizeof(client->transaction));
	if (client->is_renewing) {
		memcpy(message + own_address_offset, &client->lease.address, 4);
	} else {
		message[flags_offset] = 0x80; /* answer to everyone: we have no address yet */
	}
	memcpy(message + hardware_offset, client->hardware_address,
		sizeof(client->hardware_address));
	memcpy(message + cookie_offset, cookie, sizeof(cookie));
	uint8_t *at = put_option(message + options_offset, OPTION_TYPE, &type, sizeof(type));
	at = put_option(at, OPTION_WANTED, wanted, sizeof(wanted));
	if (type == DHCP_REQUEST && !client->is_renewing) {
		at = put_option(at, OPTION_REQUESTED_ADDRESS, &client->lease.address, 4);
		at = put_option(at, OPTION_SERVER, &client->lease.server, 4);
	}
	*at++ = OPTION_END;
	size_t size = (size_t)(at - message);
	return size < message_min ? message_min : size;
}

struct answer {
	struct dhcp_lease lease;
	uint8_t type;
};

static void take_address(struct in_addr *address, const uint8_t *value, size_t size)
{
	if (size >= sizeof(*address)) {
		memcpy(address, value, sizeof(*address));
	}
}

static void take_resolvers(struct dhcp_lease *lease, const uint8_t *value, size_t size)
{
	for (size_t i = 0; i + 4 <= size && lease->resolver_count < dhcp_resolvers_max; i += 4) {
		memcpy(&lease->resolvers[lease->resolver_count++], value + i, 4);
	}
}

static void take_seconds(struct dhcp_lease *lease, const uint8_t *value, size_t size)
{
	uint32_t seconds;
	if (size == sizeof(seconds)) {
		memcpy(&seconds, value, sizeof(seconds));
		lease->seconds = ntohl(seconds);
	}
}

static void take_option(struct answer *answer, uint8_t option, const uint8_t *value, size_t size)
{
	switch (option) {
	case OPTION_TYPE:
		answer->type = size == 1 ? value[0] : 0;
		break;
	case OPTION_NETMASK:
		take_address(&answer->lease.netmask, value, size);
		break;
	case OPTION_ROUTER:
		take_address(&answer->lease.router, value, size);
		break;
	case OPTION_SERVER:
		take_address(&answer->lease.server, value, size);
		break;
	case OPTION_SECONDS:
		take_seconds(&answer->lease, value, size);
		break;
	case OPTION_RESOLVERS:
		take_resolvers(&answer->lease, value, size);
		break;
	default:
		break;
	}
}

static bool take_options(struct answer *answer, const uint8_t *options, size_t size)
{
	size_t at = 0;
	while (at < size && options[at] != OPTION_END) {
		if (options[at] == OPTION_PAD) {
			at++;
			continue;
		}
		if (size - at < 2 || size - at - 2 < options[at + 1]) {
			return false;
		}
		take_option(answer, options[at], options + at + 2, options[at + 1]);
		at += 2 + (size_t)options[at + 1];
	}
	return true;
}

bool dhcp_parse(struct dhcp_client *client, enum dhcp_message_type type,
	const uint8_t *untrusted_message, size_t size)
{
	if (size < options_offset || untrusted_message[0] != 2 ||
		memcmp(untrusted_message + transaction_offset, &client->transaction,
			sizeof(client->transaction)) != 0 ||
		memcmp(untrusted_message + hardware_offset, client->hardware_address,
			sizeof(client->hardware_address)) != 0 ||
		memcmp(untrusted_message + cookie_offset, cookie, sizeof(cookie)) != 0) {
		return false;
	}
	struct answer answer = {.lease.seconds = dhcp_forever};
	take_address(&answer.lease.address, untrusted_message + address_offset, 4);
	if (!take_options(&answer, untrusted_message + options_offset, size - options_offset) ||
		answer.type != type || (type != DHCP_NAK && answer.lease.address.s_addr == 0)) {
		return false;
	}
	if (type != DHCP_NAK) {
		client->lease = answer.lease;
	}
	return true;
}
