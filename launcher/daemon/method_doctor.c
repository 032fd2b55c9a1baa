/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.Doctor: the checks run in a child (doctor.h), because they may block. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/program.h"
#include "daemon/daemon.h"
#include "daemon/manager_call.h"

static constexpr uint64_t doctor_deadline_ms = 60'000;
static constexpr size_t doctor_output_max = 256 * 1024;

static sd_json_variant *parse_checks(const char *output)
{
	sd_json_variant *array = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	const char *rest = output;
	while (rest[strspn(rest, " \n")] != '\0') {
		sd_json_variant *check = nullptr;
		if (sd_json_parse_continue(&rest, 0, &check, nullptr, nullptr) < 0) {
			break;
		}
		(void)sd_json_variant_append_array(&array, check);
		sd_json_variant_unref(check);
	}
	return array;
}

static void doctor_reply(struct manager_call *call)
{
	sd_json_variant *checks = parse_checks(call->output != nullptr ? call->output : "");
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply, SD_JSON_BUILD_PAIR_VARIANT("checks", checks));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
	sd_json_variant_unref(checks);
}

static int handle_output(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct manager_call *call = data;
	char chunk[4096];
	ssize_t size = read(fd, chunk, sizeof(chunk));
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (size <= 0 || call->output_size + (size_t)size > doctor_output_max) {
		doctor_reply(call);
		return 0;
	}
	call->output = vx_reallocarray(call->output, call->output_size + (size_t)size + 1, 1);
	memcpy(call->output + call->output_size, chunk, (size_t)size);
	call->output_size += (size_t)size;
	call->output[call->output_size] = '\0';
	return 0;
}

/* Only so that the child is reaped; sd-event kills it where the call ends before it does. */
static int handle_child(sd_event_source *source, const siginfo_t *info, void *data)
{
	return 0;
}

static bool doctor_spawn(int output_fd, pid_t *ret_child, struct vx_error *err)
{
	char *argv[] = {(char *)"vixosd", (char *)"--doctor", nullptr};
	const struct vx_program started = {
		.path = "/proc/self/exe",
		.argv = argv,
		.input = vx_program_null,
		.output = output_fd,
		.error = vx_program_inherit,
	};
	int result = vx_program_start(&started, ret_child);
	return result == 0 || vx_error_set_errno(err, result, "cannot run the checks");
}

static bool doctor_begin(struct manager_call *call, struct vx_error *err)
{
	sd_event *event = call->manager->daemon->event;
	int output[2];
	if (pipe2(output, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "cannot make a pipe");
	}
	call->output_fd = output[0];
	bool is_started = vx_fd_set_nonblocking(output[0], err) &&
			  doctor_spawn(output[1], &call->child, err);
	close(output[1]);
	if (!is_started) {
		return false;
	}
	int result = sd_event_add_child(
		event, &call->child_source, call->child, WEXITED, handle_child, nullptr);
	if (result >= 0) {
		(void)sd_event_source_set_child_process_own(call->child_source, true);
		result = sd_event_add_io(
			event, &call->output_source, call->output_fd, EPOLLIN, handle_output, call);
	}
	return result >= 0 || vx_error_set_errno(err, -result, "cannot watch the checks");
}

static void doctor_advance(struct manager_call *call)
{
	vx_cleanup_error struct vx_error err = {};
	if (call->child == 0 && !doctor_begin(call, &err)) {
		manager_call_fail(call, &err);
	}
}

int method_doctor(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	static const sd_json_dispatch_field fields[] = {{}};
	static const struct manager_method method = {fields, doctor_advance, doctor_deadline_ms};
	return manager_call_handle(connection, parameters, flags, data, &method);
}
