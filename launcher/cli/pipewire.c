/* SPDX-License-Identifier: MIT */
#include "cli/pipewire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-json.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/memory.h"
#include "common/program.h"

static constexpr int deadline_ms = 5'000;
static constexpr size_t output_max = 16 * 1024 * 1024;
static constexpr size_t clients_max = 16; /* of one QEMU, which has one */
static constexpr size_t command_line_max = 256 * 1024;
static constexpr char type_client[] = "PipeWire:Interface:Client";

/* Reads to the end; false where there is none in time, or too much. */
static bool read_all(int fd, struct vx_buffer *output)
{
	uint64_t end_ns = vx_clock_after_ms(deadline_ms);
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	char piece[4096];
	while (poll(&polled, 1, vx_clock_remaining_ms(end_ns)) == 1) {
		ssize_t size = read(fd, piece, sizeof(piece));
		if (size == 0) {
			return true;
		}
		if (size < 0 || !vx_buffer_append(output, piece, (size_t)size)) {
			return false;
		}
	}
	return false;
}

/* What the program writes, as text that the caller owns; NULL where it fails or hangs. */
static char *capture(char *const *argv, struct vx_error *err)
{
	int output_pipe[2];
	pid_t pid;
	if (pipe2(output_pipe, O_CLOEXEC) < 0) {
		vx_error_set_errno(err, errno, "can't make a pipe");
		return nullptr;
	}
	const struct vx_program program = {
		.path = argv[0],
		.argv = argv,
		.input = vx_program_null,
		.output = output_pipe[1],
		.error = vx_program_null,
	};
	int result = vx_program_start(&program, &pid);
	close(output_pipe[1]);
	vx_cleanup_close int fd = output_pipe[0];
	if (result != 0) {
		vx_error_set(err, "can't start '%s', which comes with PipeWire: %s", argv[0],
			strerror(result));
		return nullptr;
	}
	struct vx_buffer output = {.max_size = output_max};
	bool is_whole = read_all(fd, &output);
	if (!is_whole) {
		kill(pid, SIGKILL);
	}
	int status = 1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	char *text = nullptr;
	if (is_whole && status == 0) {
		text = vx_strndup((const char *)vx_buffer_bytes(&output), output.size);
	} else {
		vx_error_set(err, "'%s' can't reach PipeWire", argv[0]);
	}
	vx_buffer_finish(&output);
	return text;
}

/* Is the process the QEMU of this VM? Its command line has "-name" and "guest=NAME,…". */
static bool is_qemu_of(int64_t pid, const char *vm)
{
	vx_cleanup_free char *path = vx_printf("/proc/%lld/cmdline", (long long)pid);
	vx_cleanup_free char *wanted = vx_printf("guest=vixos-%s,", vm);
	size_t size = 0;
	vx_cleanup_free char *line = vx_read_file(path, command_line_max, &size, nullptr);
	bool is_behind_name = false;
	for (size_t at = 0; line != nullptr && at < size; at += strlen(line + at) + 1) {
		if (is_behind_name && strncmp(line + at, wanted, strlen(wanted)) == 0) {
			return true;
		}
		is_behind_name = strcmp(line + at, "-name") == 0;
	}
	return false;
}

/* Who is at the other end PipeWire knows from the kernel. */
static bool is_client_of(sd_json_variant *object, const char *vm)
{
	sd_json_variant *type = sd_json_variant_by_key(object, "type");
	sd_json_variant *info = sd_json_variant_by_key(object, "info");
	sd_json_variant *properties = info != nullptr ? sd_json_variant_by_key(info, "props")
						      : nullptr;
	sd_json_variant *pid = properties != nullptr
				       ? sd_json_variant_by_key(properties, "pipewire.sec.pid")
				       : nullptr;
	return type != nullptr && sd_json_variant_is_string(type) &&
	       strcmp(sd_json_variant_string(type), type_client) == 0 && pid != nullptr &&
	       sd_json_variant_is_integer(pid) && is_qemu_of(sd_json_variant_integer(pid), vm);
}

/* The numbers of the VM's connections. */
static bool list(
	const char *vm, int64_t ids[static clients_max], size_t *ret_count, struct vx_error *err)
{
	static const char *const argv[] = {"pw-dump", "--no-colors", nullptr};
	vx_cleanup_free char *text = capture((char *const *)argv, err);
	sd_json_variant *objects = nullptr;
	if (text == nullptr) {
		return false;
	}
	if (sd_json_parse(text, 0, &objects, nullptr, nullptr) < 0) {
		return vx_error_set(err, "'pw-dump' didn't say what there is in PipeWire");
	}
	size_t count = 0;
	for (size_t i = 0; i < sd_json_variant_elements(objects) && count < clients_max; i++) {
		sd_json_variant *object = sd_json_variant_by_index(objects, i);
		sd_json_variant *id = sd_json_variant_by_key(object, "id");
		if (id != nullptr && is_client_of(object, vm)) {
			ids[count++] = sd_json_variant_integer(id);
		}
	}
	sd_json_variant_unref(objects);
	*ret_count = count;
	return true;
}

bool pipewire_count(const char *vm, size_t *ret_count, struct vx_error *err)
{
	int64_t ids[clients_max];
	return list(vm, ids, ret_count, err);
}

bool pipewire_cut(const char *vm, struct vx_error *err)
{
	int64_t ids[clients_max];
	size_t count;
	if (!list(vm, ids, &count, err)) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		char id[24];
		snprintf(id, sizeof(id), "%lld", (long long)ids[i]);
		const char *const argv[] = {"pw-cli", "destroy", id, nullptr};
		vx_cleanup_free char *said = capture((char *const *)argv, err);
		if (said == nullptr) {
			return false;
		}
	}
	if (!list(vm, ids, &count, err)) {
		return false;
	}
	return count == 0 ||
	       vx_error_set(err,
		       "PipeWire keeps the connection of VM '%s'; 'vixos stop %s' ends it", vm, vm);
}
