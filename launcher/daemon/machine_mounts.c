/* SPDX-License-Identifier: MIT */
#include "daemon/machine_mounts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "mount"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/job.h"
#include "daemon/machine.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/mount_policy.h"
#include "vm/share_dir.h"

#define GUEST_TOOL "/run/vixos/vixos-tool"

static constexpr uint64_t guest_deadline_us = 20'000'000;
static constexpr int operations_max = 16; /* at once, of one VM */

/* One folder on its way in or out. Counts as a job of the hypervisor until its end, which keeps the
 * machine. */
struct mount_operation {
	struct wl_list link; /* struct machine.mount_operations */
	struct machine *machine;
	struct vm_mount mount; /* strings owned */
	bool is_removal, is_forced;
	struct job *job;                  /* owned; of the guest's part; NULL outside of it */
	sd_event_source *deadline_source; /* owned */
	struct vx_error failure;
	machine_mount_handler handler; /* NULL: nobody waits any more */
	void *data;
};

/* Have they the same tag? */
static bool is_same_share(const struct vm_mount *a, const struct vm_mount *b)
{
	return a->hot == b->hot && (a->hot != 0 || a->place == b->place);
}

static const struct vm_mount *find_share(const struct machine *machine, const struct vm_mount *like)
{
	for (size_t i = 0; i < machine->definition->mount_count; i++) {
		if (is_same_share(&machine->definition->mounts[i], like)) {
			return &machine->definition->mounts[i];
		}
	}
	return nullptr;
}

static void operation_free(struct mount_operation *operation)
{
	wl_list_remove(&operation->link);
	sd_event_source_disable_unref(operation->deadline_source);
	job_destroy(operation->job);
	free(operation->mount.source);
	free(operation->mount.target);
	vx_error_finish(&operation->failure);
	free(operation);
}

/* The end. The folder is on the machine's list exactly as long as it may be in the VM. */
static void operation_end(struct mount_operation *operation, bool is_gone)
{
	struct machine *machine = operation->machine;
	const struct vm_mount *mount = find_share(machine, &operation->mount);
	if (is_gone && mount != nullptr) {
		vm_definition_remove_mount(machine->definition, mount);
	}
	bool has_failed = operation->failure.message != nullptr;
	vx_log_info("'%s': '%s' %s%s%s", machine->name, operation->mount.target,
		operation->is_removal ? "unmounted" : "mounted", has_failed ? ": " : "",
		has_failed ? vx_error_message(&operation->failure) : "");
	if (operation->handler != nullptr) {
		operation->handler(operation->data, has_failed ? &operation->failure : nullptr);
	}
	/* Who asked for a folder for exchange may be gone, and more of them may be nobody's. */
	bool may_reap = !operation->is_removal || !has_failed;
	operation_free(operation);
	if (may_reap) {
		machine_mounts_reap(machine);
	}
	machine->hypervisor_jobs--;
	daemon_machine_settled(machine->daemon, machine);
	daemon_machine_changed(machine->daemon, machine);
}

static void operation_fail(struct mount_operation *operation, const struct vx_error *err)
{
	if (operation->failure.message == nullptr) {
		vx_error_set_kind(&operation->failure, err->kind, "%s", vx_error_message(err));
	}
}

static void handle_detached(void *data, const struct vx_error *err)
{
	struct mount_operation *operation = data;
	if (err != nullptr) {
		operation_fail(operation, err);
	}
	operation_end(operation, err == nullptr);
}

static void operation_detach(struct mount_operation *operation)
{
	vm_hypervisor_unmount(operation->machine->daemon->hypervisor, operation->machine->name,
		&operation->mount, handle_detached, operation);
}

/* The guest's part is over: 0, the errno that vixos-tool ended with, or -1: nobody knows. */
static void operation_guest_done(struct mount_operation *operation, int status)
{
	operation->deadline_source = sd_event_source_disable_unref(operation->deadline_source);
	job_destroy(vx_take_ptr(operation->job));
	const char *vm = operation->machine->name;
	const char *target = operation->mount.target;
	vx_cleanup_error struct vx_error err = {};
	if (status < 0) {
		vx_error_set(&err, "VM '%s' did not answer when it was to %s '%s'", vm,
			operation->is_removal ? "unmount" : "mount", target);
	} else if (status == EBUSY && operation->is_removal) {
		vx_error_set(&err,
			"programs in VM '%s' use '%s': end them, or take it away from them with "
			"--force",
			vm, target);
	} else if (status != 0) {
		vx_error_set(&err, "VM '%s' can't %s '%s': %s", vm,
			operation->is_removal ? "unmount" : "mount", target, strerror(status));
	}
	bool has_failed = err.message != nullptr;
	if (operation->is_removal && (!has_failed || operation->is_forced)) {
		operation_detach(operation);
		return;
	}
	if (!has_failed) {
		operation_end(operation, false);
		return;
	}
	operation_fail(operation, &err);
	if (operation->is_removal) {
		operation_end(operation, false);
	} else {
		operation_detach(operation);
	}
}

static void handle_job_started(struct job *job, const struct vx_error *err, void *data)
{
	if (err != nullptr) {
		operation_guest_done(data, -1);
	}
}

static void handle_job_ended(struct job *job, int status, void *data)
{
	operation_guest_done(data, status);
}

static const struct job_listener job_listener = {
	.started = handle_job_started,
	.ended = handle_job_ended,
};

static int handle_deadline(sd_event_source *source, uint64_t now, void *data)
{
	operation_guest_done(data, -1);
	return 0;
}

static bool operation_run_tool(struct mount_operation *operation, const char *const *argv)
{
	vx_cleanup_error struct vx_error err = {};
	const struct job_program program = {.argv = argv};
	sd_event *event = operation->machine->daemon->event;
	operation->job = job_create(&program, &job_listener, operation, &err);
	int fd = operation->job != nullptr ? machine_open_exec(operation->machine, &err) : -1;
	if (fd < 0 || !job_begin(operation->job, event, fd, &err)) {
		vx_log_warn("'%s': %s", operation->machine->name, vx_error_message(&err));
		return false;
	}
	return sd_event_add_time_relative(event, &operation->deadline_source, CLOCK_MONOTONIC,
		       guest_deadline_us, 10'000, handle_deadline, operation) >= 0;
}

static void operation_ask_guest(struct mount_operation *operation)
{
	const struct vm_mount *mount = &operation->mount;
	vx_cleanup_free char *tag = vm_domain_mount_tag(mount);
	const char *const mounting[] = {
		GUEST_TOOL, "mount", tag, mount->target, mount->writable ? "rw" : "ro", nullptr};
	const char *const unmounting[] = {
		GUEST_TOOL, "unmount", tag, operation->is_forced ? "lazy" : nullptr, nullptr};
	if (!operation_run_tool(operation, operation->is_removal ? unmounting : mounting)) {
		operation_guest_done(operation, -1);
	}
}

static void handle_attached(void *data, const struct vx_error *err)
{
	struct mount_operation *operation = data;
	if (err != nullptr) {
		operation_fail(operation, err);
		operation_end(operation, true);
		return;
	}
	operation_ask_guest(operation);
}

static struct mount_operation *operation_create(struct machine *machine,
	const struct vm_mount *mount, machine_mount_handler handler, void *data)
{
	struct mount_operation *operation = vx_new(operation);
	operation->machine = machine;
	operation->mount = *mount;
	operation->mount.source = vx_strdup(mount->source);
	operation->mount.target = vx_strdup(mount->target);
	operation->handler = handler;
	operation->data = data;
	wl_list_insert(&machine->mount_operations, &operation->link);
	machine->hypervisor_jobs++;
	return operation;
}

static bool check_busy(const struct machine *machine, struct vx_error *err)
{
	return wl_list_length(&machine->mount_operations) < operations_max ||
	       vx_error_set(err, "VM '%s' is busy with %d folders", machine->name, operations_max);
}

/* An operation on this folder that isn't over would meet the new one half-way. */
static bool check_idle(
	const struct machine *machine, const struct vm_mount *mount, struct vx_error *err)
{
	const struct mount_operation *operation;
	wl_list_for_each (operation, &machine->mount_operations, link) {
		if (is_same_share(&operation->mount, mount)) {
			return vx_error_set(err, "'%s' of VM '%s' is just being %s",
				operation->mount.target, machine->name,
				operation->is_removal ? "unmounted" : "mounted");
		}
	}
	return check_busy(machine, err);
}

static unsigned count_hot(const struct vm_definition *definition)
{
	unsigned count = 0;
	for (size_t i = 0; i < definition->mount_count; i++) {
		count += definition->mounts[i].hot != 0 ? 1 : 0;
	}
	return count;
}

/* What is at `target` already; NULL where nothing is. */
static const struct vm_mount *find_target(
	const struct vm_definition *definition, const char *target)
{
	const struct vm_mount *mount = vm_definition_find_mount(definition, target);
	return mount != nullptr && strcmp(mount->target, target) == 0 ? mount : nullptr;
}

static bool check_target(struct machine *machine, const char *target, struct vx_error *err)
{
	if (vm_mount_target_is_reserved(target)) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"'%s' is a folder of the VM's system; name another as the last word",
			target);
	}
	if (count_hot(machine->definition) >= vm_hotplug_ports) {
		return vx_error_set(err,
			"VM '%s' has %u folders that were mounted while it runs, and room for no "
			"more; 'vixos umount' one, or put them into its definition",
			machine->name, vm_hotplug_ports);
	}
	return true;
}

bool machine_mount(struct machine *machine, const char *source, const char *target, bool writable,
	machine_mount_handler handler, void *data, struct vx_error *err)
{
	const struct vm_mount *there = find_target(machine->definition, target);
	bool is_same = there != nullptr && there->hot != 0 && there->writable == writable &&
		       strcmp(there->source, source) == 0;
	if (there != nullptr && !is_same) {
		return vx_error_set(err, "VM '%s' has '%s' at '%s' already (%s); unmount it first",
			machine->name, there->source, target, there->writable ? "rw" : "ro");
	}
	if (is_same ? !check_idle(machine, there, err)
		    : !check_target(machine, target, err) || !check_busy(machine, err)) {
		return false;
	}
	const struct vm_mount *mount = is_same ? there
					       : vm_definition_add_hot_mount(machine->definition,
							 source, target, writable);
	struct mount_operation *operation = operation_create(machine, mount, handler, data);
	vm_hypervisor_mount(machine->daemon->hypervisor, machine->name, &operation->mount,
		handle_attached, operation);
	return true;
}

bool machine_unmount(struct machine *machine, const char *path, bool is_forced,
	machine_mount_handler handler, void *data, struct vx_error *err)
{
	const struct vm_mount *mount = vm_definition_find_mount(machine->definition, path);
	if (mount == nullptr) {
		return vx_error_set(err,
			"VM '%s' has no folder '%s'; 'vixos mount %s' lists those that it has",
			machine->name, path, machine->name);
	}
	if (!check_idle(machine, mount, err)) {
		return false;
	}
	struct mount_operation *operation = operation_create(machine, mount, handler, data);
	operation->is_removal = true;
	operation->is_forced = is_forced;
	operation_ask_guest(operation);
	return true;
}

void machine_forget_mount_handler(struct machine *machine, const void *data)
{
	struct mount_operation *operation;
	wl_list_for_each (operation, &machine->mount_operations, link) {
		if (operation->data == data) {
			operation->handler = nullptr;
		}
	}
}

void machine_mounts_reap(struct machine *machine)
{
	for (size_t i = 0; i < machine->definition->mount_count; i++) {
		const struct vm_mount *mount = &machine->definition->mounts[i];
		vx_cleanup_error struct vx_error err = {};
		if (mount->hot == 0 || machine->state != MACHINE_RUNNING ||
			!vm_share_dir_is_left(mount->source) || !check_idle(machine, mount, &err)) {
			continue;
		}
		struct mount_operation *operation = operation_create(
			machine, mount, nullptr, nullptr);
		operation->is_removal = true;
		operation->is_forced = true;
		operation_ask_guest(operation);
		return; /* the list may be another one now; the end of this one comes here again */
	}
}

void machine_mounts_forget(struct machine *machine)
{
	for (size_t i = machine->definition->mount_count; i > 0; i--) {
		if (machine->definition->mounts[i - 1].hot != 0) {
			vm_definition_remove_mount(
				machine->definition, &machine->definition->mounts[i - 1]);
		}
	}
}

void machine_mounts_drop(struct machine *machine)
{
	struct mount_operation *operation, *next;
	wl_list_for_each_safe (operation, next, &machine->mount_operations, link) {
		operation_free(operation);
	}
}
