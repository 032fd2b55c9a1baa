/* SPDX-License-Identifier: MIT */
#include "vm/domain_writer.h"

#include "common/memory.h"

static const xmlChar *xml(const char *text)
{
	return (const xmlChar *)text;
}

static void check(struct domain_writer *writer, int result)
{
	writer->failed = writer->failed || result < 0;
}

bool domain_writer_begin(struct domain_writer *writer, struct vx_error *err)
{
	writer->buffer = xmlBufferCreate();
	writer->writer = writer->buffer != nullptr ? xmlNewTextWriterMemory(writer->buffer, 0)
						   : nullptr;
	if (writer->writer == nullptr) {
		xmlBufferFree(writer->buffer);
		return vx_error_set(err, "out of memory");
	}
	check(writer, xmlTextWriterSetIndent(writer->writer, writer->indents));
	return true;
}

char *domain_writer_finish(struct domain_writer *writer, const char *what, struct vx_error *err)
{
	check(writer, xmlTextWriterEndDocument(writer->writer));
	xmlFreeTextWriter(writer->writer);
	char *text = nullptr;
	if (writer->failed) {
		vx_error_set(err, "libxml2 can't write %s", what);
	} else {
		text = vx_strdup((const char *)xmlBufferContent(writer->buffer));
	}
	xmlBufferFree(writer->buffer);
	return text;
}

void domain_start(struct domain_writer *writer, const char *name)
{
	check(writer, xmlTextWriterStartElement(writer->writer, xml(name)));
}

void domain_end(struct domain_writer *writer)
{
	check(writer, xmlTextWriterEndElement(writer->writer));
}

void domain_content(struct domain_writer *writer, const char *text)
{
	check(writer, xmlTextWriterWriteString(writer->writer, xml(text)));
}

void domain_attribute(struct domain_writer *writer, const char *name, const char *value)
{
	check(writer, xmlTextWriterWriteAttribute(writer->writer, xml(name), xml(value)));
}

void domain_number(struct domain_writer *writer, const char *name, unsigned value)
{
	vx_cleanup_free char *text = vx_printf("%u", value);
	domain_attribute(writer, name, text);
}

void domain_yes(struct domain_writer *writer, const char *name, bool value)
{
	if (value) {
		domain_attribute(writer, name, "yes");
	}
}

void domain_text(struct domain_writer *writer, const char *name, const char *text)
{
	check(writer, xmlTextWriterWriteElement(writer->writer, xml(name), xml(text)));
}

void domain_empty(
	struct domain_writer *writer, const char *name, const char *attribute, const char *value)
{
	domain_start(writer, name);
	if (attribute != nullptr) {
		domain_attribute(writer, attribute, value);
	}
	domain_end(writer);
}

void domain_mib(struct domain_writer *writer, const char *name, uint32_t mib)
{
	vx_cleanup_free char *text = vx_printf("%u", mib);
	domain_start(writer, name);
	domain_attribute(writer, "unit", "MiB");
	domain_content(writer, text);
	domain_end(writer);
}

bool domain_has_slot(const struct domain_writer *writer)
{
	return writer->next_slot >= domain_first_slot && writer->next_slot <= domain_last_slot;
}

void domain_pci_address(struct domain_writer *writer)
{
	if (!domain_has_slot(writer)) {
		return;
	}
	domain_start(writer, "address");
	domain_attribute(writer, "type", "pci");
	domain_attribute(writer, "bus", "0");
	domain_number(writer, "slot", writer->next_slot++);
	domain_end(writer);
}

void domain_bus_address(struct domain_writer *writer, unsigned bus)
{
	domain_start(writer, "address");
	domain_attribute(writer, "type", "pci");
	domain_number(writer, "bus", bus);
	domain_attribute(writer, "slot", "0");
	domain_end(writer);
}

void domain_root_port(struct domain_writer *writer, unsigned bus, unsigned slot, unsigned function)
{
	domain_start(writer, "controller");
	domain_attribute(writer, "type", "pci");
	domain_number(writer, "index", bus);
	domain_attribute(writer, "model", "pcie-root-port");
	domain_start(writer, "address");
	domain_attribute(writer, "type", "pci");
	domain_attribute(writer, "bus", "0");
	domain_number(writer, "slot", slot);
	domain_number(writer, "function", function);
	if (function == 0) {
		domain_attribute(writer, "multifunction", "on");
	}
	domain_end(writer);
	domain_end(writer);
}
