/* SPDX-License-Identifier: MIT */
#include "vm/domain_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_check.h"
#include "vm/runtime_dir.h"

/*
 * Devices sit right on the root complex: behind root ports, as libvirt would put them, each costs
 * the guest's kernel some 20 ms of emulated PCI probing. Slot 1 is pvpanic's, 0x1f the chip set's.
 */
static constexpr unsigned first_slot = 2;
static constexpr unsigned last_slot = 0x1d;
static constexpr unsigned hotplug_slot = 0x1e;
static constexpr unsigned network_bus = vm_hotplug_ports + 1;

/* Bounds the translated code of software emulation; QEMU's own default is a gigabyte. */
static constexpr unsigned tcg_cache_mib = 256;

static constexpr unsigned virtiofs_queue = 1024;

struct generator {
	xmlTextWriter *writer;
	const struct vm_domain_parts *parts;
	unsigned next_slot;
	bool failed; /* libxml2 refused something */
};

static const xmlChar *xml(const char *text)
{
	return (const xmlChar *)text;
}

static void check(struct generator *generator, int result)
{
	generator->failed = generator->failed || result < 0;
}

static void start(struct generator *generator, const char *name)
{
	check(generator, xmlTextWriterStartElement(generator->writer, xml(name)));
}

static void end(struct generator *generator)
{
	check(generator, xmlTextWriterEndElement(generator->writer));
}

static void attribute(struct generator *generator, const char *name, const char *value)
{
	check(generator, xmlTextWriterWriteAttribute(generator->writer, xml(name), xml(value)));
}

static void number_attribute(struct generator *generator, const char *name, unsigned value)
{
	vx_cleanup_free char *text = vx_printf("%u", value);
	attribute(generator, name, text);
}

static void text_element(struct generator *generator, const char *name, const char *text)
{
	check(generator, xmlTextWriterWriteElement(generator->writer, xml(name), xml(text)));
}

/* <name attribute='value'/> */
static void empty_element(struct generator *generator, const char *name, const char *attribute_name,
	const char *value)
{
	start(generator, name);
	if (attribute_name != nullptr) {
		attribute(generator, attribute_name, value);
	}
	end(generator);
}

static void mib_element(struct generator *generator, const char *name, uint32_t mib)
{
	vx_cleanup_free char *text = vx_printf("%u", mib);
	start(generator, name);
	attribute(generator, "unit", "MiB");
	check(generator, xmlTextWriterWriteString(generator->writer, xml(text)));
	end(generator);
}

/* Nothing once the slots are used up: then libvirt finds a place. */
static void pci_address(struct generator *generator)
{
	if (generator->next_slot > last_slot) {
		return;
	}
	start(generator, "address");
	attribute(generator, "type", "pci");
	attribute(generator, "bus", "0");
	number_attribute(generator, "slot", generator->next_slot++);
	end(generator);
}

static void yes_attribute(struct generator *generator, const char *name, bool value)
{
	if (value) {
		attribute(generator, name, "yes");
	}
}

/* What is inside the element of ours, with `mount` as the name of those for mounts. */
static void write_facts(struct generator *generator, const char *mount_element)
{
	const struct vm_definition *definition = generator->parts->definition;
	vx_cleanup_free char *color = vx_printf("#%06x", definition->color);
	attribute(generator, "name", definition->name);
	attribute(generator, "label", definition->label);
	attribute(generator, "color", color);
	number_attribute(generator, "memory-min", definition->memory_min_mib);
	number_attribute(generator, "memory-max", definition->memory_max_mib);
	number_attribute(generator, "vcpus", definition->vcpus);
	attribute(generator, "template", vm_template_name(definition->template));
	if (definition->template == VM_TEMPLATE_DISK) {
		attribute(generator, "disk", definition->disk);
		attribute(generator, "disk-mode", definition->disk_writable ? "rw" : "ro");
	}
	attribute(generator, "home", vm_home_name(definition->home));
	vx_cleanup_free char *network = vm_network_format(definition);
	vx_cleanup_free char *firewall = vm_firewall_format(&definition->firewall);
	attribute(generator, "network", network);
	attribute(generator, "firewall", firewall);
	attribute(generator, "audio", vm_audio_name(definition->audio));
	attribute(generator, "usb", definition->usb ? "on" : "off");
	attribute(generator, "region", generator->parts->region_name);
	number_attribute(generator, "region-size", definition->region_mib);
	attribute(generator, "configured", definition->is_configured ? "yes" : "no");
	yes_attribute(generator, "disposable", definition->is_disposable);
	yes_attribute(generator, "preloaded", definition->is_preloaded);
	if (definition->base != nullptr) {
		attribute(generator, "base", definition->base);
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		start(generator, mount_element);
		attribute(generator, "source", mount->source);
		attribute(generator, "target", mount->target);
		attribute(generator, "mode", mount->writable ? "rw" : "ro");
		end(generator);
	}
}

static void write_metadata(struct generator *generator)
{
	start(generator, "metadata");
	start(generator, "vixos:vm");
	attribute(generator, "xmlns:vixos", VM_DOMAIN_NAMESPACE);
	write_facts(generator, "vixos:mount");
	end(generator);
	end(generator);
}

static void write_memory(struct generator *generator)
{
	const struct vm_definition *definition = generator->parts->definition;
	mib_element(generator, "memory", definition->memory_max_mib);
	mib_element(generator, "currentMemory", definition->memory_min_mib);
	/* virtiofsd and passt, other processes, must see the guest's memory. */
	start(generator, "memoryBacking");
	empty_element(generator, "source", "type", "memfd");
	empty_element(generator, "access", "mode", "shared");
	end(generator);
	vx_cleanup_free char *vcpus = vx_printf("%u", definition->vcpus);
	text_element(generator, "vcpu", vcpus);
}

static void write_boot(struct generator *generator)
{
	const struct vm_domain_parts *parts = generator->parts;
	start(generator, "os");
	start(generator, "type");
	attribute(generator, "arch", "x86_64");
	attribute(generator, "machine", "q35");
	check(generator, xmlTextWriterWriteString(generator->writer, xml("hvm")));
	end(generator);
	if (parts->firmware != nullptr) {
		start(generator, "loader");
		attribute(generator, "type", "rom");
		attribute(generator, "readonly", "yes");
		check(generator, xmlTextWriterWriteString(generator->writer, xml(parts->firmware)));
		end(generator);
	}
	if (parts->kernel != nullptr) {
		text_element(generator, "kernel", parts->kernel);
		text_element(generator, "initrd", parts->initramfs);
		text_element(generator, "cmdline", parts->cmdline);
	} else {
		empty_element(generator, "boot", "dev", "hd");
	}
	end(generator);
}

static void write_processor(struct generator *generator)
{
	bool emulated = generator->parts->accel == VM_ACCEL_TCG;
	start(generator, "features");
	empty_element(generator, "acpi", nullptr, nullptr);
	empty_element(generator, "apic", nullptr, nullptr);
	if (emulated) {
		start(generator, "tcg");
		mib_element(generator, "tb-cache", tcg_cache_mib);
		end(generator);
	}
	end(generator);
	if (!emulated) {
		empty_element(generator, "cpu", "mode", "host-passthrough");
	}
	start(generator, "clock");
	attribute(generator, "offset", "utc");
	start(generator, "timer");
	attribute(generator, "name", "hpet");
	attribute(generator, "present", "no");
	end(generator);
	end(generator);
	text_element(generator, "on_poweroff", "destroy");
	text_element(generator, "on_reboot", "destroy");
	text_element(generator, "on_crash", "destroy");
}

/*
 * The guest's one user is the host's, whose files those of the share are; the guest's other users
 * are nobody there, so that not even its root can leave files that the host's user can't remove.
 */
static void write_id_map(struct generator *generator)
{
	const struct {
		const char *element;
		unsigned id;
	} maps[] = {{"uid", geteuid()}, {"gid", getegid()}};
	start(generator, "idmap");
	for (size_t i = 0; i < VX_ARRAY_LENGTH(maps); i++) {
		start(generator, maps[i].element);
		number_attribute(generator, "start", vm_guest_user_id);
		number_attribute(generator, "target", maps[i].id);
		number_attribute(generator, "count", 1);
		end(generator);
	}
	end(generator);
}

static void write_share(struct generator *generator, const char *source, const char *tag,
	bool writable, bool is_mapped)
{
	start(generator, "filesystem");
	attribute(generator, "type", "mount");
	attribute(generator, "accessmode", "passthrough");
	start(generator, "driver");
	attribute(generator, "type", "virtiofs");
	number_attribute(generator, "queue", virtiofs_queue);
	end(generator);
	if (is_mapped) {
		write_id_map(generator);
	}
	empty_element(generator, "source", "dir", source);
	empty_element(generator, "target", "dir", tag);
	if (!writable) {
		empty_element(generator, "readonly", nullptr, nullptr);
	}
	pci_address(generator);
	end(generator);
}

static void write_shares(struct generator *generator)
{
	const struct vm_definition *definition = generator->parts->definition;
	if (definition->template != VM_TEMPLATE_DISK) {
		write_share(generator, "/usr", VM_USR_TAG, false, false);
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		vx_cleanup_free char *tag = vx_printf(VM_MOUNT_TAG_PREFIX "%zu", i);
		write_share(generator, definition->mounts[i].source, tag,
			definition->mounts[i].writable, true);
	}
	if (generator->parts->home != nullptr) {
		write_share(generator, generator->parts->home, VM_HOME_TAG, true, true);
	}
}

/*
 * The format follows from the file's name and never from its content, into which a guest may write
 * what looks like that of another. What a guest writes to an image that is read-only goes to a file
 * beside it, which libvirt removes with the domain.
 */
static void write_disk(struct generator *generator)
{
	const struct vm_definition *definition = generator->parts->definition;
	if (definition->template != VM_TEMPLATE_DISK) {
		return;
	}
	start(generator, "disk");
	attribute(generator, "type", "file");
	attribute(generator, "device", "disk");
	start(generator, "driver");
	attribute(generator, "name", "qemu");
	attribute(generator, "type", vm_disk_format(definition->disk));
	attribute(generator, "discard", "unmap");
	end(generator);
	empty_element(generator, "source", "file", definition->disk);
	start(generator, "target");
	attribute(generator, "dev", "vda");
	attribute(generator, "bus", "virtio");
	end(generator);
	if (definition->disk_writable) {
		pci_address(generator);
	} else {
		/* libvirt plugs it in, into one of the ports, once it has made the file. */
		empty_element(generator, "transient", "shareBacking", "yes");
	}
	end(generator);
}

static void write_region(struct generator *generator)
{
	start(generator, "shmem");
	attribute(generator, "name", generator->parts->region_name);
	empty_element(generator, "model", "type", "ivshmem-plain");
	vx_cleanup_free char *size = vx_printf("%u", generator->parts->definition->region_mib);
	start(generator, "size");
	attribute(generator, "unit", "M");
	check(generator, xmlTextWriterWriteString(generator->writer, xml(size)));
	end(generator);
	pci_address(generator);
	end(generator);
}

/* A unix socket on which QEMU listens. */
static void write_socket(struct generator *generator, const char *path)
{
	start(generator, "source");
	attribute(generator, "mode", "bind");
	attribute(generator, "path", path);
	end(generator);
}

static void write_port(struct generator *generator, const char *name, const char *socket)
{
	start(generator, "channel");
	attribute(generator, "type", "unix");
	write_socket(generator, socket);
	start(generator, "target");
	attribute(generator, "type", "virtio");
	attribute(generator, "name", name);
	end(generator);
	end(generator);
}

static void write_ports_and_console(struct generator *generator)
{
	const struct vm_runtime_dir *runtime = generator->parts->runtime;
	write_port(generator, VM_LINK_PORT, runtime->link_socket);
	if (generator->parts->definition->is_preloaded) {
		write_port(generator, VM_BIND_PORT, runtime->bind_socket);
	}
	/* Read by vixosd into a ring: a file or a terminal would let the guest fill a disk or
	 * memory. */
	start(generator, "serial");
	attribute(generator, "type", "unix");
	write_socket(generator, runtime->console_socket);
	empty_element(generator, "target", "port", "0");
	end(generator);
}

/*
 * Not libvirt's own way to start passt, which lets the guest reach the host's loopback (network.h).
 */
static void write_vhost_user(struct generator *generator)
{
	start(generator, "source");
	attribute(generator, "type", "unix");
	attribute(generator, "path", generator->parts->runtime->network_socket);
	attribute(generator, "mode", "client");
	end(generator);
}

static void write_bridge(struct generator *generator)
{
	empty_element(generator, "source", "bridge", generator->parts->definition->network_name);
}

static void write_libvirt_network(struct generator *generator)
{
	empty_element(generator, "source", "network", generator->parts->definition->network_name);
}

static const struct {
	const char *type;
	void (*write_source)(struct generator *generator);
} interfaces[] = {
	[VM_NETWORK_NONE] = {},
	[VM_NETWORK_NAT] = {"vhostuser", write_vhost_user},
	[VM_NETWORK_VM] = {"vhostuser", write_vhost_user},
	[VM_NETWORK_BRIDGE] = {"bridge", write_bridge},
	[VM_NETWORK_LIBVIRT] = {"network", write_libvirt_network},
};
static_assert(VX_ARRAY_LENGTH(interfaces) == VM_NETWORK_COUNT);

static void write_interface(struct generator *generator)
{
	enum vm_network network = generator->parts->definition->network;
	start(generator, "interface");
	attribute(generator, "type", interfaces[network].type);
	interfaces[network].write_source(generator);
	empty_element(generator, "model", "type", "virtio");
	empty_element(generator, "alias", "name", VM_NETWORK_ALIAS);
	empty_element(generator, "rom", "enabled", "no");
	if (generator->next_slot <= last_slot) {
		start(generator, "address");
		attribute(generator, "type", "pci");
		number_attribute(generator, "bus", network_bus);
		attribute(generator, "slot", "0");
		end(generator);
	}
	end(generator);
}

/* Behind a port of its own: right on the root complex it could not be taken out again. */
static void write_network(struct generator *generator)
{
	if (generator->parts->definition->network == VM_NETWORK_NONE) {
		return;
	}
	start(generator, "controller");
	attribute(generator, "type", "pci");
	number_attribute(generator, "index", network_bus);
	attribute(generator, "model", "pcie-root-port");
	pci_address(generator);
	end(generator);
	write_interface(generator);
}

/* The name of the streams at PipeWire, which mixers show. */
static void write_stream(struct generator *generator, const char *direction)
{
	vx_cleanup_free char *name = vx_printf(
		VM_DOMAIN_PREFIX "%s", generator->parts->definition->name);
	empty_element(generator, direction, "streamName", name);
}

static void write_audio(struct generator *generator)
{
	enum vm_audio audio = generator->parts->definition->audio;
	if (audio == VM_AUDIO_OFF) {
		return;
	}
	start(generator, "sound");
	attribute(generator, "model", "virtio");
	number_attribute(generator, "streams", vm_audio_streams(audio));
	empty_element(generator, "audio", "id", "1");
	pci_address(generator);
	end(generator);
	start(generator, "audio");
	attribute(generator, "id", "1");
	attribute(generator, "type", "pipewire");
	attribute(generator, "runtimeDir", generator->parts->audio_folder);
	if (audio == VM_AUDIO_FULL) {
		write_stream(generator, "input");
	}
	write_stream(generator, "output");
	end(generator);
}

/*
 * Places for devices. QEMU listens; vixos-usb connects when there is a device, and the guest sees
 * nothing until then.
 */
static void write_usb_places(struct generator *generator)
{
	for (unsigned i = 0; generator->parts->definition->usb && i < vm_usb_places; i++) {
		vx_cleanup_free char *path = vm_usb_socket(generator->parts->runtime, i);
		start(generator, "redirdev");
		attribute(generator, "bus", "usb");
		attribute(generator, "type", "unix");
		write_socket(generator, path);
		end(generator);
	}
}

static void write_controllers(struct generator *generator)
{
	bool has_usb = generator->parts->definition->usb;
	start(generator, "controller");
	attribute(generator, "type", "usb");
	attribute(generator, "model", has_usb ? "qemu-xhci" : "none");
	if (has_usb) {
		attribute(generator, "index", "0");
		number_attribute(generator, "ports", vm_usb_places);
		pci_address(generator);
	}
	end(generator);
	start(generator, "controller");
	attribute(generator, "type", "virtio-serial");
	attribute(generator, "index", "0");
	pci_address(generator);
	end(generator);
}

/*
 * Root ports with nothing in them: the root complex itself takes no devices while the VM runs. All
 * are functions of one slot, which costs the guest's kernel next to nothing.
 */
static void write_hotplug_ports(struct generator *generator)
{
	static_assert(vm_hotplug_ports <= 8);
	for (unsigned i = 0; i < vm_hotplug_ports; i++) {
		start(generator, "controller");
		attribute(generator, "type", "pci");
		number_attribute(generator, "index", 1 + i);
		attribute(generator, "model", "pcie-root-port");
		start(generator, "address");
		attribute(generator, "type", "pci");
		attribute(generator, "bus", "0");
		number_attribute(generator, "slot", hotplug_slot);
		number_attribute(generator, "function", i);
		if (i == 0) {
			attribute(generator, "multifunction", "on");
		}
		end(generator);
		end(generator);
	}
}

static void write_small_devices(struct generator *generator)
{
	start(generator, "rng");
	attribute(generator, "model", "virtio");
	start(generator, "backend");
	attribute(generator, "model", "random");
	check(generator, xmlTextWriterWriteString(generator->writer, xml("/dev/urandom")));
	end(generator);
	pci_address(generator);
	end(generator);
	start(generator, "memballoon");
	attribute(generator, "model", "virtio");
	attribute(generator, "autodeflate", "on");
	attribute(generator, "freePageReporting", "on");
	pci_address(generator);
	end(generator);
	empty_element(generator, "panic", "model", "pvpanic");
}

static void write_devices(struct generator *generator)
{
	start(generator, "devices");
	write_controllers(generator);
	write_hotplug_ports(generator);
	write_shares(generator);
	write_disk(generator);
	write_region(generator);
	write_ports_and_console(generator);
	write_network(generator);
	write_audio(generator);
	write_usb_places(generator);
	write_small_devices(generator);
	end(generator);
}

static void write_domain(struct generator *generator)
{
	vx_cleanup_free char *name = vx_printf(
		VM_DOMAIN_PREFIX "%s", generator->parts->definition->name);
	start(generator, "domain");
	attribute(generator, "type", generator->parts->accel == VM_ACCEL_KVM ? "kvm" : "qemu");
	text_element(generator, "name", name);
	text_element(generator, "title", generator->parts->definition->label);
	write_metadata(generator);
	write_memory(generator);
	write_boot(generator);
	write_processor(generator);
	write_devices(generator);
	end(generator);
}

static char *finish_text(struct generator *generator, xmlBuffer *buffer)
{
	check(generator, xmlTextWriterEndDocument(generator->writer));
	xmlFreeTextWriter(generator->writer);
	char *text = generator->failed ? nullptr
				       : vx_strdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}

static bool generator_begin(
	struct generator *generator, xmlBuffer **ret_buffer, struct vx_error *err)
{
	*ret_buffer = xmlBufferCreate();
	generator->writer = *ret_buffer != nullptr ? xmlNewTextWriterMemory(*ret_buffer, 0)
						   : nullptr;
	if (generator->writer == nullptr) {
		xmlBufferFree(*ret_buffer);
		return vx_error_set(err, "out of memory");
	}
	check(generator, xmlTextWriterSetIndent(generator->writer, 1));
	return true;
}

char *vm_domain_share_xml(const struct vm_mount *mount, struct vx_error *err)
{
	xmlBuffer *buffer;
	struct generator generator = {.next_slot = last_slot + 1}; /* libvirt finds a port */
	if (!generator_begin(&generator, &buffer, err)) {
		return nullptr;
	}
	vx_cleanup_free char *tag = vm_domain_hot_tag(mount);
	write_share(&generator, mount->source, tag, mount->writable, true);
	char *text = finish_text(&generator, buffer);
	if (text == nullptr) {
		vx_error_set(err, "libxml2 can't write the folder's description");
	}
	return text;
}

char *vm_domain_interface_xml(const struct vm_definition *definition,
	const struct vm_runtime_dir *runtime, struct vx_error *err)
{
	xmlBuffer *buffer;
	const struct vm_domain_parts parts = {.definition = definition, .runtime = runtime};
	struct generator generator = {
		.parts = &parts,
		.next_slot = last_slot + 1, /* libvirt finds a port */
	};
	if (!generator_begin(&generator, &buffer, err)) {
		return nullptr;
	}
	write_interface(&generator);
	char *text = finish_text(&generator, buffer);
	if (text == nullptr) {
		vx_error_set(err, "libxml2 can't write the network card's description");
	}
	return text;
}

char *vm_domain_hot_tag(const struct vm_mount *mount)
{
	return vx_printf(VM_HOT_TAG_PREFIX "%u", mount->hot);
}

char *vm_domain_xml_format(const struct vm_domain_parts *parts, struct vx_error *err)
{
	if (!vm_domain_check_parts(parts, err)) {
		return nullptr;
	}
	xmlBuffer *buffer;
	struct generator generator = {.parts = parts, .next_slot = first_slot};
	if (!generator_begin(&generator, &buffer, err)) {
		return nullptr;
	}
	write_domain(&generator);
	vx_cleanup_free char *text = finish_text(&generator, buffer);
	if (text == nullptr) {
		vx_error_set(err, "libxml2 can't write the VM's description");
		return nullptr;
	}
	return vm_domain_check_text(text, parts, err) ? vx_take_ptr(text) : nullptr;
}

static char *format_metadata(const struct vm_domain_parts *parts)
{
	xmlBuffer *buffer = xmlBufferCreate();
	struct generator generator = {
		.writer = buffer != nullptr ? xmlNewTextWriterMemory(buffer, 0) : nullptr,
		.parts = parts,
	};
	if (generator.writer == nullptr) {
		xmlBufferFree(buffer);
		return nullptr;
	}
	start(&generator, "vm");
	write_facts(&generator, "mount");
	end(&generator);
	return finish_text(&generator, buffer);
}

char *vm_domain_metadata_format(
	const struct vm_definition *definition, const char *region_name, struct vx_error *err)
{
	const struct vm_domain_parts parts = {.definition = definition, .region_name = region_name};
	if (!vm_domain_check_identity(&parts, err)) {
		return nullptr;
	}
	char *text = format_metadata(&parts);
	if (text == nullptr) {
		vx_error_set(err, "libxml2 can't write the VM's description");
	}
	return text;
}
