/* SPDX-License-Identifier: MIT */
/*
 * Parsers of the `clipboard` block's keys. Private to the configuration; config_keys.c has the
 * table.
 */
#ifndef VX_LAUNCHER_VM_CONFIG_KEYS_CLIPBOARD_H
#define VX_LAUNCHER_VM_CONFIG_KEYS_CLIPBOARD_H

#include "common/error.h"

struct scfg_directive;
struct vm_definition;

/* The block itself: each of its lines replaces what `defaults` has said of the same. */
bool config_parse_clipboard(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_clipboard_copy(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_clipboard_paste(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_clipboard_images(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_clipboard_controls(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_clipboard_size(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);
bool config_parse_clipboard_timeout(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err);

#endif
