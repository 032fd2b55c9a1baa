/* SPDX-License-Identifier: MIT */
/* The parts of vixos-init that are pure: the kernel's command line and DHCP. */
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include "common/memory.h"
#include "init/boot_options.h"
#include "init/dhcp.h"
#include "init/hotplug.h"

static void test_options(void **state)
{
	struct boot_options options;
	assert_true(boot_options_parse(&options,
		"console=ttyS0 quiet vixos.name=work vixos.net=nat vixos.mount=mount0:rw:/home/user/My%20Files "
		"vixos.mount=mount1:ro:/mnt/b\n",
		nullptr));
	assert_string_equal(options.name, "work");
	assert_true(options.network);
	assert_int_equal(options.mount_count, 2);
	assert_string_equal(options.mounts[0].tag, "mount0");
	assert_string_equal(options.mounts[0].target, "/home/user/My Files");
	assert_true(options.mounts[0].writable);
	assert_false(options.mounts[1].writable);
	boot_options_finish(&options);
}

static void test_no_options(void **state)
{
	struct boot_options options;
	assert_true(boot_options_parse(&options, "", nullptr));
	assert_string_equal(options.name, "vixos");
	assert_false(options.network);
	assert_false(options.audio);
	assert_false(options.usb);
	boot_options_finish(&options);
}

static void test_devices(void **state)
{
	struct boot_options options;
	assert_true(boot_options_parse(&options, "vixos.devices=audio,usb", nullptr));
	assert_true(options.audio && options.usb);
	boot_options_finish(&options);
	assert_true(boot_options_parse(&options, "vixos.devices=usb", nullptr));
	assert_true(!options.audio && options.usb);
	boot_options_finish(&options);
}

static struct hotplug_event parse_event(const char *text, size_t size)
{
	/* Of exactly this size, so that a sanitizer sees what is read beyond. */
	char *copy = vx_memdup(text, size);
	struct hotplug_event event = hotplug_parse(copy, size);
	/* Only whether they are there matters below. */
	event.node = event.node != nullptr ? strstr(text, "") : nullptr;
	event.alias = event.alias != nullptr ? strstr(text, "") : nullptr;
	free(copy);
	return event;
}

static void test_new_devices(void **state)
{
#define EVENT(text) parse_event(text, sizeof(text))
	assert_non_null(EVENT("add@/x\0ACTION=add\0DEVNAME=hidraw0").node);
	assert_non_null(EVENT("add@/x\0DEVNAME=bus/usb/001/002\0ACTION=add").node);
	assert_non_null(EVENT("add@/x\0ACTION=add\0MODALIAS=usb:v1050p0407d").alias);
	assert_null(EVENT("add@/x\0ACTION=add\0MODALIAS=pci:v1").alias);
	assert_null(EVENT("add@/x\0ACTION=remove\0DEVNAME=hidraw0").node);
	assert_null(EVENT("add@/x\0DEVNAME=hidraw0").node);
	assert_null(EVENT("add@/x\0ACTION=add\0DEVNAME=vda").node);
	assert_null(EVENT("add@/x\0ACTION=add\0DEVNAME=bus/usb/").node);
	assert_null(EVENT("add@/x\0ACTION=add\0DEVNAME=bus/usb/../../mem").node);
	assert_null(EVENT("add@/x\0ACTION=add\0DEVNAME=mem").node);
	/* Without its last NUL it isn't a message. */
	assert_null(parse_event("ACTION=add\0DEVNAME=hidraw0", 26).node);
	assert_null(parse_event("", 0).node);
#undef EVENT
}

static void test_bad_options(void **state)
{
	static const char *const lines[] = {
		"vixos.name=Work",
		"vixos.name=",
		"vixos.name=a/b",
		"vixos.net=maybe",
		"vixos.devices=audio,gpu",
		"vixos.devices=au",
		"vixos.mount=",
		"vixos.mount=x",
		"vixos.mount=:ro:/a",
		"vixos.mount=../t:ro:/a",
		"vixos.mount=t:rx:/a",
		"vixos.mount=t:ro:a",
		"vixos.mount=t:ro:/",
		"vixos.mount=t:ro:/a/../b",
		"vixos.mount=t:ro:/a/..",
		"vixos.mount=t:ro://a",
		"vixos.mount=t:ro:/a%2",
		"vixos.mount=t:ro:/a%",
		"vixos.mount=t:ro:/a%zz",
		"vixos.mount=t:ro:/a%00b",
		"vixos.mount=t:ro:/a%2f..%2fb",
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(lines); i++) {
		vx_cleanup_error struct vx_error err = {};
		struct boot_options options;
		assert_false(boot_options_parse(&options, lines[i], &err));
		assert_non_null(strstr(vx_error_message(&err), lines[i]));
	}
}

#define SEED "00112233445566778899aabbccddeeff0123456789abcdefFEDCBA9876543210"
#define MACHINE "0123456789abcdef0123456789abcdef"

static void test_a_binding(void **state)
{
	struct boot_options options;
	assert_true(boot_options_parse(&options, "vixos.net=none vixos.preload=yes", nullptr));
	assert_true(options.preloaded);
	assert_false(options.has_seed);
	boot_options_finish(&options);
	assert_true(boot_options_parse(&options,
		"vixos.name=work vixos.machine=" MACHINE
		" vixos.clock=1700000000123456789 vixos.seed=" SEED,
		nullptr));
	assert_string_equal(options.name, "work");
	assert_string_equal(options.machine_id, MACHINE);
	assert_true(options.clock_ns == 1'700'000'000'123'456'789);
	assert_true(options.has_seed);
	assert_int_equal(options.seed[1], 0x11);
	assert_int_equal(options.seed[boot_seed_size - 1], 0x10);
	assert_false(options.preloaded);
	boot_options_finish(&options);
}

static void test_bad_bindings(void **state)
{
	static const char *const lines[] = {
		"vixos.preload=",
		"vixos.preload=no",
		"vixos.seed=",
		"vixos.seed=" SEED "0",
		"vixos.seed=x" MACHINE "0123456789abcdef0123456789abcde",
		"vixos.machine=",
		"vixos.machine=0123456789ABCDEF0123456789abcdef",
		"vixos.machine=" MACHINE "0",
		"vixos.clock=",
		"vixos.clock=-1",
		"vixos.clock=9223372036854775808",
		"vixos.clock=99999999999999999999",
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(lines); i++) {
		struct boot_options options;
		assert_false(boot_options_parse(&options, lines[i], nullptr));
	}
}

static void test_too_many_mounts(void **state)
{
	char line[2048] = "";
	for (size_t i = 0; i <= boot_mounts_max; i++) {
		strcat(line, "vixos.mount=t:ro:/a ");
	}
	struct boot_options options;
	assert_false(boot_options_parse(&options, line, nullptr));
}

static const struct dhcp_client client = {
	.transaction = 0x01020304, .hardware_address = {2, 0, 0, 0, 0, 1}};

/* An ACK with `options` behind the cookie; returns its size. */
static size_t make_answer(
	uint8_t message[static dhcp_message_max], const void *options, size_t size)
{
	memset(message, 0, dhcp_message_max);
	message[0] = 2;
	memcpy(message + 4, &client.transaction, 4);
	memcpy(message + 16, (uint8_t[]){10, 0, 2, 15}, 4);
	memcpy(message + 28, client.hardware_address, 6);
	memcpy(message + 236, (uint8_t[]){99, 130, 83, 99}, 4);
	memcpy(message + 240, options, size);
	return 240 + size;
}

static const uint8_t good_options[] = {53, 1, 5, 0, 1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 2, 2, 54,
	4, 10, 0, 2, 2, 6, 16, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 255};

static void test_dhcp_answer(void **state)
{
	uint8_t message[dhcp_message_max];
	struct dhcp_client got = client;
	size_t size = make_answer(message, good_options, sizeof(good_options));
	assert_false(dhcp_parse(&got, DHCP_OFFER, message, size));
	assert_true(dhcp_parse(&got, DHCP_ACK, message, size));
	assert_memory_equal(&got.lease.address, ((uint8_t[]){10, 0, 2, 15}), 4);
	assert_memory_equal(&got.lease.netmask, ((uint8_t[]){255, 255, 255, 0}), 4);
	assert_memory_equal(&got.lease.router, ((uint8_t[]){10, 0, 2, 2}), 4);
	assert_int_equal(got.lease.resolver_count, 3); /* of four */
	uint8_t request[dhcp_message_max];
	assert_true(dhcp_format(&got, DHCP_REQUEST, request) >= 300);
	assert_memory_equal(request + 4, &client.transaction, 4);
}

static void test_dhcp_renewal(void **state)
{
	static const uint8_t lease[] = {53, 1, 5, 51, 4, 0, 0, 14, 16, 255};
	static const uint8_t refusal[] = {53, 1, 6, 255};
	uint8_t message[dhcp_message_max];
	struct dhcp_client got = client;
	assert_true(
		dhcp_parse(&got, DHCP_ACK, message, make_answer(message, lease, sizeof(lease))));
	assert_int_equal(got.lease.seconds, 3600);
	/* Nobody said: for ever. */
	size_t size = make_answer(message, good_options, sizeof(good_options));
	assert_true(dhcp_parse(&got, DHCP_ACK, message, size));
	assert_true(got.lease.seconds == dhcp_forever);
	/* What is renewed is in the header, and no option asks for it or for a server. */
	got.is_renewing = true;
	(void)dhcp_format(&got, DHCP_REQUEST, message);
	assert_memory_equal(message + 12, ((uint8_t[]){10, 0, 2, 15}), 4);
	assert_int_equal(message[10], 0);
	assert_memory_equal(message + 240, ((uint8_t[]){53, 1, 3, 55, 3, 1, 3, 6, 255}), 9);
	/* A refusal takes nothing. */
	size = make_answer(message, refusal, sizeof(refusal));
	memset(message + 16, 0, 4);
	assert_false(dhcp_parse(&got, DHCP_ACK, message, size));
	assert_true(dhcp_parse(&got, DHCP_NAK, message, size));
	assert_memory_equal(&got.lease.address, ((uint8_t[]){10, 0, 2, 15}), 4);
}

/* Every way to cut the answer, and every byte changed to some values: no crash, and nothing
 * half-taken. */
static void test_dhcp_hostile(void **state)
{
	uint8_t message[dhcp_message_max];
	size_t size = make_answer(message, good_options, sizeof(good_options));
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *exact = vx_memdup(message, cut + (cut == 0));
		struct dhcp_client got = client;
		(void)dhcp_parse(&got, DHCP_ACK, exact, cut);
		free(exact);
	}
	for (size_t i = 240; i < size; i++) {
		for (unsigned value = 0; value < 256; value += 5) {
			uint8_t *exact = vx_memdup(message, size);
			exact[i] = (uint8_t)value;
			struct dhcp_client got = client;
			bool taken = dhcp_parse(&got, DHCP_ACK, exact, size);
			assert_true(taken || got.lease.address.s_addr == 0);
			free(exact);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_no_options),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_new_devices),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_a_binding),
		cmocka_unit_test(test_bad_bindings),
		cmocka_unit_test(test_too_many_mounts),
		cmocka_unit_test(test_dhcp_answer),
		cmocka_unit_test(test_dhcp_renewal),
		cmocka_unit_test(test_dhcp_hostile),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
