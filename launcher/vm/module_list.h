/* SPDX-License-Identifier: MIT */
/* The kernel modules that a VM needs, by libkmod. Private to launcher/vm. */
#ifndef VX_LAUNCHER_VM_MODULE_LIST_H
#define VX_LAUNCHER_VM_MODULE_LIST_H

#include <stddef.h>

#include "common/error.h"

struct vm_kernel;

/*
 * Groups of modules: vixos-init loads those that this VM has devices for, and drops the others
 * (launcher/agent/init/modules.c).
 */
#define VM_MODULES_NET "net"
#define VM_MODULES_AUDIO "audio"
#define VM_MODULES_USB "usb"

/* In order of loading; what is built into the kernel is not listed. */
struct module_list {
	char **names;        /* owned */
	char **paths;        /* owned; absolute */
	const char **groups; /* owned array; NULL: for all VMs */
	size_t count;
};

/*
 * Resolves the table of module_list.c with all dependencies. Fails where a module without which no
 * VM works is neither there nor built in; others may be missing.
 */
bool module_list_resolve(
	struct module_list *list, const struct vm_kernel *kernel, struct vx_error *err);
void module_list_finish(struct module_list *list);

/* The module at `path`, unpacked (.ko, .ko.gz, .ko.xz, .ko.zst); owned by the caller; NULL on
 * failure. */
[[nodiscard]] void *module_read(
	const char *path, size_t max_size, size_t *ret_size, struct vx_error *err);

#endif
