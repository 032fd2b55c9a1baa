/* SPDX-License-Identifier: MIT */
/*
 * What a VM may talk to: rules in order, the first that matches decides, and a policy where none
 * does. Here they are data and text; firewall_script.h makes nftables' language of them.
 *
 *   allow|deny any|dns|icmp
 *   allow|deny [tcp|udp|icmp] WHERE[:PORT[-PORT]]
 *
 * WHERE is any, lan (private addresses and this machine's networks), host (addresses of this
 * machine), a name, an address, or a network such as 192.0.2.0/24 or 2001:db8::/32; IPv6 before a
 * port is in brackets. The VM's resolver is met by `dns` and `any` alone.
 */
#ifndef VX_LAUNCHER_VM_FIREWALL_H
#define VX_LAUNCHER_VM_FIREWALL_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

static constexpr size_t vm_firewall_rules_max = 128;
static constexpr size_t vm_firewall_words_max = 3;

enum vm_firewall_protocol : unsigned {
	VM_FIREWALL_ANY_PROTOCOL,
	VM_FIREWALL_TCP,
	VM_FIREWALL_UDP,
	VM_FIREWALL_ICMP,
	VM_FIREWALL_PROTOCOL_COUNT,
};

enum vm_firewall_place : unsigned {
	VM_FIREWALL_ANYWHERE,
	VM_FIREWALL_RESOLVER,
	VM_FIREWALL_LAN,
	VM_FIREWALL_HOST,
	VM_FIREWALL_NETWORK,
	VM_FIREWALL_NAME,
	VM_FIREWALL_PLACE_COUNT,
};

/* IPv4 is ::ffff:a.b.c.d here, with a prefix of 96 and more. No bit is set behind the prefix. */
struct vm_firewall_network {
	struct in6_addr address;
	unsigned prefix;
};

struct vm_firewall_rule {
	bool allows;
	enum vm_firewall_protocol protocol;
	enum vm_firewall_place place;
	struct vm_firewall_network network; /* NETWORK */
	char *name;                         /* NAME: owned; else NULL */
	uint16_t first_port, last_port;     /* 0, 0: all */
};

struct vm_firewall {
	bool denies;                    /* what no rule matches */
	struct vm_firewall_rule *rules; /* owned */
	size_t rule_count;
};

struct in6_addr vm_firewall_map_ipv4(struct in_addr ipv4);
bool vm_firewall_network_is_ipv4(const struct vm_firewall_network *network);
/* Clears what is behind the prefix; true where something was. */
bool vm_firewall_network_trim(struct vm_firewall_network *network);

/* One rule of `count` words; owned by the caller then (vm_firewall_rule_finish()). */
[[nodiscard]] bool vm_firewall_rule_parse(struct vm_firewall_rule *rule, const char *const *words,
	size_t count, struct vx_error *err);
/* As it would be typed; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_firewall_rule_format(
	const struct vm_firewall_rule *rule);
void vm_firewall_rule_finish(struct vm_firewall_rule *rule);

/* Takes the rule's contents; `at` is where it goes, at most the count. False where it is full. */
[[nodiscard]] bool vm_firewall_insert(struct vm_firewall *firewall, struct vm_firewall_rule *rule,
	size_t at, struct vx_error *err);
void vm_firewall_remove(struct vm_firewall *firewall, size_t at);

/* The whole as one line: "deny; allow dns; allow tcp example.org:443". Owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_firewall_format(const struct vm_firewall *firewall);
[[nodiscard]] bool vm_firewall_parse(
	struct vm_firewall *firewall, const char *text, struct vx_error *err);

bool vm_firewall_is_trivial(const struct vm_firewall *firewall); /* allows everything */
struct vm_firewall vm_firewall_copy(const struct vm_firewall *firewall);
bool vm_firewall_equals(const struct vm_firewall *a, const struct vm_firewall *b);
void vm_firewall_finish(struct vm_firewall *firewall);

#endif
