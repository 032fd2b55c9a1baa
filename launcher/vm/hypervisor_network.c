/* SPDX-License-Identifier: MIT */
/* What the workers do with the network of a VM that runs. */
#include <libvirt/virterror.h>
#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "vm/domain_xml.h"
#include "vm/hypervisor_state.h"
#include "vm/network.h"
#include "vm/runtime_dir.h"

/* libvirt itself waits some seconds for the guest to give a device back. */
static constexpr unsigned unplug_attempts = 3;

struct running {
	virConnect *connection;
	virDomain *domain;
	struct vm_runtime_dir dir;
	struct vm_definition *definition; /* as libvirt has it */
	char *region_name;
};

static void running_finish(struct running *running)
{
	hypervisor_free_domain(&running->domain);
	hypervisor_close_connection(&running->connection);
	vm_runtime_dir_finish(&running->dir);
	vm_definition_destroy(running->definition);
	free(running->region_name);
}

static bool running_init(struct running *running, struct vm_hypervisor *hypervisor,
	const char *name, struct vx_error *err)
{
	bool gone = false;
	running->connection = hypervisor_get_connection(hypervisor, err);
	if (running->connection == nullptr || !vm_runtime_dir_init(&running->dir, name, err)) {
		return false;
	}
	running->domain = hypervisor_find_domain(hypervisor, running->connection, name, &gone, err);
	if (running->domain == nullptr) {
		return gone ? vx_error_set(err, "VM '%s' has ended", name) : false;
	}
	vx_cleanup_free char *xml = virDomainGetXMLDesc(running->domain, 0);
	return xml != nullptr
		       ? vm_domain_xml_parse(xml, &running->definition, &running->region_name, err)
		       : hypervisor_libvirt_error(err, "libvirt doesn't describe the VM");
}

/* 1: it has a network card; 0: none; -1: libvirt doesn't say. */
static int has_interface(virDomain *domain)
{
	vx_cleanup_free char *xml = virDomainGetXMLDesc(domain, 0);
	if (xml == nullptr) {
		return -1;
	}
	return strstr(xml, "<alias name='" VM_NETWORK_ALIAS "'/>") != nullptr ? 1 : 0;
}

/* Takes the network card out. The guest could hold on to it, but not to what was behind it. */
static bool unplug(struct running *running, struct vx_error *err)
{
	int found = has_interface(running->domain);
	vm_network_cut(&running->dir);
	vx_cleanup_free char *xml = found > 0 ? vm_domain_interface_xml(
							running->definition, &running->dir, err)
					      : nullptr;
	for (unsigned i = 0; i < unplug_attempts && found > 0; i++) {
		if (xml == nullptr || (virDomainDetachDeviceFlags(
					       running->domain, xml, VIR_DOMAIN_AFFECT_LIVE) < 0 &&
					      i + 1 == unplug_attempts)) {
			return hypervisor_libvirt_error(
				err, "libvirt can't take the network card out");
		}
		found = has_interface(running->domain);
	}
	return found == 0 ||
	       vx_error_set(err,
		       "the guest doesn't let go of its network card, which is connected to nothing "
		       "any more; stop the VM and start it again");
}

static bool plug(struct running *running, const struct vm_definition *wanted, struct vx_error *err)
{
	if (wanted->network == VM_NETWORK_NONE) {
		return true;
	}
	if (!vm_network_start(&running->dir, wanted, err)) {
		return false;
	}
	vx_cleanup_free char *xml = vm_domain_interface_xml(wanted, &running->dir, err);
	if (xml == nullptr ||
		virDomainAttachDeviceFlags(running->domain, xml, VIR_DOMAIN_AFFECT_LIVE) < 0) {
		vm_network_cut(&running->dir);
		return xml != nullptr ? hypervisor_libvirt_error(
						err, "libvirt can't plug the network card in")
				      : false;
	}
	return true;
}

/* What vixosd, or the next one, is told of the VM. */
static bool remember(struct running *running, struct vx_error *err)
{
	vx_cleanup_free char *xml = vm_domain_metadata_format(
		running->definition, running->region_name, err);
	if (xml == nullptr) {
		return false;
	}
	return virDomainSetMetadata(running->domain, VIR_DOMAIN_METADATA_ELEMENT, xml, "vixos",
		       VM_DOMAIN_NAMESPACE, VIR_DOMAIN_AFFECT_LIVE) == 0 ||
	       hypervisor_libvirt_error(err, "libvirt can't remember the VM's network");
}

static void take_network(struct vm_definition *definition, const struct vm_definition *from)
{
	vm_definition_set_network(definition, from->network, from->network_name);
	vm_firewall_finish(&definition->firewall);
	definition->firewall = vm_firewall_copy(&from->firewall);
}

bool hypervisor_job_set_network(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(running_finish) struct running running = {};
	vx_cleanup_error struct vx_error ignored = {};
	if (!running_init(&running, hypervisor, job->name, err)) {
		return false;
	}
	bool good = unplug(&running, err) && plug(&running, job->definition, err);
	if (good) {
		take_network(running.definition, job->definition);
	} else {
		vm_definition_set_network(running.definition, VM_NETWORK_NONE, nullptr);
	}
	return remember(&running, good ? err : &ignored) && good;
}

bool hypervisor_job_set_firewall(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(running_finish) struct running running = {};
	if (!running_init(&running, hypervisor, job->name, err)) {
		return false;
	}
	if (vm_network_is_ours(running.definition->network) &&
		!vm_network_set_firewall(&running.dir, &job->definition->firewall, err)) {
		return false;
	}
	vm_firewall_finish(&running.definition->firewall);
	running.definition->firewall = vm_firewall_copy(&job->definition->firewall);
	return remember(&running, err);
}

bool hypervisor_job_refresh_firewall(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(running_finish) struct running running = {};
	return running_init(&running, hypervisor, job->name, err) &&
	       (!vm_network_is_ours(running.definition->network) ||
		       vm_network_refresh_firewall(
			       &running.dir, &running.definition->firewall, err));
}
