/* SPDX-License-Identifier: MIT */
#include "daemon/host_selection.h"

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
static constexpr size_t chunk_size = 16 * 1024;
static constexpr int writers_max = 64;
static constexpr unsigned types_max = 1024; /* looked at, of one offer */
static constexpr uint64_t writer_deadline_us = 10'000'000;

/* A read that is under way. */
struct reader {
	uint8_t kinds;
	size_t size_max;
	host_selection_handler handler;
	void *data;
	struct ext_data_control_device_v1 *device; /* until the selection was told */
	struct wl_list offers;                     /* struct offer.link */
	char *type;                                /* owned; what is being received */
	int fd;                                    /* owned; where it comes */
	sd_event_source *source;                   /* owned; of fd, or of a defer */
	struct vx_buffer content;
};

struct offer {
	struct wl_list link; /* reader.offers */
	struct ext_data_control_offer_v1 *object;
	struct reader *reader;
	unsigned type_count;
	char *type; /* owned; the best so far; NULL: none fits */
};

/* A program that gets what we have offered. */
struct writer {
	struct wl_list link; /* host_selection.writers */
	struct vx_buffer rest;
	int fd;                            /* owned */
	sd_event_source *source, *timeout; /* owned */
};

struct host_selection {
	sd_event *event;
	void (*flush)(void *data);
	void *data;
	struct ext_data_control_manager_v1 *manager; /* NULL: not there */
	bool is_wlr;                                 /* by the older protocol of wlroots */
	struct wl_interface wlr_interface;           /* of the manager then */
	struct wl_seat *seat;                        /* the first; NULL: none */
	struct reader *reader;                       /* owned; NULL: none */
	/* What we have offered. */
	struct ext_data_control_device_v1 *device;
	struct ext_data_control_source_v1 *source; /* NULL: nothing */
	enum vx_clipboard_kind kind;
	struct vx_buffer content;
	sd_event_source *timeout; /* owned; when to wipe it */
	struct wl_list writers;   /* struct writer.link */
};

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
		ext_data_control_device_v1_destroy(vx_take_ptr(selection->device));
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

/* What others select is no business of the device that we offer by. */
static void handle_other_offer(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *offer)
{
	ext_data_control_offer_v1_destroy(offer);
}

static void handle_other_selection(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *offer)
{
}

static void handle_device_finished(void *data, struct ext_data_control_device_v1 *device)
{
	selection_forget(data);
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

static bool selection_is_usable(const struct host_selection *selection, struct vx_error *err)
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
	if (!selection_is_usable(selection, err)) {
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

/* ---- reading ---- */

static void offer_destroy(struct offer *offer)
{
	wl_list_remove(&offer->link);
	ext_data_control_offer_v1_destroy(offer->object);
	free(offer->type);
	free(offer);
}

static void reader_forget_offers(struct reader *reader)
{
	struct offer *offer, *next;
	wl_list_for_each_safe (offer, next, &reader->offers, link) {
		offer_destroy(offer);
	}
	if (reader->device != nullptr) {
		ext_data_control_device_v1_destroy(vx_take_ptr(reader->device));
	}
}

static void reader_destroy(struct reader *reader)
{
	reader_forget_offers(reader);
	sd_event_source_disable_unref(reader->source);
	vx_replace_fd(&reader->fd, -1);
	vx_buffer_finish(&reader->content);
	free(reader->type);
	free(reader);
}

void host_selection_cancel(struct host_selection *selection)
{
	if (selection->reader != nullptr) {
		reader_destroy(vx_take_ptr(selection->reader));
		selection->flush(selection->data);
	}
}

/* `kind` NOTHING: there is nothing that fits. */
static void reader_end(
	struct host_selection *selection, enum vx_clipboard_kind kind, const struct vx_error *err)
{
	struct reader *reader = vx_take_ptr(selection->reader);
	reader->handler(reader->data, kind, &reader->content, err);
	reader_destroy(reader);
}

static void reader_fail(struct host_selection *selection, const char *why)
{
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "the host's clipboard can't be read: %s", why);
	reader_end(selection, VX_CLIPBOARD_NOTHING, &err);
}

static int handle_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct host_selection *selection = data;
	struct reader *reader = selection->reader;
	uint8_t bytes[chunk_size];
	ssize_t size = read(fd, bytes, sizeof(bytes));
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (size < 0) {
		reader_fail(selection, strerror(errno));
	} else if (!vx_buffer_append(&reader->content, bytes, (size_t)size)) {
		vx_cleanup_free char *why = vx_printf(
			"it has more than the %zu bytes that may be copied", reader->size_max);
		reader_fail(selection, why);
	} else if (size == 0) {
		size_t rank;
		reader_end(selection, vx_clipboard_kind_of_type(reader->type, &rank), nullptr);
	}
	return 0;
}

static void reader_receive(struct host_selection *selection, const struct offer *offer)
{
	struct reader *reader = selection->reader;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0) {
		reader_fail(selection, strerror(errno));
		return;
	}
	reader->fd = ends[0];
	reader->type = vx_strdup(offer->type);
	ext_data_control_offer_v1_receive(offer->object, offer->type, ends[1]);
	/* libwayland has a copy of it; that one goes when it is sent. */
	close(ends[1]);
	reader_forget_offers(reader);
	selection->flush(selection->data);
	if (!vx_fd_set_nonblocking(reader->fd, nullptr) ||
		sd_event_add_io(selection->event, &reader->source, reader->fd, EPOLLIN,
			handle_readable, selection) < 0) {
		reader_fail(selection, "it can't be waited for");
	}
}

static void handle_offered_type(
	void *data, struct ext_data_control_offer_v1 *object, const char *type)
{
	struct offer *offer = data;
	if (offer->type_count++ < types_max) {
		vx_clipboard_choose_type(&offer->type, type, offer->reader->kinds);
	}
}

static const struct ext_data_control_offer_v1_listener offer_listener = {
	.offer = handle_offered_type,
};

static void handle_offer(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *object)
{
	struct host_selection *selection = data;
	struct offer *offer = vx_new(offer);
	offer->object = object;
	offer->reader = selection->reader;
	wl_list_insert(&selection->reader->offers, &offer->link);
	ext_data_control_offer_v1_add_listener(object, &offer_listener, offer);
}

static void handle_selection(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *object)
{
	struct host_selection *selection = data;
	const struct offer *offer = object != nullptr
					    ? ext_data_control_offer_v1_get_user_data(object)
					    : nullptr;
	if (offer == nullptr || offer->type == nullptr) {
		reader_end(selection, VX_CLIPBOARD_NOTHING, nullptr);
	} else {
		reader_receive(selection, offer);
	}
}

static void handle_primary(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *object)
{
}

static void handle_finished(void *data, struct ext_data_control_device_v1 *device)
{
	reader_fail(data, "the compositor has taken the seat away");
}

static const struct ext_data_control_device_v1_listener reading_listener = {
	.data_offer = handle_offer,
	.selection = handle_selection,
	.finished = handle_finished,
	.primary_selection = handle_primary,
};

/* What we have offered ourselves needs no way round through the compositor. */
static int handle_own(sd_event_source *source, void *data)
{
	struct host_selection *selection = data;
	struct reader *reader = selection->reader;
	if (!vx_buffer_append(&reader->content, vx_buffer_bytes(&selection->content),
		    selection->content.size)) {
		reader_fail(selection, "it is larger than may be copied");
	} else {
		reader_end(selection, selection->kind, nullptr);
	}
	return 0;
}

bool host_selection_read(struct host_selection *selection, uint8_t kinds, size_t size_max,
	host_selection_handler handler, void *data, struct vx_error *err)
{
	if (!selection_is_usable(selection, err)) {
		return false;
	}
	if (selection->reader != nullptr) {
		return vx_error_set(err, "the host's clipboard is being read already");
	}
	struct reader *reader = vx_new(reader);
	reader->kinds = kinds;
	reader->size_max = size_max;
	reader->handler = handler;
	reader->data = data;
	reader->fd = -1;
	reader->content.max_size = size_max;
	wl_list_init(&reader->offers);
	selection->reader = reader;
	if (selection->source != nullptr && (kinds & 1u << selection->kind) != 0) {
		(void)sd_event_add_defer(selection->event, &reader->source, handle_own, selection);
		return true;
	}
	reader->device = ext_data_control_manager_v1_get_data_device(
		selection->manager, selection->seat);
	ext_data_control_device_v1_add_listener(reader->device, &reading_listener, selection);
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
	return selection;
}

void host_selection_destroy(struct host_selection *selection)
{
	if (selection == nullptr) {
		return;
	}
	if (selection->reader != nullptr) {
		reader_destroy(vx_take_ptr(selection->reader));
	}
	selection_forget(selection);
	struct writer *writer, *next;
	wl_list_for_each_safe (writer, next, &selection->writers, link) {
		writer_destroy(writer);
	}
	if (selection->manager != nullptr) {
		ext_data_control_manager_v1_destroy(selection->manager);
	}
	if (selection->seat != nullptr) {
		wl_seat_destroy(selection->seat);
	}
	free(selection);
}
