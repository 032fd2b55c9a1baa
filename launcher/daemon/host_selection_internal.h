/* SPDX-License-Identifier: MIT */
/* What offering (host_selection.c) and reading (host_selection_read.c) share. */
#ifndef VX_LAUNCHER_DAEMON_HOST_SELECTION_INTERNAL_H
#define VX_LAUNCHER_DAEMON_HOST_SELECTION_INTERNAL_H

#include <wayland-client.h>

#include "daemon/host_selection.h"

struct ext_data_control_device_v1;

struct host_selection {
	sd_event *event;
	void (*flush)(void *data);
	void *data;
	struct ext_data_control_manager_v1 *manager; /* NULL: not there */
	bool is_wlr;                                 /* by the older protocol of wlroots */
	struct wl_interface wlr_interface;           /* of the manager then */
	struct wl_seat *seat;                        /* the first; NULL: none */
	struct reader *reader;                       /* owned; NULL: none */
	/* What we have offered. */
	struct ext_data_control_device_v1 *device;
	struct ext_data_control_source_v1 *source; /* NULL: nothing */
	enum vx_clipboard_kind kind;
	struct vx_buffer content;
	sd_event_source *timeout;       /* owned; when to wipe it */
	struct wl_list writers;         /* struct writer.link */
	struct wl_list retired_devices; /* struct retired_device.link */
};

/* Is there what reading and offering need? */
bool host_selection_is_usable(const struct host_selection *selection, struct vx_error *err);

/* Takes a device that is no longer wanted: its events have no data from now on. */
void host_selection_retire_device(
	struct host_selection *selection, struct ext_data_control_device_v1 *object);

#endif
