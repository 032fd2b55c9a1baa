/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "keymap"
#include "host/keymap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "wire/opcodes.h"

static constexpr uint32_t keymap_size_max = 1024 * 1024;
static constexpr uint32_t piece_size = 32 * 1024;

void keymaps_finish(struct host_keymaps *keymaps)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(keymaps->keymaps); i++) {
		free(keymaps->keymaps[i].data);
	}
	*keymaps = (struct host_keymaps){};
}

void keymaps_set_known(struct host_keymaps *keymaps, uint32_t untrusted_id)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(keymaps->keymaps); i++) {
		if (untrusted_id != 0 && keymaps->keymaps[i].id == untrusted_id) {
			keymaps->keymaps[i].known = true;
		}
	}
}

/* Reads rather than maps: the file is the compositor's, and nothing here depends on it staying. */
static uint8_t *read_all(int fd, uint32_t size)
{
	vx_cleanup_free uint8_t *data = vx_calloc(size, 1);
	uint32_t done = 0;
	while (done < size) {
		ssize_t got = pread(fd, data + done, size - done, done);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return nullptr;
		}
		done += (uint32_t)got;
	}
	return vx_take_ptr(data);
}

/* The entry that holds these bytes; takes `data`. */
static struct host_keymap *keymaps_intern(
	struct host_keymaps *keymaps, uint8_t *data, uint32_t size)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(keymaps->keymaps); i++) {
		struct host_keymap *keymap = &keymaps->keymaps[i];
		if (keymap->id != 0 && keymap->size == size &&
			memcmp(keymap->data, data, size) == 0) {
			free(data);
			return keymap;
		}
	}
	struct host_keymap *keymap = &keymaps->keymaps[keymaps->next];
	keymaps->next = (keymaps->next + 1) % VX_ARRAY_LENGTH(keymaps->keymaps);
	free(keymap->data);
	*keymap = (struct host_keymap){.id = ++keymaps->last_id, .size = size, .data = data};
	return keymap;
}

static bool was_sent(struct host_client *client, uint32_t id)
{
	const size_t count = VX_ARRAY_LENGTH(client->keymaps_sent);
	for (size_t i = 0; i < count; i++) {
		if (client->keymaps_sent[i] == id) {
			return true;
		}
	}
	memmove(client->keymaps_sent + 1, client->keymaps_sent,
		(count - 1) * sizeof(client->keymaps_sent[0]));
	client->keymaps_sent[0] = id;
	return false;
}

static void send_bytes(struct host_client *client, const struct host_keymap *keymap)
{
	if (keymap->known || was_sent(client, keymap->id)) {
		return;
	}
	for (uint32_t offset = 0; offset < keymap->size; offset += piece_size) {
		uint32_t left = keymap->size - offset;
		size_t size = left < piece_size ? left : piece_size;
		host_client_event(client, 0, VIXOS_FORWARD_V1_KEYMAP_DATA, "uuua", keymap->id,
			keymap->size, offset, size, (const void *)(keymap->data + offset));
	}
}

static bool handle_keymap(struct host_client *client, struct host_event *event)
{
	uint32_t format = event->args[0].u, size = event->args[2].u, id = 0;
	if (format != WL_KEYBOARD_KEYMAP_FORMAT_NO_KEYMAP && size > 0 && size <= keymap_size_max) {
		uint8_t *data = read_all(event->fd, size);
		if (data == nullptr) {
			vx_log_warn("can't read the compositor's keymap, the guest goes without");
			return false;
		}
		const struct host_keymap *keymap = keymaps_intern(
			&client->proxy->keymaps, data, size);
		send_bytes(client, keymap);
		id = keymap->id;
	}
	host_client_event(
		client, 0, VIXOS_FORWARD_V1_KEYMAP, "ouu", event->object->wire_id, format, id);
	return false;
}

static const struct host_event_handler handlers[] = {
	{"wl_keyboard", "keymap", handle_keymap},
};

void keymap_install(struct wire_interfaces *interfaces)
{
	host_install_events(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
