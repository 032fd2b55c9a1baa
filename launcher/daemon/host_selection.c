/* SPDX-License-Identifier: MIT */
#include "daemon/host_selection_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <wayland-client.h>

#include "ext-data-control-v1-client-protocol.h"

#include "common/fd.h"
#include "common/memory.h"

static const char wlr_manager_name[] = "zwlr_data_control_manager_v1";
static constexpr int writers_max = 64;
static constexpr uint64_t writer_deadline_us = 10'000'000;

/*
 * A device that is no longer wanted. libwayland forgets the new offer in an event that waits for a
 * device which is destroyed: it goes when what was sent to it has been read, and nothing waits.
 */
struct retired_device {
	struct wl_list link; /* host_selection.retired_devices */
	struct host_selection *selection;
	struct ext_data_control_device_v1 *object;
	struct wl_callback *read;
};

/* A program that gets what we have offered. */
struct writer {
	struct wl_list link; /* host_selection.writers */
	struct vx_buffer rest;
	int fd;                            /* owned */
	sd_event_source *source, *timeout; /* owned */
};

/* ---- devices ---- */

static void retired_device_destroy(struct retired_device *device)
{
	wl_list_remove(&device->link);
	wl_callback_destroy(device->read);
	ext_data_control_device_v1_destroy(device->object);
	free(device);
}

static struct wl_display *retired_device_display(const struct retired_device *device)
{
	return wl_proxy_get_display((struct wl_proxy *)device->object);
}

static bool no_event_waits(struct wl_display *display)
{
	if (wl_display_prepare_read(display) != 0) {
		return false;
	}
	wl_display_cancel_read(display);
	return true;
}

static void retired_device_await(struct retired_device *device);

static void handle_read(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct retired_device *device = data;
	if (no_event_waits(retired_device_display(device))) {
		retired_device_destroy(device);
	} else {
		wl_callback_destroy(device->read);
		retired_device_await(device);
	}
}

static const struct wl_callback_listener read_listener = {.done = handle_read};

static void retired_device_await(struct retired_device *device)
{
	device->read = wl_display_sync(retired_device_display(device));
	wl_callback_add_listener(device->read, &read_listener, device);
	device->selection->flush(device->selection->data);
}

void host_selection_retire_device(
	struct host_selection *selection, struct ext_data_control_device_v1 *object)
{
	struct retired_device *device = vx_new(device);
	device->selection = selection;
	device->object = object;
	ext_data_control_device_v1_set_user_data(object, nullptr);
	wl_list_insert(&selection->retired_devices, &device->link);
	retired_device_await(device);
}

/* ---- offering ---- */

static void writer_destroy(struct writer *writer)
{
	wl_list_remove(&writer->link);
	sd_event_source_disable_unref(writer->source);
	sd_event_source_disable_unref(writer->timeout);
	vx_replace_fd(&writer->fd, -1);
	vx_buffer_finish(&writer->rest);
	free(writer);
}

static int handle_writable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct writer *writer = data;
	if (!vx_buffer_write(&writer->rest, fd)) {
		writer_destroy(writer);
	}
	return 0;
}

static int handle_writer_timeout(sd_event_source *source, uint64_t now, void *data)
{
	writer_destroy(data);
	return 0;
}

static void handle_send(
	void *data, struct ext_data_control_source_v1 *source, const char *type, int fd)
{
	struct host_selection *selection = data;
	vx_cleanup_close int owned = fd;
	size_t rank;
	if (vx_clipboard_kind_of_type(type, &rank) != selection->kind ||
		wl_list_length(&selection->writers) >= writers_max ||
		!vx_fd_set_nonblocking(owned, nullptr)) {
		return;
	}
	struct writer *writer = vx_new(writer);
	writer->fd = vx_take_fd(owned);
	wl_list_insert(&selection->writers, &writer->link);
	if (!vx_buffer_append(
		    &writer->rest, vx_buffer_bytes(&selection->content), selection->content.size) ||
		sd_event_add_io(selection->event, &writer->source, writer->fd, EPOLLOUT,
			handle_writable, writer) < 0 ||
		sd_event_add_time_relative(selection->event, &writer->timeout, CLOCK_MONOTONIC,
			writer_deadline_us, 1'000'000, handle_writer_timeout, writer) < 0) {
		writer_destroy(writer);
	}
}

static void selection_forget(struct host_selection *selection)
{
	selection->timeout = sd_event_source_disable_unref(selection->timeout);
	if (selection->source != nullptr) {
		/* Which takes it away, if it is still the selection. */
		ext_data_control_source_v1_destroy(vx_take_ptr(selection->source));
	}
	if (selection->device != nullptr) {
		host_selection_retire_device(selection, vx_take_ptr(selection->device));
	}
	vx_buffer_finish(&selection->content);
	selection->kind = VX_CLIPBOARD_NOTHING;
}

static void handle_cancelled(void *data, struct ext_data_control_source_v1 *source)
{
	selection_forget(data);
}

static const struct ext_data_control_source_v1_listener source_listener = {
	.send = handle_send,
	.cancelled = handle_cancelled,
};

static void handle_other_offer(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *offer)
{
}

/*
 * What others select is no business of the device that we offer by. Not earlier: libwayland loses
 * what is destroyed while an event that names it waits.
 */
static void handle_other_selection(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *offer)
{
	if (offer != nullptr) {
		ext_data_control_offer_v1_destroy(offer);
	}
}

static void handle_device_finished(void *data, struct ext_data_control_device_v1 *device)
{
	if (data != nullptr) {
		selection_forget(data);
	}
}

static const struct ext_data_control_device_v1_listener offering_listener = {
	.data_offer = handle_other_offer,
	.selection = handle_other_selection,
	.finished = handle_device_finished,
	.primary_selection = handle_other_selection,
};

void host_selection_wipe(struct host_selection *selection)
{
	selection_forget(selection);
	selection->flush(selection->data);
}

static int handle_timeout(sd_event_source *source, uint64_t now, void *data)
{
	host_selection_wipe(data);
	return 0;
}

bool host_selection_is_usable(const struct host_selection *selection, struct vx_error *err)
{
	return (selection->manager != nullptr && selection->seat != nullptr) ||
	       vx_error_set(err,
		       "the compositor has neither ext-data-control-v1 nor "
		       "wlr-data-control-unstable-v1 (or no seat); 'wl-paste | vixos clipboard "
		       "copy --stdin' and 'vixos clipboard paste --stdout | wl-copy' work all the "
		       "same");
}

bool host_selection_set(struct host_selection *selection, enum vx_clipboard_kind kind,
	struct vx_buffer *content, uint32_t timeout_s, struct vx_error *err)
{
	if (!host_selection_is_usable(selection, err)) {
		return false;
	}
	selection_forget(selection);
	selection->kind = kind;
	selection->content = *content;
	*content = (struct vx_buffer){};
	selection->source = ext_data_control_manager_v1_create_data_source(selection->manager);
	ext_data_control_source_v1_add_listener(selection->source, &source_listener, selection);
	const char *type;
	for (size_t i = 0; (type = vx_clipboard_type(kind, i)) != nullptr; i++) {
		ext_data_control_source_v1_offer(selection->source, type);
	}
	selection->device = ext_data_control_manager_v1_get_data_device(
		selection->manager, selection->seat);
	ext_data_control_device_v1_add_listener(selection->device, &offering_listener, selection);
	ext_data_control_device_v1_set_selection(selection->device, selection->source);
	if (timeout_s > 0) {
		(void)sd_event_add_time_relative(selection->event, &selection->timeout,
			CLOCK_MONOTONIC, timeout_s * UINT64_C(1'000'000), 100'000, handle_timeout,
			selection);
	}
	selection->flush(selection->data);
	return true;
}

/* ---- life ---- */

/*
 * ext-data-control-v1 is wlr-data-control-unstable-v1 with other names: requests, events and their
 * order are the same, and of names only the manager's is ever sent.
 */
static void bind_manager(
	struct host_selection *selection, struct wl_registry *registry, uint32_t name, bool is_wlr)
{
	const struct wl_interface *interface = &ext_data_control_manager_v1_interface;
	selection->is_wlr = is_wlr;
	if (is_wlr) {
		selection->wlr_interface = *interface;
		selection->wlr_interface.name = wlr_manager_name;
		interface = &selection->wlr_interface;
	}
	selection->manager = wl_registry_bind(registry, name, interface, 1);
}

void host_selection_handle_global(struct host_selection *selection, struct wl_registry *registry,
	uint32_t name, const char *interface)
{
	bool is_ext = strcmp(interface, ext_data_control_manager_v1_interface.name) == 0;
	bool is_wlr = strcmp(interface, wlr_manager_name) == 0;
	if ((is_ext || is_wlr) && selection->manager == nullptr) {
		bind_manager(selection, registry, name, is_wlr);
	} else if (is_ext && selection->is_wlr) {
		/* Nothing is under way yet: both were there from the start. */
		host_selection_cancel(selection);
		selection_forget(selection);
		ext_data_control_manager_v1_destroy(vx_take_ptr(selection->manager));
		bind_manager(selection, registry, name, false);
	} else if (strcmp(interface, wl_seat_interface.name) == 0 && selection->seat == nullptr) {
		selection->seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
	}
}

struct host_selection *host_selection_create(sd_event *event, void (*flush)(void *data), void *data)
{
	struct host_selection *selection = vx_new(selection);
	selection->event = event;
	selection->flush = flush;
	selection->data = data;
	wl_list_init(&selection->writers);
	wl_list_init(&selection->retired_devices);
	return selection;
}

void host_selection_destroy(struct host_selection *selection)
{
	if (selection == nullptr) {
		return;
	}
	host_selection_cancel(selection);
	selection_forget(selection);
	struct writer *writer, *next;
	wl_list_for_each_safe (writer, next, &selection->writers, link) {
		writer_destroy(writer);
	}
	struct retired_device *device, *next_device;
	wl_list_for_each_safe (device, next_device, &selection->retired_devices, link) {
		retired_device_destroy(device);
	}
	if (selection->manager != nullptr) {
		ext_data_control_manager_v1_destroy(selection->manager);
	}
	if (selection->seat != nullptr) {
		wl_seat_destroy(selection->seat);
	}
	free(selection);
}
