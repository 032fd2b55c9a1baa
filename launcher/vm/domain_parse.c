/* SPDX-License-Identifier: MIT */
/* Reads back what domain_xml.c wrote. Other libvirt clients of the user could have written it too:
 * all is checked. */
#include <libxml/parser.h>
#include <string.h>

#include "common/display_string.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/region.h"

static constexpr size_t domain_xml_max = 4 * 1024 * 1024;

static const xmlNode *find_child(const xmlNode *parent, const char *name, const char *namespace)
{
	for (const xmlNode *child = parent->children; child != nullptr; child = child->next) {
		const char *child_namespace = child->ns != nullptr ? (const char *)child->ns->href
								   : "";
		if (child->type == XML_ELEMENT_NODE &&
			strcmp((const char *)child->name, name) == 0 &&
			strcmp(child_namespace, namespace) == 0) {
			return child;
		}
	}
	return nullptr;
}

/* Owned by the caller; NULL where the attribute isn't there. */
static char *get_attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = vx_strdup((const char *)value);
	xmlFree(value);
	return copy;
}

static bool get_number(const xmlNode *node, const char *name, uint32_t min, uint32_t max,
	uint32_t *ret_number, struct vx_error *err)
{
	vx_cleanup_free char *text = get_attribute(node, name);
	char *rest = nullptr;
	unsigned long number = text != nullptr ? strtoul(text, &rest, 10) : 0;
	if (text == nullptr || strspn(text, "0123456789") != strlen(text) || *rest != '\0' ||
		number < min || number > max) {
		return vx_error_set(
			err, "the domain's '%s' is '%s'", name, text != nullptr ? text : "missing");
	}
	*ret_number = (uint32_t)number;
	return true;
}

static bool parse_sizes(struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	return get_number(node, "memory-min", vm_memory_floor_mib, vm_memory_ceiling_mib,
		       &definition->memory_min_mib, err) &&
	       get_number(node, "memory-max", definition->memory_min_mib, vm_memory_ceiling_mib,
		       &definition->memory_max_mib, err) &&
	       get_number(node, "vcpus", 1, vm_vcpus_max, &definition->vcpus, err) &&
	       get_number(
		       node, "region-size", 1, vm_memory_ceiling_mib, &definition->region_mib, err);
}

static bool parse_network(
	struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	vx_cleanup_free char *network = get_attribute(node, "network");
	vx_cleanup_free char *firewall = get_attribute(node, "firewall");
	const char *words[3];
	size_t count = 0;
	char *rest = network;
	for (char *word; count < VX_ARRAY_LENGTH(words) && rest != nullptr &&
			 (word = strtok_r(rest, " ", &rest)) != nullptr;) {
		words[count++] = word;
	}
	if (!vm_network_parse(definition, words, count, err) ||
		(firewall != nullptr && !vm_firewall_parse(&definition->firewall, firewall, err))) {
		return vx_error_wrap(err, "the domain has no proper network");
	}
	return true;
}

static bool parse_looks(struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	vx_cleanup_free char *label = get_attribute(node, "label");
	vx_cleanup_free char *color = get_attribute(node, "color");
	vx_cleanup_free char *shown = vx_display_string(
		label != nullptr ? label : "", vm_label_max_code_points);
	if (label == nullptr || shown[0] == '\0' || strcmp(shown, label) != 0) {
		return vx_error_set(err, "the domain has no proper label");
	}
	if (color == nullptr || !vm_color_parse(color, &definition->color)) {
		return vx_error_set(err, "the domain has no proper color");
	}
	vx_replace_string(&definition->label, label);
	return true;
}

static bool parse_disk(struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	vx_cleanup_free char *path = get_attribute(node, "disk");
	vx_cleanup_free char *mode = get_attribute(node, "disk-mode");
	definition->disk = path != nullptr ? vm_path_normalise(path, err) : nullptr;
	vx_cleanup_free char *uefi = get_attribute(node, "uefi");
	definition->disk_writable = mode != nullptr && strcmp(mode, "rw") == 0;
	definition->uefi = uefi != nullptr && strcmp(uefi, "yes") == 0;
	return definition->disk != nullptr || vx_error_set(err, "the domain has no proper disk");
}

static bool parse_life(struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	vx_cleanup_free char *template = get_attribute(node, "template");
	vx_cleanup_free char *home = get_attribute(node, "home");
	/* Without them it was started by a VixOS that didn't have them. */
	if (template != nullptr && !vm_template_parse(template, &definition->template)) {
		return vx_error_set(err, "the domain has no proper template");
	}
	if (definition->template == VM_TEMPLATE_DISK && !parse_disk(definition, node, err)) {
		return false;
	}
	if (home != nullptr && !vm_home_parse(home, &definition->home)) {
		return vx_error_set(err, "the domain has no proper home");
	}
	return true;
}

static bool parse_devices(
	struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	vx_cleanup_free char *audio = get_attribute(node, "audio");
	vx_cleanup_free char *usb = get_attribute(node, "usb");
	if (audio != nullptr && !vm_audio_parse(audio, &definition->audio)) {
		return vx_error_set(err, "the domain has no proper audio");
	}
	definition->usb = usb != nullptr && strcmp(usb, "on") == 0;
	return true;
}

static bool parse_mount(struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	vx_cleanup_free char *source = get_attribute(node, "source");
	vx_cleanup_free char *target = get_attribute(node, "target");
	vx_cleanup_free char *mode = get_attribute(node, "mode");
	vx_cleanup_free char *hot = get_attribute(node, "hot");
	if (source == nullptr || target == nullptr || mode == nullptr ||
		definition->mount_count >= vm_mounts_max) {
		return vx_error_set(err, "the domain has a bad mount");
	}
	vx_cleanup_free char *clean_source = vm_path_normalise(source, err);
	vx_cleanup_free char *clean_target = vm_path_normalise(target, err);
	if (clean_source == nullptr || clean_target == nullptr) {
		return false;
	}
	vm_definition_add_mount(definition, clean_source, clean_target, strcmp(mode, "rw") == 0);
	struct vm_mount *mount = &definition->mounts[definition->mount_count - 1];
	if (hot != nullptr) {
		return get_number(node, "hot", 1, vm_mounts_max, &mount->hot, err);
	}
	/* Without one it was started by a VixOS that had no need of it. */
	vx_cleanup_free char *place = get_attribute(node, "place");
	return place == nullptr ||
	       get_number(node, "place", 0, vm_mounts_max - 1, &mount->place, err);
}

static bool parse_mounts(
	struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	for (const xmlNode *child = node->children; child != nullptr; child = child->next) {
		if (child->type == XML_ELEMENT_NODE &&
			strcmp((const char *)child->name, "mount") == 0 &&
			!parse_mount(definition, child, err)) {
			return false;
		}
	}
	return true;
}

/*
 * The domain's own name must be that of the VM: it is what libvirt keeps unique. Only one that was
 * preloaded keeps the name of then, because libvirt doesn't rename what runs.
 */
static bool domain_is_named(const xmlNode *domain, const char *vm_name)
{
	static const char preloaded[] = VM_DOMAIN_PREFIX VM_PRELOAD_PREFIX;
	const xmlNode *name = find_child(domain, "name", "");
	xmlChar *content = name != nullptr ? xmlNodeGetContent(name) : nullptr;
	vx_cleanup_free char *expected = vx_printf(VM_DOMAIN_PREFIX "%s", vm_name);
	const char *found = content != nullptr ? (const char *)content : "";
	bool same = strcmp(found, expected) == 0 ||
		    (!vm_name_is_preloaded(vm_name) &&
			    strncmp(found, preloaded, sizeof(preloaded) - 1) == 0);
	xmlFree(content);
	return same;
}

static bool is_yes(const xmlNode *node, const char *name)
{
	vx_cleanup_free char *value = get_attribute(node, name);
	return value != nullptr && strcmp(value, "yes") == 0;
}

/* Of which kind it is one, and whether it is anybody's. */
static bool parse_kind(struct vm_definition *definition, const xmlNode *node, struct vx_error *err)
{
	definition->is_configured = is_yes(node, "configured");
	definition->is_disposable = is_yes(node, "disposable");
	definition->is_preloaded = is_yes(node, "preloaded");
	definition->base = get_attribute(node, "base");
	if (definition->base != nullptr && !vx_vm_name_is_valid(definition->base)) {
		return vx_error_set(err, "the domain has no proper base");
	}
	return definition->is_preloaded == vm_name_is_preloaded(definition->name) ||
	       vx_error_set(err,
		       "the domain's name and its metadata don't agree on whether it is preloaded");
}

static struct vm_definition *parse_domain(
	const xmlNode *domain, char **ret_region_name, struct vx_error *err)
{
	const xmlNode *metadata = domain != nullptr ? find_child(domain, "metadata", "") : nullptr;
	const xmlNode *node = metadata != nullptr ? find_child(metadata, "vm", VM_DOMAIN_NAMESPACE)
						  : nullptr;
	vx_cleanup_free char *name = node != nullptr ? get_attribute(node, "name") : nullptr;
	if (!vx_vm_name_is_valid(name) || !domain_is_named(domain, name)) {
		vx_error_set(err, "the domain is not one of VixOS");
		return nullptr;
	}
	vx_cleanup_free char *region = get_attribute(node, "region");
	if (region == nullptr || !vm_region_name_is_valid(region, name)) {
		vx_error_set(err, "the domain has no proper region");
		return nullptr;
	}
	struct vm_definition *definition = vm_definition_create(name);
	if (!parse_sizes(definition, node, err) || !parse_looks(definition, node, err) ||
		!parse_network(definition, node, err) || !parse_life(definition, node, err) ||
		!parse_devices(definition, node, err) || !parse_kind(definition, node, err) ||
		!parse_mounts(definition, node, err)) {
		vm_definition_destroy(definition);
		return nullptr;
	}
	*ret_region_name = vx_take_ptr(region);
	return definition;
}

bool vm_domain_xml_parse(const char *xml, struct vm_definition **ret_definition,
	char **ret_region_name, struct vx_error *err)
{
	size_t length = strlen(xml);
	xmlDoc *document = length > domain_xml_max
				   ? nullptr
				   : xmlReadMemory(xml, (int)length, nullptr, nullptr,
					     XML_PARSE_NONET | XML_PARSE_NOERROR |
						     XML_PARSE_NOWARNING);
	if (document == nullptr) {
		return vx_error_set(err, "the domain's description is no XML");
	}
	struct vm_definition *definition = parse_domain(
		xmlDocGetRootElement(document), ret_region_name, err);
	xmlFreeDoc(document);
	if (definition == nullptr) {
		return false;
	}
	*ret_definition = definition;
	return true;
}
