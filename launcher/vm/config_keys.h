/* SPDX-License-Identifier: MIT */
/*
 * The keys of `vm` and `defaults` blocks: config_keys.c has the table. To add an option: a field in
 * struct vm_definition, a line in the table, a parser, a paragraph in docs/vixos.5.scd.
 */
#ifndef VX_LAUNCHER_VM_CONFIG_KEYS_H
#define VX_LAUNCHER_VM_CONFIG_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct scfg_block;
struct vm_definition;

/*
 * Applies a block to `definition`. With `is_defaults` the keys that make sense for one VM only are
 * refused. On failure the message is "line: what was expected, found 'x'", without the file's name.
 */
[[nodiscard]] bool vm_config_keys_apply(struct vm_definition *definition,
	const struct scfg_block *block, bool is_defaults, struct vx_error *err);

/* ASCII digits, at most `max`. */
[[nodiscard]] bool config_number_parse(const char *text, uint32_t max, uint32_t *ret_number);

/* "512", "512M" or "2G", in MiB. */
[[nodiscard]] bool config_memory_parse(const char *text, uint32_t *ret_mib);

/* Is `text` what a person sees of it: valid UTF-8, no controls, and at most `max` code points? */
[[nodiscard]] bool config_text_is_displayable(const char *text, size_t max);

/* Normalised, owned by the caller; "~/" stands for the home folder. */
[[nodiscard]] char *config_host_path(const char *text, struct vx_error *err);

/* The number of VMs to keep ready, 0 to vm_preload_max. */
[[nodiscard]] bool vm_config_parse_preload(
	const char *text, uint32_t *ret_number, struct vx_error *err);

#endif
