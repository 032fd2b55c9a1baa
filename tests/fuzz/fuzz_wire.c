/* SPDX-License-Identifier: MIT */
/*
 * The decoder against every message of every interface that can cross. Input: u16 interface, u16
 * message (bit 15: an event), then the message's bytes.
 */
#include <stdint.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "wire/interface.h"
#include "wire/message.h"
#include "wire/protocols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever passes must be safe to use as it is described. */
static void use(const struct wire_message *message, const uint8_t *bytes, size_t size,
	const struct wire_value *args)
{
	for (unsigned i = 0; i < message->arg_count; i++) {
		vx_assert(args[i].offset >= wire_header_size && args[i].offset <= size);
		if (message->args[i].kind == 's' && args[i].s != nullptr) {
			vx_assert(strlen(args[i].s) == args[i].size);
		} else if (message->args[i].kind == 'a') {
			const uint8_t *array = args[i].a;
			vx_assert(array >= bytes && array + args[i].size <= bytes + size);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 4) {
		return 0;
	}
	struct wire_interfaces *set = wire_protocols_compile();
	uint16_t choice[2];
	memcpy(choice, data, sizeof(choice));
	const struct wire_interface *interface = set->all[choice[0] % set->count];
	bool is_event = choice[1] & 0x8000;
	unsigned count = is_event ? interface->event_count : interface->request_count;
	const uint8_t *bytes = data + 4;
	struct wire_header header;
	struct wire_value args[wire_args_max];
	if (count > 0 && wire_read_header(bytes, size - 4, &header) > 0) {
		const struct wire_message *message = &(
			is_event ? interface->events : interface->requests)[choice[1] % count];
		/* A copy of its own, so that reading past its end is noticed. */
		uint8_t *copy = vx_memdup(bytes, header.size);
		if (wire_decode(message, copy, header.size, args, nullptr)) {
			use(message, copy, header.size, args);
		}
		free(copy);
	}
	wire_interfaces_destroy(set);
	return 0;
}
