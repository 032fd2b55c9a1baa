/* SPDX-License-Identifier: MIT */
#include "vm/adopt.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

#include "common/memory.h"
#include "vm/definition.h"

static constexpr size_t domain_xml_max = 4 * 1024 * 1024;
static constexpr double kib_per_mib = 1024;

/* "" where there is nothing; owned by the caller. */
static char *get_string(xmlXPathContext *context, const char *expression)
{
	xmlXPathObject *object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	xmlChar *value = object != nullptr ? xmlXPathCastToString(object) : nullptr;
	char *copy = vx_printf("%s", value != nullptr ? (const char *)value : "");
	xmlFree(value);
	xmlXPathFreeObject(object);
	return copy;
}

/* A number within the bounds, whatever is there. */
static uint32_t get_number(xmlXPathContext *context, const char *expression, double divisor,
	uint32_t min, uint32_t max)
{
	xmlXPathObject *object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	double number = object != nullptr ? xmlXPathCastToNumber(object) / divisor : 0;
	xmlXPathFreeObject(object);
	if (!(number >= min)) { /* not a number, too */
		return min;
	}
	return number > max ? max : (uint32_t)number;
}

#define DISK "/domain/devices/disk[@type='file' and (not(@device) or @device='disk')][1]"

static bool take_disk(struct vm_adopted *adopted, xmlXPathContext *context, struct vx_error *err)
{
	vx_cleanup_free char *path = get_string(context, DISK "/source/@file");
	vx_cleanup_free char *format = get_string(context, DISK "/driver/@type");
	if (path[0] == '\0') {
		return vx_error_set(err, "it has no disk that is a file");
	}
	adopted->disk = vm_path_normalise(path, err);
	if (adopted->disk == nullptr) {
		return false;
	}
	const char *expected = vm_disk_format(adopted->disk);
	return strcmp(format[0] != '\0' ? format : "raw", expected) == 0 ||
	       vx_error_set(err,
		       "its disk '%s' is in %s format, and named as one in %s format: the name of one "
		       "in qcow2 format must end in .qcow2, and of no other",
		       adopted->disk, format, expected);
}

static bool read_boot(struct vm_adopted *adopted, xmlXPathContext *context, struct vx_error *err)
{
	vx_cleanup_free char *firmware = get_string(context, "/domain/os/@firmware");
	vx_cleanup_free char *flash = get_string(context, "/domain/os/loader[@type='pflash']");
	vx_cleanup_free char *type = get_string(context, "/domain/os/type");
	vx_cleanup_free char *arch = get_string(context, "/domain/os/type/@arch");
	if (strcmp(type, "hvm") != 0 || (arch[0] != '\0' && strcmp(arch, "x86_64") != 0)) {
		return vx_error_set(err, "it is not an x86_64 machine");
	}
	adopted->uefi = strcmp(firmware, "efi") == 0 || flash[0] != '\0';
	return true;
}

bool vm_adopt_parse(struct vm_adopted *adopted, const char *xml, struct vx_error *err)
{
	*adopted = (struct vm_adopted){};
	size_t length = strlen(xml);
	xmlDoc *document = length > domain_xml_max
				   ? nullptr
				   : xmlReadMemory(xml, (int)length, nullptr, nullptr,
					     XML_PARSE_NONET | XML_PARSE_NOERROR |
						     XML_PARSE_NOWARNING);
	xmlXPathContext *context = document != nullptr ? xmlXPathNewContext(document) : nullptr;
	bool good = context != nullptr && read_boot(adopted, context, err) &&
		    take_disk(adopted, context, err);
	if (good) {
		adopted->memory_mib = get_number(context, "/domain/memory", kib_per_mib,
			vm_memory_floor_mib, vm_memory_ceiling_mib);
		adopted->vcpus = get_number(context, "/domain/vcpu", 1, 1, vm_vcpus_max);
		vx_cleanup_free char *cards = get_string(
			context, "count(/domain/devices/interface)");
		adopted->has_network = strcmp(cards, "0") != 0;
	} else if (context == nullptr) {
		vx_error_set(err, "libvirt's description of it can't be read");
	}
	xmlXPathFreeContext(context);
	xmlFreeDoc(document);
	if (!good) {
		vm_adopted_finish(adopted);
	}
	return good;
}

static void ignore_error(void *data, virError *error)
{
}

static bool adopt_domain(struct vm_adopted *adopted, virDomain *domain, struct vx_error *err)
{
	if (virDomainIsActive(domain) > 0) {
		return vx_error_set(err, "it is running; shut it down first");
	}
	char *xml = virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE);
	if (xml == nullptr) {
		return vx_error_set(err, "%s", virGetLastErrorMessage());
	}
	bool good = vm_adopt_parse(adopted, xml, err);
	free(xml);
	return good;
}

bool vm_adopt(struct vm_adopted *adopted, const char *uri, const char *name, struct vx_error *err)
{
	virSetErrorFunc(nullptr, ignore_error);
	virConnect *connection = virConnectOpenReadOnly(uri);
	virDomain *domain = connection != nullptr ? virDomainLookupByName(connection, name)
						  : nullptr;
	bool good = domain != nullptr ? adopt_domain(adopted, domain, err)
				      : vx_error_set(err, "%s", virGetLastErrorMessage());
	if (domain != nullptr) {
		virDomainFree(domain);
	}
	if (connection != nullptr) {
		virConnectClose(connection);
	}
	return good || vx_error_wrap(err, "the libvirt domain '%s' can't be adopted", name);
}

void vm_adopted_finish(struct vm_adopted *adopted)
{
	free(adopted->disk);
	*adopted = (struct vm_adopted){};
}
