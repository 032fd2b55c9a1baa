/* SPDX-License-Identifier: MIT */
/* The list of mounts in a running domain's metadata, and the devices that belong to them. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <string.h>

#include "common/memory.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"

static constexpr size_t metadata_max = 1024 * 1024;

static const xmlChar *xml(const char *text)
{
	return (const xmlChar *)text;
}

static xmlDoc *read_document(const char *text)
{
	size_t length = strlen(text);
	return length > 4 * metadata_max
		       ? nullptr
		       : xmlReadMemory(text, (int)length, nullptr, nullptr,
				 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static bool has_attribute(const xmlNode *node, const char *name, const char *value)
{
	xmlChar *found = xmlGetNoNsProp(node, xml(name));
	bool same = found != nullptr && strcmp((const char *)found, value) == 0;
	xmlFree(found);
	return same;
}

static void drop_mount(xmlNode *root, const char *attribute, const char *number)
{
	for (xmlNode *child = root->children, *next; child != nullptr; child = next) {
		next = child->next;
		if (child->type == XML_ELEMENT_NODE &&
			strcmp((const char *)child->name, "mount") == 0 &&
			has_attribute(child, attribute, number)) {
			xmlUnlinkNode(child);
			xmlFreeNode(child);
		}
	}
}

static bool add_mount(xmlNode *root, const struct vm_mount *mount, const char *number)
{
	xmlNode *node = xmlNewChild(root, nullptr, xml("mount"), nullptr);
	return node != nullptr && xmlNewProp(node, xml("source"), xml(mount->source)) != nullptr &&
	       xmlNewProp(node, xml("target"), xml(mount->target)) != nullptr &&
	       xmlNewProp(node, xml("mode"), xml(mount->writable ? "rw" : "ro")) != nullptr &&
	       xmlNewProp(node, xml("hot"), xml(number)) != nullptr;
}

static char *write_root(xmlDoc *document)
{
	xmlBuffer *buffer = xmlBufferCreate();
	char *text = nullptr;
	if (buffer != nullptr &&
		xmlNodeDump(buffer, document, xmlDocGetRootElement(document), 0, 0) > 0) {
		text = vx_strdup((const char *)xmlBufferContent(buffer));
	}
	xmlBufferFree(buffer);
	return text;
}

/* `metadata` without what stands there for the mount's number, and with the mount if that is
 * wanted. */
static char *change_metadata(
	const char *metadata, const struct vm_mount *mount, bool is_wanted, struct vx_error *err)
{
	bool is_hot = mount->hot != 0;
	vx_cleanup_free char *number = vx_printf("%u", is_hot ? mount->hot : mount->place);
	xmlDoc *document = read_document(metadata);
	xmlNode *root = document != nullptr ? xmlDocGetRootElement(document) : nullptr;
	char *text = nullptr;
	if (root != nullptr) {
		drop_mount(root, is_hot ? "hot" : "place", number);
		if (!is_wanted || add_mount(root, mount, number)) {
			text = write_root(document);
		}
	}
	xmlFreeDoc(document);
	if (text == nullptr) {
		vx_error_set(err, "the VM's list of mounted folders can't be written");
	}
	return text;
}

char *vm_domain_metadata_with(
	const char *metadata, const struct vm_mount *mount, struct vx_error *err)
{
	return change_metadata(metadata, mount, true, err);
}

char *vm_domain_metadata_without(
	const char *metadata, const struct vm_mount *mount, struct vx_error *err)
{
	return change_metadata(metadata, mount, false, err);
}

bool vm_domain_has_share(const char *text, const struct vm_mount *mount)
{
	vx_cleanup_free char *tag = vm_domain_mount_tag(mount);
	vx_cleanup_free char *path = vx_printf("/domain/devices/filesystem[target/@dir='%s']", tag);
	xmlDoc *document = read_document(text);
	xmlXPathContext *context = document != nullptr ? xmlXPathNewContext(document) : nullptr;
	xmlXPathObject *object = context != nullptr ? xmlXPathEvalExpression(xml(path), context)
						    : nullptr;
	bool found = object != nullptr && !xmlXPathNodeSetIsEmpty(object->nodesetval);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	xmlFreeDoc(document);
	return found;
}
