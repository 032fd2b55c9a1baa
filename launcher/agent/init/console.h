/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_CONSOLE_H
#define VX_LAUNCHER_AGENT_INIT_CONSOLE_H

/* One line on the VM's console: "vixos: [SECONDS] text". The time is since the kernel started. */
[[gnu::format(printf, 1, 2)]] void console_say(const char *format, ...);

#endif
