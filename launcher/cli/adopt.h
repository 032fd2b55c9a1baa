/* SPDX-License-Identifier: MIT */
/* The system of a libvirt domain as a VM's (vixos create --adopt). */
#ifndef VX_LAUNCHER_CLI_ADOPT_H
#define VX_LAUNCHER_CLI_ADOPT_H

#include "common/error.h"

/* The disk's path, and values for the keys of the same names; owned. `network` may be NULL. */
struct adopted {
	char *disk, *memory, *vcpus, *network;
	bool uefi;
};

bool adopt_describe(struct adopted *adopted, const char *domain, struct vx_error *err);
void adopted_finish(struct adopted *adopted);

#endif
