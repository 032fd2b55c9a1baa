/* SPDX-License-Identifier: MIT */
/*
 * A firewall as text, as a client of vixosd's or the metadata of a domain may have it: what is
 * taken means the same when it is written and read again, and nftables' language is made of it
 * with nothing of the text in it but addresses and numbers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "vm/firewall.h"
#include "vm/firewall_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name stands for two addresses here; nobody is asked. */
static void check_script(const struct vm_firewall *firewall)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789 ./:-,{}\"=!;\n\t_";
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free struct vm_firewall_addresses *sets = vx_calloc(
		firewall->rule_count + 1, sizeof(*sets));
	for (size_t i = 0; i < firewall->rule_count; i++) {
		sets[i] = (struct vm_firewall_addresses){.count = 2};
		sets[i].networks[0] = (struct vm_firewall_network){.prefix = 128};
		sets[i].networks[1] = (struct vm_firewall_network){
			.address = {.s6_addr = {0x20, 0x01}}, .prefix = 64};
	}
	const struct vm_firewall_places places = {.host = sets[0], .networks = sets[0]};
	vx_cleanup_free char *script = vm_firewall_script(firewall, sets, &places, &err);
	vx_assert(script == nullptr || strspn(script, allowed) == strlen(script));
	vx_cleanup_free char *change = vm_firewall_places_script(firewall, &places, &err);
	vx_assert(change == nullptr || strspn(change, allowed) == strlen(change));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_firewall firewall, again;
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	if (!vm_firewall_parse(&firewall, text, &err)) {
		return 0;
	}
	vx_cleanup_free char *written = vm_firewall_format(&firewall);
	bool is_good = vm_firewall_parse(&again, written, &err);
	vx_assert(is_good && vm_firewall_equals(&firewall, &again));
	check_script(&again);
	vm_firewall_finish(&again);
	vm_firewall_finish(&firewall);
	return 0;
}
