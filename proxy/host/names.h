/* SPDX-License-Identifier: MIT */
/*
 * Titles and app ids of a VM's windows: cleaned, and so many a second. A compositor draws each
 * title, which takes it longer than the guest needs to think of the next one.
 */
#ifndef VX_PROXY_HOST_NAMES_H
#define VX_PROXY_HOST_NAMES_H

#include <stdint.h>
#include <wayland-util.h>

struct proxy;
struct wire_interfaces;
struct wl_event_loop;
struct wl_event_source;

/* Of one VM. */
struct host_names {
	struct wl_list waiting;        /* struct name.link, the longest waiting first */
	struct wl_event_source *timer; /* owned; runs while something waits */
	unsigned credit;               /* how many may be told at once */
	uint64_t earned_ns;            /* CLOCK_MONOTONIC: up to when credit was given */
};

void names_start(struct host_names *names, struct wl_event_loop *loop);
void names_finish(struct host_names *names);

void names_install(struct wire_interfaces *interfaces);

#endif
