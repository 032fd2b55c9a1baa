/* SPDX-License-Identifier: MIT */
/* KVM or software emulation. /dev/kvm alone proves nothing: a VM must be creatable and the CPU show
 * vmx or svm. */
#ifndef VX_LAUNCHER_VM_ACCEL_H
#define VX_LAUNCHER_VM_ACCEL_H

#include "common/error.h"

/* What the configuration asks for. */
enum vm_accel_choice : unsigned {
	VM_ACCEL_CHOICE_AUTO,
	VM_ACCEL_CHOICE_KVM,
	VM_ACCEL_CHOICE_TCG,
	VM_ACCEL_CHOICE_COUNT,
};

/* What a VM runs on. */
enum vm_accel : unsigned {
	VM_ACCEL_KVM,
	VM_ACCEL_TCG,
	VM_ACCEL_COUNT,
};

/* "auto", "kvm", "tcg". */
[[nodiscard]] bool vm_accel_choice_parse(const char *text, enum vm_accel_choice *ret_choice);
const char *vm_accel_name(enum vm_accel accel);

/*
 * Is KVM usable by this process? Where not, `reason` says why in one sentence ("the CPU shows
 * neither vmx nor svm"). `cpuinfo_path` and `kvm_path` are /proc/cpuinfo and /dev/kvm but for
 * tests; NULL means those. Doesn't block. Takes about a millisecond.
 */
[[nodiscard]] bool vm_accel_probe_kvm(
	const char *cpuinfo_path, const char *kvm_path, struct vx_error *reason);

/*
 * What to use for `choice`. AUTO never fails: software emulation where KVM is not usable, and then
 * `*ret_why` (owned by the caller; may be a NULL pointer to it) is the sentence to tell the user,
 * else NULL. KVM fails where it isn't usable.
 */
[[nodiscard]] bool vm_accel_choose(enum vm_accel_choice choice, enum vm_accel *ret_accel,
	char **ret_why, struct vx_error *err);

#endif
