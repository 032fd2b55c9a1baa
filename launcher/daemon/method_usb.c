/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.UsbList, UsbAttach and UsbDetach. */
#include <stddef.h>
#include <stdio.h>

#include "daemon/daemon.h"
#include "daemon/machine_usb.h"
#include "daemon/manager_call.h"
#include "manager_names.h"
#include "vm/usb_devices.h"

#define PAIR_IF SD_JSON_BUILD_PAIR_CONDITION
#define STRING SD_JSON_BUILD_STRING

static constexpr uint64_t usb_deadline_ms = 15'000;

/* List */

static void append_device(
	sd_json_variant **array, struct daemon *daemon, const struct usb_device *device)
{
	vx_cleanup_error struct vx_error problem = {};
	const struct machine_usb *holder = machine_usb_find(daemon, device->bus, device->address);
	const char *vm = holder != nullptr ? holder->machine->name : nullptr;
	bool is_free = holder == nullptr && usb_device_check(device, false, &problem);
	char vendor[5], product[5];
	snprintf(vendor, sizeof(vendor), "%04x", device->summary.vendor);
	snprintf(product, sizeof(product), "%04x", device->summary.product);
	(void)sd_json_variant_append_arraybo(array, SD_JSON_BUILD_PAIR_UNSIGNED("bus", device->bus),
		SD_JSON_BUILD_PAIR_UNSIGNED("address", device->address),
		SD_JSON_BUILD_PAIR_STRING("port", device->port),
		SD_JSON_BUILD_PAIR_STRING("vendor", vendor),
		SD_JSON_BUILD_PAIR_STRING("product", product),
		PAIR_IF(device->serial != nullptr, "serial", STRING(device->serial)),
		SD_JSON_BUILD_PAIR_STRING("name", device->name),
		SD_JSON_BUILD_PAIR_STRING("kind", usb_device_kind(device)),
		PAIR_IF(vm != nullptr, "vm", STRING(vm)),
		SD_JSON_BUILD_PAIR_BOOLEAN("free", is_free),
		PAIR_IF(problem.message != nullptr, "problem", STRING(problem.message)));
}

static void list_advance(struct manager_call *call)
{
	if (!manager_call_is_listed(call)) {
		return;
	}
	struct usb_devices devices;
	sd_json_variant *array = nullptr, *reply = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	usb_devices_read(&devices, "");
	for (size_t i = 0; i < devices.count; i++) {
		append_device(&array, call->manager->daemon, &devices.list[i]);
	}
	usb_devices_finish(&devices);
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_VARIANT("devices", array));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
	sd_json_variant_unref(array);
}

int method_usb_list(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {{}};
	static const struct manager_method method = {fields, list_advance, usb_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* Attach and detach */

/* call->device is what a definition calls it by then. */
static void handle_done(void *data, const struct vx_error *err)
{
	struct manager_call *call = data;
	if (err != nullptr) {
		manager_call_fail(call, err);
		return;
	}
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_STRING("assignment", call->device));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

static void name_device(struct manager_call *call, const struct usb_device *device)
{
	vx_cleanup_free char *assignment = usb_device_assignment(device);
	vx_replace_string(&call->device, assignment);
}

static void attach_advance(struct manager_call *call)
{
	if (!manager_call_find_running(call)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	struct usb_devices devices;
	call->advance = manager_call_wait;
	usb_devices_read(&devices, "");
	const struct usb_device *device = usb_devices_find(&devices, call->device, &err);
	if (device != nullptr) {
		name_device(call, device);
	}
	if (device == nullptr ||
		!machine_usb_attach(call->machine, device, call->force, handle_done, call, &err)) {
		manager_call_fail(call, &err);
	}
	usb_devices_finish(&devices);
}

/* Only those that the VM has can be meant. */
static void keep_own(struct usb_devices *devices, const struct machine *machine)
{
	struct usb_devices all = *devices;
	*devices = (struct usb_devices){.list = vx_calloc(all.count + 1, sizeof(*all.list))};
	struct usb_devices others = {.list = vx_calloc(all.count + 1, sizeof(*all.list))};
	for (size_t i = 0; i < all.count; i++) {
		const struct usb_device *device = &all.list[i];
		const struct machine_usb *usb = machine_usb_find(
			machine->daemon, device->bus, device->address);
		bool is_own = usb != nullptr && usb->machine == machine;
		struct usb_devices *target = is_own ? devices : &others;
		target->list[target->count++] = *device;
	}
	free(all.list);
	usb_devices_finish(&others);
}

static void detach_advance(struct manager_call *call)
{
	if (!manager_call_find_running(call)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	struct usb_devices devices;
	call->advance = manager_call_wait;
	usb_devices_read(&devices, "");
	keep_own(&devices, call->machine);
	const struct usb_device *device = usb_devices_find(&devices, call->device, &err);
	if (device == nullptr) {
		(void)vx_error_wrap(&err, "VM '%s' has no such device", call->name);
		manager_call_fail(call, &err);
	} else {
		name_device(call, device);
		struct machine_usb *usb = machine_usb_find(
			call->manager->daemon, device->bus, device->address);
		machine_usb_detach(usb, handle_done, call);
	}
	usb_devices_finish(&devices);
}

static const sd_json_dispatch_field attach_fields[] = {
	MANAGER_STRING("name", name, SD_JSON_MANDATORY),
	MANAGER_STRING("device", device, SD_JSON_MANDATORY),
	MANAGER_BOOL("force", force),
	{},
};
static const sd_json_dispatch_field detach_fields[] = {
	MANAGER_STRING("name", name, SD_JSON_MANDATORY),
	MANAGER_STRING("device", device, SD_JSON_MANDATORY),
	{},
};

int method_usb_attach(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		attach_fields, attach_advance, usb_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

int method_usb_detach(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const struct manager_method method = {
		detach_fields, detach_advance, usb_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
