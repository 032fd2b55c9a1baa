/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "ipc"

#include "ipc/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "ipc/messages.h"
#include "ipc/server.h"

static const char magic[] = {'i', '3', '-', 'i', 'p', 'c'};

bool ipc_parse_header(const uint8_t *untrusted_bytes, size_t size, bool *ret_is_complete,
	uint32_t *ret_length, uint32_t *ret_type)
{
	size_t known = size < sizeof(magic) ? size : sizeof(magic);
	*ret_is_complete = false;
	if (known > 0 && memcmp(untrusted_bytes, magic, known) != 0) {
		return false;
	}
	if (size < ipc_header_size) {
		return true;
	}
	uint32_t length;
	memcpy(&length, untrusted_bytes + sizeof(magic), sizeof(length));
	memcpy(ret_type, untrusted_bytes + sizeof(magic) + sizeof(length), sizeof(*ret_type));
	if (length > ipc_max_payload) {
		return false;
	}
	*ret_length = length;
	*ret_is_complete = true;
	return true;
}

/* --- Reading --- */

static void handle_message(
	struct ipc_client *client, uint32_t type, const uint8_t *bytes, size_t length)
{
	vx_cleanup_free char *payload = vx_strndup((const char *)bytes, length);
	vx_buffer_consume(&client->input, ipc_header_size + length);
	ipc_handle_message(client, type, payload);
}

/* Handles what has come whole; false: the client is to be dropped. */
static bool handle_input(struct ipc_client *client)
{
	while (!client->is_gone) {
		uint32_t length = 0, type = 0;
		bool is_complete;
		const uint8_t *bytes = vx_buffer_bytes(&client->input);
		if (!ipc_parse_header(bytes, client->input.size, &is_complete, &length, &type)) {
			vx_log_info("an IPC client sent what is no message, dropping it");
			return false;
		}
		if (!is_complete || client->input.size < ipc_header_size + length) {
			return true;
		}
		handle_message(client, type, bytes + ipc_header_size, length);
	}
	return false;
}

/* False: the connection has ended. */
static bool read_input(struct ipc_client *client)
{
	uint8_t *room = vx_buffer_reserve(&client->input, 4096);
	if (!room) {
		return false;
	}
	ssize_t count = recv(client->fd, room, 4096, MSG_DONTWAIT);
	if (count < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	vx_buffer_commit(&client->input, (size_t)count);
	return count > 0;
}

/* --- Writing --- */

static void watch(struct ipc_client *client)
{
	uint32_t mask = WL_EVENT_READABLE | (client->output.size > 0 ? WL_EVENT_WRITABLE : 0);
	wl_event_source_fd_update(client->source, mask);
}

static bool write_output(struct ipc_client *client)
{
	while (client->output.size > 0) {
		ssize_t count = send(client->fd, vx_buffer_bytes(&client->output),
			client->output.size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (count < 0 && errno != EINTR) {
			return errno == EAGAIN;
		}
		if (count > 0) {
			vx_buffer_consume(&client->output, (size_t)count);
		}
	}
	return true;
}

void ipc_client_send(struct ipc_client *client, uint32_t type, const char *payload, size_t length)
{
	if (client->is_gone) {
		return;
	}
	uint32_t numbers[2] = {(uint32_t)length, type};
	if (client->output.size + ipc_header_size + length > ipc_max_queue ||
		!vx_buffer_append(&client->output, magic, sizeof(magic)) ||
		!vx_buffer_append(&client->output, numbers, sizeof(numbers)) ||
		!vx_buffer_append(&client->output, payload, length)) {
		vx_log_warn("an IPC client does not read what it asked for, dropping it");
		ipc_client_destroy(client);
		return;
	}
	watch(client);
}

/* --- Events --- */

static int handle_event(int fd, uint32_t mask, void *data)
{
	struct ipc_client *client = data;
	bool goes_on = !(mask & WL_EVENT_ERROR);
	client->is_busy = true;
	if (goes_on && (mask & WL_EVENT_WRITABLE)) {
		goes_on = write_output(client);
	}
	if (goes_on && (mask & WL_EVENT_READABLE)) {
		goes_on = read_input(client) && handle_input(client);
	} else if (mask & WL_EVENT_HANGUP) {
		goes_on = false;
	}
	client->is_busy = false;
	if (!goes_on || client->is_gone) {
		ipc_client_destroy(client);
	} else {
		watch(client);
	}
	return 0;
}

struct ipc_client *ipc_client_create(struct ipc_server *ipc, int fd)
{
	struct ipc_client *client = vx_new(client);
	client->ipc = ipc;
	client->fd = fd;
	client->input.max_size = ipc_header_size + ipc_max_payload + 4096;
	client->output.max_size = ipc_max_queue;
	client->source = wl_event_loop_add_fd(
		ipc->loop, fd, WL_EVENT_READABLE, handle_event, client);
	if (!client->source) {
		close(fd);
		free(client);
		return nullptr;
	}
	wl_list_insert(ipc->clients.prev, &client->link);
	ipc->client_count++;
	return client;
}

void ipc_client_destroy(struct ipc_client *client)
{
	client->is_gone = true;
	client->subscriptions = 0;
	if (client->is_busy) {
		return;
	}
	wl_event_source_remove(client->source);
	wl_list_remove(&client->link);
	client->ipc->client_count--;
	vx_buffer_finish(&client->input);
	vx_buffer_finish(&client->output);
	close(client->fd);
	free(client);
}
