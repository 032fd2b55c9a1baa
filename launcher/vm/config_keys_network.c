/* SPDX-License-Identifier: MIT */
#include "vm/config_keys_network.h"

#include <scfg.h>

#include "vm/definition.h"
#include "vm/firewall.h"

bool config_parse_network(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	return vm_network_parse(
		definition, (const char *const *)directive->params, directive->params_len, err);
}

/* A firewall's block replaces that of `defaults`. */
bool config_parse_firewall(struct vm_definition *definition, const struct scfg_directive *directive,
	struct vx_error *err)
{
	vm_firewall_finish(&definition->firewall);
	return vm_firewall_parse(&definition->firewall, directive->params[0], err);
}

bool config_parse_firewall_rule(struct vm_definition *definition,
	const struct scfg_directive *directive, struct vx_error *err)
{
	struct vm_firewall *firewall = &definition->firewall;
	const char *words[vm_firewall_words_max] = {directive->name};
	struct vm_firewall_rule rule;
	for (size_t i = 0; i < directive->params_len; i++) {
		words[i + 1] = directive->params[i];
	}
	if (!vm_firewall_rule_parse(&rule, words, directive->params_len + 1, err)) {
		return false;
	}
	bool good = vm_firewall_insert(firewall, &rule, firewall->rule_count, err);
	vm_firewall_rule_finish(&rule);
	return good;
}
