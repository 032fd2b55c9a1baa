/* SPDX-License-Identifier: MIT */
/* vixos clipboard */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/display_path.h"
#include "cli/plain_text.h"
#include "common/buffer.h"
#include "common/fd.h"
#include "manager_names.h"

static constexpr size_t input_max = 16 * 1024 * 1024;

struct clipboard_command {
	const struct cli_options *options;
	const char *vm;
	bool is_copy; /* from the host to the VM */
	struct vx_buffer input;
};

/* All of standard input. */
static bool read_input(struct vx_buffer *input, struct vx_error *err)
{
	uint8_t bytes[16 * 1024];
	ssize_t size;
	input->max_size = input_max;
	while ((size = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
		if (!vx_buffer_append(input, bytes, (size_t)size)) {
			return vx_error_set(
				err, "standard input has more than %zu bytes", input_max);
		}
	}
	if (size == 0 && input->size == 0) {
		return vx_error_set(err, "standard input is empty");
	}
	return size == 0 || vx_error_set(err, "cannot read standard input");
}

static sd_json_variant *build_parameters(
	const struct clipboard_command *command, const char *display, bool is_confirmed)
{
	bool has_data = command->input.size > 0;
	bool wants_data = !command->is_copy && command->options->to_stdout;
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", command->vm),
		SD_JSON_BUILD_PAIR_CONDITION(
			display != nullptr, "display", SD_JSON_BUILD_STRING(display)),
		SD_JSON_BUILD_PAIR_CONDITION(has_data, "data",
			SD_JSON_BUILD_BASE64(has_data ? vx_buffer_bytes(&command->input) : nullptr,
				command->input.size)),
		SD_JSON_BUILD_PAIR_CONDITION(wants_data, "wantsData", SD_JSON_BUILD_BOOLEAN(true)),
		SD_JSON_BUILD_PAIR_CONDITION(
			is_confirmed, "confirmed", SD_JSON_BUILD_BOOLEAN(true)));
	return parameters;
}

/* On the terminal, where no prompt of the compositor's can be had. */
static bool ask(const struct clipboard_command *command, struct vx_error *err)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"the configuration says to ask before copying %s VM '%s', and there is neither "
			"a prompt of the compositor's nor a terminal to ask on",
			command->is_copy ? "to" : "from", command->vm);
	}
	fprintf(stderr,
		command->is_copy ? "May what you have copied be given to VM '%s'? [y/N] "
				 : "May what was copied in VM '%s' be taken? [y/N] ",
		command->vm);
	char line[16] = "";
	if (fgets(line, sizeof(line), stdin) != nullptr && (line[0] == 'y' || line[0] == 'Y')) {
		return true;
	}
	return vx_error_set_kind(err, VX_ERROR_REFUSED, "you have said no");
}

/* To a terminal as plain text: what a guest wrote must not command it. */
static bool print_data(sd_json_variant *reply, struct vx_error *err)
{
	void *bytes = nullptr;
	size_t size = 0;
	sd_json_variant *data = sd_json_variant_by_key(reply, "data");
	if (data == nullptr || sd_json_variant_unbase64(data, &bytes, &size) < 0) {
		return vx_error_set(err, "vixosd sent no content");
	}
	vx_cleanup_free void *owned = bytes;
	if (!isatty(STDOUT_FILENO)) {
		return vx_write_all(STDOUT_FILENO, bytes, size, err);
	}
	struct plain_text state = {};
	struct vx_buffer plain = {};
	bool is_written = plain_text_append(&state, bytes, size, &plain) &&
			  vx_write_all(STDOUT_FILENO, vx_buffer_bytes(&plain), plain.size, err);
	vx_buffer_finish(&plain);
	return is_written;
}

static bool report(
	const struct clipboard_command *command, sd_json_variant *reply, struct vx_error *err)
{
	const char *kind = client_string(reply, "kind");
	if (kind == nullptr && command->is_copy) {
		return vx_error_set(err, "there is no text in the clipboard");
	}
	if (kind == nullptr) {
		return vx_error_set(err, "no text was copied in VM '%s'", command->vm);
	}
	if (!command->is_copy && command->options->to_stdout) {
		return print_data(reply, err);
	}
	if (!command->options->quiet) {
		uint64_t size = sd_json_variant_unsigned(sd_json_variant_by_key(reply, "size"));
		fprintf(stderr, "%s VM '%s': %llu bytes of %s\n",
			command->is_copy ? "copied to" : "pasted from", command->vm,
			(unsigned long long)size, kind);
	}
	return true;
}

static bool run(const struct clipboard_command *command, struct vx_error *err)
{
	const char *method = command->is_copy ? VX_MANAGER_METHOD("CopyToVm")
					      : VX_MANAGER_METHOD("CopyFromVm");
	struct vx_error no_display = {};
	vx_cleanup_free char *display = display_path_find(nullptr, &no_display);
	vx_error_finish(&no_display); /* then the VM's own */
	struct client client = {};
	sd_json_variant *reply = nullptr;
	bool is_done = client_connect(&client, err) &&
		       client_call(&client, method, build_parameters(command, display, false),
			       &reply, err);
	if (is_done && client_bool(reply, "needsConsent")) {
		is_done = ask(command, err) &&
			  client_call(&client, method, build_parameters(command, display, true),
				  &reply, err);
	}
	is_done = is_done && report(command, reply, err);
	client_finish(&client);
	return is_done;
}

int cmd_clipboard(struct command_context *context)
{
	const struct cli_options *options = context->options;
	const char *direction = context->argv[0];
	struct clipboard_command command = {
		.options = options,
		.vm = context->argv[1],
		.is_copy = strcmp(direction, "copy") == 0,
	};
	bool is_known = command.is_copy || strcmp(direction, "paste") == 0;
	if (!is_known || (options->from_stdin && !command.is_copy) ||
		(options->to_stdout && command.is_copy)) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"say 'vixos clipboard copy [--stdin] VM' or 'vixos clipboard paste "
			"[--stdout] VM'");
		return -1;
	}
	bool is_done = (!options->from_stdin || read_input(&command.input, context->err)) &&
		       run(&command, context->err);
	vx_buffer_finish(&command.input);
	return is_done ? 0 : -1;
}
