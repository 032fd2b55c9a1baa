/* SPDX-License-Identifier: MIT */
#include <locale.h>

#include "cli/commands.h"
#include "common/log.h"

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	vx_log_init("vixos", VX_LOG_WARN);
	return commands_main(argc - 1, argv + 1);
}
