/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_SOUND_H
#define VX_LAUNCHER_AGENT_INIT_SOUND_H

#include "common/error.h"

/*
 * Gives the sound card, if the VM has one, to the user, and writes for PipeWire what it would
 * otherwise learn from udev: that the card can play and, where it can, record.
 */
bool sound_give(struct vx_error *err);

#endif
