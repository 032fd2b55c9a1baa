/* SPDX-License-Identifier: MIT */
/*
 * Sound for programs that speak PipeWire or PulseAudio: the servers of the host's /usr, where they
 * are there, started by the first program that connects. Until then they cost nothing but sockets.
 * A server that ends is started again by the next connection, a few times.
 */
#ifndef VX_LAUNCHER_AGENT_SOUND_H
#define VX_LAUNCHER_AGENT_SOUND_H

#include "common/error.h"

struct environment;
struct sound;
struct wl_event_loop;

/*
 * Listens in `environment`'s runtime folder; the environment (borrowed) is also that of the
 * servers. NULL where the VM has no sound card that the user may use, where there is no PipeWire,
 * or with an error.
 */
[[nodiscard]] struct sound *sound_create(
	struct wl_event_loop *loop, const struct environment *environment, struct vx_error *err);

/* Ends the servers. NULL allowed. */
void sound_destroy(struct sound *sound);

#endif
