/* SPDX-License-Identifier: MIT */
/* A VM's network card. */
#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_writer.h"
#include "vm/domain_xml.h"
#include "vm/runtime_dir.h"

static constexpr unsigned network_bus = vm_hotplug_ports + 1;

/*
 * Not libvirt's own way to start passt, which lets the guest reach the host's loopback (network.h).
 */
static void write_vhost_user(struct domain_writer *writer)
{
	domain_start(writer, "source");
	domain_attribute(writer, "type", "unix");
	domain_attribute(writer, "path", writer->parts->runtime->network_socket);
	domain_attribute(writer, "mode", "client");
	domain_end(writer);
}

static void write_bridge(struct domain_writer *writer)
{
	domain_empty(writer, "source", "bridge", writer->parts->definition->network_name);
}

static void write_libvirt_network(struct domain_writer *writer)
{
	domain_empty(writer, "source", "network", writer->parts->definition->network_name);
}

static const struct {
	const char *type;
	void (*write_source)(struct domain_writer *writer);
} interfaces[] = {
	[VM_NETWORK_NONE] = {},
	[VM_NETWORK_NAT] = {"vhostuser", write_vhost_user},
	[VM_NETWORK_VM] = {"vhostuser", write_vhost_user},
	[VM_NETWORK_BRIDGE] = {"bridge", write_bridge},
	[VM_NETWORK_LIBVIRT] = {"network", write_libvirt_network},
};
static_assert(VX_ARRAY_LENGTH(interfaces) == VM_NETWORK_COUNT);

static void write_interface(struct domain_writer *writer)
{
	enum vm_network network = writer->parts->definition->network;
	domain_start(writer, "interface");
	domain_attribute(writer, "type", interfaces[network].type);
	interfaces[network].write_source(writer);
	domain_empty(writer, "model", "type", "virtio");
	domain_empty(writer, "alias", "name", VM_NETWORK_ALIAS);
	domain_empty(writer, "rom", "enabled", "no");
	if (domain_has_slot(writer)) {
		domain_bus_address(writer, network_bus);
	}
	domain_end(writer);
}

/* Behind a port of its own: right on the root complex it could not be taken out again. */
void domain_write_network(struct domain_writer *writer)
{
	if (writer->parts->definition->network == VM_NETWORK_NONE) {
		return;
	}
	domain_start(writer, "controller");
	domain_attribute(writer, "type", "pci");
	domain_number(writer, "index", network_bus);
	domain_attribute(writer, "model", "pcie-root-port");
	domain_pci_address(writer);
	domain_end(writer);
	write_interface(writer);
}

char *vm_domain_interface_xml(const struct vm_definition *definition,
	const struct vm_runtime_dir *runtime, struct vx_error *err)
{
	const struct vm_domain_parts parts = {.definition = definition, .runtime = runtime};
	struct domain_writer writer = {.parts = &parts, .indents = true};
	if (!domain_writer_begin(&writer, err)) {
		return nullptr;
	}
	write_interface(&writer);
	return domain_writer_finish(&writer, "the network card's description", err);
}
