/* SPDX-License-Identifier: MIT */
#include "cli/copy_progress.h"

#include <string.h>

#include "common/clock.h"
#include "common/memory.h"

static constexpr uint64_t period_ms = 250;
static constexpr size_t bar_width = 24;

void copy_progress_init(struct copy_progress *progress, bool is_quiet)
{
	*progress = (struct copy_progress){.total = UINT64_MAX};
	progress_init(&progress->progress, is_quiet);
	/* Into a file a line for each quarter of a second would be too many. */
	progress->progress.is_quiet = is_quiet || !progress->progress.is_terminal;
}

void copy_progress_finish(struct copy_progress *progress)
{
	progress_finish(&progress->progress);
}

char *copy_progress_size(uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	size_t unit = 0;
	double size = (double)bytes;
	while (size >= 1024 && unit + 1 < VX_ARRAY_LENGTH(units)) {
		size /= 1024;
		unit++;
	}
	return vx_printf(unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

static char *format_line(const struct copy_progress *progress, uint64_t now_ms)
{
	uint64_t elapsed_ms = now_ms - progress->progress.start_ms;
	uint64_t rate = elapsed_ms > 0
				? (uint64_t)((double)progress->done * 1000 / (double)elapsed_ms)
				: 0;
	vx_cleanup_free char *done = copy_progress_size(progress->done);
	vx_cleanup_free char *speed = copy_progress_size(rate);
	if (progress->total == UINT64_MAX || progress->total == 0) {
		return vx_printf("%s  %s/s", done, speed);
	}
	double share = (double)progress->done / (double)progress->total;
	share = share > 1 ? 1 : share;
	char bar[bar_width + 1] = {};
	memset(bar, '.', bar_width);
	memset(bar, '#', (size_t)(share * bar_width));
	vx_cleanup_free char *total = copy_progress_size(progress->total);
	return vx_printf("[%s] %3.0f %%  %s of %s  %s/s", bar, share * 100, done, total, speed);
}

int copy_progress_update(struct copy_progress *progress)
{
	if (progress->progress.is_quiet) {
		return -1;
	}
	uint64_t now_ms = vx_clock_ms();
	if (progress->drawn_ms != 0 && now_ms - progress->drawn_ms < period_ms) {
		return (int)(period_ms - (now_ms - progress->drawn_ms));
	}
	vx_cleanup_free char *line = format_line(progress, now_ms);
	progress_set(&progress->progress, line);
	progress->drawn_ms = now_ms;
	return progress_update(&progress->progress);
}

void copy_progress_add(struct copy_progress *progress, size_t bytes)
{
	progress->done += bytes;
	(void)copy_progress_update(progress);
}
