/* SPDX-License-Identifier: MIT */
/* What run, exec and shell have in common: a program in a VM, with or without our terminal. */
#ifndef VX_LAUNCHER_CLI_PROGRAM_H
#define VX_LAUNCHER_CLI_PROGRAM_H

#include "cli/client.h"
#include "cli/interrupts.h"
#include "common/error.h"

struct program {
	const char *vm;
	const char *const *argv;        /* NULL-terminated; empty: a login shell */
	const char *const *environment; /* NULL-terminated K=V; may be NULL */
	bool has_terminal;
	bool sends_stdin;
	unsigned interrupt_grace_ms; /* session.h */
	bool holds_lease; /* the connection's end stops the VM: one that is lost is replaced */
};

/* Runs it and gives its status, or -1 with an error. */
int program_run(struct client *client, const struct program *program, struct interrupts *interrupts,
	struct vx_error *err);

/* Starts it and leaves it alone. `is_owner`: the VM is to be stopped when it ends. */
bool program_spawn(
	struct client *client, const struct program *program, bool is_owner, struct vx_error *err);

/* Are all of these K=V? */
bool program_check_environment(const char *const *environment, struct vx_error *err);

/* Are standard input and output both terminals? */
bool program_has_terminals(void);

#endif
