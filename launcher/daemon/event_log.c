/* SPDX-License-Identifier: MIT */
#include "daemon/event_log.h"

#include <time.h>

#include "common/memory.h"

struct event_log *event_log_create(void)
{
	struct event_log *log = vx_new(log);
	return log;
}

static void entry_finish(struct event_log_entry *entry)
{
	free(entry->name);
	free(entry->message);
	*entry = (struct event_log_entry){};
}

void event_log_destroy(struct event_log *log)
{
	for (size_t i = 0; log != nullptr && i < event_log_max; i++) {
		entry_finish(&log->entries[i]);
	}
	free(log);
}

void event_log_add(struct event_log *log, const char *name, const char *state, const char *message)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct event_log_entry *entry = &log->entries[log->next % event_log_max];
	entry_finish(entry);
	*entry = (struct event_log_entry){
		.time_us = (uint64_t)now.tv_sec * 1'000'000 + (uint64_t)now.tv_nsec / 1000,
		.name = vx_strdup(name),
		.state = state,
		.message = vx_strdup(message),
	};
	log->next++;
}

const struct event_log_entry *event_log_read(const struct event_log *log, uint64_t *number)
{
	uint64_t oldest = log->next > event_log_max ? log->next - event_log_max : 0;
	uint64_t wanted = *number < oldest ? oldest : *number;
	if (wanted >= log->next) {
		return nullptr;
	}
	*number = wanted + 1;
	return &log->entries[wanted % event_log_max];
}
