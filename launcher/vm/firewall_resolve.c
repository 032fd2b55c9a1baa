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
static constexpr unsigned address_bits = 128;

struct query {
	struct gaicb request;
	struct addrinfo hints;
};

static bool get_address(struct in6_addr *result, const struct sockaddr *address)
{
	if (address == nullptr) {
		return false;
	}
	if (address->sa_family == AF_INET) {
		struct sockaddr_in inet;
		memcpy(&inet, address, sizeof(inet));
		*result = vm_firewall_map_ipv4(inet.sin_addr);
		return true;
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 inet6;
		memcpy(&inet6, address, sizeof(inet6));
		*result = inet6.sin6_addr;
		return true;
	}
	return false;
}

static bool contains(const struct vm_firewall_network *a, const struct vm_firewall_network *b)
{
	struct vm_firewall_network part = {.address = b->address, .prefix = a->prefix};
	(void)vm_firewall_network_trim(&part);
	return a->prefix <= b->prefix && IN6_ARE_ADDR_EQUAL(&part.address, &a->address);
}

/* Of two that overlap, nftables takes only the larger. */
static void add(struct vm_firewall_addresses *set, struct vm_firewall_network network)
{
	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++) {
		if (contains(&set->networks[i], &network)) {
			return;
		}
	}
	for (size_t i = 0; i < set->count; i++) {
		if (!contains(&network, &set->networks[i])) {
			set->networks[kept++] = set->networks[i];
		}
	}
	set->count = kept;
	set->is_full = set->is_full || set->count == vm_firewall_addresses_max;
	if (set->count < vm_firewall_addresses_max) {
		set->networks[set->count++] = network;
	}
}

static void add_address(struct vm_firewall_addresses *set, const struct sockaddr *address)
{
	struct vm_firewall_network network = {.prefix = address_bits};
	if (get_address(&network.address, address)) {
		add(set, network);
	}
}

/* What is reached by an interface without a router: in IPv6 those are as public as any. */
static void add_network(struct vm_firewall_addresses *set, const struct ifaddrs *entry)
{
	struct vm_firewall_network network = {};
	struct in6_addr mask;
	if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET6 ||
		!get_address(&network.address, entry->ifa_addr) ||
		!get_address(&mask, entry->ifa_netmask)) {
		return;
	}
	while (network.prefix < address_bits &&
		(mask.s6_addr[network.prefix / 8] & (0x80 >> network.prefix % 8)) != 0) {
		network.prefix++;
	}
	(void)vm_firewall_network_trim(&network);
	bool is_lan = (network.address.s6_addr[0] & 0xfe) == 0xfc; /* fc00::/7 */
	if (!is_lan && !IN6_IS_ADDR_LINKLOCAL(&network.address)) {
		add(set, network);
	}
}

bool vm_firewall_places_find(struct vm_firewall_places *places, struct vx_error *err)
{
	struct ifaddrs *interfaces = nullptr;
	*places = (struct vm_firewall_places){};
	if (getifaddrs(&interfaces) != 0) {
		return vx_error_set(err, "can't list the addresses of this machine");
	}
	for (const struct ifaddrs *entry = interfaces; entry != nullptr; entry = entry->ifa_next) {
		add_address(&places->host, entry->ifa_addr);
		add_network(&places->networks, entry);
	}
	freeifaddrs(interfaces);
	return (!places->host.is_full && !places->networks.is_full) ||
	       vx_error_set(err,
		       "can't enforce rules for 'host' and 'lan': this machine has more than %zu "
		       "addresses; name networks instead",
		       vm_firewall_addresses_max);
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
	query->hints = (struct addrinfo){.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
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

/* What is left out is not allowed, which is safe; it would not be denied either. */
static bool check_size(const struct vm_firewall *firewall, const struct vm_firewall_addresses *sets,
	struct vx_error *err)
{
	for (size_t i = 0; i < firewall->rule_count; i++) {
		if (sets[i].is_full && !firewall->rules[i].allows) {
			vx_cleanup_free char *text = vm_firewall_rule_format(&firewall->rules[i]);
			return vx_error_set(err,
				"can't enforce '%s': it stands for more than %zu addresses; name "
				"networks instead",
				text, vm_firewall_addresses_max);
		}
	}
	return true;
}

struct vm_firewall_addresses *vm_firewall_resolve(
	const struct vm_firewall *firewall, struct vx_error *err)
{
	vx_cleanup_free struct vm_firewall_addresses *sets = vx_calloc(
		firewall->rule_count + 1, sizeof(*sets));
	return take_names(firewall, sets, err) && check_size(firewall, sets, err)
		       ? vx_take_ptr(sets)
		       : nullptr;
}
