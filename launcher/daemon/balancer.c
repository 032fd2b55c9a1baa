/* SPDX-License-Identifier: MIT */
#include "daemon/balancer.h"

static constexpr uint64_t claim_ms = 5'000;    /* how long a claim of pressure counts */
static constexpr uint64_t hold_ms = 10'000;    /* what has grown isn't shrunk for so long */
static constexpr uint64_t memory_ms = 60'000;  /* how long a shrinking is remembered */
static constexpr uint32_t pressure_need = 500; /* parts of 10000: 5 % of the time */
static constexpr uint32_t low_min = 24;        /* available: less is need, however small the VM */
static constexpr uint32_t headroom_min = 96;   /* left to whoever is shrunk */
static constexpr uint32_t step_min = 64;
static constexpr uint32_t change_min = 16; /* smaller changes aren't worth the trouble */
static constexpr unsigned caution_max = 3;

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t clamp(uint64_t value, uint32_t low, uint32_t high)
{
	return value < low ? low : value > high ? high : (uint32_t)value;
}

static bool is_balanced(const struct balancer_vm *vm)
{
	return vm->min < vm->max;
}

static bool is_within(uint64_t now, uint64_t then, uint64_t span)
{
	return then != 0 && now - then < span;
}

uint64_t balancer_budget(
	const struct balancer_host *host, const struct balancer_vm *vms, size_t count)
{
	uint64_t budget = host->available;
	uint64_t promised = 0;
	for (size_t i = 0; i < count; i++) {
		/* QEMU needs some for itself; what it takes beyond the grant isn't the guest's. */
		uint32_t resident = vms[i].resident == 0 ? vms[i].granted : vms[i].resident;
		budget += lesser(resident, vms[i].granted);
		promised += is_balanced(&vms[i]) ? vms[i].min : vms[i].granted;
	}
	budget = budget > host->reserve ? budget - host->reserve : 0;
	if (host->limit > 0 && budget > host->limit) {
		budget = host->limit;
	}
	return budget > promised ? budget : promised;
}

/*
 * A guest that says it is short, and doesn't use what it was given, isn't believed: what QEMU takes
 * is the host's own figure.
 */
bool balancer_is_in_need(const struct balancer_host *host, const struct balancer_vm *vm)
{
	bool uses_it = vm->resident == 0 || (uint64_t)vm->resident * 4 >= (uint64_t)vm->granted * 3;
	uint32_t low = greater(low_min, vm->granted / 16);
	return is_balanced(vm) && is_within(host->now_ms, vm->claimed_at_ms, claim_ms) && uses_it &&
	       (vm->claimed_pressure >= pressure_need || vm->claimed_available < low);
}

static uint32_t step_of(const struct balancer_vm *vm, uint32_t part)
{
	return greater(step_min, vm->granted / part);
}

static uint32_t wish_of(const struct balancer_vm *vm)
{
	if (!vm->is_in_need) {
		return vm->granted;
	}
	uint64_t wish = (uint64_t)vm->granted + step_of(vm, 2);
	return clamp(wish, greater(vm->granted, vm->min), vm->max);
}

/* What it uses, as far as its claim and the host's own figure agree. */
static uint32_t used_by(const struct balancer_vm *vm)
{
	return vm->resident == 0 ? vm->claimed_used : lesser(vm->claimed_used, vm->resident);
}

/*
 * What one in need keeps: a balloon can't take what is in use, and a guest that tries gets nothing
 * else done.
 */
static uint32_t kept_by(const struct balancer_vm *vm)
{
	return clamp((uint64_t)used_by(vm) + low_min, lesser(vm->min, vm->granted), vm->granted);
}

static uint32_t at_level(const struct balancer_vm *vm, uint32_t level)
{
	uint32_t least = greater(kept_by(vm), vm->min);
	return clamp(level, least, greater(wish_of(vm), least));
}

/* What is left to a VM that isn't in need; more for one whose figures have turned out too low. */
static uint32_t floor_of(const struct balancer_host *host, const struct balancer_vm *vm)
{
	if (!is_balanced(vm) || vm->claimed_at_ms == 0 ||
		is_within(host->now_ms, vm->grown_at_ms, hold_ms)) {
		return vm->granted;
	}
	uint32_t used = used_by(vm);
	uint64_t headroom = (uint64_t)greater(headroom_min, used / 4) << vm->caution;
	uint32_t floor = clamp(used + headroom, vm->min, vm->max);
	return lesser(floor, vm->granted);
}

static uint64_t sum_of_targets(const struct balancer_vm *vms, size_t count)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		sum += vms[i].target;
	}
	return sum;
}

/* Takes `excess` from those that aren't in need, of each in proportion to what it can spare. */
static void take_spare(
	const struct balancer_host *host, struct balancer_vm *vms, size_t count, uint64_t excess)
{
	uint64_t spare = 0;
	for (size_t i = 0; i < count; i++) {
		spare += vms[i].is_in_need ? 0 : vms[i].granted - floor_of(host, &vms[i]);
	}
	if (spare == 0) {
		return;
	}
	uint64_t wanted = excess < spare ? excess : spare;
	for (size_t i = 0; i < count; i++) {
		struct balancer_vm *vm = &vms[i];
		if (!vm->is_in_need) {
			uint64_t own = vm->granted - floor_of(host, vm);
			uint64_t part = (own * wanted + spare - 1) / spare;
			vm->target = vm->granted - (uint32_t)(part < own ? part : own);
		}
	}
}

/* What those in need get together where nobody grows past `level`. */
static uint64_t sum_at_level(const struct balancer_vm *vms, size_t count, uint32_t level)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		if (vms[i].is_in_need) {
			sum += at_level(&vms[i], level);
		}
	}
	return sum;
}

/* The same level for all who are in need, so that the loudest gets no more than the others. */
static void share_among_needy(struct balancer_vm *vms, size_t count, uint64_t budget)
{
	uint64_t others = 0;
	uint32_t low = 0, high = 0;
	for (size_t i = 0; i < count; i++) {
		others += vms[i].is_in_need ? 0 : vms[i].target;
		high = greater(high, vms[i].is_in_need ? wish_of(&vms[i]) : 0);
	}
	uint64_t room = budget > others ? budget - others : 0;
	while (low < high) {
		uint32_t middle = low + (high - low + 1) / 2;
		if (sum_at_level(vms, count, middle) <= room) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (vms[i].is_in_need) {
			vms[i].target = at_level(&vms[i], low);
		}
	}
}

/* No more is taken at once than a guest can give without stalling. */
static void limit_shrinking(struct balancer_vm *vm)
{
	uint32_t least = vm->granted - lesser(vm->granted, step_of(vm, 4));
	vm->target = greater(vm->target, greater(least, lesser(vm->min, vm->granted)));
}

/* What shrinks less than it was meant to leaves the others less to grow by. */
static void limit_growing(struct balancer_vm *vms, size_t count, uint64_t budget)
{
	uint64_t sum = sum_of_targets(vms, count);
	for (size_t i = 0; i < count && sum > budget; i++) {
		if (vms[i].target > vms[i].granted) {
			uint32_t growth = vms[i].target - vms[i].granted;
			uint32_t cut = (uint32_t)(sum - budget < growth ? sum - budget : growth);
			vms[i].target -= cut;
			sum -= cut;
		}
	}
}

/* Changes of no account aren't made, unless they are the way to a bound. */
static void drop_small_change(struct balancer_vm *vm)
{
	uint32_t change = vm->target > vm->granted ? vm->target - vm->granted
						   : vm->granted - vm->target;
	if (change < change_min && vm->target != vm->min && vm->target != vm->max) {
		vm->target = vm->granted;
	}
}

static void remember(const struct balancer_host *host, struct balancer_vm *vm)
{
	if (vm->target > vm->granted) {
		if (is_within(host->now_ms, vm->shrunk_at_ms, memory_ms) &&
			vm->caution < caution_max) {
			vm->caution++;
			vm->shrunk_at_ms = 0;
		}
		vm->grown_at_ms = host->now_ms;
	} else if (vm->target < vm->granted) {
		vm->shrunk_at_ms = host->now_ms;
	} else if (!is_within(host->now_ms, vm->grown_at_ms, 5 * memory_ms)) {
		vm->caution = 0;
	}
}

bool balancer_run(const struct balancer_host *host, struct balancer_vm *vms, size_t count)
{
	uint64_t budget = balancer_budget(host, vms, count);
	bool goes_on = false;
	for (size_t i = 0; i < count; i++) {
		vms[i].is_in_need = balancer_is_in_need(host, &vms[i]);
		vms[i].target = wish_of(&vms[i]);
	}
	uint64_t wished = sum_of_targets(vms, count);
	if (wished > budget) {
		take_spare(host, vms, count, wished - budget);
		if (sum_of_targets(vms, count) > budget) {
			share_among_needy(vms, count, budget);
		}
		for (size_t i = 0; i < count; i++) {
			limit_shrinking(&vms[i]);
			drop_small_change(&vms[i]);
		}
		limit_growing(vms, count, budget);
	}
	for (size_t i = 0; i < count; i++) {
		drop_small_change(&vms[i]);
		remember(host, &vms[i]);
		goes_on = goes_on || vms[i].is_in_need || vms[i].target != vms[i].granted;
	}
	return goes_on;
}
