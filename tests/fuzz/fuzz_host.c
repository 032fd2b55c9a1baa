/* SPDX-License-Identifier: MIT */
/*
 * The host half against an arbitrary guest, between the fixture's compositor, which asserts that
 * all it is sent is sound Wayland, and the fixture's link. Input: u8 (bit 0: shared region, bit 1:
 * the compositor never says delete_id, bit 2: the compositor reads nothing, bit 3: the guest reads
 * nothing, bit 4: a button is pressed, serial 1, and what the guest then drags comes over it), then
 * the bytes of a `wayland` channel whose client has bound the fixture's globals. With bit 4 a u16
 * precedes them: how many come before the drag is over the client.
 */
#include <stdint.h>

#include "../unit/host_fixture.h"
#include "wire/opcodes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a compositor says of a drag that has come over its own client. */
static void drag_over(struct host_fixture *fixture)
{
	const struct fixture_request *device = fixture_find(
		fixture, "wl_data_device_manager.get_data_device");
	const struct fixture_request *surface = fixture_find(
		fixture, "wl_compositor.create_surface");
	const struct fixture_request *type = fixture_find(fixture, "wl_data_source.offer");
	if (device == nullptr || surface == nullptr || type == nullptr || fixture->silent) {
		return;
	}
	uint32_t offer = fixture_offer(fixture, device->args[0]);
	fixture_event(fixture, offer, WL_DATA_OFFER_OFFER, "s", type->text);
	fixture_event(fixture, offer, WL_DATA_OFFER_ACTION, "u", 1u);
	fixture_event(fixture, device->args[0], WL_DATA_DEVICE_ENTER, "uoffo", 2u, surface->args[0],
		0, 0, offer);
	fixture_event(fixture, device->args[0], WL_DATA_DEVICE_MOTION, "uff", 0u, 1, 1);
	fixture_event(fixture, device->args[0], WL_DATA_DEVICE_DROP, "");
	fixture_run(fixture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3) {
		return 0;
	}
	bool drags = data[0] & 16;
	struct host_fixture *fixture = fixture_create(data[0] & 1);
	if (drags) {
		fixture_press(fixture, 1);
	}
	fixture->keeps_ids = data[0] & 2;
	fixture->silent = data[0] & 4;
	fixture->deaf = data[0] & 8;
	size_t before = drags ? (size_t)(data[1] | data[2] << 8) : 0, start = drags ? 3 : 1;
	before = before < size - start ? before : size - start;
	fixture_send_bytes(fixture, data + start, before);
	fixture_run(fixture);
	if (drags) {
		drag_over(fixture);
	}
	fixture_send_bytes(fixture, data + start + before, size - start - before);
	fixture_run(fixture);
	fixture_destroy(fixture);
	return 0;
}
