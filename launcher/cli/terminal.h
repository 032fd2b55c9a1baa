/* SPDX-License-Identifier: MIT */
/* The user's terminal while a program in a VM has it. */
#ifndef VX_LAUNCHER_CLI_TERMINAL_H
#define VX_LAUNCHER_CLI_TERMINAL_H

#include <stdint.h>
#include <termios.h>

struct terminal {
	bool is_raw;
	struct termios saved;
};

/* Raw mode on standard input, if that is a terminal. */
void terminal_enter_raw(struct terminal *terminal);

/* As it was before; also resets what the program may have left switched on. May be called twice. */
void terminal_leave_raw(struct terminal *terminal);

/* Of standard output's terminal, or standard input's; 80 by 24 where there is none. */
void terminal_get_size(uint16_t *ret_columns, uint16_t *ret_rows);

#endif
