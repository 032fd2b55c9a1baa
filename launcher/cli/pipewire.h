/* SPDX-License-Identifier: MIT */
/*
 * The user's PipeWire, by its own programs pw-dump and pw-cli: whether a VM's QEMU is connected to
 * it, and cutting it off. Nothing is left to QEMU then, nor to the guest: PipeWire itself forgets
 * the connection, with all streams and links, and QEMU doesn't make another.
 */
#ifndef VX_LAUNCHER_CLI_PIPEWIRE_H
#define VX_LAUNCHER_CLI_PIPEWIRE_H

#include "common/error.h"

/* How many connections the VM's QEMU has; false where PipeWire can't be asked. */
[[nodiscard]] bool pipewire_count(const char *vm, size_t *ret_count, struct vx_error *err);

/* Ends all of them, and makes sure that they are gone. */
[[nodiscard]] bool pipewire_cut(const char *vm, struct vx_error *err);

#endif
