/* SPDX-License-Identifier: MIT */
/*
 * The USB devices that a machine has. Each is held by a vixos-usb of its own, which connects it to
 * one of the places that the VM has for them; where that process ends the device is the host's
 * again. They outlive vixosd: the next one finds them by their sockets, whose names say place and
 * device.
 */
#ifndef VX_LAUNCHER_DAEMON_MACHINE_USB_H
#define VX_LAUNCHER_DAEMON_MACHINE_USB_H

#include <sys/types.h>
#include <systemd/sd-event.h>
#include <wayland-util.h>

#include "common/error.h"

struct daemon;
struct machine;
struct usb_device;

/* Hears once how it went; `err` is NULL where it is done. */
typedef void (*machine_usb_handler)(void *data, const struct vx_error *err);

enum machine_usb_state : unsigned {
	MACHINE_USB_STARTING, /* its vixos-usb has not said yet that it has the device */
	MACHINE_USB_ATTACHED,
	MACHINE_USB_ENDING,
};

struct machine_usb {
	struct wl_list link;     /* struct machine.usb */
	struct machine *machine; /* borrowed */
	unsigned place;
	unsigned bus, address;
	char *name;         /* owned; of the device, to be shown */
	char *control_path; /* owned */
	enum machine_usb_state state;
	pid_t pid;
	int pidfd;                       /* owned; of one that was found; -1 for a child */
	int status_fd;                   /* owned; how it went, one line; -1 once that is known */
	sd_event_source *process_source; /* owned; its end */
	sd_event_source *status_source;  /* owned */
	sd_event_source *kill_source;    /* owned; when it has been asked long enough */
	machine_usb_handler handler;     /* NULL: nobody waits */
	void *data;
};

/* Who has the device now; may be NULL. */
struct machine_usb *machine_usb_find(struct daemon *daemon, unsigned bus, unsigned address);

/* Gives it to the VM, which runs; checked here again. False where it isn't even begun. */
bool machine_usb_attach(struct machine *machine, const struct usb_device *device, bool force,
	machine_usb_handler handler, void *data, struct vx_error *err);
/* Gives it back to the host. */
void machine_usb_detach(struct machine_usb *usb, machine_usb_handler handler, void *data);

/* The VM runs: those of its definition that are there are attached, once a start. */
void machine_usb_begin(struct machine *machine);
/* It ran before vixosd did. */
void machine_usb_adopt(struct machine *machine);
/* It has ended. */
void machine_usb_end(struct machine *machine);
/* Before the machine is destroyed: processes go on. */
void machine_usb_drop(struct machine *machine);
/* `data` is not to be called back any more. */
void machine_usb_forget_handler(struct machine *machine, const void *data);

/*
 * Watches for devices that are plugged in, and gives them to the VM that has them in its definition
 * and runs. NULL with an error where the kernel's messages can't be had.
 */
struct sd_device_monitor *machine_usb_monitor(struct daemon *daemon, struct vx_error *err);

#endif
