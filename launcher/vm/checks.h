/* SPDX-License-Identifier: MIT */
/* What `vixos doctor` looks at: a table of checks, each with a verdict and a remedy. */
#ifndef VX_LAUNCHER_VM_CHECKS_H
#define VX_LAUNCHER_VM_CHECKS_H

#include <stddef.h>

struct vm_config;

enum vm_verdict : unsigned {
	VM_VERDICT_OK,
	VM_VERDICT_WARN, /* works, but less well */
	VM_VERDICT_FAIL, /* VMs, or windows, won't work */
	VM_VERDICT_COUNT,
};

/* "ok", "warn", "fail". */
const char *vm_verdict_name(enum vm_verdict verdict);

struct vm_check_result {
	const char *id;    /* static: "kvm", "libvirt", … */
	const char *title; /* static: what is checked, for people */
	enum vm_verdict verdict;
	char *detail; /* owned; what was found */
	char *remedy; /* owned; what to do; NULL where all is well */
};

size_t vm_check_count(void);

/*
 * Runs check number `index`; `config` may be NULL where it can't be read. Blocks for at most some
 * seconds, so not for vixosd's loop. The result's strings are freed by vm_check_result_finish().
 */
struct vm_check_result vm_check_run(size_t index, const struct vm_config *config);
void vm_check_result_finish(struct vm_check_result *result);

#endif
