/* SPDX-License-Identifier: MIT */
#include "vm/domain_check.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/region.h"
#include "vm/runtime_dir.h"

static bool check_string(const char *what, const char *value, struct vx_error *err)
{
	if (value == nullptr || value[0] == '\0') {
		return vx_error_set(err, "the VM has no %s", what);
	}
	if (!xmlCheckUTF8((const xmlChar *)value)) {
		return vx_error_set(err, "the %s is not valid UTF-8, which libvirt needs", what);
	}
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			return vx_error_set(err, "the %s has a control character", what);
		}
	}
	return true;
}

static bool check_path(const char *what, const char *path, struct vx_error *err)
{
	if (!check_string(what, path, err)) {
		return false;
	}
	vx_cleanup_free char *normal = vm_path_normalise(path, err);
	return normal != nullptr || vx_error_wrap(err, "the %s", what);
}

static bool check_definition(const struct vm_definition *definition, struct vx_error *err)
{
	if (!vx_vm_name_is_valid(definition->name)) {
		return vx_error_set_kind(
			err, VX_ERROR_USAGE, "'%s' can't be a VM's name", definition->name);
	}
	if (!check_string("label", definition->label, err)) {
		return false;
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		if (!check_path("mounted folder", definition->mounts[i].source, err) ||
			!check_path("mount's place", definition->mounts[i].target, err)) {
			return false;
		}
	}
	return true;
}

bool vm_domain_check_identity(const struct vm_domain_parts *parts, struct vx_error *err)
{
	if (!check_definition(parts->definition, err)) {
		return false;
	}
	return vm_region_name_is_valid(parts->region_name, parts->definition->name) ||
	       vx_error_set(err, "'%s' can't be a region's name", parts->region_name);
}

static bool check_boot(const struct vm_domain_parts *parts, struct vx_error *err)
{
	if (parts->definition->template == VM_TEMPLATE_DISK) {
		return check_path("disk image", parts->definition->disk, err);
	}
	return check_path("kernel", parts->kernel, err) &&
	       check_path("initramfs", parts->initramfs, err) &&
	       check_string("kernel command line", parts->cmdline, err);
}

bool vm_domain_check_parts(const struct vm_domain_parts *parts, struct vx_error *err)
{
	return vm_domain_check_identity(parts, err) && check_boot(parts, err) &&
	       check_path("link socket", parts->runtime->link_socket, err) &&
	       check_path("console socket", parts->runtime->console_socket, err) &&
	       check_path("bind socket", parts->runtime->bind_socket, err) &&
	       check_path("network socket", parts->runtime->network_socket, err) &&
	       (parts->home == nullptr || check_path("home", parts->home, err)) &&
	       (parts->definition->audio == VM_AUDIO_OFF ||
		       check_path("folder of PipeWire", parts->audio_folder, err)) &&
	       (parts->firmware == nullptr || check_path("firmware", parts->firmware, err));
}

/* The string that an XPath expression evaluates to must be `expected`. */
static bool expect(xmlXPathContext *context, const char *expression, const char *expected,
	struct vx_error *err)
{
	xmlXPathObject *object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	xmlChar *value = object != nullptr ? xmlXPathCastToString(object) : nullptr;
	bool same = value != nullptr && strcmp((const char *)value, expected) == 0;
	if (!same) {
		vx_error_set(err, "the VM's description reads back wrong: %s is '%s', not '%s'",
			expression, value != nullptr ? (const char *)value : "", expected);
	}
	xmlFree(value);
	xmlXPathFreeObject(object);
	return same;
}

static bool expect_count(
	xmlXPathContext *context, const char *path, size_t expected, struct vx_error *err)
{
	vx_cleanup_free char *expression = vx_printf("count(%s)", path);
	vx_cleanup_free char *count = vx_printf("%zu", expected);
	return expect(context, expression, count, err);
}

static bool expect_values(
	xmlXPathContext *context, const struct vm_domain_parts *parts, struct vx_error *err)
{
	vx_cleanup_free char *domain = vx_printf(VM_DOMAIN_PREFIX "%s", parts->definition->name);
	static const char *const types[VM_NETWORK_COUNT] = {
		"", "vhostuser", "vhostuser", "bridge", "network"};
	enum vm_network network = parts->definition->network;
	const char *name = parts->definition->network_name;
	bool has_disk = parts->definition->template == VM_TEMPLATE_DISK;
	const char *const values[][2] = {
		{"/domain/name", domain},
		{"/domain/title", parts->definition->label},
		{"/domain/os/kernel", has_disk ? "" : parts->kernel},
		{"/domain/os/initrd", has_disk ? "" : parts->initramfs},
		{"/domain/os/cmdline", has_disk ? "" : parts->cmdline},
		{"/domain/devices/disk/source/@file", has_disk ? parts->definition->disk : ""},
		{"/domain/devices/shmem/@name", parts->region_name},
		{"/domain/devices/channel/source/@path", parts->runtime->link_socket},
		{"/domain/devices/serial/source/@path", parts->runtime->console_socket},
		{"/domain/devices/filesystem[target/@dir='" VM_USR_TAG "']/source/@dir",
			has_disk ? "" : "/usr"},
		{"/domain/devices/interface/@type", types[network]},
		{"/domain/devices/interface/source/@path",
			vm_network_is_ours(network) ? parts->runtime->network_socket : ""},
		{"/domain/devices/interface/source/@bridge",
			network == VM_NETWORK_BRIDGE ? name : ""},
		{"/domain/devices/interface/source/@network",
			network == VM_NETWORK_LIBVIRT ? name : ""},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(values); i++) {
		if (!expect(context, values[i][0], values[i][1], err)) {
			return false;
		}
	}
	return true;
}

/* Nothing but what was meant to be there: a value that broke out would show as one element more. */
static bool expect_counts(
	xmlXPathContext *context, const struct vm_domain_parts *parts, struct vx_error *err)
{
	size_t disks = parts->definition->template == VM_TEMPLATE_DISK ? 1 : 0;
	size_t usr = 1 - disks;
	size_t shares = usr + parts->definition->mount_count + (parts->home != nullptr ? 1 : 0);
	size_t interfaces = parts->definition->network != VM_NETWORK_NONE ? 1 : 0;
	bool has_audio = parts->definition->audio != VM_AUDIO_OFF;
	size_t places = parts->definition->usb ? vm_usb_places : 0;
	size_t channels = parts->definition->is_preloaded ? 2 : 1;
	size_t read_only = usr;
	for (size_t i = 0; i < parts->definition->mount_count; i++) {
		read_only += parts->definition->mounts[i].writable ? 0 : 1;
	}
	const struct {
		const char *path;
		size_t count;
	} counts[] = {
		{"/domain/devices", 1},
		{"/domain/devices/*", shares + parts->definition->mount_count + 2 * interfaces +
					      places + (has_audio ? 2 : 0) + channels + disks + 7 +
					      vm_hotplug_ports},
		{"/domain/devices/disk", disks},
		{"/domain/devices/channel", channels},
		{"/domain/devices/filesystem", shares},
		{"/domain/devices/filesystem/readonly", read_only},
		{"/domain/devices/filesystem/idmap", shares - usr}, /* all but /usr */
		{"/domain/devices/interface", interfaces},
		{"/domain/devices/sound", has_audio ? 1 : 0},
		{"/domain/devices/audio/input", parts->definition->audio == VM_AUDIO_FULL ? 1 : 0},
		{"/domain/devices/redirdev", places},
		{"/domain/metadata/*", 1},
		{"/domain/*[namespace-uri() != '']", 0},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(counts); i++) {
		if (!expect_count(context, counts[i].path, counts[i].count, err)) {
			return false;
		}
	}
	return true;
}

static bool expect_shares(
	xmlXPathContext *context, const struct vm_domain_parts *parts, struct vx_error *err)
{
	const struct vm_definition *definition = parts->definition;
	if (!expect(context,
		    "/domain/devices/filesystem[target/@dir='" VM_HOME_TAG "']/source/@dir",
		    parts->home != nullptr ? parts->home : "", err)) {
		return false;
	}
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		vx_cleanup_free char *tag = vm_domain_mount_tag(mount);
		vx_cleanup_free char *share = vx_printf(
			"/domain/devices/filesystem[target/@dir='%s']", tag);
		vx_cleanup_free char *source = vx_printf("%s/source/@dir", share);
		vx_cleanup_free char *read_only = vx_printf("%s/readonly", share);
		if (!expect(context, source, mount->source, err) ||
			!expect_count(context, read_only, mount->writable ? 0 : 1, err)) {
			return false;
		}
	}
	return true;
}

static bool networks_agree(const struct vm_definition *a, const struct vm_definition *b)
{
	vx_cleanup_free char *network_a = vm_network_format(a);
	vx_cleanup_free char *network_b = vm_network_format(b);
	return strcmp(network_a, network_b) == 0 && vm_firewall_equals(&a->firewall, &b->firewall);
}

static bool templates_agree(const struct vm_definition *a, const struct vm_definition *b)
{
	return a->template == b->template &&
	       (a->template != VM_TEMPLATE_DISK ||
		       (strcmp(a->disk, b->disk) == 0 && a->disk_writable == b->disk_writable &&
			       a->uefi == b->uefi));
}

static bool definitions_agree(const struct vm_definition *a, const struct vm_definition *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->label, b->label) != 0 ||
		a->color != b->color || a->memory_min_mib != b->memory_min_mib ||
		a->memory_max_mib != b->memory_max_mib || a->vcpus != b->vcpus ||
		a->region_mib != b->region_mib || !networks_agree(a, b) || !templates_agree(a, b) ||
		a->home != b->home || a->audio != b->audio || a->usb != b->usb ||
		a->is_disposable != b->is_disposable || a->is_preloaded != b->is_preloaded ||
		strcmp(vm_definition_base(a), vm_definition_base(b)) != 0 ||
		a->mount_count != b->mount_count) {
		return false;
	}
	for (size_t i = 0; i < a->mount_count; i++) {
		if (strcmp(a->mounts[i].source, b->mounts[i].source) != 0 ||
			strcmp(a->mounts[i].target, b->mounts[i].target) != 0 ||
			a->mounts[i].writable != b->mounts[i].writable ||
			a->mounts[i].place != b->mounts[i].place) {
			return false;
		}
	}
	return true;
}

static bool check_metadata(
	const char *text, const struct vm_domain_parts *parts, struct vx_error *err)
{
	struct vm_definition *definition = nullptr;
	vx_cleanup_free char *region = nullptr;
	if (!vm_domain_xml_parse(text, &definition, &region, err)) {
		return vx_error_wrap(err, "the VM's description reads back wrong");
	}
	bool same = definitions_agree(definition, parts->definition) &&
		    strcmp(region, parts->region_name) == 0;
	vm_definition_destroy(definition);
	return same || vx_error_set(err, "the VM's description reads back wrong: the metadata "
					 "differs");
}

bool vm_domain_check_text(
	const char *text, const struct vm_domain_parts *parts, struct vx_error *err)
{
	xmlDoc *document = xmlReadMemory(text, (int)strlen(text), nullptr, nullptr,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlXPathContext *context = document != nullptr ? xmlXPathNewContext(document) : nullptr;
	bool good = context != nullptr;
	if (!good) {
		vx_error_set(err, "the VM's description can't be read back");
	}
	good = good && expect_values(context, parts, err) && expect_counts(context, parts, err) &&
	       expect_shares(context, parts, err);
	xmlXPathFreeContext(context);
	xmlFreeDoc(document);
	return good && check_metadata(text, parts, err);
}
