/* SPDX-License-Identifier: MIT */
/* What the files of the `input` command share. */
#ifndef COMMANDS_INPUT_H
#define COMMANDS_INPUT_H

#include "commands/command.h"

/* Takes a change of the configuration over, and applies it unless a file is read. Owns `input`. */
void input_store(struct command_context *context, struct input_config *input);

/*
 * `events toggle`: brings each device that context->input means from its mode to the next of
 * `modes`; without any, to the next that the device knows.
 */
struct command_result input_toggle_events(struct command_context *context, struct args modes);

#endif
