/* SPDX-License-Identifier: MIT */
/*
 * What a VM needs on the host before its domain can start, and what is left of it afterwards.
 * Everything here blocks (files, the initramfs builder) and so runs in a worker of hypervisor.c.
 */
#ifndef VX_LAUNCHER_VM_START_H
#define VX_LAUNCHER_VM_START_H

#include "common/error.h"
#include "vm/accel.h"
#include "vm/runtime_dir.h"

struct vm_definition;

/* All strings owned. */
struct vm_start {
	struct vm_runtime_dir runtime;
	enum vm_accel accel;
	char *accel_note; /* may be NULL */
	char *kernel; /* what QEMU boots: the distribution's kernel, unpacked where that can be */
	char *initramfs;
	char *cmdline;
	char *home;     /* folder of the private one; may be NULL */
	int state_lock; /* owned; nobody removes or renames what the VM keeps meanwhile; -1: none */
	char *audio_folder; /* of PipeWire's socket; NULL without audio */
	char *firmware;     /* may be NULL */
	char *region_name;  /* NULL until files are made */
};

/* Finds or builds everything that leaves no trace of this VM. On failure `start` is finished. */
[[nodiscard]] bool vm_start_prepare(struct vm_start *start, const struct vm_definition *definition,
	enum vm_accel_choice accel, struct vx_error *err);

/* Makes the runtime folder and the region, and starts passt if need be. On failure all is undone.
 */
[[nodiscard]] bool vm_start_make_files(
	struct vm_start *start, const struct vm_definition *definition, struct vx_error *err);

/* The domain XML; owned by the caller. */
[[nodiscard]] char *vm_start_domain_xml(
	const struct vm_start *start, const struct vm_definition *definition, struct vx_error *err);

/* Frees the strings; removes no files. */
void vm_start_finish(struct vm_start *start);

/* Removes runtime folder, region, passt and folders for exchange of a VM that no longer runs. */
bool vm_remove_files(const char *name, struct vx_error *err);

#endif
