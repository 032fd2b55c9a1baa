/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_CLI_JSON_H
#define VX_LAUNCHER_CLI_JSON_H

#include <systemd/sd-json.h>

/* Prints what --json asks for, to standard output. */
void json_print(sd_json_variant *value);

#endif
