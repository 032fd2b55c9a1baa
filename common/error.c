/* SPDX-License-Identifier: MIT */
#include "common/error.h"

#include <string.h>

static const int exit_status_of_kind[] = {
	[VX_ERROR_FAILED] = 1,
	[VX_ERROR_USAGE] = 2,
	[VX_ERROR_REFUSED] = 3,
	[VX_ERROR_VIXOS] = 125,
	[VX_ERROR_NOT_EXECUTABLE] = 126,
	[VX_ERROR_NOT_FOUND] = 127,
};
static_assert(VX_ARRAY_LENGTH(exit_status_of_kind) == VX_ERROR_KIND_COUNT);

static void error_replace(struct vx_error *err, char *message, enum vx_error_kind kind)
{
	free(err->message);
	err->message = message;
	err->kind = kind;
}

bool vx_error_set(struct vx_error *err, const char *format, ...)
{
	if (err == nullptr) {
		return false;
	}
	va_list args;
	va_start(args, format);
	error_replace(err, vx_vprintf(format, args), VX_ERROR_FAILED);
	va_end(args);
	return false;
}

bool vx_error_set_kind(struct vx_error *err, enum vx_error_kind kind, const char *format, ...)
{
	if (err == nullptr) {
		return false;
	}
	va_list args;
	va_start(args, format);
	error_replace(err, vx_vprintf(format, args), kind);
	va_end(args);
	return false;
}

bool vx_error_set_errno(struct vx_error *err, int errnum, const char *format, ...)
{
	if (err == nullptr) {
		return false;
	}
	va_list args;
	va_start(args, format);
	vx_cleanup_free char *text = vx_vprintf(format, args);
	va_end(args);
	error_replace(err, vx_printf("%s: %s", text, strerror(errnum)), VX_ERROR_FAILED);
	return false;
}

bool vx_error_wrap(struct vx_error *err, const char *format, ...)
{
	if (err == nullptr) {
		return false;
	}
	va_list args;
	va_start(args, format);
	vx_cleanup_free char *context = vx_vprintf(format, args);
	va_end(args);
	error_replace(err, vx_printf("%s: %s", context, vx_error_message(err)), err->kind);
	return false;
}

bool vx_error_move(struct vx_error *to, struct vx_error *from)
{
	if (to == nullptr) {
		vx_error_finish(from);
		return false;
	}
	error_replace(to, vx_take_ptr(from->message), from->kind);
	return false;
}

const char *vx_error_message(const struct vx_error *err)
{
	return err->message != nullptr ? err->message : "unknown error";
}

int vx_error_exit_status(enum vx_error_kind kind)
{
	return kind < VX_ERROR_KIND_COUNT ? exit_status_of_kind[kind] : 1;
}

void vx_error_finish(struct vx_error *err)
{
	free(err->message);
	*err = (struct vx_error){};
}
