/* SPDX-License-Identifier: MIT */
#include "vm/config_keys_app.h"

#include <scfg.h>
#include <string.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "vm/config_keys.h"
#include "vm/definition.h"

static bool app_check_id(
	const struct vm_definition *definition, const char *id, struct vx_error *err)
{
	vx_cleanup_free char *clean = vx_display_app_id(id);
	if (id[0] == '\0' || strcmp(clean, id) != 0) {
		return vx_error_set(err,
			"expected an app id of 1 to %zu of A-Z a-z 0-9 . _ -, found '%s'",
			vx_app_id_max, id);
	}
	if (vm_definition_find_app(definition, id) != nullptr) {
		return vx_error_set(err, "expected each app once, found '%s' again", id);
	}
	if (definition->app_count >= vm_apps_max) {
		return vx_error_set(err, "expected at most %zu apps", vm_apps_max);
	}
	return true;
}

/* Until the block says more, an app runs and is shown as its id. */
bool config_parse_app(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	const char *id = directive->params[0];
	if (!app_check_id(definition, id, err)) {
		return false;
	}
	struct vm_app *app = vm_definition_add_app(definition);
	app->id = vx_strdup(id);
	app->name = vx_strdup(id);
	vm_app_set_argv(app, (const char *const[]){id}, 1);
	return true;
}

static struct vm_app *last_app(struct vm_definition *definition)
{
	return &definition->apps[definition->app_count - 1];
}

bool config_parse_app_name(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (!config_text_is_displayable(directive->params[0], vx_title_max_code_points)) {
		return vx_error_set(err,
			"expected a name of 1 to %zu printable characters, found '%s'",
			vx_title_max_code_points, directive->params[0]);
	}
	vx_replace_string(&last_app(definition)->name, directive->params[0]);
	return true;
}

bool config_parse_app_exec(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	if (directive->params[0][0] == '\0') {
		return vx_error_set(err, "expected a program, found ''");
	}
	vm_app_set_argv(last_app(definition), (const char *const *)directive->params,
		directive->params_len);
	return true;
}

bool config_parse_app_icon(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	/* A name of the icon theme, never a path. */
	vx_cleanup_free char *clean = vx_display_app_id(directive->params[0]);
	if (clean[0] == '\0' || strcmp(clean, directive->params[0]) != 0) {
		return vx_error_set(err,
			"expected the name of an icon (A-Z a-z 0-9 . _ -), found '%s'",
			directive->params[0]);
	}
	vx_replace_string(&last_app(definition)->icon, directive->params[0]);
	return true;
}
