/* SPDX-License-Identifier: MIT */
/* Output: makes frames of what waits, a turn for each channel, and writes them. */
#ifndef VX_PROXY_LINK_OUTPUT_H
#define VX_PROXY_LINK_OUTPUT_H

#include "proxy/link/link.h"

/* Puts the hello into the empty stage of a new link. */
void link_output_put_hello(struct vx_link *link);

/* Is there something that waits to be written? */
[[nodiscard]] bool link_output_is_pending(const struct vx_link *link);

/* Writes a bounded amount of what waits and fits. Calls no callbacks; a failed write is remembered.
 */
void link_output_flush(struct vx_link *link);

#endif
