/* SPDX-License-Identifier: MIT */
#include "vm/mount_policy.h"

#include <string.h>

/* Where `path` begins. */
enum place_base : unsigned {
	BASE_ROOT,
	BASE_HOME,
	BASE_RUNTIME,
	BASE_COUNT,
};

static const struct place {
	enum place_base base;
	const char *path;
	const char *what;
} places[] = {
	{BASE_HOME, "/.ssh", "keys of SSH"},
	{BASE_HOME, "/.gnupg", "keys of GnuPG"},
	{BASE_HOME, "/.pki", "certificates"},
	{BASE_HOME, "/.password-store", "passwords"},
	{BASE_HOME, "/.local/share/keyrings", "passwords"},
	{BASE_HOME, "/.mozilla", "passwords and cookies"},
	{BASE_HOME, "/.config", "settings of programs, those of VixOS among them"},
	{BASE_HOME, "/.local/bin", "programs that you run outside of VMs"},
	{BASE_HOME, "/.cache/vixos", "files of VixOS"},
	{BASE_RUNTIME, "", "sockets of your session"},
	{BASE_ROOT, "/boot", "the system"},
	{BASE_ROOT, "/dev", "devices"},
	{BASE_ROOT, "/etc", "settings of the system"},
	{BASE_ROOT, "/proc", "the system"},
	{BASE_ROOT, "/root", "files of the administrator"},
	{BASE_ROOT, "/run", "sockets of the system"},
	{BASE_ROOT, "/sys", "the system"},
	{BASE_ROOT, "/usr", "the system; every VM has it"},
};

/* Is `path` the folder `parent`, or in it? */
static bool is_within(const char *path, const char *parent)
{
	size_t length = strlen(parent);
	while (length > 0 && parent[length - 1] == '/') {
		length--;
	}
	return strncmp(path, parent, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

bool vm_mount_target_is_reserved(const char *target)
{
	static const char *const reserved[] = {
		"/proc", "/sys", "/dev", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/run/vixos"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(reserved); i++) {
		if (is_within(target, reserved[i])) {
			return true;
		}
	}
	return strcmp(target, "/") == 0;
}

static bool refuse(const char *source, const char *path, const char *what, struct vx_error *err)
{
	bool is_inside = is_within(source, path);
	if (is_inside && is_within(path, source)) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"'%s' holds %s; --force mounts it all the same", source, what);
	}
	return vx_error_set_kind(err, VX_ERROR_REFUSED,
		"'%s' %s '%s', which holds %s; --force mounts it all the same", source,
		is_inside ? "is in" : "contains", path, what);
}

bool vm_mount_policy_check(
	const char *source, const char *home, const char *runtime, struct vx_error *err)
{
	const char *const bases[] = {
		[BASE_ROOT] = "", [BASE_HOME] = home, [BASE_RUNTIME] = runtime};
	static_assert(VX_ARRAY_LENGTH(bases) == BASE_COUNT);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(places); i++) {
		const struct place *place = &places[i];
		const char *base = bases[place->base];
		if (base == nullptr) {
			continue;
		}
		vx_cleanup_free char *path = vx_printf("%s%s", base, place->path);
		if (is_within(source, path) || is_within(path, source)) {
			return refuse(source, path, place->what, err);
		}
	}
	return true;
}
