/* SPDX-License-Identifier: MIT */
#include "vm/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

static constexpr size_t cpuinfo_max = 16 * 1024 * 1024;

static const char *const choice_names[] = {
	[VM_ACCEL_CHOICE_AUTO] = "auto",
	[VM_ACCEL_CHOICE_KVM] = "kvm",
	[VM_ACCEL_CHOICE_TCG] = "tcg",
};
static_assert(VX_ARRAY_LENGTH(choice_names) == VM_ACCEL_CHOICE_COUNT);

static const char *const accel_names[] = {
	[VM_ACCEL_KVM] = "kvm",
	[VM_ACCEL_TCG] = "tcg",
};
static_assert(VX_ARRAY_LENGTH(accel_names) == VM_ACCEL_COUNT);

const char *vm_accel_name(enum vm_accel accel)
{
	return accel < VM_ACCEL_COUNT ? accel_names[accel] : "unknown";
}

bool vm_accel_choice_parse(const char *text, enum vm_accel_choice *ret_choice)
{
	for (unsigned i = 0; i < VM_ACCEL_CHOICE_COUNT; i++) {
		if (strcmp(text, choice_names[i]) == 0) {
			*ret_choice = (enum vm_accel_choice)i;
			return true;
		}
	}
	return false;
}

static bool line_has_word(const char *line, size_t length, const char *word)
{
	size_t word_length = strlen(word);
	const char *end = line + length;
	while (line < end) {
		line += strspn(line, " \t");
		size_t part = strcspn(line, " \t\n");
		if (part == word_length && strncmp(line, word, part) == 0) {
			return true;
		}
		line += part > 0 ? part : 1;
	}
	return false;
}

static bool cpu_can_virtualise(const char *cpuinfo)
{
	for (const char *line = cpuinfo; line != nullptr && *line != '\0';) {
		const char *newline = strchr(line, '\n');
		size_t length = newline != nullptr ? (size_t)(newline - line) : strlen(line);
		if (strncmp(line, "flags", strlen("flags")) == 0) {
			return line_has_word(line, length, "vmx") ||
			       line_has_word(line, length, "svm");
		}
		line = newline != nullptr ? newline + 1 : nullptr;
	}
	return false;
}

static bool kvm_can_create_vm(const char *path, struct vx_error *reason)
{
	vx_cleanup_close int kvm = open(path, O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		return vx_error_set_errno(reason, errno, "can't open '%s'", path);
	}
	int version = ioctl(kvm, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		return vx_error_set(reason, "'%s' doesn't speak KVM's API", path);
	}
	vx_cleanup_close int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0) {
		return vx_error_set_errno(reason, errno, "'%s' can't create a VM", path);
	}
	return true;
}

bool vm_accel_probe_kvm(const char *cpuinfo_path, const char *kvm_path, struct vx_error *reason)
{
	vx_cleanup_free char *cpuinfo = vx_read_file(
		cpuinfo_path != nullptr ? cpuinfo_path : "/proc/cpuinfo", cpuinfo_max, nullptr,
		reason);
	if (cpuinfo == nullptr) {
		return false;
	}
	/* Some hosts show a /dev/kvm that hangs or fails later; without the flag it is never tried.
	 */
	if (!cpu_can_virtualise(cpuinfo)) {
		return vx_error_set(reason, "the CPU shows neither vmx nor svm");
	}
	return kvm_can_create_vm(kvm_path != nullptr ? kvm_path : "/dev/kvm", reason);
}

bool vm_accel_choose(
	enum vm_accel_choice choice, enum vm_accel *ret_accel, char **ret_why, struct vx_error *err)
{
	vx_cleanup_error struct vx_error reason = {};
	if (ret_why != nullptr) {
		*ret_why = nullptr;
	}
	*ret_accel = VM_ACCEL_TCG;
	if (choice == VM_ACCEL_CHOICE_TCG) {
		return true;
	}
	if (vm_accel_probe_kvm(nullptr, nullptr, &reason)) {
		*ret_accel = VM_ACCEL_KVM;
		return true;
	}
	if (choice == VM_ACCEL_CHOICE_KVM) {
		return vx_error_set(err, "the configuration asks for KVM, which can't be used: %s",
			vx_error_message(&reason));
	}
	if (ret_why != nullptr) {
		*ret_why = vx_printf("KVM can't be used (%s); VMs run by software emulation, "
				     "which is about ten times slower",
			vx_error_message(&reason));
	}
	return true;
}
