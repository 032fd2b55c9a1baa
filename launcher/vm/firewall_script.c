/* SPDX-License-Identifier: MIT */
#include "vm/firewall_script.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#include "common/buffer.h"
#include "common/memory.h"
#include "net/plan.h"

static const char head[] = "table inet vixos\n"
			   "delete table inet vixos\n"
			   "table inet vixos {\n"
			   "chain refuse {\n"
			   "meta l4proto tcp reject with tcp reset\n"
			   "reject with icmpx admin-prohibited\n"
			   "}\n";

static const char resolver_head[] = "chain resolver {\n";

/*
 * Packets to addresses that mean a place on the wire, and not one in a network, never pass: this
 * host and its like, link-local (a cloud's metadata is there), multicast, broadcast; nor do those
 * to addresses of IPv6 that tunnel to one of IPv4. Those of a NAT64 (64:ff9b::/96, RFC 6052) are
 * judged as the address that they stand for, here and in rules.
 */
static const char output_head[] =
	"chain output {\n"
	"type filter hook output priority filter; policy drop;\n"
	"oifname \"lo\" accept\n" /* nothing listens; the kernel's own refusals go this way */
	"oifname != \"" VM_UPLINK "\" drop\n"
	"ip daddr " VM_INNER_RESOLVER " meta l4proto { tcp, udp } th dport { 53, 853 } "
	"goto resolver\n"
	"ip daddr { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/3 } goto refuse\n"
	/* The kernel's alone: no socket of passt's can send these. */
	"icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
	"ip6 daddr { ::/96, ::ffff:0:0/96, 64:ff9b::/104, 64:ff9b::7f00:0/104, "
	"64:ff9b::a9fe:0/112, 64:ff9b::e000:0/99, 64:ff9b:1::/48, 2001::/32, 2002::/16, "
	"fe80::/10, fec0::/10, ff00::/8, " VM_OWN_NETWORK6 " } goto refuse\n";

static const char lan[] = "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16, ";
static const char lan6[] = "fc00::/7, 64:ff9b::a00:0/104, 64:ff9b::6440:0/106, "
			   "64:ff9b::ac10:0/108, 64:ff9b::c0a8:0/112, ";
static const uint8_t nat64[] = {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

/* What comes in answers what went out; no address of the namespace's has a service. */
static const char tail[] = "chain input {\n"
			   "type filter hook input priority filter; policy drop;\n"
			   "iifname { \"lo\", \"" VM_UPLINK "\" } accept\n"
			   "}\n"
			   "chain forward {\n"
			   "type filter hook forward priority filter; policy drop;\n"
			   "}\n"
			   "}\n";

[[gnu::format(printf, 2, 3)]] static bool append(struct vx_buffer *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vx_cleanup_free char *piece = vx_vprintf(format, args);
	va_end(args);
	return vx_buffer_append(text, piece, strlen(piece));
}

static const char *verdict(bool allows)
{
	return allows ? "accept" : "goto refuse";
}

static bool append_protocol(struct vx_buffer *text, const struct vm_firewall_rule *rule)
{
	static const char *const protocols[] = {
		[VM_FIREWALL_ANY_PROTOCOL] = "",
		[VM_FIREWALL_TCP] = "meta l4proto tcp ",
		[VM_FIREWALL_UDP] = "meta l4proto udp ",
		[VM_FIREWALL_ICMP] = "meta l4proto { icmp, ipv6-icmp } ",
	};
	static_assert(VX_ARRAY_LENGTH(protocols) == VM_FIREWALL_PROTOCOL_COUNT);
	bool has_ports = rule->first_port != 0;
	bool both = has_ports && rule->protocol == VM_FIREWALL_ANY_PROTOCOL;
	return append(text, "%s",
		       both ? "meta l4proto { tcp, udp } " : protocols[rule->protocol]) &&
	       (!has_ports || append(text, "th dport %u-%u ", rule->first_port, rule->last_port));
}

static bool append_verdict(struct vx_buffer *text, const struct vm_firewall_rule *rule)
{
	return append_protocol(text, rule) && append(text, "%s\n", verdict(rule->allows));
}

/* As nftables has it in a set, with a comma behind it. */
static bool append_network(
	struct vx_buffer *text, int family, const uint8_t *address, unsigned prefix)
{
	char formatted[INET6_ADDRSTRLEN];
	inet_ntop(family, address, formatted, sizeof(formatted));
	bool is_single = prefix == (family == AF_INET ? 32 : 128);
	return is_single ? append(text, "%s, ", formatted)
			 : append(text, "%s/%u, ", formatted, prefix);
}

/* In the family's words. */
static bool append_member(
	struct vx_buffer *text, int family, const struct vm_firewall_network *network)
{
	struct in6_addr address = network->address;
	bool is_ipv4 = vm_firewall_network_is_ipv4(network);
	if (family == AF_INET) {
		return !is_ipv4 || append_network(text, AF_INET, address.s6_addr + sizeof(nat64),
					   network->prefix - 96);
	}
	if (is_ipv4) {
		memcpy(address.s6_addr, nat64, sizeof(nat64));
	}
	return append_network(text, AF_INET6, address.s6_addr, network->prefix);
}

/* `before`, then a rule of nftables for the networks of a family; nothing where there are none. */
static bool append_family(struct vx_buffer *text, const char *before, int family,
	const struct vm_firewall_rule *rule, const struct vm_firewall_addresses *addresses)
{
	struct vx_buffer set = {.max_size = vm_firewall_script_max};
	bool is_inet = family == AF_INET;
	bool fits = rule->place != VM_FIREWALL_LAN || append(&set, "%s", is_inet ? lan : lan6);
	for (size_t i = 0; i < addresses->count; i++) {
		fits = fits && append_member(&set, family, &addresses->networks[i]);
	}
	if (fits && set.size > 0) {
		fits = append(text, "%s%s { %.*s } ", before, is_inet ? "ip daddr" : "ip6 daddr",
			       (int)set.size - 2, (const char *)vx_buffer_bytes(&set)) &&
		       append_verdict(text, rule);
	}
	vx_buffer_finish(&set);
	return fits;
}

static bool append_families(struct vx_buffer *text, const char *before,
	const struct vm_firewall_rule *rule, const struct vm_firewall_addresses *addresses)
{
	return append_family(text, before, AF_INET, rule, addresses) &&
	       append_family(text, before, AF_INET6, rule, addresses);
}

static bool is_place(const struct vm_firewall_rule *rule)
{
	return rule->place == VM_FIREWALL_HOST || rule->place == VM_FIREWALL_LAN;
}

bool vm_firewall_has_places(const struct vm_firewall *firewall)
{
	for (size_t i = 0; i < firewall->rule_count; i++) {
		if (is_place(&firewall->rules[i])) {
			return true;
		}
	}
	return false;
}

/* A rule for a place has a chain of its own, of which the content can change. */
static bool append_places(struct vx_buffer *text, const struct vm_firewall *firewall,
	const struct vm_firewall_places *places, bool only_content)
{
	bool fits = true;
	for (size_t i = 0; i < firewall->rule_count; i++) {
		const struct vm_firewall_rule *rule = &firewall->rules[i];
		if (!is_place(rule)) {
			continue;
		}
		vx_cleanup_free char *before = only_content
						       ? vx_printf(
								 "add rule inet vixos place%zu ", i)
						       : vx_strdup("");
		fits = fits &&
		       append(text,
			       only_content ? "flush chain inet vixos place%zu\n"
					    : "chain place%zu {\n",
			       i) &&
		       append_families(text, before, rule,
			       rule->place == VM_FIREWALL_HOST ? &places->host
							       : &places->networks) &&
		       append(text, "%s", only_content ? "" : "}\n");
	}
	return fits;
}

static bool append_rule(struct vx_buffer *text, const struct vm_firewall *firewall, size_t number,
	const struct vm_firewall_addresses *addresses)
{
	const struct vm_firewall_rule *rule = &firewall->rules[number];
	const struct vm_firewall_addresses one = {.networks = {rule->network}, .count = 1};
	switch (rule->place) {
	case VM_FIREWALL_ANYWHERE:
		return append_verdict(text, rule);
	case VM_FIREWALL_LAN:
	case VM_FIREWALL_HOST:
		return append(text, "jump place%zu\n", number);
	case VM_FIREWALL_NETWORK:
		return append_families(text, "", rule, &one);
	case VM_FIREWALL_NAME:
		return append_families(text, "", rule, addresses);
	case VM_FIREWALL_RESOLVER:
	case VM_FIREWALL_PLACE_COUNT:
		break;
	}
	return true;
}

/* Rules that name no place but the resolver or any, and no port. */
static bool append_resolver(struct vx_buffer *text, const struct vm_firewall *firewall)
{
	bool fits = append(text, "%s", resolver_head);
	for (size_t i = 0; i < firewall->rule_count; i++) {
		const struct vm_firewall_rule *rule = &firewall->rules[i];
		bool meets = rule->place == VM_FIREWALL_RESOLVER ||
			     rule->place == VM_FIREWALL_ANYWHERE;
		if (meets && rule->protocol != VM_FIREWALL_ICMP) {
			fits = fits && append_verdict(text, rule);
		}
	}
	return fits && append(text, "%s\n}\n", verdict(!firewall->denies));
}

/* Its contents as a string, and ends it. Owned by the caller. */
static char *take_script(struct vx_buffer *text, bool fits, struct vx_error *err)
{
	char *script = fits ? vx_strndup((const char *)vx_buffer_bytes(text), text->size) : nullptr;
	vx_buffer_finish(text);
	if (script == nullptr) {
		vx_error_set(err, "the firewall's rules are too long; use fewer names");
	}
	return script;
}

char *vm_firewall_places_script(const struct vm_firewall *firewall,
	const struct vm_firewall_places *places, struct vx_error *err)
{
	struct vx_buffer text = {.max_size = vm_firewall_script_max};
	bool fits = append_places(&text, firewall, places, true);
	return take_script(&text, fits, err);
}

char *vm_firewall_script(const struct vm_firewall *firewall,
	const struct vm_firewall_addresses *addresses, const struct vm_firewall_places *places,
	struct vx_error *err)
{
	struct vx_buffer text = {.max_size = vm_firewall_script_max};
	bool fits = append(&text, "%s", head) && append_resolver(&text, firewall) &&
		    append_places(&text, firewall, places, false) &&
		    append(&text, "%s", output_head);
	for (size_t i = 0; i < firewall->rule_count; i++) {
		fits = fits && append_rule(&text, firewall, i, &addresses[i]);
	}
	fits = fits && append(&text, "%s\n}\n%s", verdict(!firewall->denies), tail);
	return take_script(&text, fits, err);
}
