/* SPDX-License-Identifier: MIT */
/* Shared by the forms of `move`. */
#ifndef COMMANDS_MOVE_H
#define COMMANDS_MOVE_H

#include "commands/command.h"

struct command_result move_in_direction(
	struct command_context *context, enum direction direction, struct args args);
/* "[absolute] position …", with or without the word "position". Floating containers only. */
struct command_result move_to_position(struct command_context *context, struct args args);
/* After a move: removes `parent` or `ws` where empty, arranges, tells. */
void move_finish(struct command_context *context, struct container *con, struct container *parent,
	struct workspace *ws);

/* As for a new window: arranging gives it the mean share. */
void container_forget_size(struct container *con);
void container_move_to_workspace(struct container *con, struct workspace *ws);

#endif
