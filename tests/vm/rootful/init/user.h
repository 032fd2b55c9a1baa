/* SPDX-License-Identifier: MIT */
/* In the place of launcher/agent/init/user.h, for rootful-init. */
#ifndef VX_TESTS_VM_ROOTFUL_INIT_USER_H
#define VX_TESTS_VM_ROOTFUL_INIT_USER_H

#include <sys/types.h>

static constexpr uid_t user_id = 0; /* and group */

#endif
