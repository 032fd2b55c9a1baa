/* SPDX-License-Identifier: MIT */
/*
 * What a guest may do with rectangles. Regions that a compositor keeps can be made to cost far more
 * than the messages that they are made of: n stripes across n others are n² rectangles, and each
 * one more is compared with all of them.
 */
#ifndef VX_PROXY_HOST_REGION_H
#define VX_PROXY_HOST_REGION_H

#include "host/client.h"

/*
 * Passes on a request whose arguments are x, y, width and height. Empty ones are dropped, those
 * past the numbers' end cut.
 */
bool region_pass_rect(
	struct host_client *client, struct host_request *request, struct vx_error *err);

void region_install(struct wire_interfaces *interfaces);

#endif
