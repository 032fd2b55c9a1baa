/* SPDX-License-Identifier: MIT */
/* output: colour profile. */
#include "commands/output.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

/* The renderer reads all of it when the output is configured. */
static struct command_result check_icc(const char *path)
{
	static constexpr size_t signature_at = 36;
	static const char signature[] = "acsp";
	char header[signature_at + 4] = "";
	vx_cleanup_close int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	ssize_t size = fd >= 0 ? read(fd, header, sizeof(header)) : -1;
	if (size <= 0) {
		return command_fail("Failed to load color profile: could not read ICC file");
	}
	return memcmp(header + signature_at, signature, strlen(signature)) == 0
		       ? command_ok()
		       : command_fail("Failed to load color profile: failed to initialize "
				      "transform from ICC");
}

struct command_result output_color_profile(struct command_context *context, struct args args)
{
	static const char *const profiles[] = {"gamma22", "srgb", "icc", nullptr};
	struct output_config *output = context->output;
	bool primaries = args.count > 1 && strcmp(args.items[0], "--device-primaries") == 0;
	args = args_skip(args, primaries);
	if (args.count == 0) {
		return command_invalid("Missing color_profile first argument.");
	}
	int profile = word_index(args.items[0], profiles);
	if (profile < 0) {
		return command_invalid("Invalid color profile specification: first argument "
				       "should be gamma22|icc|srgb");
	}
	bool is_icc = profile == 2;
	if (is_icc && args.count < 2) {
		return command_invalid(
			"Invalid color profile specification: icc type requires a file");
	}
	if (is_icc && primaries) {
		return command_invalid("Invalid color profile specification: --device-primaries "
				       "cannot be used with icc");
	}
	vx_cleanup_free char *path = is_icc ? output_expand_path(args.items[1]) : nullptr;
	if (is_icc && !path) {
		return command_invalid("Invalid color profile specification: invalid file path");
	}
	if (path) {
		struct command_result result = check_icc(path);
		if (result.status != COMMAND_SUCCESS) {
			return result;
		}
	}
	output->color_profile = profile;
	output->color_profile_device_primaries = primaries;
	vx_replace_string(&output->color_profile_file, path);
	return output_done(context, args, is_icc ? 2 : 1);
}
