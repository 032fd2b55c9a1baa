/* SPDX-License-Identifier: MIT */
/* How much memory a VM is granted, and what it takes of the host: jobs of hypervisor.c. */
#include "common/clock.h"
#include "vm/hypervisor_state.h"

/* Paused or gone: there is nobody to give memory back or take it. */
static bool set_granted(virDomain *domain, uint32_t mib, struct vx_error *err)
{
	return virDomainSetMemoryFlags(domain, (unsigned long)mib * 1024, VIR_DOMAIN_AFFECT_LIVE) ==
		       0 ||
	       hypervisor_libvirt_error(err, "libvirt can't change the VM's memory");
}

static bool read_figures(virDomain *domain, struct vm_memory *ret_memory, struct vx_error *err)
{
	virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
	virDomainInfo info;
	int count = virDomainMemoryStats(domain, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0);
	if (count < 0 || virDomainGetInfo(domain, &info) < 0) {
		return hypervisor_libvirt_error(err, "libvirt doesn't tell of the VM's memory");
	}
	*ret_memory = (struct vm_memory){
		.granted_kib = info.memory,
		.cpu_ns = info.cpuTime,
		.taken_at_ns = vx_clock_ns(),
	};
	for (int i = 0; i < count; i++) {
		if (stats[i].tag == VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON) {
			ret_memory->granted_kib = stats[i].val;
		} else if (stats[i].tag == VIR_DOMAIN_MEMORY_STAT_RSS) {
			ret_memory->resident_kib = stats[i].val;
		}
	}
	return true;
}

bool hypervisor_job_memory(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	bool gone = false;
	VX_CLEANUP(hypervisor_close_connection)
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = connection != nullptr ? hypervisor_find_domain(hypervisor, connection,
							    job->name, &gone, err)
						  : nullptr;
	if (domain == nullptr) {
		return gone ? vx_error_set(err, "no VM named '%s' runs", job->name) : false;
	}
	return (job->memory_mib == 0 || set_granted(domain, job->memory_mib, err)) &&
	       read_figures(domain, &job->memory, err);
}
