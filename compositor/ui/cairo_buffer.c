/* SPDX-License-Identifier: MIT */
#include "ui/cairo_buffer.h"

#include <drm_fourcc.h>
#include <wlr/interfaces/wlr_buffer.h>

#include "common/memory.h"

static constexpr int size_max = 16384;

static void handle_destroy(struct wlr_buffer *base)
{
	struct cairo_buffer *buffer = wl_container_of(base, buffer, base);
	wlr_buffer_finish(base);
	cairo_destroy(buffer->cairo);
	cairo_surface_destroy(buffer->surface);
	free(buffer);
}

static bool handle_begin_data_ptr_access(
	struct wlr_buffer *base, uint32_t flags, void **data, uint32_t *format, size_t *stride)
{
	struct cairo_buffer *buffer = wl_container_of(base, buffer, base);
	if (flags & WLR_BUFFER_DATA_PTR_ACCESS_WRITE) {
		return false;
	}
	*data = cairo_image_surface_get_data(buffer->surface);
	*stride = (size_t)cairo_image_surface_get_stride(buffer->surface);
	*format = DRM_FORMAT_ARGB8888;
	return *data != nullptr;
}

static void handle_end_data_ptr_access(struct wlr_buffer *base)
{
}

static const struct wlr_buffer_impl buffer_impl = {
	.destroy = handle_destroy,
	.begin_data_ptr_access = handle_begin_data_ptr_access,
	.end_data_ptr_access = handle_end_data_ptr_access,
};

static int clamp_size(int size)
{
	return size < 1 ? 1 : size > size_max ? size_max : size;
}

struct cairo_buffer *cairo_buffer_create(int width, int height)
{
	struct cairo_buffer *buffer = vx_new(buffer);
	width = clamp_size(width);
	height = clamp_size(height);
	wlr_buffer_init(&buffer->base, &buffer_impl, width, height);
	buffer->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
	buffer->cairo = cairo_create(buffer->surface);
	return buffer;
}

void cairo_buffer_flush(struct cairo_buffer *buffer)
{
	cairo_surface_flush(buffer->surface);
}
