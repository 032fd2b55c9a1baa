/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "keyboard"

#include "input/keymap.h"

#include <stdio.h>

#include "common/log.h"
#include "config/config.h"

static struct xkb_keymap *read_keymap_file(struct xkb_context *context, const char *path)
{
	FILE *file = fopen(path, "re");
	if (file == nullptr) {
		vx_log_error("keymap '%s' can't be read, using the layout instead", path);
		return nullptr;
	}
	struct xkb_keymap *keymap = xkb_keymap_new_from_file(
		context, file, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	fclose(file);
	return keymap;
}

struct xkb_keymap *keymap_create(const struct input_config *config)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_SECURE_GETENV);
	if (context == nullptr) {
		return nullptr;
	}
	struct xkb_rule_names names = input_config_rule_names(config);
	struct xkb_keymap *keymap = nullptr;
	if (config != nullptr && config->xkb_file != nullptr) {
		keymap = read_keymap_file(context, config->xkb_file);
	}
	if (keymap == nullptr) {
		keymap = xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	}
	if (keymap == nullptr) {
		vx_log_error("there is no such keyboard layout, using the default one");
		keymap = xkb_keymap_new_from_names(context, nullptr, XKB_KEYMAP_COMPILE_NO_FLAGS);
	}
	xkb_context_unref(context);
	return keymap;
}
