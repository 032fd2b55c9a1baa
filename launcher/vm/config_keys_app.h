/* SPDX-License-Identifier: MIT */
/*
 * Parsers of `app` and of the keys in its block, which apply to the app that was added last.
 * Private to the configuration; config_keys.c has the table.
 */
#ifndef VX_LAUNCHER_VM_CONFIG_KEYS_APP_H
#define VX_LAUNCHER_VM_CONFIG_KEYS_APP_H

#include "common/error.h"

struct scfg_directive;
struct vm_definition;

bool config_parse_app(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_app_name(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_app_exec(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_app_icon(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);

#endif
