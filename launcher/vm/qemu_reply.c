/* SPDX-License-Identifier: MIT */
#include "vm/qemu_reply.h"

#include <string.h>
#include <yyjson.h>

#include "common/display_string.h"
#include "common/memory.h"

static constexpr size_t reason_max = 256;

static yyjson_val *root_of(const struct qemu_reply *reply)
{
	return yyjson_doc_get_root((yyjson_doc *)reply);
}

static bool refuse(const char *command, const char *untrusted_reason, struct vx_error *err)
{
	vx_cleanup_free char *reason = vx_display_string(
		untrusted_reason != nullptr ? untrusted_reason : "no reason given", reason_max);
	return vx_error_set(err, "QEMU refuses '%s': %s", command, reason);
}

struct qemu_reply *qemu_reply_parse(
	const char *untrusted_text, const char *command, struct vx_error *err)
{
	size_t size = strnlen(untrusted_text, qemu_reply_max + 1);
	yyjson_doc *document = size <= qemu_reply_max ? yyjson_read(untrusted_text, size, 0)
						      : nullptr;
	struct qemu_reply *reply = (struct qemu_reply *)document;
	if (document == nullptr) {
		vx_error_set(err, "QEMU answers '%s' with something else than JSON", command);
		return nullptr;
	}
	yyjson_val *refusal = yyjson_obj_get(root_of(reply), "error");
	if (refusal != nullptr) {
		(void)refuse(command, yyjson_get_str(yyjson_obj_get(refusal, "desc")), err);
		qemu_reply_destroy(reply);
		return nullptr;
	}
	return reply;
}

void qemu_reply_destroy(struct qemu_reply *reply)
{
	yyjson_doc_free((yyjson_doc *)reply);
}

char **qemu_reply_take_names(const struct qemu_reply *reply)
{
	yyjson_val *list = yyjson_obj_get(root_of(reply), "return");
	size_t entries = yyjson_arr_size(list);
	char **names = vx_calloc(
		(entries < qemu_names_max ? entries : qemu_names_max) + 1, sizeof(*names));
	size_t count = 0, index, size;
	yyjson_val *item;
	yyjson_arr_foreach(list, index, size, item)
	{
		const char *name = yyjson_get_str(yyjson_obj_get(item, "name"));
		if (name != nullptr && count < qemu_names_max) {
			names[count++] = vx_strdup(name);
		}
	}
	return names;
}

/* The name of the device if it is a port with nothing in it; borrowed. */
static const char *free_port_name(yyjson_val *device)
{
	yyjson_val *bridge = yyjson_obj_get(device, "pci_bridge");
	const char *name = yyjson_get_str(yyjson_obj_get(device, "qdev_id"));
	bool is_port = bridge != nullptr && name != nullptr && strncmp(name, "pci.", 4) == 0;
	return is_port && yyjson_arr_size(yyjson_obj_get(bridge, "devices")) == 0 ? name : nullptr;
}

const char *qemu_reply_find_free_port(const struct qemu_reply *reply)
{
	yyjson_val *buses = yyjson_obj_get(root_of(reply), "return");
	yyjson_val *devices = yyjson_obj_get(yyjson_arr_get_first(buses), "devices");
	const char *found = nullptr;
	size_t index, size;
	yyjson_val *device;
	yyjson_arr_foreach(devices, index, size, device)
	{
		const char *name = free_port_name(device);
		found = name != nullptr ? name : found;
	}
	return found;
}
