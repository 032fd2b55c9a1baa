/* SPDX-License-Identifier: MIT */
/*
 * Copy and paste between the programs of one VM: the clipboard (wl_data_device) and the primary
 * selection, served in the guest half. Nothing of it reaches the host but what the host asks for on
 * its user's behalf (clipboard.h). Who has the host's keyboard focus is told what is selected.
 */
#ifndef VX_PROXY_GUEST_SELECTION_H
#define VX_PROXY_GUEST_SELECTION_H

#include <stddef.h>
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

/* A selection that is no program's of this VM. */
struct selection_outside {
	/* A program wants it as `type`; `fd` is the callee's. */
	void (*send)(void *data, const char *type, int fd);
	/* It is the selection no longer. */
	void (*dropped)(void *data);
};

/* Makes it the clipboard's selection; `types` are copied, the rest outlives it. */
void selection_set_outside(struct guest_selections *selections, const char *const *types,
	size_t count, const struct selection_outside *outside, void *data);
/* Takes it away again, if it is still the selection. */
void selection_drop_outside(struct guest_selections *selections);

/* The types of the clipboard's selection, borrowed until it changes; returns how many. */
size_t selection_get_types(
	const struct guest_selections *selections, const char *const **ret_types);
/*
 * Has whose selection it is write it as `type` into a pipe, whose other end (non-blocking) is the
 * caller's; -1 where there is none.
 */
[[nodiscard]] int selection_receive(const struct guest_selections *selections, const char *type);

/* Hangs this file's handlers on the protocol tables. */
void selection_install(struct wire_interfaces *interfaces);

#endif
