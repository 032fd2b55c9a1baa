/* SPDX-License-Identifier: MIT */
/* What create, edit, rm, rename and clone have in common: definitions in files of the folder. */
#ifndef VX_LAUNCHER_CLI_DEFINITIONS_H
#define VX_LAUNCHER_CLI_DEFINITIONS_H

#include "common/error.h"

/* VX_ERROR_USAGE where it isn't. */
bool definitions_check_name(const char *name, struct vx_error *err);

/* A definition that a file of the folder has. Strings owned. */
struct own_definition {
	char *path; /* of the file */
	char *text;
};

/*
 * Finds the one of `name`. Fails, saying where it is, for one that the user has written elsewhere,
 * and for names that nothing defines.
 */
bool own_definition_find(struct own_definition *own, const char *name, struct vx_error *err);
void own_definition_finish(struct own_definition *own);

/* Fails where a VM of this name is defined, and says where. */
bool definitions_check_free(const char *name, struct vx_error *err);

/* Builds what is missing of the Nix packages that the definition names, if there is one. */
bool definitions_build_packages(const char *name, struct vx_error *err);
/* With the template nix this package, too. */
bool definitions_build_package(const char *name, const char *package, struct vx_error *err);

/* A question on the terminal; false for all answers but y and yes, and where there is no terminal.
 */
bool definitions_confirm(const char *question);

#endif
