/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_CLI_CMD_USB_H
#define VX_LAUNCHER_CLI_CMD_USB_H

#include "common/error.h"

struct client;

/* Has vixosd give a device to a VM that runs. */
bool cmd_usb_attach(struct client *client, const char *vm, const char *device, bool force,
	struct vx_error *err);

#endif
