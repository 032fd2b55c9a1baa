/* SPDX-License-Identifier: MIT */
/*
 * What can be run in a VM whose root is the host's /usr: programs, desktop entries, packages. Turns
 * the PACKAGE of `vixos run` into a command, and the host's desktop entries into the menu's.
 */
#ifndef VX_LAUNCHER_DAEMON_CATALOG_H
#define VX_LAUNCHER_DAEMON_CATALOG_H

#include <stddef.h>

#include "common/error.h"

struct catalog;

/* A desktop entry whose program VMs can see; it gets a VM of its own name. All owned by the
 * catalog. */
struct catalog_app {
	char *vm;   /* a valid VM name */
	char *id;   /* [A-Za-z0-9._-]{1,64} */
	char *name; /* to display */
	char *icon; /* may be NULL */
	char **argv;
};

/*
 * `root` is where the host's file system is looked up: "" but for tests. Entries are read when
 * first asked for.
 */
[[nodiscard, gnu::returns_nonnull]] struct catalog *catalog_create(const char *root);
void catalog_destroy(struct catalog *catalog); /* NULL allowed */

/* The desktop entries will be read again. */
void catalog_refresh(struct catalog *catalog);

/* Sorted by VM name, which is unique; borrowed until the catalog is refreshed. */
const struct catalog_app *catalog_apps(struct catalog *catalog, size_t *ret_count);
const struct catalog_app *catalog_find_app(
	struct catalog *catalog, const char *vm); /* may be NULL */

/*
 * The command that `package` stands for: a path, the name of a program, a desktop entry or a Debian
 * package; `executable` (may be NULL) says which program instead. NULL-terminated, to be freed by
 * catalog_free_argv(). On failure the kind is NOT_FOUND or NOT_EXECUTABLE and the sentence says
 * what to do.
 */
[[nodiscard]] char **catalog_resolve(
	struct catalog *catalog, const char *package, const char *executable, struct vx_error *err);
void catalog_free_argv(char **argv); /* NULL allowed */

/* The program's path in /usr, or NULL; owned by the caller. `name` has no slash. */
[[nodiscard]] char *catalog_find_program(const struct catalog *catalog, const char *name);

/* The VM name that a package gets by itself, or NULL with VX_ERROR_USAGE; owned by the caller. */
[[nodiscard]] char *catalog_vm_name(const char *package, struct vx_error *err);

#endif
