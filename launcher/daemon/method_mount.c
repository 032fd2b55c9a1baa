/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.Mount, Unmount and ShareTmp. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "daemon/daemon.h"
#include "daemon/machine_mounts.h"
#include "daemon/manager_call.h"
#include "manager_names.h"
#include "vm/definition.h"
#include "vm/mount_policy.h"
#include "vm/share_dir.h"

static constexpr uint64_t list_deadline_ms = 15'000;

/* A VM that may write to the folder around it could put a link to anywhere in its place. */
static bool check_surroundings(const struct manager_call *call, struct vx_error *err)
{
	const struct machine *machine;
	wl_list_for_each (machine, &call->manager->daemon->machines, link) {
		const struct vm_mount *mounts = machine->definition->mounts;
		size_t count = machine_state_is_alive(machine->state)
				       ? machine->definition->mount_count
				       : 0;
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(mounts[i].source);
			if (mounts[i].writable &&
				strncmp(call->source, mounts[i].source, length) == 0 &&
				call->source[length] == '/') {
				return vx_error_set_kind(err, VX_ERROR_REFUSED,
					"'%s' is in '%s', where VM '%s' may put a link in its "
					"place; --force mounts it all the same",
					call->source, mounts[i].source, machine->name);
			}
		}
	}
	return true;
}

static void mount_advance(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	if (!manager_call_find_awake(call)) {
		return;
	}
	call->advance = manager_call_wait;
	manager_call_set_deadline(call, 0);
	if (!call->force && !check_surroundings(call, &err)) {
		manager_call_fail(call, &err);
		return;
	}
	if (!machine_mount(call->machine, call->source, call->target, call->writable,
		    manager_call_done, call, &err)) {
		manager_call_fail(call, &err);
	}
}

/* Mounts are known by where the folder really is: `path` may lead there by symbolic links. */
static void follow_links(struct manager_call *call)
{
	char *real = nullptr;
	if (vm_definition_find_mount(call->machine->definition, call->source) == nullptr) {
		real = realpath(call->source, nullptr);
	}
	if (real != nullptr) {
		free(call->source);
		call->source = real;
	}
}

static void unmount_advance(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	if (!manager_call_find_awake(call)) {
		return;
	}
	follow_links(call);
	call->advance = manager_call_wait;
	manager_call_set_deadline(call, 0);
	if (!machine_unmount(
		    call->machine, call->source, call->force, manager_call_done, call, &err)) {
		manager_call_fail(call, &err);
	}
}

/* The folder that a variable names, where it really is; owned by the caller; may be NULL. */
static char *real_folder(const char *variable)
{
	const char *path = getenv(variable);
	return path != nullptr && path[0] == '/' ? realpath(path, nullptr) : nullptr;
}

static bool check_policy(const char *source, struct vx_error *err)
{
	vx_cleanup_free char *home = real_folder("HOME");
	vx_cleanup_free char *runtime = real_folder("XDG_RUNTIME_DIR");
	return vm_mount_policy_check(source, home, runtime, err);
}

/* The folder behind `path`, owned by the caller; NULL where it is none that can be shown. */
static char *check_source(const char *path, bool writable, bool force, struct vx_error *err)
{
	vx_cleanup_free char *source = realpath(path, nullptr);
	struct stat info;
	if (source == nullptr || stat(source, &info) != 0) {
		vx_error_set_errno(err, errno, "can't mount '%s'", path);
		return nullptr;
	}
	if (!S_ISDIR(info.st_mode)) {
		vx_error_set(err, "can't mount '%s': it is no folder", path);
		return nullptr;
	}
	if (access(source, R_OK | X_OK | (writable ? W_OK : 0)) != 0) {
		vx_error_set_errno(
			err, errno, "can't mount '%s'%s", path, writable ? " for writing" : "");
		return nullptr;
	}
	return force || check_policy(source, err) ? vx_take_ptr(source) : nullptr;
}

/* Names are for libvirt, which takes UTF-8 without control characters. */
static char *check_path(const char *path, struct vx_error *err)
{
	char *normal = vm_path_normalise(path, err);
	if (normal == nullptr) {
		err->kind = VX_ERROR_USAGE;
	}
	return normal;
}

static bool resolve_paths(struct manager_call *call, struct vx_error *err)
{
	vx_cleanup_free char *named = check_path(call->source, err);
	if (named == nullptr) {
		return false;
	}
	vx_cleanup_free char *target = check_path(
		call->target != nullptr ? call->target : named, err);
	if (target == nullptr) {
		return false;
	}
	vx_cleanup_free char *source = check_source(named, call->writable, call->force, err);
	vx_cleanup_free char *clean = source != nullptr ? check_path(source, err) : nullptr;
	if (clean == nullptr) {
		return false;
	}
	vx_replace_string(&call->source, clean);
	vx_replace_string(&call->target, target);
	return true;
}

static int mount_check(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	return resolve_paths(call, &err) ? 0 : manager_refuse(call->connection, &err);
}

int method_mount(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_MANDATORY),
		MANAGER_STRING("source", source, SD_JSON_MANDATORY),
		MANAGER_STRING("target", target, SD_JSON_NULLABLE),
		MANAGER_BOOL("writable", writable),
		MANAGER_BOOL("force", force),
		{},
	};
	static const struct manager_method method = {
		fields, mount_advance, list_deadline_ms, mount_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

static int unmount_check(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *path = check_path(call->source, &err);
	if (path == nullptr) {
		return manager_refuse(call->connection, &err);
	}
	vx_replace_string(&call->source, path);
	return 0;
}

int method_unmount(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_MANDATORY),
		MANAGER_STRING("path", source, SD_JSON_MANDATORY),
		MANAGER_BOOL("force", force),
		{},
	};
	static const struct manager_method method = {
		fields, unmount_advance, list_deadline_ms, unmount_check};
	return manager_call_handle(connection, parameters, flags, data, &method);
}

/* ShareTmp */

static void share_failed(struct manager_call *call, const struct vx_error *err)
{
	vm_share_dir_remove(call->source);
	manager_call_fail(call, err);
}

static void handle_shared(void *data, const struct vx_error *err)
{
	struct manager_call *call = data;
	if (err != nullptr) {
		share_failed(call, err);
		return;
	}
	int index = -1;
	if (call->lock_fd >= 0) {
		index = sd_varlink_push_fd(call->connection, call->lock_fd);
		call->lock_fd = index < 0 ? call->lock_fd : -1;
	}
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_STRING("source", call->source),
		SD_JSON_BUILD_PAIR_STRING("target", call->target),
		SD_JSON_BUILD_PAIR_CONDITION(
			index >= 0, "fileDescriptor", SD_JSON_BUILD_INTEGER(index)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

static void share_advance(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_share_dir dir;
	if (!manager_call_find_awake(call)) {
		return;
	}
	call->advance = manager_call_wait;
	manager_call_set_deadline(call, 0);
	if (!vm_share_dir_make(&dir, call->name, call->lasts_for_run, &err)) {
		manager_call_fail(call, &err);
		return;
	}
	call->source = vx_take_ptr(dir.path);
	call->target = vx_printf("/mnt/share-%s", dir.name);
	call->lock_fd = vx_take_fd(dir.lock);
	vm_share_dir_finish(&dir);
	if (!machine_mount(
		    call->machine, call->source, call->target, true, handle_shared, call, &err)) {
		share_failed(call, &err);
	}
}

int method_share_tmp(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {
		MANAGER_STRING("name", name, SD_JSON_MANDATORY),
		MANAGER_BOOL("run", run),
		{},
	};
	static const struct manager_method method = {fields, share_advance, list_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
