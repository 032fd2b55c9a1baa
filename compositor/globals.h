/* SPDX-License-Identifier: MIT */
/* The Wayland globals that need no code of ours, and who is offered which. */
#ifndef COMPOSITOR_GLOBALS_H
#define COMPOSITOR_GLOBALS_H

struct server;
struct vx_error;

/* Makes the globals that other folders don't, and sets the display's filter. */
bool globals_init(struct server *server, struct vx_error *err);

#endif
