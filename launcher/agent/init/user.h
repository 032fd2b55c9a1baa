/* SPDX-License-Identifier: MIT */
/* The one user of a guest; root only starts it. launcher/vm/guest_etc.c writes it into /etc/passwd.
 */
#ifndef VX_LAUNCHER_AGENT_INIT_USER_H
#define VX_LAUNCHER_AGENT_INIT_USER_H

#include <sys/types.h>

static constexpr uid_t user_id = 1000; /* and group */

#endif
