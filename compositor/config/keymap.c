/* SPDX-License-Identifier: MIT */
/* Keymaps: whether what is configured has one, and keysyms that become keycodes (--to-code). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "common/error.h"
#include "config/config.h"

struct xkb_rule_names input_config_rule_names(const struct input_config *input)
{
	if (!input) {
		return (struct xkb_rule_names){};
	}
	return (struct xkb_rule_names){
		.rules = input->xkb_rules,
		.model = input->xkb_model,
		.layout = input->xkb_layout,
		.variant = input->xkb_variant,
		.options = input->xkb_options,
	};
}

static struct xkb_keymap *keymap_from_file(struct xkb_context *context, const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file) {
		return nullptr;
	}
	struct xkb_keymap *keymap = xkb_keymap_new_from_file(
		context, file, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	fclose(file);
	return keymap;
}

static struct xkb_keymap *make_keymap(struct xkb_context *context, const struct input_config *input)
{
	if (input && input->xkb_file) {
		return keymap_from_file(context, input->xkb_file);
	}
	struct xkb_rule_names names = input_config_rule_names(input);
	return xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
}

static struct xkb_state *make_translation(
	const struct input_config *input, enum xkb_context_flags flags)
{
	struct xkb_context *context = xkb_context_new(flags);
	if (!context) {
		return nullptr;
	}
	struct xkb_keymap *keymap = make_keymap(context, input);
	struct xkb_state *state = keymap ? xkb_state_new(keymap) : nullptr;
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	return state;
}

static struct xkb_state *translation(struct config *config)
{
	if (!config->translation) {
		config->translation = make_translation(nullptr, XKB_CONTEXT_NO_FLAGS);
	}
	if (!config->translation) {
		config->translation = make_translation(nullptr, XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	}
	return config->translation;
}

void config_translate_binding(struct config *config, struct binding *binding)
{
	struct xkb_state *state = translation(config);
	if (state) {
		binding_translate(binding, state);
	}
}

/* The first `input` line with a layout decides; types come after devices. */
static const struct input_config *find_layout(const struct config *config)
{
	static const char prefix[] = "type:";
	for (int types = 0; types < 2; types++) {
		for (int i = 0; i < config->inputs.length; i++) {
			const struct input_config *input = config->inputs.items[i];
			bool is_type = strncmp(input->identifier, prefix, strlen(prefix)) == 0;
			if (is_type == (types == 1) && (input->xkb_layout || input->xkb_file)) {
				return input;
			}
		}
	}
	return nullptr;
}

void config_translate_bindings(struct config *config)
{
	const struct input_config *input = find_layout(config);
	struct xkb_state *state = input ? make_translation(input, XKB_CONTEXT_NO_FLAGS) : nullptr;
	if (!state) {
		return;
	}
	xkb_state_unref(config->translation);
	config->translation = state;
	for (int i = 0; i < config->modes.length; i++) {
		binding_mode_translate(config->modes.items[i], xkb_state_get_keymap(state));
	}
}

/* Keeps the first error that xkbcommon logs. */
[[gnu::format(printf, 3, 0)]] static void keep_xkb_error(
	struct xkb_context *context, enum xkb_log_level level, const char *format, va_list args)
{
	char **error = xkb_context_get_user_data(context);
	if (level <= XKB_LOG_LEVEL_ERROR && !*error) {
		*error = vx_vprintf(format, args);
		(*error)[strcspn(*error, "\n")] = '\0';
	}
}

static struct input_config *merge_stored(
	const struct config *config, const struct input_config *input)
{
	const char *const names[] = {"*", input->identifier};
	struct input_config *merged = input_config_create(input->identifier);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(names); i++) {
		for (int j = 0; j < config->inputs.length; j++) {
			if (strcmp(config->inputs.items[j]->identifier, names[i]) == 0) {
				input_config_merge(merged, config->inputs.items[j]);
			}
		}
	}
	input_config_merge(merged, input);
	return merged;
}

bool config_check_keymap(
	const struct config *config, const struct input_config *input, struct vx_error *err)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_SECURE_GETENV);
	if (!context) {
		return true; /* as without a keyboard */
	}
	vx_cleanup_free char *error = nullptr;
	xkb_context_set_user_data(context, &error);
	xkb_context_set_log_fn(context, keep_xkb_error);
	struct input_config *merged = merge_stored(config, input);
	errno = 0;
	struct xkb_keymap *keymap = make_keymap(context, merged);
	bool found = keymap != nullptr;
	if (!found && !error && merged->xkb_file) {
		error = vx_printf("cannot read xkb file %s: %s", merged->xkb_file, strerror(errno));
	}
	if (!found) {
		vx_error_set(
			err, "Failed to compile keymap: %s", error ? error : "no reason given");
	}
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	input_config_destroy(merged);
	return found;
}
