/* SPDX-License-Identifier: MIT */
#include "init/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/interface.h"
#include "init/console.h"
#include "launcher/net/plan.h"

#define NFT "/usr/sbin/nft"
#define TC "/usr/sbin/tc"
#define CLIENT "client"
#define CLIENTS CLIENT "*"

static constexpr size_t resolv_conf_max = 4096;

/* Of a client's four addresses, this VM has the first that can be used. */
static const struct in_addr netmask = {.s_addr = 0xfcffffff}; /* /30, in network byte order */

/* Names are asked for at an address that nobody has; `%s` is a rule that sends them on. */
static const char rules[] = "table ip vixos\n"
			    "delete table ip vixos\n"
			    "table ip vixos {\n"
			    "chain prerouting {\n"
			    "type nat hook prerouting priority dstnat;\n"
			    "%s\n"
			    "}\n"
			    "chain postrouting {\n"
			    "type nat hook postrouting priority srcnat;\n"
			    "ip saddr " VM_LINK_NETWORK "0/24 oifname != \"" CLIENTS
			    "\" masquerade\n"
			    "}\n"
			    "chain forward {\n"
			    "type filter hook forward priority filter; policy drop;\n"
			    "iifname \"" CLIENTS "\" oifname != \"" CLIENTS "\" accept\n"
			    "oifname \"" CLIENTS "\" ct state established,related accept\n"
			    "}\n"
			    "chain input {\n"
			    "type filter hook input priority filter; policy accept;\n"
			    "iifname \"" CLIENTS "\" ct state established,related accept\n"
			    "iifname \"" CLIENTS "\" drop\n"
			    "}\n"
			    "}\n";

bool forward_is_client(const uint8_t hardware_address[static 6], unsigned *ret_number)
{
	*ret_number = hardware_address[5];
	return memcmp(hardware_address, vm_link_hardware, sizeof(vm_link_hardware)) == 0 &&
	       *ret_number < vm_links_max;
}

static bool write_setting(const char *path, const char *value)
{
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
}

/* The rule that sends questions on to this VM's own resolver; empty where it has none. Owned. */
static char *resolver_rule(void)
{
	struct in_addr address;
	vx_cleanup_free char *text = vx_read_file(
		"/etc/resolv.conf", resolv_conf_max, nullptr, nullptr);
	char *rest = text;
	for (char *line; rest != nullptr && (line = strtok_r(rest, "\n", &rest)) != nullptr;) {
		if (strncmp(line, "nameserver ", 11) == 0 &&
			inet_pton(AF_INET, line + 11, &address) == 1) {
			return vx_printf("iifname \"" CLIENTS "\" ip daddr " VM_INNER_RESOLVER
					 " meta l4proto { tcp, udp } th dport 53 dnat to %s",
				line + 11);
		}
	}
	return vx_strdup("");
}

/* Runs a program with `text` as its standard input, to its end. */
static bool run(const char *const *argv, const char *text)
{
	int input[2];
	if (pipe2(input, O_CLOEXEC) != 0) {
		return false;
	}
	pid_t pid = fork();
	if (pid == 0) {
		dup2(input[0], STDIN_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(input[0]);
	bool good = pid > 0 && vx_write_all(input[1], text, strlen(text), nullptr);
	close(input[1]);
	int status = 1;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return good && status == 0;
}

/* The kernel would load them one by one, and begin from the start after each. */
static void load_modules(void)
{
	static const char *const argv[] = {"/usr/sbin/modprobe", "-qa", "nf_tables",
		"nft_chain_nat", "nft_ct", "nft_masq", "nft_nat", "sch_ingress", "cls_matchall",
		"act_csum", nullptr};
	(void)run(argv, "");
}

/*
 * What passt gives a guest by shared memory has no checksums, and the guest's kernel is told that
 * they are right. It would send the packets on like that.
 */
static bool fill_checksums(const char *interface)
{
	const char *const classes[] = {TC, "qdisc", "add", "dev", interface, "clsact", nullptr};
	const char *const filter[] = {TC, "filter", "add", "dev", interface, "egress", "matchall",
		"action", "csum", "ip4h", "and", "icmp", "and", "tcp", "and", "udp", nullptr};
	return run(classes, "") && run(filter, "");
}

/* Not by asking for each name: the kernel would look for a module that has an interface of it. */
static bool has_clients(void)
{
	struct if_nameindex *interfaces = if_nameindex();
	bool found = false;
	for (size_t i = 0; interfaces != nullptr && interfaces[i].if_name != nullptr; i++) {
		found = found || strncmp(interfaces[i].if_name, CLIENT, strlen(CLIENT)) == 0;
	}
	if_freenameindex(interfaces);
	return found;
}

void forward_update(void)
{
	if (!has_clients()) {
		return;
	}
	vx_cleanup_free char *resolver = resolver_rule();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vx_cleanup_free char *text = vx_printf(rules, resolver);
#pragma GCC diagnostic pop
	static const char *const nft[] = {NFT, "-f", "-", nullptr};
	load_modules();
	/* First the rules: nothing is to be forwarded without them. */
	if (!run(nft, text) || !write_setting("/proc/sys/net/ipv4/ip_forward", "1")) {
		(void)write_setting("/proc/sys/net/ipv4/ip_forward", "0");
		console_say("can't forward for other VMs: is " NFT " installed?");
	}
}

void forward_add_client(int control, const char *name, unsigned number)
{
	vx_cleanup_free char *wanted = vx_printf(CLIENT "%u", number);
	vx_cleanup_free char *text = vx_printf(VM_LINK_NETWORK "%u", number * 4 + 1);
	struct in_addr address;
	inet_pton(AF_INET, text, &address);
	if (!vx_interface_rename(control, name, wanted) ||
		!vx_interface_set_address(control, wanted, address, netmask)) {
		console_say("can't set up the card of a client");
		return;
	}
	forward_update();
	if (!fill_checksums(wanted)) {
		console_say("can't forward all packets: is " TC " installed?");
	}
	if (!vx_interface_bring_up(control, wanted)) {
		console_say("can't bring up the card of a client");
	}
}
