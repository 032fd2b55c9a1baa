/* SPDX-License-Identifier: MIT */
/*
 * vixos-tool: what the host runs in a VM for its own ends, over the exec service like any program.
 * Its status is 0 or the errno of what failed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "tool/copy.h"
#include "tool/mount.h"

static const struct tool {
	const char *name;
	int (*run)(char *const *argv);
} tools[] = {
	{"mount", tool_mount},
	{"receive", tool_receive},
	{"send", tool_send},
	{"unmount", tool_unmount},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < VX_ARRAY_LENGTH(tools); i++) {
		if (strcmp(tools[i].name, argv[1]) == 0) {
			return tools[i].run(argv + 2);
		}
	}
	fputs("vixos-tool does what vixosd and vixos ask for, and is not for people\n", stderr);
	return EINVAL;
}
