/* SPDX-License-Identifier: MIT */
/* What the workers do with VMs that were started before anybody wanted them. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/memory.h"
#include "vm/domain_xml.h"
#include "vm/fingerprint.h"
#include "vm/guest_cmdline.h"
#include "vm/hypervisor_state.h"
#include "vm/network.h"
#include "vm/start.h"

static bool make_fingerprint(struct vm_hypervisor *hypervisor,
	const struct vm_definition *definition, uint64_t *ret_fingerprint, struct vx_error *err)
{
	VX_CLEANUP(vm_start_finish) struct vm_start start = {};
	return vm_start_prepare(&start, definition, hypervisor->accel, err) &&
	       vm_fingerprint(&start, definition, ret_fingerprint, err);
}

bool hypervisor_job_fingerprint(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	return make_fingerprint(hypervisor, job->definition, &job->started.fingerprint, err);
}

/* The same paths as before have the same bytes behind them, or it isn't what a start would give. */
static bool check_fingerprint(
	struct vm_hypervisor *hypervisor, const struct hypervisor_job *job, struct vx_error *err)
{
	uint64_t fingerprint = 0;
	struct vm_definition *neutral = vm_definition_for_preload(
		job->definition, job->preloaded_name);
	bool made = make_fingerprint(hypervisor, neutral, &fingerprint, err);
	vm_definition_destroy(neutral);
	return made && (fingerprint == job->fingerprint ||
			       vx_error_set(err, "what '%s' was made from has changed",
				       job->preloaded_name));
}

static bool rename_files(struct hypervisor_job *job, struct vx_error *err)
{
	struct vm_runtime_dir from, to;
	bool good = vm_runtime_dir_init(&from, job->preloaded_name, err) &&
		    vm_runtime_dir_init(&to, job->name, err);
	if (good) {
		vm_region_remove(job->name);
		good = vm_runtime_dir_rename(&from, &to, err);
	}
	if (good) {
		job->started.region_name = vm_region_rename(job->preloaded_region, job->name, err);
		job->started.console_socket = vx_unix_connect(to.console_socket, SOCK_STREAM, err);
		good = job->started.region_name != nullptr && job->started.console_socket >= 0;
	}
	vm_runtime_dir_finish(&from);
	vm_runtime_dir_finish(&to);
	return good;
}

/* Before the guest is anybody's, its rules are. */
static bool set_firewall(const struct hypervisor_job *job, struct vx_error *err)
{
	struct vm_runtime_dir dir;
	bool good = vm_runtime_dir_init(&dir, job->name, err);
	if (good && vm_network_is_ours(job->definition->network)) {
		good = vm_network_set_firewall(&dir, &job->definition->firewall, err);
	}
	vm_runtime_dir_finish(&dir);
	return good;
}

/* The guest reads it once it runs: a socket's buffer has room for it. */
static bool write_binding(const struct hypervisor_job *job, struct vx_error *err)
{
	vx_cleanup_free char *line = vm_guest_bind_line(job->name, err);
	if (line == nullptr) {
		return false;
	}
	size_t size = strlen(line);
	ssize_t sent = send(job->bind_socket, line, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	explicit_bzero(line, size);
	return sent == (ssize_t)size || vx_error_set_errno(err, errno, "can't bind the VM");
}

/* From here on libvirt says whose VM it is, whatever becomes of us. */
static bool describe(virDomain *domain, const struct hypervisor_job *job, struct vx_error *err)
{
	vx_cleanup_free char *metadata = vm_domain_metadata_format(
		job->definition, job->started.region_name, err);
	if (metadata == nullptr) {
		return false;
	}
	return (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, metadata, "vixos",
			VM_DOMAIN_NAMESPACE, VIR_DOMAIN_AFFECT_LIVE) == 0 &&
		       virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_TITLE,
			       job->definition->label, nullptr, nullptr,
			       VIR_DOMAIN_AFFECT_LIVE) == 0) ||
	       hypervisor_libvirt_error(err, "libvirt can't describe the VM anew");
}

static bool give_away(virDomain *domain, struct hypervisor_job *job, struct vx_error *err)
{
	if (!rename_files(job, err) || !set_firewall(job, err) || !write_binding(job, err)) {
		return false;
	}
	job->started.times.resumed_at = vx_clock_ns();
	if (virDomainResume(domain) != 0) {
		return hypervisor_libvirt_error(err, "libvirt can't resume the VM");
	}
	return describe(domain, job, err);
}

static bool take_domain(struct vm_hypervisor *hypervisor, virConnect *connection,
	struct hypervisor_job *job, struct vx_error *err)
{
	bool gone = false;
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = hypervisor_find_domain(
		hypervisor, connection, job->preloaded_name, &gone, err);
	if (domain == nullptr) {
		return gone ? vx_error_set(err, "'%s' has ended", job->preloaded_name) : false;
	}
	uint64_t begin = vx_clock_ns();
	hypervisor_alias_set(hypervisor, virDomainGetName(domain), job->name);
	if (give_away(domain, job, err)) {
		job->started.times.libvirt_ns = vx_clock_ns() - begin;
		return true;
	}
	virDomainDestroyFlags(domain, VIR_DOMAIN_DESTROY_DEFAULT);
	hypervisor_alias_forget(hypervisor, virDomainGetName(domain));
	vm_remove_files(job->name, nullptr);
	return false;
}

static void end_preloaded(virConnect *connection, const char *name)
{
	vx_cleanup_free char *domain_name = vx_printf(VM_DOMAIN_PREFIX "%s", name);
	VX_CLEANUP(hypervisor_free_domain)
	virDomain *domain = virDomainLookupByName(connection, domain_name);
	if (domain != nullptr) {
		virDomainDestroyFlags(domain, VIR_DOMAIN_DESTROY_DEFAULT);
	}
	vm_remove_files(name, nullptr);
}

bool hypervisor_job_take(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	uint64_t begin = vx_clock_ns();
	VX_CLEANUP(hypervisor_close_connection)
	virConnect *connection = hypervisor_get_connection(hypervisor, err);
	if (connection == nullptr) {
		return false;
	}
	bool good = check_fingerprint(hypervisor, job, err) &&
		    hypervisor_check_not_running(hypervisor, connection, job->name, err);
	job->started.times.prepare_ns = vx_clock_ns() - begin;
	good = good && take_domain(hypervisor, connection, job, err);
	if (!good) {
		end_preloaded(connection, job->preloaded_name);
	}
	return good;
}
