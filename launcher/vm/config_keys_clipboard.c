/* SPDX-License-Identifier: MIT */
#include "vm/config_keys_clipboard.h"

#include <scfg.h>
#include <string.h>

#include "vm/config_keys.h"
#include "vm/definition.h"

static constexpr uint32_t size_max_kib = 16 * 1024;
static constexpr uint32_t timeout_max_s = 24 * 60 * 60;

bool config_parse_clipboard(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	return true;
}

static bool parse_consent(
	enum vm_consent *consent, const struct scfg_directive *directive, struct vx_error *err)
{
	return vm_consent_parse(directive->params[0], consent) ||
	       vx_error_set(err, "expected allow, ask or deny, found '%s'", directive->params[0]);
}

bool config_parse_clipboard_copy(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	return parse_consent(&definition->clipboard.copy, directive, err);
}

bool config_parse_clipboard_paste(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	return parse_consent(&definition->clipboard.paste, directive, err);
}

/* One of two words. */
static bool parse_either(bool *value, const struct scfg_directive *directive, const char *no,
	const char *yes, struct vx_error *err)
{
	*value = strcmp(directive->params[0], yes) == 0;
	return *value || strcmp(directive->params[0], no) == 0 ||
	       vx_error_set(err, "expected %s or %s, found '%s'", no, yes, directive->params[0]);
}

bool config_parse_clipboard_images(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	return parse_either(&definition->clipboard.with_images, directive, "deny", "allow", err);
}

bool config_parse_clipboard_controls(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	return parse_either(&definition->clipboard.keeps_controls, directive, "strip", "keep", err);
}

bool config_parse_clipboard_size(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	uint32_t kib = 0;
	if (!config_number_parse(directive->params[0], size_max_kib, &kib) || kib == 0) {
		return vx_error_set(err, "expected a size in KiB from 1 to %u, found '%s'",
			size_max_kib, directive->params[0]);
	}
	definition->clipboard.size_max = kib * 1024;
	return true;
}

bool config_parse_clipboard_timeout(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	return config_number_parse(
		       directive->params[0], timeout_max_s, &definition->clipboard.timeout_s) ||
	       vx_error_set(err, "expected seconds up to %u (0: never), found '%s'", timeout_max_s,
		       directive->params[0]);
}
