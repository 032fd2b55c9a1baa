/* SPDX-License-Identifier: MIT */
/*
 * libvirt's domain XML: written by libxml2's writer only, parsed again and compared before it is
 * used; and the part of a running domain's XML that is ours, read back. docs/architecture.md lists
 * the devices.
 */
#ifndef VX_LAUNCHER_VM_DOMAIN_XML_H
#define VX_LAUNCHER_VM_DOMAIN_XML_H

#include <stdint.h>

#include "common/error.h"
#include "vm/accel.h"

struct vm_definition;
struct vm_mount;
struct vm_runtime_dir;

#define VM_DOMAIN_PREFIX "vixos-"
#define VM_DOMAIN_NAMESPACE "urn:x-vixos:domain:1"
#define VM_NETWORK_ALIAS "ua-network" /* of the VM's network card */
#define VM_LINK_PORT "org.vixos.link"
#define VM_BIND_PORT "org.vixos.bind" /* of preloaded VMs */

/* virtiofs tags: the host's /usr, and the definition's mounts by vm_mount.place. */
#define VM_USR_TAG "usr"
#define VM_HOME_TAG "home"
#define VM_MOUNT_TAG_PREFIX "mount" /* mount0, mount1, … */
/* Those mounted while the VM runs, by vm_mount.hot. */
#define VM_HOT_TAG_PREFIX "hot"

/* How many devices can be added while the VM runs. */
static constexpr unsigned vm_hotplug_ports = 8;

/* What a domain is made of besides its definition; all borrowed. */
struct vm_domain_parts {
	const struct vm_definition *definition;
	const struct vm_runtime_dir *runtime;
	enum vm_accel accel;
	/* NULL, all three, for VM_TEMPLATE_DISK, whose firmware starts what is on the disk. */
	const char *kernel;      /* absolute path */
	const char *initramfs;   /* absolute path */
	const char *cmdline;     /* kernel command line */
	const char *region_name; /* in /dev/shm */
	const char *home; /* folder that is the guest's home; NULL: it has none of the host */
	const char *audio_folder; /* of PipeWire's socket; NULL without audio */
	const char *firmware;     /* absolute path of a ROM image; NULL: libvirt's choice */
};

/* The XML, owned by the caller (free()); NULL where a value can't be used, which is said. */
[[nodiscard]] char *vm_domain_xml_format(const struct vm_domain_parts *parts, struct vx_error *err);

/* The device of a folder that comes or goes while the VM runs; owned by the caller. */
[[nodiscard]] char *vm_domain_share_xml(const struct vm_mount *mount, struct vx_error *err);
[[nodiscard, gnu::returns_nonnull]] char *vm_domain_mount_tag(const struct vm_mount *mount);

/*
 * `metadata`, our element as virDomainGetMetadata() gives it, with `mount` added or taken out of
 * its list; owned by the caller.
 */
[[nodiscard]] char *vm_domain_metadata_with(
	const char *metadata, const struct vm_mount *mount, struct vx_error *err);
[[nodiscard]] char *vm_domain_metadata_without(
	const char *metadata, const struct vm_mount *mount, struct vx_error *err);

/* Has a domain with this XML the device of the mount? */
bool vm_domain_has_share(const char *xml, const struct vm_mount *mount);

/*
 * The part of the XML that says whose domain it is, for virDomainSetMetadata() (without a prefix of
 * its namespace), owned by the caller. NULL where a value can't be used.
 */
[[nodiscard]] char *vm_domain_metadata_format(
	const struct vm_definition *definition, const char *region_name, struct vx_error *err);

/*
 * The network card of a definition that has one, to be plugged in or out while the VM runs; owned
 * by the caller.
 */
[[nodiscard]] char *vm_domain_interface_xml(const struct vm_definition *definition,
	const struct vm_runtime_dir *runtime, struct vx_error *err);

/*
 * What a domain of ours says about itself: a definition with name, label, colour, sizes, network,
 * and mounts (neither apps nor environment: what may be secret stays out of libvirt), and the
 * region's name. False for domains that are not ours or whose metadata doesn't pass the checks
 * that the configuration would have had to pass. Both results are owned by the caller.
 */
[[nodiscard]] bool vm_domain_xml_parse(const char *xml, struct vm_definition **ret_definition,
	char **ret_region_name, struct vx_error *err);

#endif
