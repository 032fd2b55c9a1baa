/* SPDX-License-Identifier: MIT */
#include "vm/domain_xml.h"

#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_check.h"
#include "vm/domain_writer.h"
#include "vm/runtime_dir.h"

/* Bounds the translated code of software emulation; QEMU's own default is a gigabyte. */
static constexpr unsigned tcg_cache_mib = 256;

/* What is inside the element of ours, with `mount` as the name of those for mounts. */
static void write_facts(struct domain_writer *writer, const char *mount_element)
{
	const struct vm_definition *definition = writer->parts->definition;
	vx_cleanup_free char *color = vx_printf("#%06x", definition->color);
	domain_attribute(writer, "name", definition->name);
	domain_attribute(writer, "label", definition->label);
	domain_attribute(writer, "color", color);
	domain_number(writer, "memory-min", definition->memory_min_mib);
	domain_number(writer, "memory-max", definition->memory_max_mib);
	domain_number(writer, "vcpus", definition->vcpus);
	domain_attribute(writer, "template", vm_template_name(definition->template));
	if (definition->template == VM_TEMPLATE_DISK) {
		domain_attribute(writer, "disk", definition->disk);
		domain_attribute(writer, "disk-mode", definition->disk_writable ? "rw" : "ro");
		domain_yes(writer, "uefi", definition->uefi);
	}
	domain_attribute(writer, "home", vm_home_name(definition->home));
	vx_cleanup_free char *network = vm_network_format(definition);
	vx_cleanup_free char *firewall = vm_firewall_format(&definition->firewall);
	domain_attribute(writer, "network", network);
	domain_attribute(writer, "firewall", firewall);
	domain_attribute(writer, "audio", vm_audio_name(definition->audio));
	domain_attribute(writer, "usb", definition->usb ? "on" : "off");
	domain_attribute(writer, "region", writer->parts->region_name);
	domain_number(writer, "region-size", definition->region_mib);
	domain_attribute(writer, "configured", definition->is_configured ? "yes" : "no");
	domain_yes(writer, "disposable", definition->is_disposable);
	domain_yes(writer, "preloaded", definition->is_preloaded);
	if (definition->base != nullptr) {
		domain_attribute(writer, "base", definition->base);
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		domain_start(writer, mount_element);
		domain_attribute(writer, "source", mount->source);
		domain_attribute(writer, "target", mount->target);
		domain_attribute(writer, "mode", mount->writable ? "rw" : "ro");
		domain_number(writer, "place", mount->place);
		domain_end(writer);
	}
}

static void write_metadata(struct domain_writer *writer)
{
	domain_start(writer, "metadata");
	domain_start(writer, "vixos:vm");
	domain_attribute(writer, "xmlns:vixos", VM_DOMAIN_NAMESPACE);
	write_facts(writer, "vixos:mount");
	domain_end(writer);
	domain_end(writer);
}

static void write_memory(struct domain_writer *writer)
{
	const struct vm_definition *definition = writer->parts->definition;
	domain_mib(writer, "memory", definition->memory_max_mib);
	domain_mib(writer, "currentMemory", definition->memory_min_mib);
	/* virtiofsd and passt, other processes, must see the guest's memory. */
	domain_start(writer, "memoryBacking");
	domain_empty(writer, "source", "type", "memfd");
	domain_empty(writer, "access", "mode", "shared");
	domain_end(writer);
	vx_cleanup_free char *vcpus = vx_printf("%u", definition->vcpus);
	domain_text(writer, "vcpu", vcpus);
}

/*
 * libvirt knows which of the host's firmware is one. Secure Boot would say that a system is as its
 * vendor made it, and needs SMM. The variables are new at each start and gone with the VM.
 */
static void write_uefi(struct domain_writer *writer)
{
	domain_start(writer, "firmware");
	domain_start(writer, "feature");
	domain_attribute(writer, "enabled", "no");
	domain_attribute(writer, "name", "secure-boot");
	domain_end(writer);
	domain_end(writer);
	domain_text(writer, "nvram", writer->parts->runtime->uefi_variables);
}

static void write_boot(struct domain_writer *writer)
{
	const struct vm_domain_parts *parts = writer->parts;
	bool is_uefi = parts->kernel == nullptr && parts->definition->uefi;
	domain_start(writer, "os");
	if (is_uefi) {
		domain_attribute(writer, "firmware", "efi");
	}
	domain_start(writer, "type");
	domain_attribute(writer, "arch", "x86_64");
	domain_attribute(writer, "machine", "q35");
	domain_content(writer, "hvm");
	domain_end(writer);
	if (is_uefi) {
		write_uefi(writer);
	} else if (parts->firmware != nullptr) {
		domain_start(writer, "loader");
		domain_attribute(writer, "type", "rom");
		domain_attribute(writer, "readonly", "yes");
		domain_content(writer, parts->firmware);
		domain_end(writer);
	}
	if (parts->kernel != nullptr) {
		domain_text(writer, "kernel", parts->kernel);
		domain_text(writer, "initrd", parts->initramfs);
		domain_text(writer, "cmdline", parts->cmdline);
	} else {
		domain_empty(writer, "boot", "dev", "hd");
	}
	domain_end(writer);
}

static void write_processor(struct domain_writer *writer)
{
	bool emulated = writer->parts->accel == VM_ACCEL_TCG;
	domain_start(writer, "features");
	domain_empty(writer, "acpi", nullptr, nullptr);
	domain_empty(writer, "apic", nullptr, nullptr);
	if (emulated) {
		domain_start(writer, "tcg");
		domain_mib(writer, "tb-cache", tcg_cache_mib);
		domain_end(writer);
	}
	domain_end(writer);
	if (!emulated) {
		domain_empty(writer, "cpu", "mode", "host-passthrough");
	}
	domain_start(writer, "clock");
	domain_attribute(writer, "offset", "utc");
	domain_start(writer, "timer");
	domain_attribute(writer, "name", "hpet");
	domain_attribute(writer, "present", "no");
	domain_end(writer);
	domain_end(writer);
	domain_text(writer, "on_poweroff", "destroy");
	domain_text(writer, "on_reboot", "destroy");
	domain_text(writer, "on_crash", "destroy");
}

static void write_domain(struct domain_writer *writer)
{
	vx_cleanup_free char *name = vx_printf(
		VM_DOMAIN_PREFIX "%s", writer->parts->definition->name);
	domain_start(writer, "domain");
	domain_attribute(writer, "type", writer->parts->accel == VM_ACCEL_KVM ? "kvm" : "qemu");
	domain_text(writer, "name", name);
	domain_text(writer, "title", writer->parts->definition->label);
	write_metadata(writer);
	write_memory(writer);
	write_boot(writer);
	write_processor(writer);
	domain_write_devices(writer);
	domain_end(writer);
}

char *vm_domain_xml_format(const struct vm_domain_parts *parts, struct vx_error *err)
{
	struct domain_writer writer = {
		.parts = parts, .indents = true, .next_slot = domain_first_slot};
	if (!vm_domain_check_parts(parts, err) || !domain_writer_begin(&writer, err)) {
		return nullptr;
	}
	write_domain(&writer);
	vx_cleanup_free char *text = domain_writer_finish(&writer, "the VM's description", err);
	return text != nullptr && vm_domain_check_text(text, parts, err) ? vx_take_ptr(text)
									 : nullptr;
}

char *vm_domain_metadata_format(
	const struct vm_definition *definition, const char *region_name, struct vx_error *err)
{
	const struct vm_domain_parts parts = {.definition = definition, .region_name = region_name};
	struct domain_writer writer = {.parts = &parts};
	if (!vm_domain_check_identity(&parts, err) || !domain_writer_begin(&writer, err)) {
		return nullptr;
	}
	domain_start(&writer, "vm");
	write_facts(&writer, "mount");
	domain_end(&writer);
	return domain_writer_finish(&writer, "the VM's description", err);
}
