/* SPDX-License-Identifier: MIT */
#include "vm/network.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/memory.h"
#include "common/program.h"
#include "helper_path.h"
#include "net/control.h"
#include "vm/definition.h"
#include "vm/firewall_script.h"
#include "vm/runtime_dir.h"

static constexpr int start_deadline_ms = 15'000;
static constexpr int answer_deadline_ms = 10'000;
static constexpr size_t said_max = 4096;
static constexpr int reason_max = 300;
static const char ready_line[] = "ready\n";

struct helper {
	pid_t group; /* of processes: vixos-net, pasta and passt */
	int log_fd;  /* what it and pasta write to both outputs */
};

static void make_folders(const char *path)
{
	vx_cleanup_free char *part = vx_strdup(path);
	for (char *slash = strchr(part + 1, '/'); slash != nullptr;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(part, 0700); /* where that fails passt says so */
		*slash = '/';
	}
}

static bool spawn_helper(struct helper *helper, const struct vm_runtime_dir *dir,
	enum vm_network network, struct vx_error *err)
{
	vx_cleanup_free char *program = helper_path_find("vixos-net", "launcher/net", err);
	const char *argv[] = {program, network == VM_NETWORK_NAT ? "host" : "vm",
		dir->network_socket, dir->network_control, nullptr};
	int log_pipe[2];
	if (program == nullptr) {
		return false;
	}
	if (pipe2(log_pipe, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "can't make a pipe");
	}
	const struct vx_program started = {
		.path = program,
		.argv = (char *const *)argv,
		.input = vx_program_null,
		.output = log_pipe[1],
		.error = log_pipe[1],
		.has_own_session = true,
	};
	int result = vx_program_start(&started, &helper->group);
	close(log_pipe[1]);
	if (result != 0) {
		close(log_pipe[0]);
		return vx_error_set_errno(err, result, "can't start '%s'", program);
	}
	helper->log_fd = log_pipe[0];
	return true;
}

static bool ends_in_ready(const char *said, size_t length)
{
	size_t wanted = strlen(ready_line);
	return length >= wanted && memcmp(said + length - wanted, ready_line, wanted) == 0;
}

/* True once it says that it is ready; else `said` has what it said until it ended or hung. */
static bool wait_until_ready(int fd, char said[static said_max + 1], bool *ret_is_over)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	bool is_ready = false;
	uint64_t end_ns = vx_clock_after_ms(start_deadline_ms);
	while (!is_ready && poll(&polled, 1, vx_clock_remaining_ms(end_ns)) != 0) {
		if (length == said_max) { /* the end is what counts */
			length /= 2;
			memmove(said, said + length, length);
		}
		ssize_t size = read(fd, said + length, said_max - length);
		if (size == 0 || (size < 0 && errno != EINTR)) {
			*ret_is_over = true;
			break;
		}
		length += size > 0 ? (size_t)size : 0;
		is_ready = ends_in_ready(said, length);
	}
	said[length] = '\0';
	return is_ready;
}

static bool start_helper(
	const struct vm_runtime_dir *dir, enum vm_network network, struct vx_error *err)
{
	struct helper helper;
	char said[said_max + 1];
	if (!spawn_helper(&helper, dir, network, err)) {
		return false;
	}
	/* The process that we have started ends at once, and leaves another at work. */
	while (waitpid(helper.group, nullptr, 0) < 0 && errno == EINTR) {
	}
	bool is_over = false;
	bool is_ready = wait_until_ready(helper.log_fd, said, &is_over);
	close(helper.log_fd);
	if (!is_ready) {
		if (!is_over) {
			kill(-helper.group, SIGKILL);
		}
		const char *reason = vx_program_reason(said, "pasta");
		return vx_error_set(err, "%.*s", reason_max,
			reason != nullptr ? reason : "it was ended or didn't answer in time");
	}
	return true;
}

bool vm_network_start(const struct vm_runtime_dir *dir, const struct vm_definition *definition,
	struct vx_error *err)
{
	if (!vm_network_is_ours(definition->network)) {
		return true;
	}
	vm_network_end(dir->network_socket);
	make_folders(dir->network_socket);
	if (!start_helper(dir, definition->network, err)) {
		return vx_error_wrap(err, "can't connect the VM to the network");
	}
	if (!vm_network_set_firewall(dir, &definition->firewall, err)) {
		vm_network_cut(dir);
		return vx_error_wrap(err, "can't connect the VM to the network");
	}
	return true;
}

void vm_network_end(const char *path)
{
	/*
	 * No process id that could have become another's: passt ends with its first connection, and
	 * this is the first where QEMU never came. Where one did come passt ends without us.
	 */
	int fd = vx_unix_connect(path, SOCK_STREAM, nullptr);
	if (fd >= 0) {
		close(fd);
	}
	(void)unlink(path);
}

/* One request and its answer; `ret_fd` may be NULL where none is expected. */
static bool request(const struct vm_runtime_dir *dir, const char *text, size_t size, int *ret_fd,
	struct vx_error *err)
{
	char answer[net_answer_max + 1];
	int fd = -1;
	vx_cleanup_close int control = vx_unix_connect(dir->network_control, SOCK_SEQPACKET, err);
	struct pollfd polled = {.fd = control, .events = POLLIN};
	if (control < 0) {
		return vx_error_wrap(err, "the VM's network has ended");
	}
	if (!vx_send_fds(control, text, size, nullptr, 0) ||
		poll(&polled, 1, answer_deadline_ms) != 1) {
		return vx_error_set(err, "the VM's vixos-net doesn't answer");
	}
	ssize_t length = vx_receive_fds(control, answer, net_answer_max, &fd, 1);
	answer[length > 0 ? length : 0] = '\0';
	if (answer[0] != '+' || (ret_fd != nullptr) != (fd >= 0)) {
		vx_cleanup_close_fd(&fd);
		return vx_error_set(err, "%s",
			answer[0] == '-' ? answer + 1 : "the VM's vixos-net doesn't answer");
	}
	if (ret_fd != nullptr) {
		*ret_fd = fd;
	}
	return true;
}

static bool run_script(const struct vm_runtime_dir *dir, const char *script, struct vx_error *err)
{
	vx_cleanup_free char *text = vx_printf("%c%s", net_request_filter, script);
	return request(dir, text, strlen(text), nullptr, err);
}

bool vm_network_set_firewall(
	const struct vm_runtime_dir *dir, const struct vm_firewall *firewall, struct vx_error *err)
{
	struct vm_firewall_places places = {};
	vx_cleanup_free struct vm_firewall_addresses *addresses = vm_firewall_resolve(
		firewall, err);
	if (addresses == nullptr ||
		(vm_firewall_has_places(firewall) && !vm_firewall_places_find(&places, err))) {
		return false;
	}
	vx_cleanup_free char *script = vm_firewall_script(firewall, addresses, &places, err);
	return script != nullptr && run_script(dir, script, err);
}

bool vm_network_refresh_firewall(
	const struct vm_runtime_dir *dir, const struct vm_firewall *firewall, struct vx_error *err)
{
	struct vm_firewall_places places;
	vx_cleanup_free char *script = vm_firewall_places_find(&places, err)
					       ? vm_firewall_places_script(firewall, &places, err)
					       : nullptr;
	return script != nullptr && run_script(dir, script, err);
}

bool vm_network_has_link(const struct vm_runtime_dir *dir)
{
	return request(dir, &net_request_ask, 1, nullptr, nullptr);
}

int vm_network_make_link(const struct vm_runtime_dir *dir, unsigned number, struct vx_error *err)
{
	vx_cleanup_free char *text = vx_printf("%c%u", net_request_link, number);
	int fd = -1;
	return request(dir, text, strlen(text), &fd, err) ? fd : -1;
}

void vm_network_cut(const struct vm_runtime_dir *dir)
{
	vx_cleanup_close int control = vx_unix_connect(
		dir->network_control, SOCK_SEQPACKET, nullptr);
	struct pollfd polled = {.fd = control, .events = POLLIN};
	char answer[net_answer_max];
	if (control >= 0 && vx_send_fds(control, &net_request_end, 1, nullptr, 0)) {
		/* Its answer, then the end of the connection, which is the process's. */
		while (poll(&polled, 1, answer_deadline_ms) == 1 &&
			recv(control, answer, sizeof(answer), 0) > 0) {
		}
	}
	vm_network_end(dir->network_socket);
	(void)unlink(dir->network_control);
}
