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

static constexpr size_t chunk_size = 16 * 1024;
static constexpr unsigned types_max = 1024; /* looked at, of one offer */

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

/* Its object waits for the event that says what was offered by it. */
static void offer_destroy(struct offer *offer)
{
	wl_list_remove(&offer->link);
	ext_data_control_offer_v1_set_user_data(offer->object, nullptr);
	free(offer->type);
	free(offer);
}

static void reader_forget_offers(struct host_selection *selection, struct reader *reader)
{
	struct offer *offer, *next;
	wl_list_for_each_safe (offer, next, &reader->offers, link) {
		offer_destroy(offer);
	}
	if (reader->device != nullptr) {
		host_selection_retire_device(selection, vx_take_ptr(reader->device));
	}
}

static void reader_destroy(struct host_selection *selection, struct reader *reader)
{
	reader_forget_offers(selection, reader);
	sd_event_source_disable_unref(reader->source);
	vx_replace_fd(&reader->fd, -1);
	vx_buffer_finish(&reader->content);
	free(reader->type);
	free(reader);
}

void host_selection_cancel(struct host_selection *selection)
{
	if (selection->reader != nullptr) {
		reader_destroy(selection, vx_take_ptr(selection->reader));
	}
}

/* `kind` NOTHING: there is nothing that fits. */
static void reader_end(
	struct host_selection *selection, enum vx_clipboard_kind kind, const struct vx_error *err)
{
	struct reader *reader = vx_take_ptr(selection->reader);
	reader->handler(reader->data, kind, &reader->content, err);
	reader_destroy(selection, reader);
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
	reader_forget_offers(selection, reader);
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
	if (offer != nullptr && offer->type_count++ < types_max) {
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
	if (selection == nullptr) {
		return;
	}
	struct offer *offer = vx_new(offer);
	offer->object = object;
	offer->reader = selection->reader;
	wl_list_insert(&selection->reader->offers, &offer->link);
	ext_data_control_offer_v1_add_listener(object, &offer_listener, offer);
}

static void take_offer(struct host_selection *selection, struct ext_data_control_offer_v1 *object)
{
	const struct offer *offer = object != nullptr
					    ? ext_data_control_offer_v1_get_user_data(object)
					    : nullptr;
	if (offer == nullptr || offer->type == nullptr) {
		reader_end(selection, VX_CLIPBOARD_NOTHING, nullptr);
	} else {
		reader_receive(selection, offer);
	}
}

static void handle_selection(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *object)
{
	if (data != nullptr) {
		take_offer(data, object);
	}
	if (object != nullptr) {
		ext_data_control_offer_v1_destroy(object);
	}
}

static void handle_primary(void *data, struct ext_data_control_device_v1 *device,
	struct ext_data_control_offer_v1 *object)
{
	struct offer *offer = object != nullptr ? ext_data_control_offer_v1_get_user_data(object)
						: nullptr;
	if (offer != nullptr) {
		offer_destroy(offer);
	}
	if (object != nullptr) {
		ext_data_control_offer_v1_destroy(object);
	}
}

static void handle_finished(void *data, struct ext_data_control_device_v1 *device)
{
	if (data != nullptr) {
		reader_fail(data, "the compositor has taken the seat away");
	}
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
	if (!host_selection_is_usable(selection, err)) {
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
