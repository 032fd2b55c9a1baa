/* SPDX-License-Identifier: MIT */
/* The host's presentation clock against ours: wp_presentation's times are translated. */
#ifndef VX_PROXY_GUEST_CLOCK_H
#define VX_PROXY_GUEST_CLOCK_H

#include <stdint.h>

struct guest_client;
struct wire_interfaces;
struct wire_value;

struct guest_clock {
	bool known;
	int64_t offset; /* nanoseconds to add to the host's time; of the fastest message seen lately
			 */
	unsigned samples;
};

/* The forward interface's event clock. */
void clock_handle_clock(struct guest_client *client, const struct wire_value *args);

/* Hangs this file's handlers on the protocol tables. */
void clock_install(struct wire_interfaces *interfaces);

#endif
