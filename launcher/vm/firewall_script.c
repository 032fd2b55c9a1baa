/* SPDX-License-Identifier: MIT */
#include "vm/firewall_script.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#include "common/buffer.h"
#include "common/memory.h"
#include "vm/network_plan.h"

/*
 * Packets to addresses that mean a place on the wire, and not one in a network, never pass: this
 * host and its like, link-local (a cloud's metadata is there), multicast, broadcast.
 */
static const char head[] = "table inet vixos\n"
			   "delete table inet vixos\n"
			   "table inet vixos {\n"
			   "chain refuse {\n"
			   "meta l4proto tcp reject with tcp reset\n"
			   "reject with icmpx admin-prohibited\n"
			   "}\n";

static const char resolver_head[] = "chain resolver {\n";

static const char output_head[] =
	"chain output {\n"
	"type filter hook output priority filter; policy drop;\n"
	"oifname \"lo\" accept\n" /* nothing listens; the kernel's own refusals go this way */
	"meta nfproto != ipv4 drop\n"
	"oifname != \"" VM_UPLINK "\" drop\n"
	"ip daddr " VM_INNER_RESOLVER " meta l4proto { tcp, udp } th dport { 53, 853 } "
	"goto resolver\n"
	"ip daddr { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/3 } goto refuse\n";

static const char lan[] = "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16";

/* What comes in answers what went out; no address of the namespace's has a service. */
static const char tail[] = "chain input {\n"
			   "type filter hook input priority filter; policy drop;\n"
			   "meta nfproto ipv4 iifname { \"lo\", \"" VM_UPLINK "\" } accept\n"
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

static bool append_addresses(struct vx_buffer *text, const struct vm_firewall_addresses *addresses)
{
	bool fits = append(text, "ip daddr { ");
	for (size_t i = 0; i < addresses->count; i++) {
		char address[INET_ADDRSTRLEN];
		const struct in_addr raw = {.s_addr = htonl(addresses->addresses[i])};
		inet_ntop(AF_INET, &raw, address, sizeof(address));
		fits = fits && append(text, "%s%s", i > 0 ? ", " : "", address);
	}
	return fits && append(text, " } ");
}

static bool append_place(struct vx_buffer *text, const struct vm_firewall_rule *rule,
	const struct vm_firewall_addresses *addresses)
{
	switch (rule->place) {
	case VM_FIREWALL_LAN:
		return append(text, "ip daddr { %s } ", lan);
	case VM_FIREWALL_NETWORK: {
		const struct vm_firewall_addresses one = {.addresses = {rule->address}, .count = 1};
		return rule->prefix == 32
			       ? append_addresses(text, &one)
			       : append(text, "ip daddr %u.%u.%u.%u/%u ", rule->address >> 24,
					 rule->address >> 16 & 255, rule->address >> 8 & 255,
					 rule->address & 255, rule->prefix);
	}
	case VM_FIREWALL_HOST:
	case VM_FIREWALL_NAME:
		return append_addresses(text, addresses);
	case VM_FIREWALL_ANYWHERE:
	case VM_FIREWALL_RESOLVER:
	case VM_FIREWALL_PLACE_COUNT:
		break;
	}
	return true;
}

static bool append_protocol(struct vx_buffer *text, const struct vm_firewall_rule *rule)
{
	static const char *const protocols[] = {
		[VM_FIREWALL_ANY_PROTOCOL] = "",
		[VM_FIREWALL_TCP] = "meta l4proto tcp ",
		[VM_FIREWALL_UDP] = "meta l4proto udp ",
		[VM_FIREWALL_ICMP] = "meta l4proto icmp ",
	};
	static_assert(VX_ARRAY_LENGTH(protocols) == VM_FIREWALL_PROTOCOL_COUNT);
	bool has_ports = rule->first_port != 0;
	bool both = has_ports && rule->protocol == VM_FIREWALL_ANY_PROTOCOL;
	return append(text, "%s",
		       both ? "meta l4proto { tcp, udp } " : protocols[rule->protocol]) &&
	       (!has_ports || append(text, "th dport %u-%u ", rule->first_port, rule->last_port));
}

static bool append_rule(struct vx_buffer *text, const struct vm_firewall_rule *rule,
	const struct vm_firewall_addresses *addresses)
{
	bool by_list = rule->place == VM_FIREWALL_HOST || rule->place == VM_FIREWALL_NAME;
	if (rule->place == VM_FIREWALL_RESOLVER || (by_list && addresses->count == 0)) {
		return true;
	}
	return append_place(text, rule, addresses) && append_protocol(text, rule) &&
	       append(text, "%s\n", verdict(rule->allows));
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
			fits = fits && append_protocol(text, rule) &&
			       append(text, "%s\n", verdict(rule->allows));
		}
	}
	return fits && append(text, "%s\n}\n", verdict(!firewall->denies));
}

char *vm_firewall_script(const struct vm_firewall *firewall,
	const struct vm_firewall_addresses *addresses, struct vx_error *err)
{
	struct vx_buffer text = {.max_size = vm_firewall_script_max};
	bool fits = append(&text, "%s", head) && append_resolver(&text, firewall) &&
		    append(&text, "%s", output_head);
	for (size_t i = 0; i < firewall->rule_count; i++) {
		fits = fits && append_rule(&text, &firewall->rules[i], &addresses[i]);
	}
	fits = fits && append(&text, "%s\n}\n%s", verdict(!firewall->denies), tail);
	char *script = fits ? vx_strndup((const char *)vx_buffer_bytes(&text), text.size) : nullptr;
	vx_buffer_finish(&text);
	if (script == nullptr) {
		vx_error_set(err, "the firewall's rules are too long; use fewer names");
	}
	return script;
}
