/* SPDX-License-Identifier: MIT */
/* output … background: a colour, or a file and how it is fitted. */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include "commands/output.h"

static bool is_color(const char *word)
{
	uint32_t color;
	return word[0] == '#' && strlen(word) == 7 && word_as_color(word, &color);
}

static void set_background(struct output_config *output, const char *background, const char *mode,
	const char *fallback)
{
	vx_replace_string(&output->background, background);
	vx_replace_string(&output->background_mode, mode);
	vx_replace_string(&output->background_fallback, fallback);
}

char *output_expand_path(const char *path)
{
	wordexp_t words;
	if (wordexp(path, &words, WRDE_NOCMD) != 0) {
		return nullptr;
	}
	char *expanded = words.we_wordc > 0
				 ? args_join((struct args){words.we_wordv, (int)words.we_wordc})
				 : nullptr;
	wordfree(&words);
	return expanded;
}

/* A file beside the configuration that names it. */
static char *resolve_beside_config(const struct config *config, char *path)
{
	if (!config->reading_path || path[0] == '/') {
		return path;
	}
	vx_cleanup_free char *copy = vx_strdup(config->reading_path);
	char *resolved = vx_printf("%s/%s", dirname(copy), path);
	free(path);
	return resolved;
}

static struct command_result set_image(
	struct command_context *context, struct args args, int mode_index)
{
	vx_cleanup_free char *given = args_join((struct args){args.items, mode_index});
	vx_cleanup_free char *path = output_expand_path(given);
	if (!path) {
		return command_invalid("Invalid syntax (%s)", given);
	}
	path = resolve_beside_config(context->config, path);
	const char *mode = args.items[mode_index];
	struct args rest = args_skip(args, mode_index + 1);
	const char *fallback = nullptr;
	if (rest.count > 0 && rest.items[0][0] == '#') {
		if (is_color(rest.items[0])) {
			fallback = rest.items[0];
		} else {
			config_warn(context->config, "fallback '%s' should be of the form #RRGGBB",
				rest.items[0]);
		}
		rest = args_skip(rest, 1);
	}
	if (access(path, F_OK) == 0) {
		set_background(context->output, path, mode, fallback);
	} else if (fallback) {
		set_background(context->output, fallback, "solid_color", nullptr);
	} else {
		return command_fail("Unable to access background file '%s' and no valid fallback "
				    "provided",
			path);
	}
	return output_done(context, rest, 0);
}

struct command_result output_background(struct command_context *context, struct args args)
{
	static const char *const modes[] = {"stretch", "center", "fill", "fit", "tile", nullptr};
	if (args.count == 0) {
		return command_invalid("Missing background file or color specification.");
	}
	if (args.count < 2) {
		return command_invalid("Missing background scaling mode or `solid_color`.");
	}
	if (args_is(args, 1, "solid_color")) {
		if (!is_color(args.items[0])) {
			return command_invalid("Colors should be of the form #RRGGBB");
		}
		set_background(context->output, args.items[0], "solid_color", nullptr);
		return output_done(context, args, 2);
	}
	for (int i = 0; i < args.count; i++) {
		if (word_index(args.items[i], modes) >= 0) {
			return i > 0 ? set_image(context, args, i)
				     : command_invalid("Missing background file");
		}
	}
	return command_invalid("Missing background scaling mode.");
}
