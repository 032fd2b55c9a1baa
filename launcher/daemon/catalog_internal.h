/* SPDX-License-Identifier: MIT */
/* Between catalog.c (packages and programs) and desktop_entries.c. */
#ifndef VX_LAUNCHER_DAEMON_CATALOG_INTERNAL_H
#define VX_LAUNCHER_DAEMON_CATALOG_INTERNAL_H

#include "daemon/catalog.h"

struct catalog {
	char *root; /* owned */
	bool is_loaded;
	struct catalog_app *apps; /* owned; sorted by vm */
	size_t app_count;
};

/* Fills apps from the desktop entries. */
void desktop_entries_load(struct catalog *catalog);
void desktop_entries_finish(struct catalog *catalog);

/*
 * The app that people call `package`: by its id, by the last part of a reverse-DNS id, or with a
 * suffix as Debian's firefox-esr has one. NULL if there is none.
 */
const struct catalog_app *desktop_entries_match(const struct catalog *catalog, const char *package);

/* `path` as VMs see it, if it is an executable file in /usr there. Owned by the caller. */
char *catalog_check_path(const struct catalog *catalog, const char *path, struct vx_error *err);

#endif
