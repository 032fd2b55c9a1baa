/* SPDX-License-Identifier: MIT */
/*
 * A VM's share of the processors, as far as a user may say that without privileges: by the user's
 * systemd, which weighs control groups, and by the kernel's autogroups, which count where none are.
 * Not by SCHED_IDLE or nice values, out of which a process may not be raised again.
 */
#ifndef VX_LAUNCHER_VM_BACKGROUND_H
#define VX_LAUNCHER_VM_BACKGROUND_H

/*
 * QEMU of the domain (by libvirt's name) gets half of what any other program gets, or as much
 * again: no less, for on a host that is never idle it would never be done. Where neither way is
 * there, nothing changes. Blocks for at most some seconds, where systemd doesn't answer.
 */
void vm_background_set(const char *domain, bool is_background);

#endif
