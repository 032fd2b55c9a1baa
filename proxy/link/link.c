/* SPDX-License-Identifier: MIT */
#include "link.h"

#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "input.h"
#include "output.h"
#include "state.h"

#include "common/log.h"
#include "common/memory.h"

bool link_break(struct vx_link *link, const char *format, ...)
{
	link->broken = true;
	if (link->failure.message == nullptr) {
		va_list args;
		va_start(args, format);
		vx_cleanup_free char *reason = vx_vprintf(format, args);
		va_end(args);
		vx_error_set(&link->failure, "%s", reason);
	}
	return false;
}

static bool fd_is_socket(int fd)
{
	int type;
	socklen_t size = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

struct vx_link *vx_link_create(int fd, enum vx_link_role role, uint32_t features,
	const struct vx_link_listener *listener, void *data)
{
	struct vx_link *link = vx_new(link);
	link->fd = fd;
	link->is_socket = fd_is_socket(fd);
	link->role = role;
	link->features = features;
	link->listener = listener;
	link->data = data;
	/* Not zeroed: pages that no frame ever reaches stay untouched. */
	link->stage = vx_reallocarray(nullptr, link_stage_size, 1);
	link->input = vx_reallocarray(nullptr, link_input_size, 1);
	link_output_put_hello(link);
	return link;
}

static void link_free(struct vx_link *link)
{
	close(link->fd);
	free(link->stage);
	free(link->input);
	vx_error_finish(&link->failure);
	free(link);
}

void vx_link_destroy(struct vx_link *link)
{
	if (link == nullptr || link->destroyed) {
		return;
	}
	link->destroyed = true;
	link_channel_lose_all(link);
	if (!link->in_callback) {
		link_free(link);
	}
}

/* Frees the link if a callback destroyed it, and returns false then. */
static bool link_leave_callback(struct vx_link *link)
{
	link->in_callback = false;
	if (link->destroyed) {
		link_free(link);
		return false;
	}
	return true;
}

int vx_link_get_fd(const struct vx_link *link)
{
	return link->fd;
}

bool vx_link_wants_write(const struct vx_link *link)
{
	if (link->lost || link->destroyed) {
		return false;
	}
	/* A failure and events are told by vx_link_dispatch(), which this brings about. */
	return link->failure.message != nullptr || link_output_is_pending(link) ||
	       !link_id_set_is_empty(&link->events);
}

bool vx_link_is_ready(const struct vx_link *link)
{
	return link->ready && link_is_alive(link);
}

bool link_update_interest(struct vx_link *link)
{
	if (link->in_callback || link->destroyed ||
		link->listener->write_interest_changed == nullptr) {
		return !link->destroyed;
	}
	bool wants_write = vx_link_wants_write(link);
	if (wants_write == link->write_interest) {
		return true;
	}
	link->write_interest = wants_write;
	link->in_callback = true;
	link->listener->write_interest_changed(link, wants_write, link->data);
	return link_leave_callback(link);
}

static void link_report_lost(struct vx_link *link)
{
	link->lost = true;
	link_channel_lose_all(link);
	if (!link->destroyed && link->listener->lost != nullptr) {
		link->listener->lost(link, &link->failure, link->data);
	}
}

/* Each step may end in the link being broken, or destroyed by a callback. */
static void link_turn(struct vx_link *link)
{
	static void (*const steps[])(struct vx_link *link) = {
		link_channel_run_events, /* left from the last turn */
		link_input_dispatch,
		link_channel_run_events,
		link_output_flush,
		link_channel_run_events, /* what had to be written first */
		link_output_flush,
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(steps) && link_is_alive(link); i++) {
		steps[i](link);
	}
	if (link->broken && !link->destroyed) {
		link_report_lost(link);
	}
}

void vx_link_dispatch(struct vx_link *link)
{
	if (link->in_callback || link->lost || link->destroyed) {
		return;
	}
	link->in_callback = true;
	link_turn(link);
	if (link_leave_callback(link)) {
		link_update_interest(link);
	}
}

void vx_link_flush(struct vx_link *link)
{
	if (link_is_alive(link)) {
		link_output_flush(link);
		link_update_interest(link);
	}
}

bool vx_link_ping(struct vx_link *link)
{
	if (link->ping_outstanding || !link_is_alive(link)) {
		return false;
	}
	link->ping_pending = true;
	link->ping_outstanding = true;
	link->ping_token++;
	return link_update_interest(link);
}
