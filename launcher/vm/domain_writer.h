/* SPDX-License-Identifier: MIT */
/*
 * A domain's XML while it is written, by libxml2's writer. Between domain_xml.c and those that
 * write parts of it. What libxml2 refuses is remembered and told at the end.
 */
#ifndef VX_LAUNCHER_VM_DOMAIN_WRITER_H
#define VX_LAUNCHER_VM_DOMAIN_WRITER_H

#include <libxml/xmlwriter.h>
#include <stdint.h>

#include "common/error.h"

struct vm_domain_parts;

/*
 * Devices sit right on the root complex: behind root ports, as libvirt would put them, each costs
 * the guest's kernel some 20 ms of emulated PCI probing. Slot 1 is pvpanic's, 0x1e that of the root
 * ports, 0x1f the chip set's.
 */
static constexpr unsigned domain_first_slot = 2;
static constexpr unsigned domain_last_slot = 0x1d;
static constexpr unsigned domain_slot_functions = 8;

struct domain_writer {
	const struct vm_domain_parts *parts; /* borrowed */
	bool indents;
	unsigned next_slot; /* for devices; 0: libvirt finds places */

	/* domain_writer.c's */
	xmlBuffer *buffer; /* owned from begin to finish */
	xmlTextWriter *writer;
	bool failed;
};

/* False where there is no memory: then there is nothing to finish. */
[[nodiscard]] bool domain_writer_begin(struct domain_writer *writer, struct vx_error *err);
/* The text, owned by the caller; NULL where libxml2 couldn't write `what`. Frees all else. */
[[nodiscard]] char *domain_writer_finish(
	struct domain_writer *writer, const char *what, struct vx_error *err);

void domain_start(struct domain_writer *writer, const char *name);
void domain_end(struct domain_writer *writer);
void domain_content(struct domain_writer *writer, const char *text);
void domain_attribute(struct domain_writer *writer, const char *name, const char *value);
void domain_number(struct domain_writer *writer, const char *name, unsigned value);
/* name='yes', or nothing */
void domain_yes(struct domain_writer *writer, const char *name, bool value);
/* <name>text</name> */
void domain_text(struct domain_writer *writer, const char *name, const char *text);
/* <name attribute='value'/>; `attribute` may be NULL. */
void domain_empty(
	struct domain_writer *writer, const char *name, const char *attribute, const char *value);
/* <name unit='MiB'>mib</name> */
void domain_mib(struct domain_writer *writer, const char *name, uint32_t mib);

bool domain_has_slot(const struct domain_writer *writer);
/* The next slot; nothing once all are used up: then libvirt finds a place. */
void domain_pci_address(struct domain_writer *writer);
/* Slot 0 of a bus that is a root port's. */
void domain_bus_address(struct domain_writer *writer, unsigned bus);
/* A port in which a device can come and go while the VM runs. */
void domain_root_port(struct domain_writer *writer, unsigned bus, unsigned slot, unsigned function);

/* Parts of the domain; of domain_shares.c, domain_interface.c and domain_devices.c. */
void domain_write_shares(struct domain_writer *writer);
void domain_write_network(struct domain_writer *writer);
void domain_write_devices(struct domain_writer *writer);

#endif
