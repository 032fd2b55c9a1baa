/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * Ends what a program that died, or was malicious, may have left on: alternate screen, hidden
 * cursor, mouse and focus reports, bracketed paste, application keypad, attributes, character sets.
 * Only ever sent after a session with a terminal.
 */
static const char reset_sequence[] = "\033[?1049l\033[?25h\033[?1000l\033[?1002l\033[?1003l"
				     "\033[?1004l\033[?1006l\033[?2004l\033[?1l\033>\033(B\033[m";

void terminal_enter_raw(struct terminal *terminal)
{
	*terminal = (struct terminal){};
	if (tcgetattr(STDIN_FILENO, &terminal->saved) < 0) {
		return;
	}
	struct termios raw = terminal->saved;
	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	terminal->is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void terminal_leave_raw(struct terminal *terminal)
{
	if (!terminal->is_raw) {
		return;
	}
	terminal->is_raw = false;
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
	if (isatty(STDOUT_FILENO)) {
		(void)!write(STDOUT_FILENO, reset_sequence, strlen(reset_sequence));
	}
}

void terminal_get_size(uint16_t *ret_columns, uint16_t *ret_rows)
{
	struct winsize size;
	bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ||
			ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0;
	is_known = is_known && size.ws_col > 0 && size.ws_row > 0;
	*ret_columns = is_known ? size.ws_col : 80;
	*ret_rows = is_known ? size.ws_row : 24;
}
