/* SPDX-License-Identifier: MIT */
#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "net/control.h"
#include "net/filter.h"
#include "net/passt.h"
#include "net/plan.h"
#include "net/tap.h"

static constexpr int request_deadline_ms = 2000;

struct setting {
	const char *path, *value;
};

/* Settings of the namespace alone. One that this kernel lacks is no loss. */
static const struct setting no_ipv6[] = {
	{"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"},
	{"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"},
};

static const struct setting settings[] = {
	{"/proc/sys/net/ipv6/conf/" VM_UPLINK "/accept_ra", "0"},
	{"/proc/sys/net/ipv6/conf/" VM_UPLINK "/accept_redirects", "0"},
	{"/proc/sys/net/ipv4/ping_group_range", "0 0"}, /* passt's way to send a ping */
	{"/proc/sys/net/ipv4/conf/all/accept_redirects", "0"},

	/*
	 * What a connection may have on its way through pasta. To a peer on this machine pasta lets
	 * us send as much as the peer would take, which can be more than pasta's socket holds; what
	 * doesn't fit it drops, and without SACK only time-outs, longer each time, get that sent
	 * again. With 256 KiB, less than such a socket holds from its first moment, nothing was
	 * dropped (with 512 KiB one upload of eight from a guest stood still, with 1 MiB every
	 * second); to a peer that is 20 ms away it is 13 MB/s, 100 ms away 2.6 MB/s.
	 */
	{"/proc/sys/net/ipv4/tcp_wmem", "4096 16384 262144"},
};

static void apply(const struct setting *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		vx_cleanup_close int fd = open(list[i].path, O_WRONLY | O_CLOEXEC);
		(void)!write(fd, list[i].value, strlen(list[i].value));
	}
}

/* The net-vm's client of this number has this address in the link's network of four. */
static struct in_addr link_address(unsigned number, unsigned host)
{
	struct in_addr address;
	vx_cleanup_free char *text = vx_printf(VM_LINK_NETWORK "%u", number * 4 + host);
	inet_pton(AF_INET, text, &address);
	return address;
}

static int make_link(const char *text, struct vx_error *err)
{
	char *rest;
	unsigned long number = strtoul(text, &rest, 10);
	if (rest == text || *rest != '\0' || number >= vm_links_max) {
		vx_error_set(err, "'%s' is no number of a link", text);
		return -1;
	}
	return tap_make(link_address((unsigned)number, 2), link_address((unsigned)number, 1), err);
}

static bool run_request(const char *request, int *ret_fd, struct vx_error *err)
{
	if (request[0] == net_request_filter) {
		return filter_run(request + 1, err);
	}
	if (request[0] == net_request_link) {
		*ret_fd = make_link(request + 1, err);
		return *ret_fd >= 0;
	}
	if (request[0] == net_request_ask) {
		return tap_is_up() || vx_error_set(err, "there is no link");
	}
	return vx_error_set(err, "unknown request");
}

/* False where that was the last one. */
static bool answer(int client)
{
	vx_cleanup_free char *request = vx_calloc(net_request_max + 1, 1);
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_close int fd = -1;
	struct pollfd polled = {.fd = client, .events = POLLIN};
	if (poll(&polled, 1, request_deadline_ms) != 1) {
		return true;
	}
	ssize_t size = recv(client, request, net_request_max, 0);
	if (size <= 0) {
		return true;
	}
	bool ends = request[0] == net_request_end;
	bool good = ends || run_request(request, &fd, &err);
	vx_cleanup_free char *text = vx_printf(
		"%s%s", good ? "+" : "-", good ? "" : vx_error_message(&err));
	size_t length = strlen(text);
	(void)vx_send_fds(client, text, length < net_answer_max ? length : net_answer_max, &fd,
		fd >= 0 ? 1 : 0);
	return !ends;
}

/* After those that have ended were waited for. */
static bool has_children(void)
{
	pid_t pid;
	do {
		pid = waitpid(-1, nullptr, WNOHANG);
	} while (pid > 0);
	return pid == 0;
}

/* Until a child ends (passt, the only one) or vixosd says so. */
static void serve(int listener, int signals)
{
	struct pollfd polled[] = {
		{.fd = signals, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
	for (;;) {
		if (poll(polled, VX_ARRAY_LENGTH(polled), -1) < 0) {
			continue;
		}
		struct signalfd_siginfo info;
		if ((polled[0].revents & POLLIN) != 0 && read(signals, &info, sizeof(info)) > 0 &&
			!has_children()) {
			return;
		}
		if ((polled[1].revents & POLLIN) != 0) {
			vx_cleanup_close int client = accept4(
				listener, nullptr, nullptr, SOCK_CLOEXEC);
			if (client >= 0 && !answer(client)) {
				return;
			}
		}
	}
}

static int block_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, nullptr);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Who waits for us need not do so any longer, and nobody else will read what we say. */
static void say_ready(void)
{
	static const char ready[] = "ready\n";
	(void)!write(STDOUT_FILENO, ready, strlen(ready));
	vx_cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

bool net_inside(const struct net_options *options, struct vx_error *err)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* with pasta, or with who made the namespace */
	umask(0077);
	vx_cleanup_close int signals = block_signals();
	(void)unlink(options->control_path);
	if (!filter_deny_all(err) || !tap_bring_up_loopback(err)) {
		return false;
	}
	apply(settings, VX_ARRAY_LENGTH(settings));
	if (!options->has_ipv6) {
		apply(no_ipv6, VX_ARRAY_LENGTH(no_ipv6));
	}
	vx_cleanup_close int listener = vx_unix_listen(options->control_path, SOCK_SEQPACKET, err);
	if (listener < 0 || !passt_start(options->socket_path, options->has_ipv6, err)) {
		return false;
	}
	if (!has_children()) {
		return vx_error_set(err, "passt has ended at once");
	}
	say_ready();
	serve(listener, signals);
	return true;
}
