/* SPDX-License-Identifier: MIT */
/* USB devices: what they say, how one is meant, and which a VM may have. sysfs is a folder here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/fd.h"
#include "common/memory.h"
#include "vm/usb_assignment.h"
#include "vm/usb_descriptors.h"
#include "vm/usb_devices.h"

#define DEVICE(class, vendor, product)                                                \
	18, 1, 0, 2, class, 0, 0, 64, (vendor) & 255, (vendor) >> 8, (product) & 255, \
		(product) >> 8, 0, 1, 1, 2, 3, 1
#define CONFIGURATION 9, 2, 32, 0, 1, 1, 0, 0x80, 50
#define INTERFACE(class, subclass, protocol) 9, 4, 0, 0, 1, class, subclass, protocol, 0
#define ENDPOINT 7, 5, 0x81, 3, 64, 0, 5

static const uint8_t key[] = {
	DEVICE(0, 0x1209, 0xf1d0), CONFIGURATION, INTERFACE(3, 0, 0), ENDPOINT};
static const uint8_t typing_key[] = {DEVICE(0, 0x1050, 0x0407), CONFIGURATION, INTERFACE(3, 1, 1),
	INTERFACE(3, 0, 0), INTERFACE(0x0b, 0, 0), ENDPOINT};
static const uint8_t keyboard[] = {
	DEVICE(0, 0x046d, 0xc31c), CONFIGURATION, INTERFACE(3, 1, 1), ENDPOINT};
static const uint8_t mouse[] = {
	DEVICE(0, 0x046d, 0xc077), CONFIGURATION, INTERFACE(3, 1, 2), ENDPOINT};
static const uint8_t hub[] = {DEVICE(9, 0x05e3, 0x0610), CONFIGURATION, INTERFACE(9, 0, 0)};
static const uint8_t disk[] = {
	DEVICE(0, 0x0781, 0x5567), CONFIGURATION, INTERFACE(8, 6, 0x50), ENDPOINT};
static const uint8_t fido_report[] = {0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0xc0};
static const uint8_t keyboard_report[] = {0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0};

static void test_descriptors(void **state)
{
	struct usb_summary summary;
	assert_true(usb_descriptors_parse(key, sizeof(key), &summary));
	assert_int_equal(summary.vendor, 0x1209);
	assert_int_equal(summary.product, 0xf1d0);
	assert_true(summary.has_hid && !summary.has_keyboard && !summary.is_hub);
	assert_true(usb_descriptors_parse(typing_key, sizeof(typing_key), &summary));
	assert_true(summary.has_keyboard && summary.has_smart_card && !summary.has_mouse);
	assert_true(usb_descriptors_parse(hub, sizeof(hub), &summary));
	assert_true(summary.is_hub);
	assert_true(usb_descriptors_parse(disk, sizeof(disk), &summary));
	assert_true(summary.has_storage && !summary.has_hid);
}

static void test_hostile_descriptors(void **state)
{
	struct usb_summary summary;
	/* Each prefix in memory of its own, for a sanitizer; only whole descriptors are
	 * well-formed. */
	for (size_t size = 0; size < sizeof(key); size++) {
		vx_cleanup_free uint8_t *copy = vx_memdup(key, size > 0 ? size : 1);
		bool is_whole = size == 18 || size == 27 || size == 36;
		assert_int_equal(usb_descriptors_parse(copy, size, &summary), is_whole);
	}
	static const uint8_t hostile[][28] = {
		{DEVICE(0, 1, 1), 0, 4},                   /* no length: it would never end */
		{DEVICE(0, 1, 1), 1, 4},                   /* shorter than its own head */
		{DEVICE(0, 1, 1), 8, 4, 0, 0, 0, 3, 1, 1}, /* an interface that is too short */
		{DEVICE(0, 1, 1), 255, 4},                 /* longer than all */
		{17, 1},
		{18, 2},
	};
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		assert_false(usb_descriptors_parse(hostile[i], sizeof(hostile[i]), &summary));
	}
	vx_cleanup_free uint8_t *large = vx_calloc(usb_descriptors_max + 1, 1);
	memcpy(large, key, sizeof(key));
	assert_false(usb_descriptors_parse(large, usb_descriptors_max + 1, &summary));
}

static void test_reports(void **state)
{
	static const uint8_t hidden_in_data[] = {0x27, 0x06, 0xd0, 0xf1, 0x00};
	static const uint8_t long_item[] = {0xfe, 0x02, 0x10, 0x06, 0xd0, 0xf1};
	static const uint8_t cut[] = {0x06, 0xd0};
	assert_true(usb_report_is_fido(fido_report, sizeof(fido_report)));
	assert_false(usb_report_is_fido(keyboard_report, sizeof(keyboard_report)));
	assert_false(usb_report_is_fido(hidden_in_data, sizeof(hidden_in_data)));
	assert_false(usb_report_is_fido(long_item, sizeof(long_item)));
	assert_false(usb_report_is_fido(cut, sizeof(cut)));
	assert_false(usb_report_is_fido(nullptr, 0));
}

/* A machine */

struct machine_root {
	char path[64];
};

static void put(const struct machine_root *root, const char *name, const void *bytes, size_t size)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", root->path, name);
	for (char *slash = strchr(path + 1, '/'); slash != nullptr;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void put_link(const struct machine_root *root, const char *name, const char *target)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", root->path, name);
	put(root, name, "", 0); /* makes its folders */
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

struct plugged {
	const char *port;
	unsigned address;
	const uint8_t *descriptors;
	size_t size;
	const char *maker, *product, *serial, *driver;
	const uint8_t *report;
	size_t report_size;
};

static void plug(const struct machine_root *root, const struct plugged *device)
{
	const struct {
		const char *name, *text;
	} attributes[] = {
		{"manufacturer", device->maker},
		{"product", device->product},
		{"serial", device->serial},
		{"busnum", "1\n"},
	};
	vx_cleanup_free char *folder = vx_printf("sys/bus/usb/devices/%s", device->port);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		vx_cleanup_free char *name = vx_printf("%s/%s", folder, attributes[i].name);
		if (attributes[i].text != nullptr) {
			put(root, name, attributes[i].text, strlen(attributes[i].text));
		}
	}
	vx_cleanup_free char *number = vx_printf("%u\n", device->address);
	vx_cleanup_free char *devnum = vx_printf("%s/devnum", folder);
	vx_cleanup_free char *descriptors = vx_printf("%s/descriptors", folder);
	vx_cleanup_free char *node = vx_printf("dev/bus/usb/001/%03u", device->address);
	put(root, devnum, number, strlen(number));
	put(root, descriptors, device->descriptors, device->size);
	put(root, node, device->descriptors, device->size);
	vx_cleanup_free char *driver = vx_printf("sys/bus/usb/devices/%s:1.0/driver", device->port);
	vx_cleanup_free char *target = vx_printf("../../../../bus/usb/drivers/%s", device->driver);
	put_link(root, driver, target);
	vx_cleanup_free char *report = vx_printf(
		"%s/%s:1.0/0003:0001:0001.0001/report_descriptor", folder, device->port);
	if (device->report != nullptr) {
		put(root, report, device->report, device->report_size);
	}
}

#define BYTES(array) array, sizeof(array)

static int make_machine(void **state)
{
	static const struct plugged devices[] = {
		{"1-2", 4, BYTES(key), "VixOS\n", "Emulated Key\n", "4711\n", "usbhid",
			BYTES(fido_report)},
		{"1-3", 5, BYTES(typing_key), "Yubico\n", "YubiKey OTP+FIDO+CCID\n", nullptr,
			"usbhid", nullptr, 0},
		{"1-4", 6, BYTES(keyboard), "Logitech\n", "Logitech Keyboard\n", nullptr, "usbhid",
			BYTES(keyboard_report)},
		{"1-5", 7, BYTES(hub), nullptr, nullptr, nullptr, "hub", nullptr, 0},
		{"1-6", 8, BYTES(disk), "Evil\x1b[2J\n",
			"Sti\xff"
			"ck\n",
			nullptr, "usb-storage", nullptr, 0},
		{"1-7", 9, BYTES(mouse), "Logitech\n", "Mouse\n", nullptr, "usbhid", nullptr, 0},
		{"1-8", 10, BYTES(key), "VixOS\n", "Other Key\n", "4712\n", "usbfs", nullptr, 0},
	};
	struct machine_root *root = vx_new(root);
	strcpy(root->path, "/tmp/vixos-usb-XXXXXX");
	assert_non_null(mkdtemp(root->path));
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		plug(root, &devices[i]);
	}
	put(root, "sys/bus/usb/devices/usb1/descriptors", hub, sizeof(hub));
	put(root, "sys/bus/usb/devices/1-9/descriptors", "nonsense", 8);
	*state = root;
	return 0;
}

static int remove_machine(void **state)
{
	struct machine_root *root = *state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", root->path);
	int status = system(command);
	free(root);
	return status;
}

static struct usb_devices read_devices(void **state)
{
	const struct machine_root *root = *state;
	struct usb_devices devices;
	usb_devices_read(&devices, root->path);
	return devices;
}

static void test_the_list(void **state)
{
	static const char *const kinds[] = {
		"security key", "smart card", "keyboard", "hub", "storage", "mouse", "input"};
	struct usb_devices devices = read_devices(state);
	assert_int_equal(devices.count, 7);
	for (size_t i = 0; i < devices.count; i++) {
		assert_string_equal(usb_device_kind(&devices.list[i]), kinds[i]);
		assert_int_equal(devices.list[i].address, 4 + i);
		assert_true(devices.list[i].is_writable);
	}
	assert_string_equal(devices.list[0].name, "VixOS Emulated Key");
	assert_string_equal(devices.list[0].serial, "4711");
	assert_string_equal(devices.list[2].name, "Logitech Keyboard");
	assert_string_equal(devices.list[3].name, "device 05e3:0610");
	/* A name is for a terminal: nothing in it moves the cursor. */
	assert_null(strchr(devices.list[4].name, 0x1b));
	assert_null(strchr(devices.list[4].name, 0xff));
	usb_devices_finish(&devices);
}

static void assert_found(const struct usb_devices *devices, const char *spec, const char *port)
{
	vx_cleanup_error struct vx_error err = {};
	const struct usb_device *device = usb_devices_find(devices, spec, &err);
	if (device == nullptr) {
		print_message("'%s': %s\n", spec, vx_error_message(&err));
	}
	assert_non_null(device);
	assert_string_equal(device->port, port);
}

static void test_which_is_meant(void **state)
{
	struct usb_devices devices = read_devices(state);
	assert_found(&devices, "1-2", "1-2");
	assert_found(&devices, "001/004", "1-2");
	assert_found(&devices, "1/4", "1-2");
	assert_found(&devices, "1050:0407", "1-3");
	assert_found(&devices, "1209:F1D0:4712", "1-8");
	assert_found(&devices, "yubi", "1-3");
	assert_found(&devices, "emulated", "1-2");
	static const char *const nobody[] = {"", "1-", "1-22", "001/04x", "1/", "+1/4", "9999:0000",
		"1209:f1d0:", "1209:f1d0:4713", "no such"};
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		vx_cleanup_error struct vx_error err = {};
		assert_null(usb_devices_find(&devices, nobody[i], &err));
		assert_non_null(strstr(vx_error_message(&err), "there is no USB device"));
	}
	vx_cleanup_error struct vx_error err = {};
	assert_null(usb_devices_find(&devices, "1209:f1d0", &err));
	assert_non_null(strstr(vx_error_message(&err), "several"));
	assert_non_null(strstr(vx_error_message(&err), "1-2 "));
	assert_non_null(strstr(vx_error_message(&err), "1-8 "));
	assert_null(strstr(vx_error_message(&err), "1-3 "));
	usb_devices_finish(&devices);
}

static void assert_allowed(const struct usb_devices *devices, const char *port, bool plain,
	bool forced, const char *why)
{
	vx_cleanup_error struct vx_error err = {};
	const struct usb_device *device = usb_devices_find(devices, port, &err);
	assert_non_null(device);
	assert_int_equal(usb_device_check(device, false, &err), plain);
	if (!plain) {
		assert_int_equal(err.kind, VX_ERROR_REFUSED);
		assert_non_null(strstr(vx_error_message(&err), why));
	}
	assert_int_equal(usb_device_check(device, true, &err), forced);
}

static void test_which_may_be_had(void **state)
{
	const struct machine_root *root = *state;
	put(root, "sys/devices/pci/usb1/1-6/1-6:1.0/block/sda/dev", "8:0\n", 4);
	put(root, "proc/self/mountinfo", "1 2 8:16 / /mnt rw - ext4 x rw\n", 31);
	put_link(root, "sys/class/block/sda", "../../devices/pci/usb1/1-6/1-6:1.0/block/sda");
	struct usb_devices devices = read_devices(state);
	assert_allowed(&devices, "1-2", true, true, "");
	assert_allowed(&devices, "1-3", true, true, "");
	assert_allowed(&devices, "1-4", false, true, "is a keyboard");
	assert_allowed(&devices, "1-5", false, false, "is a hub");
	assert_allowed(&devices, "1-6", true, true, "");
	assert_allowed(&devices, "1-7", false, true, "is a mouse");
	assert_allowed(&devices, "1-8", false, true, "another program uses it");
	usb_devices_finish(&devices);
	put(root, "proc/self/mountinfo", "1 2 8:0 / /mnt rw - ext4 x rw\n", 30);
	devices = read_devices(state);
	assert_allowed(&devices, "1-6", false, true, "file system");
	usb_devices_finish(&devices);
	/* A partition of it is held by an encrypted volume. */
	put(root, "proc/self/mountinfo", "", 0);
	put(root, "sys/devices/pci/usb1/1-6/1-6:1.0/block/sda/sda1/holders/dm-0", "", 0);
	put_link(root, "sys/class/block/sda1", "../../devices/pci/usb1/1-6/1-6:1.0/block/sda/sda1");
	devices = read_devices(state);
	assert_allowed(&devices, "1-6", false, true, "volume");
	usb_devices_finish(&devices);
	put(root, "sys/devices/pci/usb1/1-2/1-2:1.0/net/usb0/flags", "0x1003\n", 7);
	put_link(root, "sys/class/net/usb0", "../../devices/pci/usb1/1-2/1-2:1.0/net/usb0");
	devices = read_devices(state);
	assert_allowed(&devices, "1-2", false, true, "network interface");
	usb_devices_finish(&devices);
}

static void test_without_the_right(void **state)
{
	const struct machine_root *root = *state;
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *node = vx_printf("%s/dev/bus/usb/001/004", root->path);
	assert_int_equal(chmod(node, 0400), 0);
	struct usb_devices devices = read_devices(state);
	if (geteuid() != 0) {
		assert_false(usb_device_check(&devices.list[0], true, &err));
		assert_non_null(strstr(vx_error_message(&err),
			"ATTR{idVendor}==\"1209\", ATTR{idProduct}==\"f1d0\", TAG+=\"uaccess\""));
	}
	usb_devices_finish(&devices);
}

static void test_no_usb_at_all(void **state)
{
	struct usb_devices devices;
	usb_devices_read(&devices, "/nonexistent");
	assert_int_equal(devices.count, 0);
	usb_devices_finish(&devices);
}

static void test_assignments(void **state)
{
	static const char *const good[] = {"1050:0407", "abcd:ef01:x", "0000:ffff:A-1.b"};
	static const char *const bad[] = {"", ":", "1050", "1050:", "1050:407", "1050:04077",
		"1050-0407", "g050:0407", "1050:0407:", "1050:0407:a b", "1050:0407:\x01",
		"1050:0407:\xc3\xa4"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct vm_usb_assignment assignment;
		assert_true(vm_usb_assignment_parse(good[i], &assignment, nullptr));
		vx_cleanup_free char *text = vm_usb_assignment_format(&assignment);
		assert_string_equal(text, good[i]);
		free(assignment.serial);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vm_usb_assignment assignment;
		assert_false(vm_usb_assignment_parse(bad[i], &assignment, nullptr));
	}
	char serial[256] = "1050:0407:";
	memset(serial + 10, 'x', vm_usb_serial_max + 1);
	struct vm_usb_assignment assignment;
	assert_false(vm_usb_assignment_parse(serial, &assignment, nullptr));
}

int main(void)
{
#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_hostile_descriptors),
		cmocka_unit_test(test_reports),
		ON_MACHINE(test_the_list),
		ON_MACHINE(test_which_is_meant),
		ON_MACHINE(test_which_may_be_had),
		ON_MACHINE(test_without_the_right),
		cmocka_unit_test(test_no_usb_at_all),
		cmocka_unit_test(test_assignments),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
