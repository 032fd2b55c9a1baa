/* SPDX-License-Identifier: MIT */
/*
 * How much one program in a VM, and one VM, may make the host hold. Over a limit the program's
 * connection ends with a logged reason.
 */
#ifndef VX_PROXY_HOST_LIMITS_H
#define VX_PROXY_HOST_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct limit;
struct wire_interface;

static constexpr unsigned limits_interfaces_max = 128;

/* Numbers that are no counts of objects. */
static constexpr uint32_t limit_wire_id = 65535;   /* highest object id of a client */
static constexpr uint32_t limit_string = 4096;     /* bytes in any string argument */
static constexpr int32_t limit_size = 16384;       /* pixels or logical, each way */
static constexpr int32_t limit_position = 1 << 17; /* distance from an origin, each way */
static constexpr int32_t limit_scale = 32;         /* wl_surface.set_buffer_scale */
static constexpr int32_t limit_cursor_size = 64;   /* logical, each way */
static constexpr int32_t limit_icon_size = 512;    /* of what is dragged; logical, each way */
static constexpr unsigned limit_subsurface_depth = 8;
static constexpr unsigned limit_popup_depth = 16;
static constexpr unsigned limit_region_rects = 32;   /* of a wl_region; a finer one isn't used */
static constexpr unsigned limit_damage_rects = 32;   /* per commit; more become everything */
static constexpr unsigned limit_kept_commits = 8192; /* that wait for a parent's, per VM */
static constexpr unsigned limit_busy_buffers = 4097; /* with the compositor, per VM: one a slot */
static constexpr unsigned limit_idle_buffers = 64;   /* kept for the next frame, per client */
static constexpr uint64_t limit_pixel_bytes = 2ull << 30; /* in all surfaces of a VM */
static constexpr unsigned limit_clients = 256;            /* guest programs at once */
static constexpr size_t limit_to_compositor = 256 * 1024; /* bytes waiting; more stay on the link */
static constexpr size_t limit_to_guest = 1024 * 1024;     /* bytes waiting for the guest to read */
static constexpr unsigned limit_stall_seconds = 30;       /* of a compositor that reads nothing */

/* Objects that exist, by wire_interface.index. One for each client and one for the VM. */
struct limits_counts {
	uint32_t total;
	uint32_t by_interface[limits_interfaces_max];
	/* The VM's only: each interface's limit, once it has been looked up. */
	const struct limit *limits[limits_interfaces_max];
};

/* Counts one more object, or fails with a reason. */
bool limits_add(struct limits_counts *client, struct limits_counts *vm,
	const struct wire_interface *interface, struct vx_error *err);
void limits_remove(struct limits_counts *client, struct limits_counts *vm,
	const struct wire_interface *interface);

#endif
