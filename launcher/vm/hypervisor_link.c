/* SPDX-License-Identifier: MIT */
/*
 * The wires from net-vms to their clients. What there is of them is in QEMU alone, as cards called
 * "link-NUMBER-CLIENT", so that a vixosd that has just come knows as much as the one before.
 */
#include <libvirt/virterror.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "common/memory.h"
#include "common/name.h"
#include "net/plan.h"
#include "vm/hypervisor_state.h"
#include "vm/network.h"
#include "vm/qemu_monitor.h"
#include "vm/runtime_dir.h"

struct net_vm {
	virConnect *connection;
	virDomain *domain; /* NULL: it doesn't run */
	char **devices;
};

static void net_vm_finish(struct net_vm *net_vm)
{
	hypervisor_free_domain(&net_vm->domain);
	hypervisor_close_connection(&net_vm->connection);
	monitor_free_names(net_vm->devices);
}

static bool net_vm_init(struct net_vm *net_vm, struct vm_hypervisor *hypervisor, const char *name,
	struct vx_error *err)
{
	bool gone = false;
	net_vm->connection = hypervisor_get_connection(hypervisor, err);
	if (net_vm->connection == nullptr) {
		return false;
	}
	net_vm->domain = hypervisor_find_domain(hypervisor, net_vm->connection, name, &gone, err);
	if (net_vm->domain == nullptr) {
		return gone;
	}
	net_vm->devices = monitor_list_devices(net_vm->domain, err);
	return net_vm->devices != nullptr;
}

/* The client of a card, borrowed from its name, and its number; NULL for other devices. */
static const char *client_of(const char *device, unsigned *ret_number)
{
	int length = 0;
	if (sscanf(device, "link-%2u-%n", ret_number, &length) != 1 || length == 0 ||
		*ret_number >= vm_links_max || !vx_vm_name_is_valid(device + length)) {
		return nullptr;
	}
	return device + length;
}

static bool remove_cards(struct net_vm *net_vm, const char *client, struct vx_error *err)
{
	bool good = true;
	for (char **device = net_vm->devices; *device != nullptr; device++) {
		unsigned number;
		const char *name = client_of(*device, &number);
		if (name != nullptr && strcmp(name, client) == 0) {
			good = monitor_remove_card(net_vm->domain, *device, good ? err : nullptr) &&
			       good;
		}
	}
	return good;
}

static bool has_card(const struct net_vm *net_vm, const char *client)
{
	for (char **device = net_vm->devices; *device != nullptr; device++) {
		unsigned number;
		const char *name = client_of(*device, &number);
		if (name != nullptr && strcmp(name, client) == 0) {
			return true;
		}
	}
	return false;
}

/* The lowest number that no card has; vm_links_max where all are taken. */
static unsigned find_number(const struct net_vm *net_vm)
{
	bool is_taken[vm_links_max + 1] = {};
	unsigned number;
	for (char **device = net_vm->devices; *device != nullptr; device++) {
		if (client_of(*device, &number) != nullptr) {
			is_taken[number] = true;
		}
	}
	for (number = 0; is_taken[number]; number++) {
	}
	return number;
}

static bool add_card(struct net_vm *net_vm, const struct vm_runtime_dir *client_dir,
	const char *client, struct vx_error *err)
{
	unsigned number = find_number(net_vm);
	vx_cleanup_free char *port = monitor_find_free_port(net_vm->domain, err);
	if (port == nullptr || number == vm_links_max) {
		return port != nullptr ? vx_error_set(err, "it has too many clients") : false;
	}
	vx_cleanup_close int tap = vm_network_make_link(client_dir, number, err);
	vx_cleanup_free char *id = vx_printf("link-%u-%s", number, client);
	vx_cleanup_free char *address = vx_printf("%02x:%02x:%02x:%02x:%02x:%02x",
		vm_link_hardware[0], vm_link_hardware[1], vm_link_hardware[2], vm_link_hardware[3],
		vm_link_hardware[4], number);
	return tap >= 0 && monitor_add_card(net_vm->domain, id, port, address, tap, err);
}

bool hypervisor_job_link(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(net_vm_finish) struct net_vm net_vm = {};
	struct vm_runtime_dir dir;
	if (!net_vm_init(&net_vm, hypervisor, job->name, err)) {
		return false;
	}
	if (net_vm.domain == nullptr) {
		return vx_error_set(err, "VM '%s' has ended", job->name);
	}
	bool good = vm_runtime_dir_init(&dir, job->client, err);
	if (good && (!has_card(&net_vm, job->client) || !vm_network_has_link(&dir))) {
		/* One that was made for the client's last run leads nowhere. */
		(void)remove_cards(&net_vm, job->client, nullptr);
		good = add_card(&net_vm, &dir, job->client, err);
	}
	vm_runtime_dir_finish(&dir);
	return good ||
	       vx_error_wrap(err, "can't connect '%s' to its net-vm '%s'", job->client, job->name);
}

bool hypervisor_job_unlink(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(net_vm_finish) struct net_vm net_vm = {};
	return net_vm_init(&net_vm, hypervisor, job->name, err) &&
	       (net_vm.domain == nullptr || remove_cards(&net_vm, job->client, err));
}

bool hypervisor_job_sweep_links(
	struct vm_hypervisor *hypervisor, struct hypervisor_job *job, struct vx_error *err)
{
	VX_CLEANUP(net_vm_finish) struct net_vm net_vm = {};
	if (!net_vm_init(&net_vm, hypervisor, job->name, err)) {
		return false;
	}
	for (char **device = net_vm.devices; device != nullptr && *device != nullptr; device++) {
		struct vm_runtime_dir dir;
		unsigned number;
		const char *client = client_of(*device, &number);
		if (client != nullptr && vm_runtime_dir_init(&dir, client, nullptr)) {
			if (!vm_network_has_link(&dir)) {
				(void)monitor_remove_card(net_vm.domain, *device, nullptr);
			}
			vm_runtime_dir_finish(&dir);
		}
	}
	return true;
}
