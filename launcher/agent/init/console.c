/* SPDX-License-Identifier: MIT */
#include "init/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"

void console_say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vx_cleanup_free char *text = vx_vprintf(format, args);
	va_end(args);
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	dprintf(STDERR_FILENO, "vixos: [%lld.%03ld] %s\n", (long long)now.tv_sec,
		now.tv_nsec / 1'000'000, text);
}
