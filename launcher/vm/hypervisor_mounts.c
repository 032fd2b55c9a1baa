/* SPDX-License-Identifier: MIT */
/*
 * Folders that come and go while a VM runs. libvirt holds the list of them, in the domain's
 * metadata, so that a new vixosd knows it: a folder is on the list before its device is there, and
 * until after the device is gone.
 */
#include <libvirt/virterror.h>

#include "common/memory.h"
#include "vm/domain_xml.h"
#include "vm/hypervisor_state.h"
#include "vm/share_dir.h"

static bool set_metadata(
	virDomain *domain, const struct vm_mount *mount, bool is_wanted, struct vx_error *err)
{
	char *before = virDomainGetMetadata(
		domain, VIR_DOMAIN_METADATA_ELEMENT, VM_DOMAIN_NAMESPACE, VIR_DOMAIN_AFFECT_LIVE);
	if (before == nullptr) {
		return hypervisor_libvirt_error(err, "libvirt doesn't tell the VM's folders");
	}
	vx_cleanup_free char *after = is_wanted ? vm_domain_metadata_with(before, mount, err)
						: vm_domain_metadata_without(before, mount, err);
	free(before);
	if (after == nullptr) {
		return false;
	}
	return virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, after, "vixos",
		       VM_DOMAIN_NAMESPACE, VIR_DOMAIN_AFFECT_LIVE) == 0 ||
	       hypervisor_libvirt_error(err, "libvirt doesn't note the VM's folders");
}

static bool has_share(virDomain *domain, const struct vm_mount *mount)
{
	char *xml = virDomainGetXMLDesc(domain, 0);
	bool found = xml != nullptr && vm_domain_has_share(xml, mount);
	free(xml);
	return found;
}

static bool attach(virDomain *domain, const struct vm_mount *mount, struct vx_error *err)
{
	vx_cleanup_free char *device = vm_domain_share_xml(mount, err);
	if (device == nullptr || !set_metadata(domain, mount, true, err)) {
		return false;
	}
	if (has_share(domain, mount) ||
		virDomainAttachDeviceFlags(domain, device, VIR_DOMAIN_AFFECT_LIVE) == 0) {
		return true;
	}
	hypervisor_libvirt_error(err, "libvirt can't add the folder to the VM");
	(void)set_metadata(domain, mount, false, nullptr);
	return false;
}

/* libvirt waits some seconds for the guest to let go of the device, and then says nothing. */
static bool detach(virDomain *domain, const struct vm_mount *mount, struct vx_error *err)
{
	vx_cleanup_free char *device = vm_domain_share_xml(mount, err);
	if (device == nullptr) {
		return false;
	}
	if (has_share(domain, mount)) {
		if (virDomainDetachDeviceFlags(domain, device, VIR_DOMAIN_AFFECT_LIVE) < 0) {
			return hypervisor_libvirt_error(
				err, "libvirt can't take the folder from the VM");
		}
		if (has_share(domain, mount)) {
			return vx_error_set(err, "the VM does not let go of the folder; try again, "
						 "or stop the VM");
		}
	}
	if (vm_share_dir_is_one(mount->source)) {
		vm_share_dir_remove(mount->source);
	}
	return set_metadata(domain, mount, false, err);
}

static bool change_folder(struct vm_hypervisor *hypervisor, struct hypervisor_job *job,
	bool (*change)(virDomain *, const struct vm_mount *, struct vx_error *),
	struct vx_error *err)
{
	bool gone = false;
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	virDomain *domain = connection != nullptr ? hypervisor_find_domain(hypervisor, connection,
							    job->name, &gone, err)
						  : nullptr;
	bool good = domain != nullptr && change(domain, &job->mount, err);
	if (gone) {
		vx_error_set(err, "VM '%s' doesn't run any more", job->name);
	}
	if (domain != nullptr) {
		virDomainFree(domain);
	}
	if (connection != nullptr) {
		virConnectClose(connection);
	}
	return good;
}

bool hypervisor_job_mount(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	return change_folder(hypervisor, job, attach, err);
}

bool hypervisor_job_unmount(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	return change_folder(hypervisor, job, detach, err);
}
