/* SPDX-License-Identifier: MIT */
/* What vixosd finds around itself: the one lock, the socket. */
#ifndef VX_LAUNCHER_DAEMON_ENVIRONMENT_H
#define VX_LAUNCHER_DAEMON_ENVIRONMENT_H

#include <stdint.h>

#include "common/error.h"

/*
 * The lock that makes this process the session's only vixosd; -1 where another holds it. Waits some
 * seconds for one that is ending.
 */
[[nodiscard]] int environment_lock(const char *runtime_base, struct vx_error *err);

/*
 * The socket that systemd has given us, or a new one; -1 on failure. A new one's path (owned by the
 * caller) is for us to remove in the end; else `*ret_path` is left alone.
 */
[[nodiscard]] int environment_listen(
	const char *runtime_base, char **ret_path, struct vx_error *err);

/* How long a VM may boot: $VIXOS_BOOT_TIMEOUT in seconds, else two minutes. */
uint32_t environment_boot_deadline_ms(void);

#endif
