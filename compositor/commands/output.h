/* SPDX-License-Identifier: MIT */
/* Shared by the files of `output`. */
#ifndef COMMANDS_OUTPUT_H
#define COMMANDS_OUTPUT_H

#include "commands/command.h"

/* Success, with `count` words taken off what the next subcommand sees. */
struct command_result output_done(struct command_context *context, struct args args, int count);

command_handler output_background;

/* ~, $HOME and blanks as a shell takes them; NULL where the syntax is wrong. Owned by the caller.
 */
char *output_expand_path(const char *path);

#endif
