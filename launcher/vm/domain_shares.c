/* SPDX-License-Identifier: MIT */
/* The host's folders that a guest sees, by virtiofs. */
#include <unistd.h>

#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_writer.h"
#include "vm/domain_xml.h"

static constexpr unsigned virtiofs_queue = 1024;
static constexpr unsigned first_mount_bus = vm_hotplug_ports + 2; /* after the network card's */

/*
 * The guest's one user is the host's, whose files those of the share are; the guest's other users
 * are nobody there, so that not even its root can leave files that the host's user can't remove.
 */
static void write_id_map(struct domain_writer *writer)
{
	const struct {
		const char *element;
		unsigned id;
	} maps[] = {{"uid", geteuid()}, {"gid", getegid()}};
	domain_start(writer, "idmap");
	for (size_t i = 0; i < VX_ARRAY_LENGTH(maps); i++) {
		domain_start(writer, maps[i].element);
		domain_number(writer, "start", vm_guest_user_id);
		domain_number(writer, "target", maps[i].id);
		domain_number(writer, "count", 1);
		domain_end(writer);
	}
	domain_end(writer);
}

/* `bus`: of a port of its own; 0: the root complex, out of which it can't be taken again. */
static void write_share(struct domain_writer *writer, const char *source, const char *tag,
	bool writable, bool is_mapped, unsigned bus)
{
	domain_start(writer, "filesystem");
	domain_attribute(writer, "type", "mount");
	domain_attribute(writer, "accessmode", "passthrough");
	domain_start(writer, "driver");
	domain_attribute(writer, "type", "virtiofs");
	domain_number(writer, "queue", virtiofs_queue);
	domain_end(writer);
	if (is_mapped) {
		write_id_map(writer);
	}
	domain_empty(writer, "source", "dir", source);
	domain_empty(writer, "target", "dir", tag);
	if (!writable) {
		domain_empty(writer, "readonly", nullptr, nullptr);
	}
	if (bus == 0) {
		domain_pci_address(writer);
	} else {
		domain_bus_address(writer, bus);
	}
	domain_end(writer);
}

/* Behind ports, eight of which share a slot. */
static void write_mounts(struct domain_writer *writer)
{
	const struct vm_definition *definition = writer->parts->definition;
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		unsigned bus = first_mount_bus + (unsigned)i;
		unsigned function = (unsigned)(i % domain_slot_functions);
		bool is_last = i + 1 == definition->mount_count;
		domain_root_port(writer, bus, writer->next_slot, function);
		if (function + 1 == domain_slot_functions || is_last) {
			writer->next_slot++;
		}
		vx_cleanup_free char *tag = vm_domain_mount_tag(mount);
		write_share(writer, mount->source, tag, mount->writable, true, bus);
	}
}

void domain_write_shares(struct domain_writer *writer)
{
	const struct vm_definition *definition = writer->parts->definition;
	if (definition->template != VM_TEMPLATE_DISK) {
		write_share(writer, "/usr", VM_USR_TAG, false, false, 0);
	}
	write_mounts(writer);
	if (writer->parts->home != nullptr) {
		write_share(writer, writer->parts->home, VM_HOME_TAG, true, true, 0);
	}
}

char *vm_domain_mount_tag(const struct vm_mount *mount)
{
	return mount->hot != 0 ? vx_printf(VM_HOT_TAG_PREFIX "%u", mount->hot)
			       : vx_printf(VM_MOUNT_TAG_PREFIX "%u", mount->place);
}

char *vm_domain_share_xml(const struct vm_mount *mount, struct vx_error *err)
{
	struct domain_writer writer = {.indents = true};
	if (!domain_writer_begin(&writer, err)) {
		return nullptr;
	}
	vx_cleanup_free char *tag = vm_domain_mount_tag(mount);
	write_share(&writer, mount->source, tag, mount->writable, true, 0);
	return domain_writer_finish(&writer, "the folder's description", err);
}
