/* SPDX-License-Identifier: MIT */
/*
 * The files of running VMs in $XDG_RUNTIME_DIR/vixos/vm/NAME/ (region.h has those in /dev/shm).
 * Everything here is removed when the VM ends, and what an earlier vixosd left behind when the next
 * starts. Nothing here ever follows a symbolic link or touches what another user owns.
 */
#ifndef VX_LAUNCHER_VM_RUNTIME_DIR_H
#define VX_LAUNCHER_VM_RUNTIME_DIR_H

#include <stddef.h>

#include "common/error.h"
#include "vm/region.h"

/* The paths of one VM; all strings owned. */
struct vm_runtime_dir {
	char *path;           /* $XDG_RUNTIME_DIR/vixos/vm/NAME, mode 0700 */
	char *link_socket;    /* link.sock: QEMU listens, vixos-proxy connects */
	char *console_socket; /* console.sock: QEMU listens, vixosd connects (console.h) */
	char *console_ring;   /* console.ring: the last part of the console's output (console.h) */
	char *uefi_variables; /* nvram.fd: of a VM that boots by UEFI; libvirt makes it */
	char *proxy_socket;   /* proxy.sock: vixos-proxy listens (proxy/host/control.h) */
	char *bind_socket;    /* bind.sock: of a preloaded VM; QEMU listens, vixosd connects */
	/*
	 * passt listens, QEMU connects (network.h). In libvirt's folder and not in ours: of all
	 * folders of a session it is the one in which Debian's AppArmor profile lets passt make a
	 * socket.
	 */
	char *network_socket;  /* $XDG_RUNTIME_DIR/libvirt/qemu/run/passt/vixos-NAME.sock */
	char *network_control; /* network.sock: vixos-net listens, vixosd connects (net/control.h)
				*/
};

/* How many USB devices a VM can have at a time. */
static constexpr unsigned vm_usb_places = 4;

/* usbN.sock in the VM's folder, where QEMU listens for a device; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_usb_socket(
	const struct vm_runtime_dir *dir, unsigned place);

/* $XDG_RUNTIME_DIR/vixos, made with mode 0700 if need be; owned by the caller. NULL on failure. */
[[nodiscard]] char *vm_runtime_base(struct vx_error *err);

/* Only the paths for the VM `name` (valid); makes nothing. False where XDG_RUNTIME_DIR is unusable.
 */
[[nodiscard]] bool vm_runtime_dir_init(
	struct vm_runtime_dir *dir, const char *name, struct vx_error *err);
void vm_runtime_dir_finish(struct vm_runtime_dir *dir); /* frees the strings, removes nothing */

/* Makes the folder, emptied of what an earlier run of this VM left. */
[[nodiscard]] bool vm_runtime_dir_make(const struct vm_runtime_dir *dir, struct vx_error *err);

/*
 * Makes the folder of one VM that of another, whose own, if there is one, is removed. QEMU's
 * sockets in it go on to work.
 */
[[nodiscard]] bool vm_runtime_dir_rename(
	const struct vm_runtime_dir *from, const struct vm_runtime_dir *to, struct vx_error *err);

/*
 * Removes the folder, what is in it and what vm_network_start() has made; nothing is left and it is
 * no error where it never was.
 */
bool vm_runtime_dir_remove(const struct vm_runtime_dir *dir, struct vx_error *err);

/*
 * Removes runtime folders and regions of this user's VMs that are not among the `count` names in
 * `running`. To be called once the list of running domains is known, and while no VM is starting.
 * Returns how many VMs had left something behind.
 */
size_t vm_runtime_dir_sweep(const char *const *running, size_t count);

#endif
