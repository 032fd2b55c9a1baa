/* SPDX-License-Identifier: MIT */
#include "vm/firewall.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/memory.h"

static constexpr size_t name_max = 253; /* of a DNS name */
static constexpr size_t label_max = 63; /* of a part of it */
static constexpr unsigned ipv6_bits = 128;
static constexpr unsigned ipv4_begin = 96; /* where the address begins in ::ffff:0:0/96 */
static constexpr size_t text_max = 65536;  /* of the whole, as one line */

static const char *const protocol_names[] = {
	[VM_FIREWALL_ANY_PROTOCOL] = "",
	[VM_FIREWALL_TCP] = "tcp",
	[VM_FIREWALL_UDP] = "udp",
	[VM_FIREWALL_ICMP] = "icmp",
};
static_assert(VX_ARRAY_LENGTH(protocol_names) == VM_FIREWALL_PROTOCOL_COUNT);

static const struct {
	const char *word;
	enum vm_firewall_place place;
} places[] = {
	{"any", VM_FIREWALL_ANYWHERE},
	{"*", VM_FIREWALL_ANYWHERE},
	{"dns", VM_FIREWALL_RESOLVER},
	{"lan", VM_FIREWALL_LAN},
	{"host", VM_FIREWALL_HOST},
};

/* Decimal digits alone; at most `max`. */
static bool parse_number(const char *text, size_t length, unsigned max, unsigned *ret_number)
{
	unsigned number = 0;
	if (length == 0 || length > 5) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	*ret_number = number;
	return number <= max;
}

static bool parse_ports(struct vm_firewall_rule *rule, const char *text, struct vx_error *err)
{
	const char *dash = strchr(text, '-');
	size_t length = dash != nullptr ? (size_t)(dash - text) : strlen(text);
	unsigned first = 0, last = 0;
	bool good = parse_number(text, length, UINT16_MAX, &first) && first > 0;
	if (dash == nullptr) {
		last = first;
	} else {
		good = good && parse_number(dash + 1, strlen(dash + 1), UINT16_MAX, &last);
	}
	if (!good || last < first) {
		return vx_error_set(err,
			"expected a port or a range of ports like 8000-8080, found '%s'", text);
	}
	rule->first_port = (uint16_t)first;
	rule->last_port = (uint16_t)last;
	return true;
}

struct in6_addr vm_firewall_map_ipv4(struct in_addr ipv4)
{
	struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(address.s6_addr + sizeof(address) - sizeof(ipv4), &ipv4, sizeof(ipv4));
	return address;
}

bool vm_firewall_network_is_ipv4(const struct vm_firewall_network *network)
{
	return network->prefix >= ipv4_begin && IN6_IS_ADDR_V4MAPPED(&network->address);
}

bool vm_firewall_network_trim(struct vm_firewall_network *network)
{
	bool was_set = false;
	for (unsigned bit = network->prefix; bit < ipv6_bits; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);
		was_set = was_set || (network->address.s6_addr[bit / 8] & mask) != 0;
		network->address.s6_addr[bit / 8] &= (uint8_t)~mask;
	}
	return was_set;
}

/* An address of IPv6 is never one that stands for one of IPv4: rules for that wouldn't be met. */
static bool parse_address(struct in6_addr *address, const char *text, bool *ret_is_ipv4)
{
	struct in_addr ipv4;
	*ret_is_ipv4 = inet_pton(AF_INET, text, &ipv4) == 1;
	if (*ret_is_ipv4) {
		*address = vm_firewall_map_ipv4(ipv4);
		return true;
	}
	return inet_pton(AF_INET6, text, address) == 1 && !IN6_IS_ADDR_V4MAPPED(address) &&
	       !IN6_IS_ADDR_V4COMPAT(address);
}

/* "192.0.2.7", "192.0.2.0/24", "2001:db8::/32", with no bit set behind the prefix. */
static bool parse_network(struct vm_firewall_rule *rule, const char *text)
{
	const char *slash = strchr(text, '/');
	vx_cleanup_free char *head = vx_strndup(
		text, slash != nullptr ? (size_t)(slash - text) : strlen(text));
	bool is_ipv4;
	if (!parse_address(&rule->network.address, head, &is_ipv4)) {
		return false;
	}
	unsigned bits = is_ipv4 ? ipv6_bits - ipv4_begin : ipv6_bits;
	unsigned prefix = bits;
	if (slash != nullptr && !parse_number(slash + 1, strlen(slash + 1), bits, &prefix)) {
		return false;
	}
	rule->place = VM_FIREWALL_NETWORK;
	rule->network.prefix = prefix + ipv6_bits - bits;
	return !vm_firewall_network_trim(&rule->network);
}

/* Letters, digits, dashes and dots, not only digits and dots: no address with a mistake in it. */
static bool is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char all[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t length = strlen(text);
	if (length == 0 || length > name_max || strpbrk(text, letters) == nullptr) {
		return false;
	}
	for (const char *part = text;; part++) {
		size_t size = strspn(part, all);
		if (size == 0 || size > label_max || part[0] == '-' || part[size - 1] == '-') {
			return false;
		}
		part += size;
		if (*part == '\0') {
			return true;
		}
		if (*part != '.') {
			return false;
		}
	}
}

static bool parse_place(struct vm_firewall_rule *rule, const char *text, struct vx_error *err)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(places); i++) {
		if (strcmp(text, places[i].word) == 0) {
			rule->place = places[i].place;
			return true;
		}
	}
	if (parse_network(rule, text)) {
		return true;
	}
	if (strspn(text, "0123456789./") == strlen(text) || !is_name(text)) {
		return vx_error_set(err,
			"expected any, lan, host, dns, a name, an address or a network like "
			"192.0.2.0/24 or 2001:db8::/32, found '%s'",
			text);
	}
	rule->place = VM_FIREWALL_NAME;
	rule->name = vx_strdup(text);
	return true;
}

static bool parse_action(struct vm_firewall_rule *rule, const char *word, struct vx_error *err)
{
	rule->allows = strcmp(word, "allow") == 0;
	return rule->allows || strcmp(word, "deny") == 0 ||
	       vx_error_set(err, "expected allow or deny, found '%s'", word);
}

static bool parse_protocol(struct vm_firewall_rule *rule, const char *word)
{
	for (unsigned i = VM_FIREWALL_TCP; i < VM_FIREWALL_PROTOCOL_COUNT; i++) {
		if (strcmp(word, protocol_names[i]) == 0) {
			rule->protocol = (enum vm_firewall_protocol)i;
			return true;
		}
	}
	return false;
}

/* "[2001:db8::1]" or "[2001:db8::/32]:80-90". */
static bool parse_brackets(struct vm_firewall_rule *rule, const char *word, struct vx_error *err)
{
	const char *end = strchr(word, ']');
	vx_cleanup_free char *place = vx_strndup(
		word + 1, end != nullptr ? (size_t)(end - word - 1) : 0);
	if (end == nullptr || strchr(place, ':') == nullptr || (end[1] != '\0' && end[1] != ':')) {
		return vx_error_set(
			err, "expected an IPv6 address like [2001:db8::1]:443, found '%s'", word);
	}
	return (end[1] == '\0' || parse_ports(rule, end + 2, err)) && parse_place(rule, place, err);
}

static bool parse_where(struct vm_firewall_rule *rule, const char *word, struct vx_error *err)
{
	const char *colon = strchr(word, ':');
	if (word[0] == '[') {
		return parse_brackets(rule, word, err);
	}
	if (colon != nullptr && strchr(colon + 1, ':') != nullptr) { /* IPv6 without a port */
		colon = nullptr;
	}
	vx_cleanup_free char *place = vx_strndup(
		word, colon != nullptr ? (size_t)(colon - word) : strlen(word));
	if (colon != nullptr && !parse_ports(rule, colon + 1, err)) {
		return false;
	}
	return parse_place(rule, place, err);
}

static bool check_sense(const struct vm_firewall_rule *rule, struct vx_error *err)
{
	if (rule->protocol == VM_FIREWALL_ICMP && rule->first_port != 0) {
		return vx_error_set(err, "expected no port after 'icmp'");
	}
	if (rule->place == VM_FIREWALL_RESOLVER &&
		(rule->protocol != VM_FIREWALL_ANY_PROTOCOL || rule->first_port != 0)) {
		return vx_error_set(err, "expected 'dns' without protocol and port");
	}
	return true;
}

bool vm_firewall_rule_parse(
	struct vm_firewall_rule *rule, const char *const *words, size_t count, struct vx_error *err)
{
	*rule = (struct vm_firewall_rule){};
	if (count < 2 || count > vm_firewall_words_max) {
		return vx_error_set(err,
			"expected 'allow|deny [tcp|udp|icmp] WHERE[:PORT[-PORT]]', "
			"found %zu words",
			count);
	}
	bool has_protocol = parse_protocol(rule, words[1]);
	if (!has_protocol && count == vm_firewall_words_max) {
		return vx_error_set(err, "expected tcp, udp or icmp, found '%s'", words[1]);
	}
	bool has_place = !has_protocol || count == vm_firewall_words_max;
	if (!parse_action(rule, words[0], err) ||
		(has_place && !parse_where(rule, words[count - 1], err)) ||
		!check_sense(rule, err)) {
		vm_firewall_rule_finish(rule);
		return false;
	}
	return true;
}

static char *format_network(const struct vm_firewall_network *network, bool has_port)
{
	char text[INET6_ADDRSTRLEN];
	bool is_ipv4 = vm_firewall_network_is_ipv4(network);
	inet_ntop(is_ipv4 ? AF_INET : AF_INET6, network->address.s6_addr + (is_ipv4 ? 12 : 0), text,
		sizeof(text));
	bool in_brackets = has_port && !is_ipv4;
	vx_cleanup_free char *prefix =
		network->prefix == ipv6_bits
			? vx_strdup("")
			: vx_printf("/%u", network->prefix - (is_ipv4 ? ipv4_begin : 0));
	return vx_printf("%s%s%s%s", in_brackets ? "[" : "", text, prefix, in_brackets ? "]" : "");
}

static char *format_place(const struct vm_firewall_rule *rule)
{
	if (rule->place == VM_FIREWALL_NAME) {
		return vx_strdup(rule->name);
	}
	if (rule->place == VM_FIREWALL_NETWORK) {
		return format_network(&rule->network, rule->first_port != 0);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(places); i++) {
		if (places[i].place == rule->place) {
			return vx_strdup(places[i].word);
		}
	}
	return vx_strdup("");
}

static char *format_ports(const struct vm_firewall_rule *rule)
{
	if (rule->first_port == 0) {
		return vx_strdup("");
	}
	return rule->first_port == rule->last_port
		       ? vx_printf(":%u", rule->first_port)
		       : vx_printf(":%u-%u", rule->first_port, rule->last_port);
}

char *vm_firewall_rule_format(const struct vm_firewall_rule *rule)
{
	vx_cleanup_free char *place = format_place(rule);
	vx_cleanup_free char *ports = format_ports(rule);
	const char *protocol = protocol_names[rule->protocol];
	return vx_printf("%s %s%s%s%s", rule->allows ? "allow" : "deny", protocol,
		protocol[0] != '\0' ? " " : "", place, ports);
}

void vm_firewall_rule_finish(struct vm_firewall_rule *rule)
{
	free(rule->name);
	*rule = (struct vm_firewall_rule){};
}

bool vm_firewall_insert(struct vm_firewall *firewall, struct vm_firewall_rule *rule, size_t at,
	struct vx_error *err)
{
	if (firewall->rule_count >= vm_firewall_rules_max) {
		return vx_error_set(err, "expected at most %zu rules", vm_firewall_rules_max);
	}
	firewall->rules = vx_reallocarray(
		firewall->rules, firewall->rule_count + 1, sizeof(*firewall->rules));
	memmove(&firewall->rules[at + 1], &firewall->rules[at],
		(firewall->rule_count - at) * sizeof(*firewall->rules));
	firewall->rules[at] = *rule;
	firewall->rule_count++;
	*rule = (struct vm_firewall_rule){};
	return true;
}

void vm_firewall_remove(struct vm_firewall *firewall, size_t at)
{
	vm_firewall_rule_finish(&firewall->rules[at]);
	firewall->rule_count--;
	memmove(&firewall->rules[at], &firewall->rules[at + 1],
		(firewall->rule_count - at) * sizeof(*firewall->rules));
}

char *vm_firewall_format(const struct vm_firewall *firewall)
{
	char *text = vx_strdup(firewall->denies ? "deny" : "allow");
	for (size_t i = 0; i < firewall->rule_count; i++) {
		vx_cleanup_free char *rule = vm_firewall_rule_format(&firewall->rules[i]);
		vx_cleanup_free char *longer = vx_printf("%s; %s", text, rule);
		vx_replace_string(&text, longer);
	}
	return text;
}

static bool append_line(struct vm_firewall *firewall, char *line, struct vx_error *err)
{
	const char *words[vm_firewall_words_max + 1];
	struct vm_firewall_rule rule;
	size_t count = 0;
	char *rest = line;
	for (char *word;
		count <= vm_firewall_words_max && (word = strtok_r(rest, " ", &rest)) != nullptr;) {
		words[count++] = word;
	}
	if (!vm_firewall_rule_parse(&rule, words, count, err)) {
		return false;
	}
	bool good = vm_firewall_insert(firewall, &rule, firewall->rule_count, err);
	vm_firewall_rule_finish(&rule);
	return good;
}

bool vm_firewall_parse(struct vm_firewall *firewall, const char *text, struct vx_error *err)
{
	*firewall = (struct vm_firewall){};
	if (strlen(text) > text_max) {
		return vx_error_set(err, "expected at most %zu bytes of rules", text_max);
	}
	vx_cleanup_free char *copy = vx_strdup(text);
	char *rest = copy;
	char *policy = strtok_r(rest, ";", &rest);
	firewall->denies = policy != nullptr && strcmp(policy, "deny") == 0;
	if (policy == nullptr || (!firewall->denies && strcmp(policy, "allow") != 0)) {
		return vx_error_set(
			err, "expected allow or deny, found '%s'", policy != nullptr ? policy : "");
	}
	for (char *line; (line = strtok_r(rest, ";", &rest)) != nullptr;) {
		if (!append_line(firewall, line, err)) {
			vm_firewall_finish(firewall);
			return false;
		}
	}
	return true;
}

bool vm_firewall_is_trivial(const struct vm_firewall *firewall)
{
	return !firewall->denies && firewall->rule_count == 0;
}

struct vm_firewall vm_firewall_copy(const struct vm_firewall *firewall)
{
	struct vm_firewall copy = {.denies = firewall->denies};
	copy.rules = firewall->rule_count > 0
			     ? vx_memdup(firewall->rules,
				       firewall->rule_count * sizeof(*firewall->rules))
			     : nullptr;
	copy.rule_count = firewall->rule_count;
	for (size_t i = 0; i < copy.rule_count; i++) {
		copy.rules[i].name = vx_strdup(firewall->rules[i].name);
	}
	return copy;
}

bool vm_firewall_equals(const struct vm_firewall *a, const struct vm_firewall *b)
{
	vx_cleanup_free char *text_a = vm_firewall_format(a);
	vx_cleanup_free char *text_b = vm_firewall_format(b);
	return strcmp(text_a, text_b) == 0;
}

void vm_firewall_finish(struct vm_firewall *firewall)
{
	for (size_t i = 0; i < firewall->rule_count; i++) {
		vm_firewall_rule_finish(&firewall->rules[i]);
	}
	free(firewall->rules);
	*firewall = (struct vm_firewall){};
}
