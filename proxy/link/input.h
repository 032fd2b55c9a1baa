/* SPDX-License-Identifier: MIT */
/* Input: reads what came, checks every frame against the rules and hands it on. */
#ifndef VX_PROXY_LINK_INPUT_H
#define VX_PROXY_LINK_INPUT_H

#include "proxy/link/link.h"

/*
 * Reads at most about twice link_input_size bytes and handles what is whole; the rest waits for the
 * next call. A DATA frame needs not be whole. Breaks the link at a hang-up or a broken rule.
 */
void link_input_dispatch(struct vx_link *link);

#endif
