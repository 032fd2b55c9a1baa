/* SPDX-License-Identifier: MIT */
/*
 * What vixos-init reads in a guest: answers of a DHCP server, which is whoever is on the wire,
 * messages of the kernel about devices, and the words of the command line or a binding. Input: u8
 * (which of them), then the bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "init/boot_options.h"
#include "init/dhcp.h"
#include "init/hotplug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With an answer's transaction and address, so that most get to the options. */
static void parse_dhcp(const uint8_t *data, size_t size)
{
	struct dhcp_client client = {};
	if (size >= 34) {
		memcpy(&client.transaction, data + 4, sizeof(client.transaction));
		memcpy(client.hardware_address, data + 28, sizeof(client.hardware_address));
	}
	static const enum dhcp_message_type types[] = {DHCP_OFFER, DHCP_ACK, DHCP_NAK};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(types); i++) {
		if (dhcp_parse(&client, types[i], data, size) && types[i] != DHCP_NAK) {
			vx_assert(client.lease.address.s_addr != 0);
			vx_assert(client.lease.resolver_count <= dhcp_resolvers_max);
		}
	}
	uint8_t message[dhcp_message_max];
	client.is_renewing = size % 2 == 0;
	vx_assert(dhcp_format(&client, DHCP_REQUEST, message) <= sizeof(message));
}

static bool is_within(const char *text, const uint8_t *data, size_t size)
{
	return text >= (const char *)data && text + strlen(text) < (const char *)data + size;
}

static void parse_hotplug(const uint8_t *data, size_t size)
{
	struct hotplug_event event = hotplug_parse((const char *)data, size);
	if (event.node != nullptr) {
		vx_assert(is_within(event.node, data, size));
		vx_assert(hotplug_is_for_user(event.node) && event.node[0] != '/' &&
			  strstr(event.node, "..") == nullptr);
	}
	vx_assert(event.alias == nullptr || is_within(event.alias, data, size));
}

static void parse_words(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	vx_cleanup_error struct vx_error err = {};
	struct boot_options options;
	if (!boot_options_parse(&options, text, &err)) {
		vx_assert(err.message != nullptr);
		return;
	}
	vx_assert(options.mount_count <= boot_mounts_max && options.name != nullptr);
	for (size_t i = 0; i < options.mount_count; i++) {
		const char *target = options.mounts[i].target;
		vx_assert(target[0] == '/' && strstr(target, "/../") == nullptr);
		vx_assert(strchr(options.mounts[i].tag, '/') == nullptr);
	}
	vx_assert(options.machine_id == nullptr ||
		  strspn(options.machine_id, "0123456789abcdef") == boot_machine_id_length);
	boot_options_finish(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(const uint8_t *data, size_t size) = {
		parse_dhcp, parse_hotplug, parse_words};
	if (size >= 1) {
		parsers[data[0] % VX_ARRAY_LENGTH(parsers)](data + 1, size - 1);
	}
	return 0;
}
