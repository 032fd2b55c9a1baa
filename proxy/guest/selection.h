/* SPDX-License-Identifier: MIT */
/*
 * Copy and paste between the programs of one VM: the clipboard (wl_data_device) and the primary
 * selection, served in the guest half. Nothing of it reaches the host. Who has the host's keyboard
 * focus is told what is selected.
 */
#ifndef VX_PROXY_GUEST_SELECTION_H
#define VX_PROXY_GUEST_SELECTION_H

#include <stdint.h>
#include <wayland-util.h>

struct guest_client;
struct selection_source;
struct wire_interfaces;

enum selection_kind : unsigned {
	SELECTION_CLIPBOARD,
	SELECTION_PRIMARY,
	SELECTION_KIND_COUNT,
};

struct guest_selections {
	struct selection_source
		*current[SELECTION_KIND_COUNT]; /* borrowed from its object; may be NULL */
	struct guest_client *focus;             /* borrowed; has the keyboard; may be NULL */
	struct wl_list devices;                 /* selection_device.link */
};

void selection_init(struct guest_selections *selections);

/* The client is about to be destroyed. */
void selection_forget_client(struct guest_client *client);

/* Hangs this file's handlers on the protocol tables. */
void selection_install(struct wire_interfaces *interfaces);

#endif
