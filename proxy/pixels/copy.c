/* SPDX-License-Identifier: MIT */
#include "proxy/pixels/copy.h"

#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "common/log.h"
#include "proxy/pixels/damage.h"

/* Rows shorter than this are copied plainly even into write-combined memory. */
static constexpr size_t streaming_row_min = 256;

/*
 * What the SIGBUS handler needs; a handler gets no pointer of ours. `active` is set only while
 * `begin` … `end` is read, so any other SIGBUS is somebody else's.
 */
static struct {
	sigjmp_buf jump;
	uintptr_t begin, end;
	volatile sig_atomic_t active;
	unsigned users;
	struct sigaction previous;
} guard;

static void handle_bus_error(int signal_number, siginfo_t *info, void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr;
	if (guard.active && info->si_code > 0 && address >= guard.begin && address < guard.end) {
		guard.active = 0;
		siglongjmp(guard.jump, 1);
	}
	/* Not ours: put the old handler back; the faulting instruction runs again and meets it. */
	sigaction(SIGBUS, &guard.previous, nullptr);
	if (info->si_code <= 0) {
		raise(signal_number);
	}
}

void pixel_copy_guard_acquire(void)
{
	if (guard.users++ > 0) {
		return;
	}
	/* NODEFER, so that jumping out of the handler leaves no signal blocked. */
	struct sigaction action = {
		.sa_sigaction = handle_bus_error,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART,
	};
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &guard.previous);
}

void pixel_copy_guard_release(void)
{
	vx_assert(guard.users > 0);
	if (--guard.users == 0) {
		sigaction(SIGBUS, &guard.previous, nullptr);
	}
}

/* Runs `work`, which reads `size` bytes at `source`; false where one of them isn't there. */
static bool run_guarded(
	void (*work)(const void *argument), const void *argument, const void *source, size_t size)
{
	vx_assert(guard.users > 0 && !guard.active);
	guard.begin = (uintptr_t)source;
	guard.end = guard.begin + size;
	if (sigsetjmp(guard.jump, 0) != 0) {
		return false;
	}
	guard.active = 1;
	atomic_signal_fence(memory_order_seq_cst);
	work(argument);
	atomic_signal_fence(memory_order_seq_cst);
	guard.active = 0;
	return true;
}

#if defined(__SSE2__)
static void copy_row_streaming(uint8_t *target, const uint8_t *source, size_t size)
{
	static constexpr size_t vector = sizeof(__m128i);
	static constexpr size_t line = 4 * vector;
	size_t head = -(uintptr_t)target % line;
	memcpy(target, source, head);
	size_t i = head;
	for (; i + line <= size; i += line) {
		const __m128i *from = (const __m128i *)(source + i);
		__m128i *to = (__m128i *)(target + i);
		__m128i a = _mm_loadu_si128(from);
		__m128i b = _mm_loadu_si128(from + 1);
		__m128i c = _mm_loadu_si128(from + 2);
		__m128i d = _mm_loadu_si128(from + 3);
		_mm_stream_si128(to, a);
		_mm_stream_si128(to + 1, b);
		_mm_stream_si128(to + 2, c);
		_mm_stream_si128(to + 3, d);
	}
	memcpy(target + i, source + i, size - i);
}

static void streaming_finish(void)
{
	_mm_sfence();
}
#else
static void copy_row_streaming(uint8_t *target, const uint8_t *source, size_t size)
{
	memcpy(target, source, size);
}

static void streaming_finish(void)
{
	atomic_thread_fence(memory_order_release);
}
#endif

static void copy_row_unfenced(uint8_t *target, const uint8_t *source, size_t size, bool streaming)
{
	if (streaming && size >= streaming_row_min) {
		copy_row_streaming(target, source, size);
	} else {
		memcpy(target, source, size);
	}
}

void pixel_copy_row(uint8_t *target, const uint8_t *source, size_t size, bool streaming)
{
	copy_row_unfenced(target, source, size, streaming);
	streaming_finish();
}

static void copy_rect(const struct pixel_copy *copy, const struct damage_rect *rect)
{
	size_t x = (size_t)rect->x1 * copy->bytes_per_pixel;
	size_t row = (size_t)(rect->x2 - rect->x1) * copy->bytes_per_pixel;
	size_t rows = (size_t)(rect->y2 - rect->y1);
	uint8_t *target = copy->target + (size_t)rect->y1 * copy->target_stride + x;
	const uint8_t *source = copy->source + (size_t)rect->y1 * copy->source_stride + x;
	if (row == copy->target_stride && row == copy->source_stride) {
		row *= rows;
		rows = 1;
	}
	for (size_t i = 0; i < rows; i++) {
		copy_row_unfenced(target, source, row, copy->streaming);
		target += copy->target_stride;
		source += copy->source_stride;
	}
}

struct damage_copy {
	const struct pixel_copy *copy;
	struct damage damage; /* clipped */
};

static void copy_damage(const void *argument)
{
	const struct damage_copy *work = argument;
	for (uint32_t i = 0; i < work->damage.count; i++) {
		copy_rect(work->copy, &work->damage.rects[i]);
	}
	if (work->copy->streaming) {
		streaming_finish();
	}
}

bool pixel_copy_damage(const struct pixel_copy *copy, const struct damage *damage)
{
	struct damage_copy work = {.copy = copy};
	damage_add_damage(&work.damage, (int32_t)copy->width, (int32_t)copy->height, damage);
	size_t size = (size_t)copy->source_stride * copy->height;
	return run_guarded(copy_damage, &work, copy->source, size);
}

struct bytes_copy {
	void *target;
	const void *source;
	size_t size;
};

static void copy_bytes(const void *argument)
{
	const struct bytes_copy *work = argument;
	memcpy(work->target, work->source, work->size);
}

bool pixel_copy_bytes(void *target, const void *untrusted_source, size_t size)
{
	struct bytes_copy work = {target, untrusted_source, size};
	return run_guarded(copy_bytes, &work, untrusted_source, size);
}
