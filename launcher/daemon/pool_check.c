/* SPDX-License-Identifier: MIT */
/* Throws away what is outdated before somebody wants it; pool_take() checks again. */
#include <sys/inotify.h>

#define VX_LOG_MODULE "pool"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/pool.h"
#include "daemon/pool_internal.h"
#include "daemon/pool_member.h"
#include "daemon/resume_watch.h"
#include "vm/definition.h"
#include "vm/fingerprint.h"
#include "vm/hypervisor.h"

/* A package manager changes much, and then is done. */
static constexpr uint64_t settle_us = 3'000'000;
static constexpr size_t watches_max = 16;

struct pool_check {
	struct wl_list link; /* struct pool.checks */
	struct pool *pool;
	uint64_t shape;
};

static void handle_fingerprint(
	void *data, const struct vm_started *answer, const struct vx_error *err)
{
	struct pool_check *check = data;
	struct pool_member *member;
	wl_list_for_each (member, &check->pool->members, link) {
		/* Those whose domain isn't there yet will be compared when they are taken. */
		if (err == nullptr && member->shape == check->shape &&
			member->region_name != nullptr &&
			member->fingerprint != answer->fingerprint) {
			pool_member_discard(member, "what it was made from has changed");
		}
	}
	wl_list_remove(&check->link);
	free(check);
}

static int handle_settled(sd_event_source *source, uint64_t now, void *data)
{
	struct pool *pool = data;
	pool->check_source = sd_event_source_disable_unref(pool->check_source);
	for (size_t i = 0; i < pool->target_count; i++) {
		struct pool_check *check = vx_new(check);
		check->pool = pool;
		check->shape = pool->targets[i].shape;
		wl_list_insert(&pool->checks, &check->link);
		vm_hypervisor_fingerprint(pool->daemon->hypervisor, pool->targets[i].definition,
			handle_fingerprint, check);
	}
	return 0;
}

static int handle_change(sd_event_source *source, const struct inotify_event *event, void *data)
{
	struct pool *pool = data;
	if (pool->check_source == nullptr && !wl_list_empty(&pool->members)) {
		(void)sd_event_add_time_relative(pool->daemon->event, &pool->check_source,
			CLOCK_MONOTONIC, settle_us, 0, handle_settled, pool);
	}
	return 0;
}

static void handle_resumed(void *data)
{
	pool_update(data);
}

void pool_checks_init(struct pool *pool)
{
	static constexpr uint32_t changes = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE |
					    IN_ONLYDIR;
	const char *const *folders = vm_fingerprint_folders();
	wl_list_init(&pool->checks);
	pool->watches = vx_calloc(watches_max, sizeof(sd_event_source *));
	for (size_t i = 0; folders[i] != nullptr && i < watches_max; i++) {
		/* Most hosts have only some of them. */
		if (sd_event_add_inotify(pool->daemon->event, &pool->watches[pool->watch_count],
			    folders[i], changes, handle_change, pool) >= 0) {
			pool->watch_count++;
		}
	}
	pool->resume_watch = resume_watch_create(pool->daemon->event, handle_resumed, pool);
}

void pool_checks_finish(struct pool *pool)
{
	struct pool_check *check, *next;
	wl_list_for_each_safe (check, next, &pool->checks, link) {
		wl_list_remove(&check->link);
		free(check);
	}
	for (size_t i = 0; i < pool->watch_count; i++) {
		sd_event_source_disable_unref(pool->watches[i]);
	}
	free(pool->watches);
	sd_event_source_disable_unref(pool->check_source);
	resume_watch_destroy(pool->resume_watch);
}
