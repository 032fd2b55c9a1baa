/* SPDX-License-Identifier: MIT */
/*
 * QEMU's monitor, through libvirt, for what libvirt has no words for: a network card whose other
 * end is a descriptor that we already have.
 */
#ifndef VX_LAUNCHER_VM_QEMU_MONITOR_H
#define VX_LAUNCHER_VM_QEMU_MONITOR_H

#include <libvirt/libvirt.h>
#include <stddef.h>

#include "common/error.h"

/* All functions fail with an error that has QEMU's or libvirt's reason. */

/* The names of the devices that have one, in a list that ends in NULL; owned by the caller
 * (monitor_free_names()). */
[[nodiscard]] char **monitor_list_devices(virDomain *domain, struct vx_error *err);
void monitor_free_names(char **names);

/* The last PCI Express root port with nothing in it, for libvirt takes the first; owned by the
 * caller. */
[[nodiscard]] char *monitor_find_free_port(virDomain *domain, struct vx_error *err);

/*
 * Plugs in a network card `id` (letters, digits, '-', '.', '_') whose frames come and go by the tap
 * `fd`, which stays the caller's.
 */
[[nodiscard]] bool monitor_add_card(virDomain *domain, const char *id, const char *port,
	const char *hardware_address, int fd, struct vx_error *err);

/* Cuts the card off from its tap, which QEMU closes, and asks the guest to let go of it. */
[[nodiscard]] bool monitor_remove_card(virDomain *domain, const char *id, struct vx_error *err);

#endif
