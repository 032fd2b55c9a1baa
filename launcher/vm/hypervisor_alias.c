/* SPDX-License-Identifier: MIT */
/* Which domain is which VM's: they are called alike, but for VMs that were preloaded. */
#include <libvirt/virterror.h>
#include <string.h>

#include "common/memory.h"
#include "common/name.h"
#include "vm/domain_xml.h"
#include "vm/hypervisor_state.h"

static constexpr size_t prefix_length = sizeof(VM_DOMAIN_PREFIX) - 1;

/* Under the mutex; the item to be replaced, or NULL. */
static struct domain_alias *find_alias(struct vm_hypervisor *hypervisor, const char *domain)
{
	for (size_t i = 0; i < hypervisor->aliases.count; i++) {
		if (strcmp(hypervisor->aliases.items[i].domain, domain) == 0) {
			return &hypervisor->aliases.items[i];
		}
	}
	return nullptr;
}

void hypervisor_alias_forget(struct vm_hypervisor *hypervisor, const char *domain)
{
	struct alias_list *list = &hypervisor->aliases;
	pthread_mutex_lock(&hypervisor->mutex);
	struct domain_alias *alias = find_alias(hypervisor, domain);
	if (alias != nullptr) {
		free(alias->domain);
		free(alias->vm);
		*alias = list->items[--list->count];
	}
	pthread_mutex_unlock(&hypervisor->mutex);
}

void hypervisor_alias_set(struct vm_hypervisor *hypervisor, const char *domain, const char *vm_name)
{
	struct alias_list *list = &hypervisor->aliases;
	hypervisor_alias_forget(hypervisor, domain);
	if (strcmp(domain + prefix_length, vm_name) == 0) {
		return;
	}
	pthread_mutex_lock(&hypervisor->mutex);
	list->items = vx_reallocarray(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct domain_alias){
		.domain = vx_strdup(domain),
		.vm = vx_strdup(vm_name),
	};
	pthread_mutex_unlock(&hypervisor->mutex);
}

void hypervisor_aliases_finish(struct vm_hypervisor *hypervisor)
{
	for (size_t i = 0; i < hypervisor->aliases.count; i++) {
		free(hypervisor->aliases.items[i].domain);
		free(hypervisor->aliases.items[i].vm);
	}
	free(hypervisor->aliases.items);
}

char *hypervisor_vm_of_domain(struct vm_hypervisor *hypervisor, virDomain *domain)
{
	const char *name = virDomainGetName(domain);
	if (name == nullptr || strncmp(name, VM_DOMAIN_PREFIX, prefix_length) != 0 ||
		!vx_vm_name_is_valid(name + prefix_length)) {
		return nullptr;
	}
	pthread_mutex_lock(&hypervisor->mutex);
	const struct domain_alias *alias = find_alias(hypervisor, name);
	char *vm_name = vx_strdup(alias != nullptr ? alias->vm : name + prefix_length);
	pthread_mutex_unlock(&hypervisor->mutex);
	return vm_name;
}

/* The name of the domain that was given to the VM, or NULL; owned by the caller. */
static char *find_given(struct vm_hypervisor *hypervisor, const char *vm_name)
{
	char *domain = nullptr;
	pthread_mutex_lock(&hypervisor->mutex);
	for (size_t i = 0; i < hypervisor->aliases.count && domain == nullptr; i++) {
		if (strcmp(hypervisor->aliases.items[i].vm, vm_name) == 0) {
			domain = vx_strdup(hypervisor->aliases.items[i].domain);
		}
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return domain;
}

static virDomain *look_up(
	virConnect *connection, const char *name, bool *ret_gone, struct vx_error *err)
{
	virDomain *domain = virDomainLookupByName(connection, name);
	const virError *error = domain == nullptr ? virGetLastError() : nullptr;
	*ret_gone = error != nullptr && error->code == VIR_ERR_NO_DOMAIN;
	if (domain == nullptr && !*ret_gone) {
		hypervisor_libvirt_error(err, "libvirt doesn't find the VM");
	}
	return domain;
}

virDomain *hypervisor_find_domain(struct vm_hypervisor *hypervisor, virConnect *connection,
	const char *vm_name, bool *ret_gone, struct vx_error *err)
{
	vx_cleanup_free char *given = find_given(hypervisor, vm_name);
	if (given != nullptr) {
		virDomain *domain = look_up(connection, given, ret_gone, err);
		if (domain != nullptr || !*ret_gone) {
			return domain;
		}
	}
	vx_cleanup_free char *name = vx_printf(VM_DOMAIN_PREFIX "%s", vm_name);
	return look_up(connection, name, ret_gone, err);
}
