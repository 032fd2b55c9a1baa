/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/display_string.h"
#include "common/memory.h"

static constexpr uint64_t silence_ms = 1000;
static constexpr int refresh_ms = 1000;
static constexpr size_t text_code_points_max = 100;

void progress_init(struct progress *progress, bool is_quiet)
{
	*progress = (struct progress){
		.is_quiet = is_quiet,
		.is_terminal = isatty(STDERR_FILENO),
		.start_ms = vx_clock_ms(),
	};
}

static void progress_clear(struct progress *progress)
{
	if (progress->is_shown) {
		fputs("\r\033[K", stderr);
		progress->is_shown = false;
	}
}

void progress_finish(struct progress *progress)
{
	progress_clear(progress);
	free(progress->text);
	progress->text = nullptr;
}

void progress_set(struct progress *progress, const char *text)
{
	vx_cleanup_free char *line = vx_strndup(text, strcspn(text, "\n"));
	free(progress->text);
	progress->text = vx_display_string(line, text_code_points_max);
	progress->is_told = false;
}

int progress_update(struct progress *progress)
{
	if (progress->is_quiet || progress->text == nullptr) {
		return -1;
	}
	uint64_t elapsed_ms = vx_clock_ms() - progress->start_ms;
	if (elapsed_ms < silence_ms) {
		return (int)(silence_ms - elapsed_ms);
	}
	double seconds = (double)elapsed_ms / 1000;
	if (progress->is_terminal) {
		fprintf(stderr, "\r\033[K[%5.1f s] %s", seconds, progress->text);
		progress->is_shown = true;
		return refresh_ms;
	}
	if (!progress->is_told) {
		fprintf(stderr, "[%5.1f s] %s\n", seconds, progress->text);
		progress->is_told = true;
	}
	return -1;
}
