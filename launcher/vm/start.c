/* SPDX-License-Identifier: MIT */
#include "vm/start.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/guest_cmdline.h"
#include "vm/initramfs.h"
#include "vm/kernel.h"
#include "vm/network.h"
#include "vm/share_dir.h"
#include "vm/state_dir.h"
#include "vm/vmlinux.h"

/* Firmware that does nothing but start a kernel; where there is none QEMU's default works too. */
static char *find_firmware(void)
{
	static const char *const paths[] = {
		"/usr/share/qemu/qboot.rom",
		"/usr/share/qemu-kvm/qboot.rom",
		"/usr/local/share/qemu/qboot.rom",
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(paths); i++) {
		if (access(paths[i], R_OK) == 0) {
			return vx_strdup(paths[i]);
		}
	}
	return nullptr;
}

/* libvirt would only say "Permission denied", and of its own helper. */
static bool check_mounts(const struct vm_definition *definition, struct vx_error *err)
{
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		struct stat info;
		if (stat(mount->source, &info) < 0) {
			return vx_error_set_errno(
				err, errno, "can't mount '%s' in the VM", mount->source);
		}
		if (!S_ISDIR(info.st_mode)) {
			return vx_error_set(
				err, "can't mount '%s' in the VM: it is no folder", mount->source);
		}
		if (access(mount->source, R_OK | X_OK | (mount->writable ? W_OK : 0)) < 0) {
			return vx_error_set_errno(err, errno, "can't mount '%s' in the VM %s",
				mount->source, mount->writable ? "for writing" : "");
		}
	}
	return true;
}

/* libvirt would say what of this is wrong, too, but at length. */
static bool check_disk(const struct vm_definition *definition, struct vx_error *err)
{
	struct stat info;
	if (stat(definition->disk, &info) < 0 || !S_ISREG(info.st_mode)) {
		return vx_error_set(err, "the disk image '%s' is not a file", definition->disk);
	}
	return access(definition->disk, R_OK | (definition->disk_writable ? W_OK : 0)) == 0 ||
	       vx_error_set_errno(err, errno, "can't use the disk image '%s'", definition->disk);
}

static bool find_kernel(
	struct vm_start *start, const struct vm_definition *definition, struct vx_error *err)
{
	struct vm_kernel *kernel = vm_kernel_find(nullptr, definition->kernel, err);
	vx_cleanup_free char *programs = kernel != nullptr ? vm_guest_programs_find(err) : nullptr;
	if (programs != nullptr) {
		const struct vm_initramfs_inputs inputs = {.kernel = kernel, .programs = programs};
		start->initramfs = vm_initramfs_ensure(&inputs, err);
	}
	if (start->initramfs != nullptr) {
		start->kernel = vm_vmlinux_ensure(kernel->image, nullptr, nullptr);
		if (start->kernel == nullptr) {
			start->kernel = vx_strdup(kernel->image);
		}
	}
	vm_kernel_destroy(kernel);
	return start->kernel != nullptr;
}

/* Made when it is first needed, and held until the domain has it. */
static bool prepare_home(
	struct vm_start *start, const struct vm_definition *definition, struct vx_error *err)
{
	if (definition->home != VM_HOME_PRIVATE) {
		return true;
	}
	if (!vm_state_dir_make(definition->name, "home", err)) {
		return false;
	}
	start->state_lock = vm_state_dir_lock(definition->name, false, err);
	start->home = start->state_lock >= 0 ? vm_state_dir_path(definition->name, "home", err)
					     : nullptr;
	return start->home != nullptr;
}

/* What the VM boots: a kernel of ours, or what is on its disk. */
static bool prepare_boot(
	struct vm_start *start, const struct vm_definition *definition, struct vx_error *err)
{
	if (definition->template == VM_TEMPLATE_DISK) {
		return check_disk(definition, err);
	}
	if (!find_kernel(start, definition, err)) {
		return false;
	}
	start->cmdline = vm_guest_cmdline(definition, start->accel, err);
	start->firmware = find_firmware();
	return start->cmdline != nullptr;
}

/* QEMU would only say that it can't connect. */
static bool find_audio(
	struct vm_start *start, const struct vm_definition *definition, struct vx_error *err)
{
	if (definition->audio == VM_AUDIO_OFF) {
		return true;
	}
	start->audio_folder = vm_audio_server_folder(err);
	return start->audio_folder != nullptr ||
	       vx_error_wrap(err,
		       "there is no sound for 'audio %s' (start PipeWire, or use 'audio off')",
		       vm_audio_name(definition->audio));
}

bool vm_start_prepare(struct vm_start *start, const struct vm_definition *definition,
	enum vm_accel_choice accel, struct vx_error *err)
{
	*start = (struct vm_start){.state_lock = -1};
	if (!vm_runtime_dir_init(&start->runtime, definition->name, err) ||
		!vm_accel_choose(accel, &start->accel, &start->accel_note, err) ||
		!check_mounts(definition, err) || !prepare_home(start, definition, err) ||
		!find_audio(start, definition, err) || !prepare_boot(start, definition, err)) {
		vm_start_finish(start);
		return false;
	}
	return true;
}

bool vm_start_make_files(
	struct vm_start *start, const struct vm_definition *definition, struct vx_error *err)
{
	vm_region_remove(definition->name);
	if (!vm_runtime_dir_make(&start->runtime, err)) {
		return false;
	}
	start->region_name = vm_region_make(
		definition->name, (uint64_t)definition->region_mib * 1024 * 1024, err);
	if (start->region_name == nullptr) {
		vm_runtime_dir_remove(&start->runtime, nullptr);
		return false;
	}
	if (!vm_network_start(&start->runtime, definition, err)) {
		vm_remove_files(definition->name, nullptr);
		return false;
	}
	return true;
}

char *vm_start_domain_xml(
	const struct vm_start *start, const struct vm_definition *definition, struct vx_error *err)
{
	const struct vm_domain_parts parts = {
		.definition = definition,
		.runtime = &start->runtime,
		.accel = start->accel,
		.kernel = start->kernel,
		.initramfs = start->initramfs,
		.cmdline = start->cmdline,
		.region_name = start->region_name,
		.home = start->home,
		.audio_folder = start->audio_folder,
		.firmware = start->firmware,
	};
	return vm_domain_xml_format(&parts, err);
}

void vm_start_finish(struct vm_start *start)
{
	vm_runtime_dir_finish(&start->runtime);
	free(start->accel_note);
	free(start->kernel);
	free(start->initramfs);
	free(start->cmdline);
	free(start->audio_folder);
	free(start->firmware);
	free(start->region_name);
	free(start->home);
	vx_replace_fd(&start->state_lock, -1);
	*start = (struct vm_start){.state_lock = -1};
}

bool vm_remove_files(const char *name, struct vx_error *err)
{
	struct vm_runtime_dir runtime;
	vm_region_remove(name);
	vm_share_dir_remove_all(name);
	bool good = vm_runtime_dir_init(&runtime, name, err) &&
		    vm_runtime_dir_remove(&runtime, err);
	vm_runtime_dir_finish(&runtime);
	return good;
}
