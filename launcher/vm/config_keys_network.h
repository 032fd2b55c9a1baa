/* SPDX-License-Identifier: MIT */
/*
 * Parsers of the keys that say what networks a VM has, and what it may reach.
 * Private to the configuration; config_keys.c has the table.
 */
#ifndef VX_LAUNCHER_VM_CONFIG_KEYS_NETWORK_H
#define VX_LAUNCHER_VM_CONFIG_KEYS_NETWORK_H

#include "common/error.h"

struct scfg_directive;
struct vm_definition;

bool config_parse_network(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_firewall(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err);
bool config_parse_firewall_rule(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);

#endif
