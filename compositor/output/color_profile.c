/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "output"

/* `output … color_profile`: what the picture goes through on its way to the screen. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/render/color.h>
#include <wlr/types/wlr_output.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "config/config.h"
#include "output/output.h"

static constexpr off_t icc_bytes_max = 16 * 1024 * 1024;
/* Of output_config.color_profile. */
enum profile : int {
	PROFILE_GAMMA22,
	PROFILE_SRGB,
	PROFILE_ICC
};

/* The bytes of a regular file, owned by the caller; NULL with errno set. */
static void *read_profile(const char *path, size_t *ret_size)
{
	vx_cleanup_close int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct stat info;
	if (fd < 0 || fstat(fd, &info) < 0) {
		return nullptr;
	}
	if (!S_ISREG(info.st_mode) || info.st_size <= 0 || info.st_size > icc_bytes_max) {
		errno = EINVAL;
		return nullptr;
	}
	size_t size = (size_t)info.st_size, done = 0;
	vx_cleanup_free char *data = vx_calloc(1, size);
	while (done < size) {
		ssize_t count = read(fd, data + done, size - done);
		if (count <= 0) {
			errno = count < 0 ? errno : EIO;
			return nullptr;
		}
		done += (size_t)count;
	}
	*ret_size = size;
	return vx_take_ptr(data);
}

static struct wlr_color_transform *from_icc(const struct output *output, const char *path)
{
	size_t size = 0;
	vx_cleanup_free void *data = read_profile(path, &size);
	if (data == nullptr) {
		vx_log_error("output '%s': can't read the colour profile '%s': %s",
			output->wlr_output->name, path, strerror(errno));
		return nullptr;
	}
	struct wlr_color_transform *transform = wlr_color_transform_init_linear_to_icc(data, size);
	if (transform == nullptr) {
		vx_log_error("output '%s': '%s' is no usable colour profile",
			output->wlr_output->name, path);
	}
	return transform;
}

/* From sRGB's primaries to those that the screen tells of itself, then `transfer` (may be NULL). */
static struct wlr_color_transform *for_primaries(
	const struct wlr_output *wlr_output, struct wlr_color_transform *transfer)
{
	const struct wlr_color_primaries *primaries = wlr_output->default_primaries;
	struct wlr_color_primaries srgb;
	wlr_color_primaries_from_named(&srgb, WLR_COLOR_NAMED_PRIMARIES_SRGB);
	if (primaries == nullptr || memcmp(primaries, &srgb, sizeof(srgb)) == 0) {
		return transfer;
	}
	float matrix[9];
	wlr_color_primaries_transform_absolute_colorimetric(&srgb, primaries, matrix);
	if (transfer == nullptr) {
		transfer = wlr_color_transform_init_linear_to_inverse_eotf(
			WLR_COLOR_TRANSFER_FUNCTION_GAMMA22);
	}
	struct wlr_color_transform *steps[] = {wlr_color_transform_init_matrix(matrix), transfer};
	struct wlr_color_transform *result = steps[0] != nullptr && steps[1] != nullptr
						     ? wlr_color_transform_init_pipeline(
							       steps, VX_ARRAY_LENGTH(steps))
						     : nullptr;
	wlr_color_transform_unref(steps[0]);
	wlr_color_transform_unref(steps[1]);
	return result;
}

struct wlr_color_transform *output_color_transform(
	const struct output *output, const struct output_config *config)
{
	struct wlr_color_transform *transform = nullptr;
	if (config->color_profile == PROFILE_ICC && config->color_profile_file != nullptr) {
		transform = from_icc(output, config->color_profile_file);
	} else if (config->color_profile == PROFILE_SRGB) {
		transform = wlr_color_transform_init_linear_to_inverse_eotf(
			WLR_COLOR_TRANSFER_FUNCTION_SRGB);
	}
	return config->color_profile_device_primaries ? for_primaries(output->wlr_output, transform)
						      : transform;
}
