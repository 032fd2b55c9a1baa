/* SPDX-License-Identifier: MIT */
/*
 * A VM that was started before anybody wanted it ("preloaded") waits here, and is paused meanwhile.
 * When it is wanted, vixosd writes one line of words as on the kernel's command line to the
 * virtio-serial port org.vixos.bind: name, machine-id, random seed and the time. Only then does
 * vixos-guest speak to the host, so that no program ever runs in a VM that isn't somebody's.
 */
#ifndef VX_LAUNCHER_AGENT_INIT_BIND_H
#define VX_LAUNCHER_AGENT_INIT_BIND_H

#include <sys/types.h>

#include "common/error.h"

struct boot_options;

/*
 * Starts vixos-guest, tells the host once it is ready, waits to be bound, becomes who it is told to
 * be and lets vixos-guest go on. `options` get the binding's values. Returns the id of vixos-guest,
 * -1 on failure.
 */
[[nodiscard]] pid_t bind_start_guest(struct boot_options *options, struct vx_error *err);

#endif
