/* SPDX-License-Identifier: MIT */
/* Input: reads what came, checks every frame against the rules and hands it on. */
#ifndef VX_PROXY_LINK_INPUT_H
#define VX_PROXY_LINK_INPUT_H

#include "proxy/link/link.h"

/*
 * Reads once, up to link_input_size bytes, and handles what is whole. What is not whole waits for
 * the next call; a DATA frame needs not be whole. Breaks the link at a hang-up or a broken rule.
 */
void link_input_dispatch(struct vx_link *link);

#endif
