/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "keymap"
#include "guest/keymap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "guest/client.h"
#include "guest/server.h"
#include "wire/opcodes.h"

static struct guest_keymap *keymaps_find(struct guest_keymaps *keymaps, uint32_t id)
{
	for (unsigned i = 0; i < guest_keymaps_max && id != 0; i++) {
		if (keymaps->keymaps[i].id == id) {
			return &keymaps->keymaps[i];
		}
	}
	return nullptr;
}

static void keymap_free(struct guest_keymap *keymap)
{
	if (keymap->id != 0) {
		close(keymap->fd);
		*keymap = (struct guest_keymap){};
	}
}

void guest_keymaps_finish(struct guest_keymaps *keymaps)
{
	for (unsigned i = 0; i < guest_keymaps_max; i++) {
		keymap_free(&keymaps->keymaps[i]);
	}
}

static struct guest_keymap *keymaps_add(struct guest_keymaps *keymaps, uint32_t id, uint32_t size)
{
	int fd = memfd_create("keymap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || size == 0 || size > guest_keymap_size_max || ftruncate(fd, size) < 0) {
		vx_replace_fd(&fd, -1);
		return nullptr;
	}
	struct guest_keymap *keymap = &keymaps->keymaps[keymaps->next];
	keymaps->next = (keymaps->next + 1) % guest_keymaps_max;
	keymap_free(keymap);
	*keymap = (struct guest_keymap){.id = id, .fd = fd, .size = size};
	return keymap;
}

void keymap_handle_data(struct guest_client *client, const struct wire_value *args)
{
	uint32_t id = args[0].u, size = args[1].u, offset = args[2].u, piece = args[3].size;
	struct guest_keymap *keymap = keymaps_find(&client->server->keymaps, id);
	if (keymap == nullptr) {
		keymap = keymaps_add(&client->server->keymaps, id, size);
	}
	/* Another client's channel may have brought the piece already. */
	if (keymap == nullptr || offset != keymap->received || piece > keymap->size - offset ||
		pwrite(keymap->fd, args[3].a, piece, offset) != (ssize_t)piece) {
		return;
	}
	keymap->received += piece;
	if (keymap->received == keymap->size) {
		fcntl(keymap->fd, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
		guest_outbox_write(client, 0, VIXOS_FORWARD_V1_KEYMAP_KNOWN, "u", id);
	}
}

/* Format "no keymap": clients get some fd all the same. */
static void send_no_keymap(struct guest_client *client, const struct wire_value *args)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		guest_client_send_fd(
			client, fd, args[0].u, WL_KEYBOARD_KEYMAP, "uhu", args[1].u, 0u);
	}
}

void keymap_handle_keymap(struct guest_client *client, const struct wire_value *args)
{
	if (args[2].u == 0) {
		send_no_keymap(client, args);
		return;
	}
	const struct guest_keymap *keymap = keymaps_find(&client->server->keymaps, args[2].u);
	if (keymap == nullptr || keymap->received < keymap->size) {
		vx_log_warn("a keymap did not arrive whole, the client goes without");
		return;
	}
	int fd = fcntl(keymap->fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0) {
		guest_client_send_fd(
			client, fd, args[0].u, WL_KEYBOARD_KEYMAP, "uhu", args[1].u, keymap->size);
	}
}
