/* SPDX-License-Identifier: MIT */
/*
 * The balancer, by what it must never do and what it must always do: in single decisions, in
 * simulations with guests that lie, and over traces of what real VMs used (tests/unit/traces).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "daemon/balancer.h"

static constexpr size_t vms_max = 8;
static constexpr uint64_t start_ms = 1'000'000;

static struct balancer_vm vm_with(uint32_t min, uint32_t max, uint32_t granted, uint32_t used)
{
	return (struct balancer_vm){
		.min = min,
		.max = max,
		.granted = granted,
		.resident = used,
		.claimed_used = used,
		.claimed_available = granted > used ? granted - used : 0,
		.claimed_at_ms = start_ms,
	};
}

static uint64_t sum(const struct balancer_vm *vms, size_t count)
{
	uint64_t total = 0;
	for (size_t i = 0; i < count; i++) {
		total += vms[i].target;
	}
	return total;
}

/* What holds after every decision, whatever was claimed. */
static void check(const struct balancer_host *host, const struct balancer_vm *vms, size_t count)
{
	uint64_t before = 0;
	for (size_t i = 0; i < count; i++) {
		const struct balancer_vm *vm = &vms[i];
		before += vm->granted;
		assert_true(vm->target <= vm->max || vm->target == vm->granted);
		assert_true(vm->target >= vm->min || vm->target >= vm->granted);
		if (vm->min == vm->max) {
			assert_int_equal(vm->target, vm->granted);
		}
		/* Nobody is shrunk by more than a quarter (or 64 MiB) at once. */
		uint32_t step = vm->granted / 4 > 64 ? vm->granted / 4 : 64;
		assert_true(vm->target + step >= vm->granted);
	}
	/* The sum doesn't grow past the budget; where it is past it, it doesn't grow. */
	uint64_t budget = balancer_budget(host, vms, count);
	assert_true(sum(vms, count) <= (budget > before ? budget : before));
}

static bool run(const struct balancer_host *host, struct balancer_vm *vms, size_t count)
{
	bool goes_on = balancer_run(host, vms, count);
	check(host, vms, count);
	return goes_on;
}

/* ---- single decisions ---- */

static void test_nobody_in_need_is_left_alone(void **state)
{
	struct balancer_host host = {start_ms, 10'000, 500, 0};
	struct balancer_vm vms[] = {vm_with(256, 1024, 512, 300), vm_with(256, 1024, 1024, 300)};
	assert_false(run(&host, vms, 2));
	assert_int_equal(vms[0].target, 512);
	assert_int_equal(vms[1].target, 1024);
}

static void test_need_is_met_at_once_where_there_is_room(void **state)
{
	struct balancer_host host = {start_ms, 10'000, 500, 0};
	struct balancer_vm vms[] = {vm_with(256, 1024, 256, 250)};
	assert_true(run(&host, vms, 1));
	assert_int_equal(vms[0].target, 384);
	struct balancer_vm pressed = vm_with(256, 1024, 900, 700);
	pressed.claimed_pressure = 4000;
	assert_true(run(&host, &pressed, 1));
	assert_int_equal(pressed.target, 1024);
}

static void test_what_one_spares_the_other_gets(void **state)
{
	struct balancer_host host = {start_ms, 0, 0, 1200};
	struct balancer_vm vms[] = {vm_with(256, 1024, 900, 200), vm_with(256, 1024, 300, 299)};
	host.available = 1200;
	assert_true(run(&host, vms, 2));
	assert_int_equal(vms[0].target, 900 - 150);
	assert_int_equal(vms[1].target, 300 + 150);
}

static void test_a_fresh_vm_that_said_nothing_isnt_touched(void **state)
{
	struct balancer_host host = {start_ms, 2000, 500, 1200};
	struct balancer_vm vms[] = {vm_with(256, 1024, 900, 200), vm_with(256, 1024, 300, 299)};
	vms[0].claimed_at_ms = 0;
	run(&host, vms, 2);
	assert_int_equal(vms[0].target, 900);
	assert_int_equal(vms[1].target, 300);
}

static void test_old_claims_count_for_nothing(void **state)
{
	struct balancer_host host = {start_ms + 60'000, 10'000, 500, 0};
	struct balancer_vm vms[] = {vm_with(256, 1024, 256, 250)};
	assert_false(run(&host, vms, 1));
	assert_int_equal(vms[0].target, 256);
}

static void test_equal_bounds_switch_it_off(void **state)
{
	struct balancer_host host = {start_ms, 10'000, 500, 0};
	struct balancer_vm vms[] = {vm_with(512, 512, 512, 511)};
	vms[0].claimed_pressure = 10'000;
	assert_false(run(&host, vms, 1));
	assert_int_equal(vms[0].target, 512);
}

static void test_the_hosts_reserve_is_given_back(void **state)
{
	/* 300 MiB are left of a reserve of 500. */
	struct balancer_host host = {start_ms, 300, 500, 0};
	struct balancer_vm vms[] = {vm_with(256, 2048, 1024, 300)};
	vms[0].resident = 1000;
	assert_true(run(&host, vms, 1));
	assert_true(vms[0].target < 1024);
	assert_true(vms[0].target >= 800 - 32);
}

/* ---- guests that lie ---- */

static uint32_t random_below(uint32_t *state, uint32_t bound)
{
	*state = *state * 1664525u + 1013904223u;
	return bound == 0 ? 0 : (*state >> 8) % bound;
}

static void test_whatever_is_claimed(void **state)
{
	uint32_t seed = 1;
	for (unsigned round = 0; round < 20'000; round++) {
		struct balancer_vm vms[vms_max] = {};
		size_t count = 1 + random_below(&seed, vms_max);
		for (size_t i = 0; i < count; i++) {
			struct balancer_vm *vm = &vms[i];
			vm->min = 128 + random_below(&seed, 1000);
			vm->max = vm->min + random_below(&seed, 4000);
			vm->granted = vm->min + random_below(&seed, vm->max - vm->min + 1);
			vm->resident = random_below(&seed, vm->granted + 200);
			vm->claimed_used = random_below(&seed, 3) == 0 ? UINT32_MAX
								       : random_below(&seed, 5000);
			vm->claimed_available = random_below(&seed, 3) == 0
							? UINT32_MAX
							: random_below(&seed, 5000);
			vm->claimed_pressure = random_below(&seed, 2) == 0 ? 0 : 10'000;
			vm->claimed_at_ms = random_below(&seed, 4) == 0
						    ? 0
						    : start_ms - random_below(&seed, 20'000);
			vm->grown_at_ms = start_ms - random_below(&seed, 30'000);
			vm->shrunk_at_ms = start_ms - random_below(&seed, 30'000);
			vm->caution = random_below(&seed, 4);
		}
		struct balancer_host host = {start_ms, random_below(&seed, 8000),
			random_below(&seed, 2000),
			random_below(&seed, 2) == 0 ? 0 : random_below(&seed, 10'000)};
		run(&host, vms, count);
	}
}

/* A guest that uses nothing of what it is given is given nothing more. */
static void test_who_doesnt_use_it_gets_no_more(void **state)
{
	struct balancer_host host = {start_ms, 10'000, 500, 0};
	struct balancer_vm liar = vm_with(256, 8192, 256, 0);
	for (unsigned second = 0; second < 120; second++) {
		host.now_ms = start_ms + second * 1000;
		liar.resident = 150; /* what it really touches */
		liar.claimed_used = liar.granted;
		liar.claimed_available = 0;
		liar.claimed_pressure = 10'000;
		liar.claimed_at_ms = host.now_ms;
		run(&host, &liar, 1);
		liar.granted = liar.target;
	}
	assert_true(liar.granted <= 384);
}

/* Two claim all they can and touch it; a third, which is honest, still grows to an equal share. */
static void test_a_loud_guest_doesnt_starve_the_others(void **state)
{
	struct balancer_host host = {start_ms, 4000, 500, 2000};
	struct balancer_vm vms[] = {vm_with(256, 4096, 256, 256), vm_with(256, 4096, 256, 256)};
	for (unsigned second = 0; second < 60; second++) {
		host.now_ms = start_ms + second * 1000;
		for (size_t i = 0; i < 2; i++) {
			/* The second one claims need with every report, the first when it has some.
			 */
			uint32_t demand = i == 1 ? UINT32_MAX : 700;
			uint32_t used = demand < vms[i].granted ? demand : vms[i].granted;
			vms[i].resident = used;
			vms[i].claimed_used = i == 1 ? vms[i].granted : used;
			vms[i].claimed_available = vms[i].granted - used;
			vms[i].claimed_pressure = i == 1 ? 10'000 : used == demand ? 0 : 2000;
			vms[i].claimed_at_ms = host.now_ms;
		}
		run(&host, vms, 2);
		for (size_t i = 0; i < 2; i++) {
			vms[i].granted = vms[i].target;
		}
	}
	assert_true(vms[0].granted >= 700);
	assert_true(vms[0].granted + vms[1].granted <= 2000);
}

/* ---- traces of real VMs ---- */

struct trace {
	struct {
		double seconds;
		uint32_t used;
	} points[512];
	size_t count;
};

static void trace_read(struct trace *trace, const char *name)
{
	vx_cleanup_free char *path = vx_printf("%s/%s.csv", TRACES, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	char line[256];
	*trace = (struct trace){};
	assert_non_null(fgets(line, sizeof(line), file)); /* the head */
	while (fgets(line, sizeof(line), file) != nullptr &&
		trace->count < VX_ARRAY_LENGTH(trace->points)) {
		unsigned used;
		assert_int_equal(
			sscanf(line, "%lf,%u", &trace->points[trace->count].seconds, &used), 2);
		trace->points[trace->count++].used = used;
	}
	fclose(file);
	assert_true(trace->count > 50);
}

/* Over and over. */
static uint32_t trace_at(const struct trace *trace, unsigned second)
{
	double seconds = second % (unsigned)trace->points[trace->count - 1].seconds;
	uint32_t used = trace->points[0].used;
	for (size_t i = 0; i < trace->count && trace->points[i].seconds <= seconds; i++) {
		used = trace->points[i].used;
	}
	return used;
}

struct simulation {
	struct trace traces[4];
	struct balancer_vm vms[4];
	size_t count;
	struct balancer_host host;
	uint32_t host_total;
	unsigned offsets[4]; /* seconds into the traces */
	/* Found out on the way. */
	unsigned short_seconds[4]; /* in which a VM had less than it needed */
	unsigned longest[4];       /* such seconds in a row */
	unsigned turns[4];         /* from growing to shrinking and back */
	int direction[4];
	bool goes_on;
};

static void simulate_second(struct simulation *sim, unsigned second)
{
	sim->host.now_ms = start_ms + second * 1000;
	uint32_t resident = 0;
	bool is_asked = sim->goes_on;
	for (size_t i = 0; i < sim->count; i++) {
		struct balancer_vm *vm = &sim->vms[i];
		uint32_t demand = trace_at(&sim->traces[i], second + sim->offsets[i]);
		uint32_t used = demand < vm->granted ? demand : vm->granted;
		bool is_short = demand + 8 > vm->granted;
		vm->resident = used;
		resident += used;
		sim->short_seconds[i] += demand > vm->granted;
		/* As the guest does it: unasked only while it is short of memory. */
		if (is_short || is_asked || second == 0) {
			vm->claimed_used = used;
			vm->claimed_available = vm->granted - used;
			vm->claimed_pressure = is_short ? 1500 : 0;
			vm->claimed_at_ms = sim->host.now_ms;
			sim->goes_on = true;
		}
	}
	sim->host.available = sim->host_total > resident ? sim->host_total - resident : 0;
	if (sim->goes_on) {
		sim->goes_on = run(&sim->host, sim->vms, sim->count);
		for (size_t i = 0; i < sim->count; i++) {
			struct balancer_vm *vm = &sim->vms[i];
			int direction = (vm->target > vm->granted) - (vm->target < vm->granted);
			if (direction != 0) {
				sim->turns[i] += sim->direction[i] != 0 &&
						 direction != sim->direction[i];
				sim->direction[i] = direction;
			}
			vm->granted = vm->target;
		}
	}
}

static void simulate(struct simulation *sim, const char *const *names, size_t count, uint32_t limit,
	uint32_t min, uint32_t max)
{
	unsigned offsets[4];
	memcpy(offsets, sim->offsets, sizeof(offsets));
	*sim = (struct simulation){.count = count, .host_total = 16'000};
	memcpy(sim->offsets, offsets, sizeof(offsets));
	sim->host = (struct balancer_host){.reserve = 1000, .limit = limit};
	for (size_t i = 0; i < count; i++) {
		trace_read(&sim->traces[i], names[i]);
		sim->vms[i] = (struct balancer_vm){.min = min, .max = max, .granted = min};
	}
	for (unsigned second = 0; second < 120; second++) {
		unsigned before[4];
		memcpy(before, sim->short_seconds, sizeof(before));
		simulate_second(sim, second);
		for (size_t i = 0; i < count; i++) {
			static unsigned row[4];
			row[i] = sim->short_seconds[i] > before[i] ? row[i] + 1 : 0;
			sim->longest[i] = row[i] > sim->longest[i] ? row[i] : sim->longest[i];
		}
	}
}

static const char *const all_traces[] = {"grow", "work", "idle"};

static void test_traces_with_room(void **state)
{
	static struct simulation sim;
	simulate(&sim, all_traces, 3, 0, 256, 1400);
	for (size_t i = 0; i < 3; i++) {
		assert_true(sim.longest[i] <= 3);
		assert_int_equal(sim.turns[i], 0); /* nobody had to give anything back */
	}
	assert_int_equal(sim.vms[2].granted, 256);
}

/* Enough for all, but only where what one doesn't need goes to the other in time. */
static void test_traces_with_just_enough(void **state)
{
	static struct simulation sim;
	simulate(&sim, all_traces, 3, 1900, 256, 1400);
	for (size_t i = 0; i < 3; i++) {
		assert_true(sim.longest[i] <= 3);
		assert_true(sim.turns[i] <= 2);
	}
}

/* Too little for the one that wants most: the others hardly feel it. */
static void test_traces_with_too_little(void **state)
{
	static struct simulation sim;
	simulate(&sim, all_traces, 3, 1300, 256, 1400);
	assert_true(sim.longest[1] <= 2 && sim.longest[2] <= 2);
	for (size_t i = 0; i < 3; i++) {
		assert_true(sim.turns[i] <= 4); /* the traces go up and down more often than that */
	}
}

/* The same program in two VMs, one at its height while the other rests. */
static void test_memory_goes_to_and_fro(void **state)
{
	static const char *const names[] = {"grow", "grow"};
	static struct simulation sim = {.offsets = {0, 88}};
	simulate(&sim, names, 2, 1800, 256, 1400); /* together they use 1523 at most */
	assert_true(sim.longest[0] <= 4 && sim.longest[1] <= 4);
	assert_true(sim.turns[0] <= 6 && sim.turns[1] <= 6);
}

static void test_two_that_grow_at_once_share(void **state)
{
	static const char *const names[] = {"grow", "grow"};
	static struct simulation sim;
	simulate(&sim, names, 2, 1200, 256, 1400);
	uint32_t a = sim.short_seconds[0], b = sim.short_seconds[1];
	assert_true((a > b ? a - b : b - a) <= 3);
}

/* A demand that stays makes the balancer come to rest. */
static void test_it_comes_to_rest(void **state)
{
	struct balancer_host host = {start_ms, 10'000, 500, 1400};
	struct balancer_vm vms[] = {vm_with(256, 1024, 900, 250), vm_with(256, 1024, 256, 256)};
	bool goes_on = true;
	unsigned second = 0, changes = 0;
	for (; second < 60 && goes_on; second++) {
		host.now_ms = start_ms + second * 1000;
		for (size_t i = 0; i < 2; i++) {
			uint32_t demand = i == 0 ? 250 : 600;
			uint32_t used = demand < vms[i].granted ? demand : vms[i].granted;
			vms[i].resident = used;
			vms[i].claimed_used = used;
			vms[i].claimed_available = vms[i].granted - used;
			vms[i].claimed_at_ms = host.now_ms;
		}
		goes_on = run(&host, vms, 2);
		for (size_t i = 0; i < 2; i++) {
			changes += vms[i].target != vms[i].granted;
			vms[i].granted = vms[i].target;
		}
	}
	assert_false(goes_on);
	assert_true(second <= 8 && changes <= 8);
	assert_true(vms[1].granted >= 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_in_need_is_left_alone),
		cmocka_unit_test(test_need_is_met_at_once_where_there_is_room),
		cmocka_unit_test(test_what_one_spares_the_other_gets),
		cmocka_unit_test(test_a_fresh_vm_that_said_nothing_isnt_touched),
		cmocka_unit_test(test_old_claims_count_for_nothing),
		cmocka_unit_test(test_equal_bounds_switch_it_off),
		cmocka_unit_test(test_the_hosts_reserve_is_given_back),
		cmocka_unit_test(test_whatever_is_claimed),
		cmocka_unit_test(test_who_doesnt_use_it_gets_no_more),
		cmocka_unit_test(test_a_loud_guest_doesnt_starve_the_others),
		cmocka_unit_test(test_traces_with_room),
		cmocka_unit_test(test_traces_with_just_enough),
		cmocka_unit_test(test_traces_with_too_little),
		cmocka_unit_test(test_memory_goes_to_and_fro),
		cmocka_unit_test(test_two_that_grow_at_once_share),
		cmocka_unit_test(test_it_comes_to_rest),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
