/* SPDX-License-Identifier: MIT */
/* Shared by the files of `output`. */
#ifndef COMMANDS_OUTPUT_H
#define COMMANDS_OUTPUT_H

#include "commands/command.h"

/* Success, with `count` words taken off what the next subcommand sees. */
struct command_result output_done(struct command_context *context, struct args args, int count);

command_handler output_background, output_color_profile, output_transform;
command_handler output_mode, output_modeline, output_position;
command_handler output_scale, output_scale_filter, output_subpixel;

/* What subcommands want to know of an output as it is now. */
struct output_look {
	const struct tree_output *output;
	bool adaptive_sync, hdr, was_found;
	char transform[16];
};
struct output_look output_look_at(
	struct command_context *context, const struct tree_output *output);

/* ~, $HOME and blanks as a shell takes them; NULL where the syntax is wrong. Owned by the caller.
 */
char *output_expand_path(const char *path);

#endif
