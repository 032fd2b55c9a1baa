/* SPDX-License-Identifier: MIT */
/* `vixos run --share-tmp`: a folder for exchange that lasts as long as the run. */
#ifndef VX_LAUNCHER_CLI_SHARE_H
#define VX_LAUNCHER_CLI_SHARE_H

#include "common/error.h"

struct client;

/* What the program finds its path in the VM by. */
#define SHARE_VARIABLE "VIXOS_SHARE"

struct share {
	char *source; /* owned; here; NULL: none */
	char *target; /* owned; in the VM */
	int lock;     /* owned; vixosd removes the folder once this is closed; -1: with the VM */
};

/* Makes one in the VM, which runs. `is_run`: for this process; else for as long as the VM runs. */
bool share_open(struct share *share, struct client *client, const char *vm, bool is_run,
	struct vx_error *err);

/* Removes it now. What it can't, vixosd does later. */
void share_remove(const struct share *share, struct client *client, const char *vm);

void share_finish(struct share *share);

#endif
