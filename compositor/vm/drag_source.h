/* SPDX-License-Identifier: MIT */
/* wl_data_source for VMs: types and actions, but never a byte. */
#ifndef VM_DRAG_SOURCE_H
#define VM_DRAG_SOURCE_H

#include <stdint.h>
#include <wlr/types/wlr_data_device.h>

struct wl_client;
struct wl_resource;

/* All of wl_data_device_manager.dnd_action. */
static constexpr uint32_t drag_all_actions = WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY |
					     WL_DATA_DEVICE_MANAGER_DND_ACTION_MOVE |
					     WL_DATA_DEVICE_MANAGER_DND_ACTION_ASK;

void drag_source_create(struct wl_client *client, uint32_t version, uint32_t id);

/* For a drag, of which a source has one at most: NULL where it had one. */
struct wlr_data_source *drag_source_use(struct wl_resource *resource);

/* Tells the client that nothing comes of it. */
void drag_source_cancel(struct wl_resource *resource);

#endif
