/* SPDX-License-Identifier: MIT */
/* The mouse bindings of a bar and of its tray. */
#ifndef COMMANDS_BAR_BIND_H
#define COMMANDS_BAR_BIND_H

#include "commands/command.h"

command_handler bar_bindcode, bar_bindsym, bar_unbindcode, bar_unbindsym;
command_handler bar_tray_bindcode, bar_tray_bindsym;

#endif
