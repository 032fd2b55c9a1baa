/* SPDX-License-Identifier: MIT */
/*
 * The guest half against an arbitrary program of the guest's. Input: u8 (bit 0: the program doesn't
 * read, bit 1: the host gives no credit back, bits 2 and 3: how many descriptors go along with its
 * first bytes, a file, an empty file and a pipe), u16 how many bytes it sends before the host sends
 * events, u16 how many bytes of those there are; then the program's first bytes, the host's, and
 * the program's last. It has the objects of the fixture.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/guest_fixture.h"
#include "common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static constexpr size_t header_size = 5;
static constexpr size_t file_size = 4096;

static size_t take_part(const uint8_t *number, size_t left)
{
	size_t wanted = (size_t)(number[0] | number[1] << 8);
	return wanted < left ? wanted : left;
}

static void run(struct guest_fixture *fixture, const uint8_t *data, size_t size, const int *fds)
{
	const uint8_t *next = data + header_size;
	size_t left = size - header_size;
	size_t first = take_part(data + 1, left);
	size_t host = take_part(data + 3, left - first);
	guest_fixture_send_bytes(fixture, next, first, fds, data[0] >> 2 & 3);
	guest_fixture_host_sends(fixture, next + first, host);
	guest_fixture_send_bytes(fixture, next + first + host, left - first - host, nullptr, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_log_init("fuzz-guest", VX_LOG_ERROR);
	if (size < header_size) {
		return 0;
	}
	int ends[2];
	int result = pipe(ends);
	vx_assert(result == 0);
	int fds[] = {
		memfd_create("file", MFD_CLOEXEC), memfd_create("empty", MFD_CLOEXEC), ends[1]};
	result = ftruncate(fds[0], file_size);
	vx_assert(result == 0);
	struct guest_fixture *fixture = guest_fixture_create();
	guest_fixture_prepare(fixture);
	fixture->is_deaf = data[0] & 1;
	fixture->host_is_deaf = data[0] & 2;
	run(fixture, data, size, fds);
	guest_fixture_destroy(fixture);
	close(fds[0]);
	close(fds[1]);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
