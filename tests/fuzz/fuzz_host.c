/* SPDX-License-Identifier: MIT */
/*
 * The host half against an arbitrary guest, between the fixture's compositor, which asserts that
 * all it is sent is sound Wayland, and the fixture's link. Input: u8 (bit 0: shared region, bit 1:
 * the compositor never says delete_id, bit 2: the compositor reads nothing, bit 3: the guest reads
 * nothing), then the bytes of a `wayland` channel whose client has bound the fixture's globals.
 */
#include <stdint.h>

#include "../unit/host_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1) {
		return 0;
	}
	struct host_fixture *fixture = fixture_create(data[0] & 1);
	fixture->keeps_ids = data[0] & 2;
	fixture->silent = data[0] & 4;
	fixture->deaf = data[0] & 8;
	fixture_send_bytes(fixture, data + 1, size - 1);
	fixture_run(fixture);
	fixture_destroy(fixture);
	return 0;
}
