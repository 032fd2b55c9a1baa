/* SPDX-License-Identifier: MIT */
/* What the words of a firewall stand for on this machine, now. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "vm/firewall_script.h"

static constexpr time_t deadline_s = 8;

struct query {
	struct gaicb request;
	struct addrinfo hints;
};

static void add_address(struct vm_firewall_addresses *set, const struct sockaddr *address)
{
	struct sockaddr_in inet;
	if (address == nullptr || address->sa_family != AF_INET ||
		set->count == vm_firewall_addresses_max) {
		return;
	}
	memcpy(&inet, address, sizeof(inet));
	uint32_t value = ntohl(inet.sin_addr.s_addr);
	for (size_t i = 0; i < set->count; i++) {
		if (set->addresses[i] == value) {
			return;
		}
	}
	set->addresses[set->count++] = value;
}

static bool take_host(struct vm_firewall_addresses *set, struct vx_error *err)
{
	struct ifaddrs *interfaces = nullptr;
	if (getifaddrs(&interfaces) != 0) {
		return vx_error_set(err, "can't list the addresses of this machine");
	}
	for (const struct ifaddrs *entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
		add_address(set, entry->ifa_addr);
	}
	freeifaddrs(interfaces);
	return true;
}

/* All names at once. What isn't answered in time is left to glibc's threads, with its memory. */
static void ask(struct query **queries, size_t count)
{
	vx_cleanup_free struct gaicb **list = vx_calloc(count, sizeof(struct gaicb *));
	struct timespec now, end;
	for (size_t i = 0; i < count; i++) {
		list[i] = &queries[i]->request;
	}
	if (getaddrinfo_a(GAI_NOWAIT, list, (int)count, nullptr) != 0) {
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += deadline_s;
	for (;;) {
		bool waits = false;
		for (size_t i = 0; i < count; i++) {
			waits = waits || gai_error(list[i]) == EAI_INPROGRESS;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (!waits || now.tv_sec >= end.tv_sec) {
			return;
		}
		const struct timespec left = {.tv_sec = end.tv_sec - now.tv_sec};
		(void)gai_suspend((const struct gaicb *const *)list, (int)count, &left);
	}
}

static bool take_answer(struct vm_firewall_addresses *set, struct query *query, bool allows,
	const char *name, struct vx_error *err)
{
	int status = gai_error(&query->request);
	if (status == EAI_INPROGRESS && gai_cancel(&query->request) != EAI_CANCELED) {
		status = EAI_AGAIN; /* still being worked on: not ours to free */
	} else {
		for (const struct addrinfo *info = query->request.ar_result;
			status == 0 && info != nullptr; info = info->ai_next) {
			add_address(set, info->ai_addr);
		}
		if (query->request.ar_result != nullptr) {
			freeaddrinfo(query->request.ar_result);
		}
		free((char *)query->request.ar_name);
		free(query);
	}
	return allows || set->count > 0 ||
	       vx_error_set(err, "can't deny '%s': the name can't be resolved (%s)", name,
		       gai_strerror(status));
}

static struct query *query_create(const char *name)
{
	struct query *query = vx_new(query);
	query->hints = (struct addrinfo){.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	query->request.ar_name = vx_strdup(name);
	query->request.ar_request = &query->hints;
	return query;
}

static bool take_names(const struct vm_firewall *firewall, struct vm_firewall_addresses *sets,
	struct vx_error *err)
{
	struct query *queries[vm_firewall_rules_max];
	size_t rules[vm_firewall_rules_max];
	size_t count = 0;
	for (size_t i = 0; i < firewall->rule_count; i++) {
		if (firewall->rules[i].place == VM_FIREWALL_NAME) {
			queries[count] = query_create(firewall->rules[i].name);
			rules[count++] = i;
		}
	}
	if (count > 0) {
		ask(queries, count);
	}
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		const struct vm_firewall_rule *rule = &firewall->rules[rules[i]];
		good = take_answer(&sets[rules[i]], queries[i], rule->allows, rule->name,
			       good ? err : nullptr) &&
		       good;
	}
	return good;
}

struct vm_firewall_addresses *vm_firewall_resolve(
	const struct vm_firewall *firewall, struct vx_error *err)
{
	vx_cleanup_free struct vm_firewall_addresses *sets = vx_calloc(
		firewall->rule_count + 1, sizeof(*sets));
	for (size_t i = 0; i < firewall->rule_count; i++) {
		if (firewall->rules[i].place == VM_FIREWALL_HOST && !take_host(&sets[i], err)) {
			return nullptr;
		}
	}
	return take_names(firewall, sets, err) ? vx_take_ptr(sets) : nullptr;
}
