/* SPDX-License-Identifier: MIT */
/* The settings of a bar that are one field each. */
#ifndef COMMANDS_BAR_FIELDS_H
#define COMMANDS_BAR_FIELDS_H

#include "commands/command.h"

struct bar_config;

/* Is `name` one of the switches and numbers? */
bool bar_is_field(const char *name);
/* `args` are the words behind `name`. */
struct command_result bar_set_field(struct bar_config *bar, const char *name, struct args args);

command_handler bar_colors;

#endif
