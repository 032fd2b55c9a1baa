/* SPDX-License-Identifier: MIT */
/* What a QEMU says by its monitor that its guest has taken over. Input: the text of the reply. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "vm/qemu_monitor.h"
#include "vm/qemu_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It is written to logs and terminals. */
static void check_error(const struct vx_error *err)
{
	vx_assert(err->message != nullptr && strlen(err->message) < 4096);
	for (const char *byte = err->message; *byte != '\0'; byte++) {
		vx_assert((unsigned char)*byte >= 0x20 && *byte != 0x7f);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	vx_cleanup_error struct vx_error err = {};
	struct qemu_reply *reply = qemu_reply_parse(text, "query-pci", &err);
	if (reply == nullptr) {
		check_error(&err);
		return 0;
	}
	char **names = qemu_reply_take_names(reply);
	size_t count = 0;
	while (names[count] != nullptr) {
		count++;
	}
	vx_assert(count <= qemu_names_max && count <= size);
	monitor_free_names(names);
	const char *port = qemu_reply_find_free_port(reply);
	vx_assert(port == nullptr || strncmp(port, "pci.", 4) == 0);
	qemu_reply_destroy(reply);
	return 0;
}
