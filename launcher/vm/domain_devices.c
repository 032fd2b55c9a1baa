/* SPDX-License-Identifier: MIT */
/* The devices of a domain; its shares and its network card are elsewhere. */
#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_writer.h"
#include "vm/domain_xml.h"
#include "vm/runtime_dir.h"

static constexpr unsigned hotplug_slot = domain_last_slot + 1;

/*
 * The format follows from the file's name and never from its content, into which a guest may write
 * what looks like that of another. What a guest writes to an image that is read-only goes to a file
 * beside it, which libvirt removes with the domain.
 */
static void write_disk(struct domain_writer *writer)
{
	const struct vm_definition *definition = writer->parts->definition;
	if (definition->template != VM_TEMPLATE_DISK) {
		return;
	}
	domain_start(writer, "disk");
	domain_attribute(writer, "type", "file");
	domain_attribute(writer, "device", "disk");
	domain_start(writer, "driver");
	domain_attribute(writer, "name", "qemu");
	domain_attribute(writer, "type", vm_disk_format(definition->disk));
	domain_attribute(writer, "discard", "unmap");
	domain_end(writer);
	domain_empty(writer, "source", "file", definition->disk);
	domain_start(writer, "target");
	domain_attribute(writer, "dev", "vda");
	domain_attribute(writer, "bus", "virtio");
	domain_end(writer);
	if (definition->disk_writable) {
		domain_pci_address(writer);
	} else {
		/* libvirt plugs it in, into one of the ports, once it has made the file. */
		domain_empty(writer, "transient", "shareBacking", "yes");
	}
	domain_end(writer);
}

static void write_region(struct domain_writer *writer)
{
	domain_start(writer, "shmem");
	domain_attribute(writer, "name", writer->parts->region_name);
	domain_empty(writer, "model", "type", "ivshmem-plain");
	vx_cleanup_free char *size = vx_printf("%u", writer->parts->definition->region_mib);
	domain_start(writer, "size");
	domain_attribute(writer, "unit", "M");
	domain_content(writer, size);
	domain_end(writer);
	domain_pci_address(writer);
	domain_end(writer);
}

/* A unix socket on which QEMU listens. */
static void write_socket(struct domain_writer *writer, const char *path)
{
	domain_start(writer, "source");
	domain_attribute(writer, "mode", "bind");
	domain_attribute(writer, "path", path);
	domain_end(writer);
}

static void write_port(struct domain_writer *writer, const char *name, const char *socket)
{
	domain_start(writer, "channel");
	domain_attribute(writer, "type", "unix");
	write_socket(writer, socket);
	domain_start(writer, "target");
	domain_attribute(writer, "type", "virtio");
	domain_attribute(writer, "name", name);
	domain_end(writer);
	domain_end(writer);
}

static void write_ports_and_console(struct domain_writer *writer)
{
	const struct vm_runtime_dir *runtime = writer->parts->runtime;
	write_port(writer, VM_LINK_PORT, runtime->link_socket);
	if (writer->parts->definition->is_preloaded) {
		write_port(writer, VM_BIND_PORT, runtime->bind_socket);
	}
	/* Read by vixosd into a ring: a file or a terminal would let the guest fill a disk or
	 * memory. */
	domain_start(writer, "serial");
	domain_attribute(writer, "type", "unix");
	write_socket(writer, runtime->console_socket);
	domain_empty(writer, "target", "port", "0");
	domain_end(writer);
}

/* The name of the streams at PipeWire, which mixers show. */
static void write_stream(struct domain_writer *writer, const char *direction)
{
	vx_cleanup_free char *name = vx_printf(
		VM_DOMAIN_PREFIX "%s", writer->parts->definition->name);
	domain_empty(writer, direction, "streamName", name);
}

static void write_audio(struct domain_writer *writer)
{
	enum vm_audio audio = writer->parts->definition->audio;
	if (audio == VM_AUDIO_OFF) {
		return;
	}
	domain_start(writer, "sound");
	domain_attribute(writer, "model", "virtio");
	domain_number(writer, "streams", vm_audio_streams(audio));
	domain_empty(writer, "audio", "id", "1");
	domain_pci_address(writer);
	domain_end(writer);
	domain_start(writer, "audio");
	domain_attribute(writer, "id", "1");
	domain_attribute(writer, "type", "pipewire");
	domain_attribute(writer, "runtimeDir", writer->parts->audio_folder);
	if (audio == VM_AUDIO_FULL) {
		write_stream(writer, "input");
	}
	write_stream(writer, "output");
	domain_end(writer);
}

/*
 * Places for devices. QEMU listens; vixos-usb connects when there is a device, and the guest sees
 * nothing until then.
 */
static void write_usb_places(struct domain_writer *writer)
{
	for (unsigned i = 0; writer->parts->definition->usb && i < vm_usb_places; i++) {
		vx_cleanup_free char *path = vm_usb_socket(writer->parts->runtime, i);
		domain_start(writer, "redirdev");
		domain_attribute(writer, "bus", "usb");
		domain_attribute(writer, "type", "unix");
		write_socket(writer, path);
		domain_end(writer);
	}
}

static void write_controllers(struct domain_writer *writer)
{
	bool has_usb = writer->parts->definition->usb;
	domain_start(writer, "controller");
	domain_attribute(writer, "type", "usb");
	domain_attribute(writer, "model", has_usb ? "qemu-xhci" : "none");
	if (has_usb) {
		domain_attribute(writer, "index", "0");
		domain_number(writer, "ports", vm_usb_places);
		domain_pci_address(writer);
	}
	domain_end(writer);
	domain_start(writer, "controller");
	domain_attribute(writer, "type", "virtio-serial");
	domain_attribute(writer, "index", "0");
	domain_pci_address(writer);
	domain_end(writer);
}

/*
 * Root ports with nothing in them: the root complex itself takes no devices while the VM runs. All
 * are functions of one slot, which costs the guest's kernel next to nothing.
 */
static void write_hotplug_ports(struct domain_writer *writer)
{
	static_assert(vm_hotplug_ports <= domain_slot_functions);
	for (unsigned i = 0; i < vm_hotplug_ports; i++) {
		domain_root_port(writer, 1 + i, hotplug_slot, i);
	}
}

static void write_small_devices(struct domain_writer *writer)
{
	domain_start(writer, "rng");
	domain_attribute(writer, "model", "virtio");
	domain_start(writer, "backend");
	domain_attribute(writer, "model", "random");
	domain_content(writer, "/dev/urandom");
	domain_end(writer);
	domain_pci_address(writer);
	domain_end(writer);
	domain_start(writer, "memballoon");
	domain_attribute(writer, "model", "virtio");
	domain_attribute(writer, "autodeflate", "on");
	domain_attribute(writer, "freePageReporting", "on");
	domain_pci_address(writer);
	domain_end(writer);
	domain_empty(writer, "panic", "model", "pvpanic");
}

void domain_write_devices(struct domain_writer *writer)
{
	domain_start(writer, "devices");
	write_controllers(writer);
	write_hotplug_ports(writer);
	domain_write_shares(writer);
	write_disk(writer);
	write_region(writer);
	write_ports_and_console(writer);
	domain_write_network(writer);
	write_audio(writer);
	write_usb_places(writer);
	write_small_devices(writer);
	domain_end(writer);
}
