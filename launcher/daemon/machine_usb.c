/* SPDX-License-Identifier: MIT */
#include "daemon/machine_usb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "usb"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "daemon/usb_process.h"
#include "vm/definition.h"
#include "vm/usb_devices.h"

static constexpr uint64_t kill_grace_us = 3'000'000;

static void usb_tell(struct machine_usb *usb, const struct vx_error *err)
{
	machine_usb_handler handler = usb->handler;
	usb->handler = nullptr;
	if (handler != nullptr) {
		handler(usb->data, err);
	}
}

static void usb_destroy(struct machine_usb *usb)
{
	wl_list_remove(&usb->link);
	sd_event_source_disable_unref(usb->process_source);
	sd_event_source_disable_unref(usb->status_source);
	sd_event_source_disable_unref(usb->kill_source);
	vx_replace_fd(&usb->pidfd, -1);
	vx_replace_fd(&usb->status_fd, -1);
	free(usb->control_path);
	free(usb->name);
	free(usb);
}

struct machine_usb *machine_usb_find(struct daemon *daemon, unsigned bus, unsigned address)
{
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		struct machine_usb *usb;
		wl_list_for_each (usb, &machine->usb, link) {
			if (usb->bus == bus && usb->address == address) {
				return usb;
			}
		}
	}
	return nullptr;
}

/* What the process says and how it ends */

/* Its process has ended: the device is the host's. */
void machine_usb_ended(struct machine_usb *usb)
{
	struct machine *machine = usb->machine;
	vx_cleanup_error struct vx_error err = {};
	if (usb->state == MACHINE_USB_STARTING) {
		vx_error_set(&err, "vixos-usb ended before it had '%s'; vixosd's log may say more",
			usb->name);
	} else {
		vx_log_info("'%s': '%s' is the host's again", machine->name, usb->name);
	}
	(void)unlink(usb->control_path);
	usb_tell(usb, err.message != nullptr ? &err : nullptr);
	usb_destroy(usb);
	daemon_machine_settled(machine->daemon, machine);
}

void machine_usb_said(struct machine_usb *usb, const char *line)
{
	if (usb->state != MACHINE_USB_STARTING) {
		return; /* it is to end, whatever it has to say */
	}
	if (strcmp(line, "ok") == 0) {
		usb->state = MACHINE_USB_ATTACHED;
		vx_log_info("'%s': it has '%s' now", usb->machine->name, usb->name);
		usb_tell(usb, nullptr);
	} else if (line[0] != '\0') {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(
			&err, "VM '%s' can't have '%s': %s", usb->machine->name, usb->name, line);
		vx_log_warn("%s", vx_error_message(&err));
		usb->state = MACHINE_USB_ENDING;
		usb_tell(usb, &err);
	}
	daemon_machine_changed(usb->machine->daemon, usb->machine);
}

static int handle_kill(sd_event_source *source, uint64_t now, void *data)
{
	usb_process_signal(data, SIGKILL);
	return 0;
}

static void usb_ask_to_end(struct machine_usb *usb)
{
	usb_process_signal(usb, SIGTERM);
	if (usb->kill_source == nullptr) {
		(void)sd_event_add_time_relative(usb->machine->daemon->event, &usb->kill_source,
			CLOCK_MONOTONIC, kill_grace_us, 10'000, handle_kill, usb);
	}
}

void machine_usb_detach(struct machine_usb *usb, machine_usb_handler handler, void *data)
{
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "'%s' was given back to the host meanwhile", usb->name);
	usb_tell(usb, &err);
	usb->handler = handler;
	usb->data = data;
	usb->state = MACHINE_USB_ENDING;
	usb_ask_to_end(usb);
}

/* Attaching */

static bool place_is_free(const struct machine *machine, unsigned place)
{
	const struct machine_usb *usb;
	wl_list_for_each (usb, &machine->usb, link) {
		if (usb->place == place) {
			return false;
		}
	}
	return true;
}

static bool find_place(const struct machine *machine, unsigned *ret_place, struct vx_error *err)
{
	for (unsigned place = 0; place < vm_usb_places; place++) {
		if (place_is_free(machine, place)) {
			*ret_place = place;
			return true;
		}
	}
	return vx_error_set(err, "VM '%s' has %u USB devices already; 'vixos usb detach' one first",
		machine->name, vm_usb_places);
}

static bool check_machine(const struct machine *machine, struct vx_error *err)
{
	return machine->definition->usb ||
	       vx_error_set(err,
		       "VM '%s' was started without USB: put 'usb on' into its definition, or use "
		       "'vixos run --usb', and start it again",
		       machine->name);
}

static bool check_holder(
	const struct machine *machine, const struct usb_device *device, struct vx_error *err)
{
	const struct machine_usb *holder = machine_usb_find(
		machine->daemon, device->bus, device->address);
	return holder == nullptr ||
	       vx_error_set_kind(err, VX_ERROR_REFUSED,
		       "VM '%s' has '%s' already; 'vixos usb detach %s %s' first",
		       holder->machine->name, device->name, holder->machine->name, device->port);
}

/*
 * The node of what was checked: another device could have taken its place since, so that what
 * counts is what the open node says. -1 with an error.
 */
static int open_node(const struct usb_device *device, struct vx_error *err)
{
	struct usb_summary summary;
	vx_cleanup_free uint8_t *bytes = vx_calloc(usb_descriptors_max, 1);
	vx_cleanup_close int fd = open(device->node, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't open '%s'", device->node);
		return -1;
	}
	ssize_t size = pread(fd, bytes, usb_descriptors_max, 0);
	if (size <= 0 || !usb_descriptors_parse(bytes, (size_t)size, &summary) ||
		memcmp(&summary, &device->summary, sizeof(summary)) != 0) {
		vx_error_set(err, "'%s' is no longer what it was a moment ago", device->name);
		return -1;
	}
	return vx_take_fd(fd);
}

static struct machine_usb *usb_create(
	struct machine *machine, unsigned place, unsigned bus, unsigned address, const char *name)
{
	struct machine_usb *usb = vx_new(usb);
	*usb = (struct machine_usb){
		.machine = machine,
		.place = place,
		.bus = bus,
		.address = address,
		.name = vx_strdup(name),
		.control_path = vx_printf(
			"%s/usb%u-%03u-%03u.ctl", machine->dir.path, place, bus, address),
		.pidfd = -1,
		.status_fd = -1,
	};
	wl_list_insert(machine->usb.prev, &usb->link);
	return usb;
}

bool machine_usb_attach(struct machine *machine, const struct usb_device *device, bool force,
	machine_usb_handler handler, void *data, struct vx_error *err)
{
	unsigned place = 0;
	/* Who has it comes first: to the host it is in use then. */
	if (!check_machine(machine, err) || !check_holder(machine, device, err) ||
		!usb_device_check(device, force, err) || !find_place(machine, &place, err)) {
		return false;
	}
	vx_cleanup_close int fd = open_node(device, err);
	if (fd < 0) {
		return false;
	}
	vx_cleanup_free char *link = vm_usb_socket(&machine->dir, place);
	struct machine_usb *usb = usb_create(
		machine, place, device->bus, device->address, device->name);
	if (!usb_process_start(usb, fd, link, err)) {
		usb_destroy(usb);
		return false;
	}
	usb->handler = handler;
	usb->data = data;
	return true;
}

/* The life of the machine */

static void attach_assigned(struct machine *machine, const struct usb_device *device)
{
	vx_cleanup_error struct vx_error err = {};
	for (size_t i = 0; i < machine->definition->usb_device_count; i++) {
		const struct vm_usb_assignment *assignment = &machine->definition->usb_devices[i];
		if (!usb_device_is_assigned(device, assignment)) {
			continue;
		}
		if (!machine_usb_attach(
			    machine, device, assignment->forced, nullptr, nullptr, &err)) {
			vx_log_warn("'%s': %s", machine->name, vx_error_message(&err));
		}
		return;
	}
}

void machine_usb_begin(struct machine *machine)
{
	if (machine->usb_has_begun || machine->definition->usb_device_count == 0) {
		return;
	}
	machine->usb_has_begun = true;
	struct usb_devices devices;
	usb_devices_read(&devices, "");
	for (size_t i = 0; i < devices.count; i++) {
		attach_assigned(machine, &devices.list[i]);
	}
	usb_devices_finish(&devices);
}

/* The name of a device that is there, owned by the caller. */
static char *find_name(unsigned bus, unsigned address)
{
	char *name = nullptr;
	struct usb_devices devices;
	usb_devices_read(&devices, "");
	for (size_t i = 0; i < devices.count && name == nullptr; i++) {
		if (devices.list[i].bus == bus && devices.list[i].address == address) {
			name = vx_strdup(devices.list[i].name);
		}
	}
	usb_devices_finish(&devices);
	return name != nullptr ? name : vx_printf("USB device %03u/%03u", bus, address);
}

static void adopt_one(struct machine *machine, unsigned place, unsigned bus, unsigned address)
{
	vx_cleanup_free char *name = find_name(bus, address);
	struct machine_usb *usb = usb_create(machine, place, bus, address, name);
	if (usb_process_adopt(usb)) {
		usb->state = MACHINE_USB_ATTACHED;
		vx_log_info("'%s': it has '%s'", machine->name, usb->name);
	} else {
		(void)unlink(usb->control_path);
		usb_destroy(usb);
	}
}

void machine_usb_adopt(struct machine *machine)
{
	/* A device that the user has taken from it is not given to it again by a new vixosd. */
	machine->usb_has_begun = true;
	for (unsigned place = 0; place < vm_usb_places; place++) {
		unsigned bus = 0, address = 0;
		if (usb_process_find(machine->dir.path, place, &bus, &address)) {
			adopt_one(machine, place, bus, address);
		}
	}
}

void machine_usb_end(struct machine *machine)
{
	struct machine_usb *usb;
	machine->usb_has_begun = false;
	/* They end with QEMU's side of the connection; this is for those that don't. */
	wl_list_for_each (usb, &machine->usb, link) {
		usb_ask_to_end(usb);
	}
}

void machine_usb_drop(struct machine *machine)
{
	struct machine_usb *usb, *next;
	wl_list_for_each_safe (usb, next, &machine->usb, link) {
		usb_destroy(usb);
	}
}

void machine_usb_forget_handler(struct machine *machine, const void *data)
{
	struct machine_usb *usb;
	wl_list_for_each (usb, &machine->usb, link) {
		if (usb->data == data) {
			usb->handler = nullptr;
		}
	}
}

/* A device that was just plugged in, and is free. */
void machine_usb_plugged(struct daemon *daemon, const struct usb_device *device)
{
	struct machine *machine;
	wl_list_for_each (machine, &daemon->machines, link) {
		if (machine->state == MACHINE_RUNNING &&
			machine_usb_find(daemon, device->bus, device->address) == nullptr) {
			attach_assigned(machine, device);
		}
	}
}
