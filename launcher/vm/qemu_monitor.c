/* SPDX-License-Identifier: MIT */
#include "vm/qemu_monitor.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <unistd.h>
#include <yyjson.h>

#include "common/memory.h"
#include "vm/hypervisor_state.h"
#include "vm/qemu_reply.h"

static constexpr size_t arguments_max = 8;

struct argument {
	const char *name, *value; /* NULL: leave it out */
};

static void free_reply(struct qemu_reply **reply)
{
	qemu_reply_destroy(*reply);
}

#define cleanup_reply VX_CLEANUP(free_reply)

/* Owned by the caller. */
static char *format(const char *command, const struct argument *arguments)
{
	yyjson_mut_doc *document = yyjson_mut_doc_new(nullptr);
	yyjson_mut_val *root = yyjson_mut_obj(document);
	yyjson_mut_doc_set_root(document, root);
	yyjson_mut_obj_add_str(document, root, "execute", command);
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(document, root, "arguments");
	for (size_t i = 0; i < arguments_max && arguments[i].name != nullptr; i++) {
		yyjson_mut_obj_add_str(document, object, arguments[i].name, arguments[i].value);
	}
	char *text = yyjson_mut_write(document, 0, nullptr);
	yyjson_mut_doc_free(document);
	return text;
}

/* What QEMU answers, owned by the caller; NULL where it refuses. `fd` -1: none goes along. */
static struct qemu_reply *execute(virDomain *domain, const char *command,
	const struct argument *arguments, int fd, struct vx_error *err)
{
	vx_cleanup_free char *text = format(command, arguments);
	vx_cleanup_free char *result = nullptr;
	unsigned fd_count = fd >= 0 ? 1 : 0;
	unsigned received = 0;
	int *received_fds = nullptr;
	if (text == nullptr || virDomainQemuMonitorCommandWithFiles(domain, text, fd_count, &fd,
				       &received, &received_fds, &result, 0) < 0) {
		hypervisor_libvirt_error(err, "QEMU's monitor can't be reached");
		return nullptr;
	}
	for (unsigned i = 0; i < received; i++) {
		close(received_fds[i]); /* no command of ours returns any */
	}
	free(received_fds);
	return qemu_reply_parse(result, command, err);
}

static bool run(virDomain *domain, const char *command, const struct argument *arguments, int fd,
	struct vx_error *err)
{
	cleanup_reply struct qemu_reply *reply = execute(domain, command, arguments, fd, err);
	return reply != nullptr;
}

char **monitor_list_devices(virDomain *domain, struct vx_error *err)
{
	const struct argument arguments[arguments_max] = {{"path", "/machine/peripheral"}};
	cleanup_reply struct qemu_reply *reply = execute(domain, "qom-list", arguments, -1, err);
	return reply != nullptr ? qemu_reply_take_names(reply) : nullptr;
}

void monitor_free_names(char **names)
{
	for (size_t i = 0; names != nullptr && names[i] != nullptr; i++) {
		free(names[i]);
	}
	free(names);
}

char *monitor_find_free_port(virDomain *domain, struct vx_error *err)
{
	const struct argument arguments[arguments_max] = {};
	cleanup_reply struct qemu_reply *reply = execute(domain, "query-pci", arguments, -1, err);
	if (reply == nullptr) {
		return nullptr;
	}
	const char *found = qemu_reply_find_free_port(reply);
	if (found == nullptr) {
		vx_error_set(err, "it has no room for another device");
	}
	return vx_strdup(found);
}

bool monitor_add_card(virDomain *domain, const char *id, const char *port,
	const char *hardware_address, int fd, struct vx_error *err)
{
	vx_cleanup_free char *backend = vx_printf("host-%s", id);
	const struct argument descriptor[arguments_max] = {{"fdname", id}};
	const struct argument tap[arguments_max] = {{"type", "tap"}, {"id", backend}, {"fd", id}};
	const struct argument card[arguments_max] = {
		{"driver", "virtio-net-pci"},
		{"id", id},
		{"netdev", backend},
		{"bus", port},
		{"addr", "0x0"},
		{"mac", hardware_address},
		{"romfile", ""},
	};
	const struct argument backend_id[arguments_max] = {{"id", backend}};
	if (!run(domain, "getfd", descriptor, fd, err)) {
		return false;
	}
	if (!run(domain, "netdev_add", tap, -1, err)) {
		(void)run(domain, "closefd", descriptor, -1, nullptr);
		return false;
	}
	if (!run(domain, "device_add", card, -1, err)) {
		(void)run(domain, "netdev_del", backend_id, -1, nullptr);
		return false;
	}
	return true;
}

bool monitor_remove_card(virDomain *domain, const char *id, struct vx_error *err)
{
	vx_cleanup_free char *backend = vx_printf("host-%s", id);
	const struct argument backend_id[arguments_max] = {{"id", backend}};
	const struct argument card[arguments_max] = {{"id", id}};
	/* The tap may be gone already: then the guest is being asked for the second time. */
	(void)run(domain, "netdev_del", backend_id, -1, nullptr);
	return run(domain, "device_del", card, -1, err);
}
