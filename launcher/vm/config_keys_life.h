/* SPDX-License-Identifier: MIT */
/*
 * Parsers of keys that say what a VM lives on: template, packages, home, workspace, autostart.
 * Private to the configuration; config_keys.c has the table.
 */
#ifndef VX_LAUNCHER_VM_CONFIG_KEYS_LIFE_H
#define VX_LAUNCHER_VM_CONFIG_KEYS_LIFE_H

#include "common/error.h"

struct scfg_directive;
struct vm_definition;

bool config_parse_template(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_firmware(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_package(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_home(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_workspace(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_autostart(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);

#endif
