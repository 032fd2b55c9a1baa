/* SPDX-License-Identifier: MIT */
/*
 * The limit of the forwarding benchmark: one copy of each frame from shared memory to shared
 * memory, which is what a forwarder that copies once can't do without. Prints one JSON line.
 *
 *   copy WIDTHxHEIGHT SECONDS HZ    HZ 0: one copy after another
 *
 * At a rate it sleeps between frames, as the client and the forwarder do: what a cache or a clock
 * frequency loses meanwhile, it loses here too.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/memory.h"
#include "stamp.h"

/* As many as the client has, so that caches help no more than there. */
static constexpr size_t buffer_count = 3;
static constexpr size_t ages_max = 1 << 20;

struct copier {
	uint8_t *from, *to; /* buffer_count frames each */
	size_t row, size;   /* bytes of one row, and of a frame */
	uint32_t *ages_ns;  /* owned */
	uint64_t done;
};

static uint8_t *map_frames(size_t size)
{
	int fd = memfd_create("copy", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0) {
		perror("copy: memfd");
		_exit(1);
	}
	void *frames = mmap(
		nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	close(fd);
	return frames;
}

static void copy_frame(struct copier *copier)
{
	uint8_t *from = copier->from + copier->done % buffer_count * copier->size;
	uint8_t *to = copier->to + copier->done % buffer_count * copier->size;
	/* Like the client's drawing: the first pixels and the last row are new. */
	memset(from + copier->size - copier->row, (int)copier->done, copier->row);
	memset(from, (int)copier->done, sizeof(struct stamp));
	uint64_t begin = bench_now_ns();
	memcpy(to, from, copier->size);
	__asm__ volatile("" : : "r"(to) : "memory");
	if (copier->done < ages_max) {
		copier->ages_ns[copier->done] = (uint32_t)(bench_now_ns() - begin);
	}
	copier->done++;
}

static void copy_for(struct copier *copier, double seconds, int hz)
{
	uint64_t now = bench_now_ns();
	uint64_t end = now + (uint64_t)(seconds * 1e9);
	uint64_t next = now;
	for (; now < end; now = bench_now_ns()) {
		if (now < next) {
			poll(nullptr, 0, (int)((next - now + 999999u) / 1000000u));
			continue;
		}
		copy_frame(copier);
		next += hz > 0 ? 1000000000u / (uint64_t)hz : 0;
	}
}

static int compare_ages(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

static double cpu_seconds(void)
{
	struct timespec used;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned width, height;
	if (argc != 4 || sscanf(argv[1], "%ux%u", &width, &height) != 2) {
		fputs("usage: copy WIDTHxHEIGHT SECONDS HZ\n", stderr);
		return 2;
	}
	struct copier copier = {.row = (size_t)width * 4, .size = (size_t)width * height * 4};
	copier.from = map_frames(copier.size * buffer_count);
	copier.to = map_frames(copier.size * buffer_count);
	copier.ages_ns = vx_calloc(ages_max, sizeof(*copier.ages_ns));
	double cpu = cpu_seconds();
	uint64_t begin = bench_now_ns();
	copy_for(&copier, strtod(argv[2], nullptr), atoi(argv[3]));
	double elapsed = (double)(bench_now_ns() - begin) / 1e9;
	cpu = cpu_seconds() - cpu;
	size_t count = copier.done < ages_max ? copier.done : ages_max;
	qsort(copier.ages_ns, count, sizeof(*copier.ages_ns), compare_ages);
	printf("{\"done\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"age_ms\": %.4f}\n",
		(unsigned long long)copier.done, elapsed, cpu,
		(double)copier.ages_ns[count / 2] / 1e6);
	free(copier.ages_ns);
	return 0;
}
