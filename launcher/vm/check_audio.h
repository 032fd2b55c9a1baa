/* SPDX-License-Identifier: MIT */
/* Can VMs have sound? Blocks for a moment: QEMU is asked. For `vixos doctor` only. */
#ifndef VX_LAUNCHER_VM_CHECK_AUDIO_H
#define VX_LAUNCHER_VM_CHECK_AUDIO_H

#include "common/error.h"

/* False with what is missing, and in `*ret_remedy` (static) what to do. */
bool vm_check_audio(const char **ret_remedy, struct vx_error *err);

/* Does a list of drivers, as QEMU prints it, have this one in a line of its own? Pure. */
bool vm_check_audio_has_driver(const char *list, const char *driver);

#endif
