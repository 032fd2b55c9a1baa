/* SPDX-License-Identifier: MIT */
/* The firewall's rules: from text to text, mistakes, and what nftables gets to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "vm/firewall.h"
#include "vm/firewall_edit.h"
#include "vm/firewall_script.h"

static void test_rules_read_back(void **state)
{
	static const char *const texts[] = {
		"allow",
		"deny",
		"deny; allow dns; allow tcp example.org:443",
		"allow; deny lan; deny host; deny udp any:1-1023; allow icmp any",
		"deny; allow 192.0.2.0/24; allow tcp 198.51.100.7:8000-8080; allow any:65535",
		"deny; deny 0.0.0.0/0; allow a-b_c.x1; allow 1x.example",
		"deny; allow 2001:db8::7; deny tcp [2001:db8::/32]:80-90; deny icmp ::/0",
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(texts); i++) {
		struct vm_firewall firewall;
		vx_cleanup_error struct vx_error err = {};
		assert_true(vm_firewall_parse(&firewall, texts[i], &err));
		struct vm_firewall copy = vm_firewall_copy(&firewall);
		vx_cleanup_free char *text = vm_firewall_format(&copy);
		assert_string_equal(text, texts[i]);
		assert_true(vm_firewall_equals(&firewall, &copy));
		vm_firewall_finish(&copy);
		vm_firewall_finish(&firewall);
	}
}

static void test_short_forms(void **state)
{
	static const char *const pairs[][2] = {
		{"allow; deny *", "allow; deny any"},
		{"allow; deny *:80", "allow; deny any:80"},
		{"allow; deny tcp", "allow; deny tcp any"},
		{"allow; deny icmp", "allow; deny icmp any"},
		{"allow; deny tcp any:80-80", "allow; deny tcp any:80"},
		{"deny;  allow   tcp  x:1 ", "deny; allow tcp x:1"},
		{"deny; allow [2001:DB8:0::1]", "deny; allow 2001:db8::1"},
		{"deny; allow [2001:db8::2/128]:1", "deny; allow [2001:db8::2]:1"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(pairs); i++) {
		struct vm_firewall firewall;
		vx_cleanup_error struct vx_error err = {};
		assert_true(vm_firewall_parse(&firewall, pairs[i][0], &err));
		vx_cleanup_free char *text = vm_firewall_format(&firewall);
		assert_string_equal(text, pairs[i][1]);
		vm_firewall_finish(&firewall);
	}
}

static void test_mistakes(void **state)
{
	static const char *const texts[][2] = {
		{"", "expected allow or deny"},
		{"reject", "expected allow or deny"},
		{"allow; permit any", "expected allow or deny, found 'permit'"},
		{"allow; deny", "found 1 words"},
		{"allow; deny tcp a b", "found 4 words"},
		{"allow; deny sctp a", "expected tcp, udp or icmp"},
		{"allow; deny 192.0.2.1/24", "an address or a network"},
		{"allow; deny 192.0.2.0/33", "an address or a network"},
		{"allow; deny 192.0.2.0/-1", "an address or a network"},
		{"allow; deny 192.0.2.0/", "an address or a network"},
		{"allow; deny 192.0.2", "an address or a network"},
		{"allow; deny 192.0.2.256", "an address or a network"},
		{"allow; deny 1", "an address or a network"},
		{"allow; deny -a.example", "a name"},
		{"allow; deny a..b", "a name"},
		{"allow; deny a.", "a name"},
		{"allow; deny a}b", "a name"},
		{"allow; deny \"x\"", "a name"},
		{"allow; deny a\nb", "a name"},
		{"allow; deny 2001:db8::1/64", "an address or a network"},
		{"allow; deny 2001:db8::/129", "an address or a network"},
		{"allow; deny 2001:db8::1:", "an address or a network"},
		{"allow; deny ::ffff:192.0.2.1", "an address or a network"},
		{"allow; deny ::ffff:192.0.2.0/120", "an address or a network"},
		{"allow; deny ::192.0.2.1", "an address or a network"},
		{"allow; deny fe80::1%eth0", "an address or a network"},
		{"allow; deny 1:2", "an address or a network"},
		{"allow; deny [2001:db8::1", "an IPv6 address like"},
		{"allow; deny [2001:db8::1]80", "an IPv6 address like"},
		{"allow; deny [192.0.2.1]:80", "an IPv6 address like"},
		{"allow; deny [lan]", "an IPv6 address like"},
		{"allow; deny [", "an IPv6 address like"},
		{"allow; deny [::1]:", "expected a port"},
		{"allow; deny any:0", "expected a port"},
		{"allow; deny any:65536", "expected a port"},
		{"allow; deny any:100000", "expected a port"},
		{"allow; deny any:", "expected a port"},
		{"allow; deny any:9-8", "expected a port"},
		{"allow; deny any:1-", "expected a port"},
		{"allow; deny any:+1", "expected a port"},
		{"allow; deny icmp any:80", "expected no port"},
		{"allow; deny dns:53", "'dns' without"},
		{"allow; deny udp dns", "'dns' without"},
		{"allow; deny xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			"a name"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(texts); i++) {
		struct vm_firewall firewall;
		vx_cleanup_error struct vx_error err = {};
		assert_false(vm_firewall_parse(&firewall, texts[i][0], &err));
		assert_non_null(strstr(err.message, texts[i][1]));
	}
}

static void test_there_is_an_end(void **state)
{
	struct vm_firewall firewall = {};
	static const char *const words[] = {"deny", "192.0.2.1"};
	struct vm_firewall_rule rule;
	for (size_t i = 0; i < vm_firewall_rules_max; i++) {
		assert_true(vm_firewall_rule_parse(&rule, words, 2, nullptr));
		assert_true(vm_firewall_insert(&firewall, &rule, 0, nullptr));
	}
	assert_true(vm_firewall_rule_parse(&rule, words, 2, nullptr));
	assert_false(vm_firewall_insert(&firewall, &rule, 0, nullptr));
	vm_firewall_finish(&firewall);
}

static void test_order_can_change(void **state)
{
	struct vm_firewall firewall;
	static const char *const words[] = {"allow", "dns"};
	struct vm_firewall_rule rule;
	assert_true(vm_firewall_parse(&firewall, "deny; allow a; allow b", nullptr));
	assert_true(vm_firewall_rule_parse(&rule, words, 2, nullptr));
	assert_true(vm_firewall_insert(&firewall, &rule, 1, nullptr));
	vx_cleanup_free char *three = vm_firewall_format(&firewall);
	assert_string_equal(three, "deny; allow a; allow dns; allow b");
	vm_firewall_remove(&firewall, 0);
	vm_firewall_remove(&firewall, 1);
	vx_cleanup_free char *one = vm_firewall_format(&firewall);
	assert_string_equal(one, "deny; allow dns");
	vm_firewall_finish(&firewall);
}

static char *script_of(const char *text)
{
	struct vm_firewall firewall;
	vx_cleanup_error struct vx_error err = {};
	assert_true(vm_firewall_parse(&firewall, text, &err));
	vx_cleanup_free struct vm_firewall_addresses *addresses = vm_firewall_resolve(
		&firewall, &err);
	assert_non_null(addresses);
	const struct vm_firewall_places places = {
		.host = {.networks = {{.address = {.s6_addr = {0x20, 0x01}}, .prefix = 128}},
			.count = 1},
		.networks = {.networks = {{.address = {.s6_addr = {0x20, 0x02}}, .prefix = 64}},
			.count = 1},
	};
	char *script = vm_firewall_script(&firewall, addresses, &places, &err);
	assert_non_null(script);
	vm_firewall_finish(&firewall);
	return script;
}

/* The part of the script between two texts. Owned by the caller. */
static char *between(const char *script, const char *from, const char *to)
{
	const char *begin = strstr(script, from);
	assert_non_null(begin);
	begin += strlen(from);
	const char *end = strstr(begin, to);
	assert_non_null(end);
	return vx_strndup(begin, (size_t)(end - begin));
}

static void test_scripts(void **state)
{
	vx_cleanup_free char *script = script_of(
		"deny; allow dns; allow tcp 192.0.2.0/24:80-90; allow 198.51.100.7:53; "
		"deny tcp [2001:db8::/32]:443; deny icmp");
	vx_cleanup_free char *resolver = between(script, "chain resolver {\n", "}");
	assert_string_equal(resolver, "accept\ngoto refuse\n");
	vx_cleanup_free char *rules = between(
		script, "fd76:6978:6f73::/48 } goto refuse\n", "}\nchain input");
	assert_string_equal(rules,
		"ip daddr { 192.0.2.0/24 } meta l4proto tcp th dport 80-90 accept\n"
		"ip6 daddr { 64:ff9b::c000:200/120 } meta l4proto tcp th dport 80-90 accept\n"
		"ip daddr { 198.51.100.7 } meta l4proto { tcp, udp } th dport 53-53 accept\n"
		"ip6 daddr { 64:ff9b::c633:6407 } meta l4proto { tcp, udp } th dport 53-53 accept\n"
		"ip6 daddr { 2001:db8::/32 } meta l4proto tcp th dport 443-443 goto refuse\n"
		"meta l4proto { icmp, ipv6-icmp } goto refuse\n"
		"goto refuse\n");
	assert_non_null(strstr(script, "hook output priority filter; policy drop;"));
}

static void test_places(void **state)
{
	vx_cleanup_free char *script = script_of(
		"allow; deny lan; allow tcp host:80; allow udp localhost");
	assert_non_null(strstr(script,
		"chain place0 {\n"
		"ip daddr { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 } "
		"goto refuse\n"
		"ip6 daddr { fc00::/7, 64:ff9b::a00:0/104, 64:ff9b::6440:0/106, "
		"64:ff9b::ac10:0/108, 64:ff9b::c0a8:0/112, 2002::/64 } goto refuse\n}\n"
		"chain place1 {\nip6 daddr { 2001:: } meta l4proto tcp th dport 80-80 accept\n}\n"));
	assert_non_null(strstr(script, "jump place0\njump place1\n"
				       "ip daddr { 127.0.0.1 } meta l4proto udp accept\n"));
}

/* One transaction, as all that is given to nftables at once. */
static void test_places_change(void **state)
{
	struct vm_firewall firewall;
	assert_true(vm_firewall_parse(&firewall, "allow; deny any:1; deny host", nullptr));
	const struct vm_firewall_places places = {
		.host = {.networks = {{.address = {.s6_addr = {0x20, 0x01}}, .prefix = 128}},
			.count = 1}};
	vx_cleanup_free char *script = vm_firewall_places_script(&firewall, &places, nullptr);
	assert_string_equal(script,
		"flush chain inet vixos place1\n"
		"add rule inet vixos place1 ip6 daddr { 2001:: } goto refuse\n");
	vm_firewall_finish(&firewall);
}

static void test_bits_behind_the_prefix(void **state)
{
	struct vm_firewall_network network = {.prefix = 33};
	memset(&network.address, 0xff, sizeof(network.address));
	assert_true(vm_firewall_network_trim(&network));
	assert_int_equal(network.address.s6_addr[3], 0xff);
	assert_int_equal(network.address.s6_addr[4], 0x80);
	assert_int_equal(network.address.s6_addr[15], 0);
	assert_false(vm_firewall_network_trim(&network));
}

/* Places don't concern the resolver; `any` does, also with a port. */
static void test_the_resolver_has_rules_of_its_own(void **state)
{
	vx_cleanup_free char *open = script_of("allow; deny lan; deny 169.254.0.0/16; deny tcp");
	vx_cleanup_free char *open_rules = between(open, "chain resolver {\n", "}");
	assert_string_equal(open_rules, "meta l4proto tcp goto refuse\naccept\n");
	vx_cleanup_free char *closed = script_of("allow; deny any:53; deny dns");
	vx_cleanup_free char *closed_rules = between(closed, "chain resolver {\n", "chain output");
	assert_string_equal(closed_rules,
		"meta l4proto { tcp, udp } th dport 53-53 goto refuse\ngoto refuse\naccept\n}\n");
}

static void test_names_without_address(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	/* Reserved never to exist (RFC 6761). */
	vx_cleanup_free char *script = script_of("deny; allow nowhere.invalid");
	vx_cleanup_free char *rules = between(
		script, "fd76:6978:6f73::/48 } goto refuse\n", "}\nchain input");
	assert_string_equal(rules, "goto refuse\n");
	struct vm_firewall firewall;
	assert_true(vm_firewall_parse(&firewall, "allow; deny nowhere.invalid", nullptr));
	assert_null(vm_firewall_resolve(&firewall, &err));
	assert_non_null(strstr(err.message, "'nowhere.invalid'"));
	vm_firewall_finish(&firewall);
}

/* Words in one string, parted by blanks. */
static bool edit(struct vm_firewall *firewall, const char *line, struct vx_error *err)
{
	vx_cleanup_free char *copy = vx_strdup(line);
	const char *words[8];
	size_t count = 0;
	char *rest = copy;
	for (char *word; (word = strtok_r(rest, " ", &rest)) != nullptr;) {
		words[count++] = word;
	}
	return vm_firewall_edit(firewall, words, count, err);
}

static void test_edits(void **state)
{
	static const char *const steps[][2] = {
		{"add allow tcp a:1", "allow; allow tcp a:1"},
		{"insert 1 deny lan", "allow; deny lan; allow tcp a:1"},
		{"insert 3 allow dns", "allow; deny lan; allow tcp a:1; allow dns"},
		{"policy deny", "deny; deny lan; allow tcp a:1; allow dns"},
		{"remove allow tcp a:1-1", "deny; deny lan; allow dns"},
		{"remove 1", "deny; allow dns"},
		{"clear", "deny"},
		{"policy allow", "allow"},
	};
	struct vm_firewall firewall = {};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(steps); i++) {
		vx_cleanup_error struct vx_error err = {};
		assert_true(edit(&firewall, steps[i][0], &err));
		vx_cleanup_free char *text = vm_firewall_format(&firewall);
		assert_string_equal(text, steps[i][1]);
	}
	vm_firewall_finish(&firewall);
}

static void test_wrong_edits_change_nothing(void **state)
{
	static const char *const lines[] = {"", "ad deny any", "add", "add deny",
		"add deny tcp a b", "insert deny any", "insert 0 deny any", "insert 3 deny any",
		"insert x deny any", "insert 99999999999999999999 deny any", "remove", "remove 2",
		"remove 0", "remove 1x", "remove deny x", "policy", "policy maybe", "clear all"};
	struct vm_firewall firewall;
	assert_true(vm_firewall_parse(&firewall, "deny; allow dns", nullptr));
	for (size_t i = 0; i < VX_ARRAY_LENGTH(lines); i++) {
		vx_cleanup_error struct vx_error err = {};
		assert_false(edit(&firewall, lines[i], &err));
		assert_int_equal(err.kind, VX_ERROR_USAGE);
		vx_cleanup_free char *text = vm_firewall_format(&firewall);
		assert_string_equal(text, "deny; allow dns");
	}
	vm_firewall_finish(&firewall);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_read_back),
		cmocka_unit_test(test_short_forms),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_there_is_an_end),
		cmocka_unit_test(test_order_can_change),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_wrong_edits_change_nothing),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_places_change),
		cmocka_unit_test(test_bits_behind_the_prefix),
		cmocka_unit_test(test_the_resolver_has_rules_of_its_own),
		cmocka_unit_test(test_names_without_address),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
