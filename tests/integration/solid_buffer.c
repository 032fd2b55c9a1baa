/* SPDX-License-Identifier: MIT */
#include "solid_buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

static uint32_t *map_new_file(size_t size, int *ret_fd)
{
	*ret_fd = memfd_create("solid_buffer", MFD_CLOEXEC);
	if (*ret_fd < 0 || ftruncate(*ret_fd, (off_t)size) < 0) {
		return MAP_FAILED;
	}
	return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, *ret_fd, 0);
}

struct wl_buffer *solid_buffer_create(struct wl_shm *shm, int width, int height, uint32_t color)
{
	size_t count = (size_t)width * (size_t)height;
	int fd;
	uint32_t *pixels = map_new_file(count * 4, &fd);
	if (pixels == MAP_FAILED) {
		perror("no memory for a buffer");
		exit(1);
	}
	for (size_t i = 0; i < count; i++) {
		pixels[i] = 0xff000000 | color;
	}
	munmap(pixels, count * 4);
	struct wl_shm_pool *pool = wl_shm_create_pool(shm, fd, (int)(count * 4));
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, width, height, width * 4, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	return buffer;
}
