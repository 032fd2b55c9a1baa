/* SPDX-License-Identifier: MIT */
/* Workspaces as bars see them: ext-workspace. */
#ifndef SHELL_EXT_WORKSPACE_H
#define SHELL_EXT_WORKSPACE_H

struct ext_workspaces;
struct shell;

/* Sets shell->ext_workspaces, which the caller owns. */
bool ext_workspaces_create(struct shell *shell);
/* May be NULL. */
void ext_workspaces_destroy(struct ext_workspaces *workspaces);

#endif
