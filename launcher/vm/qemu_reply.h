/* SPDX-License-Identifier: MIT */
/*
 * What QEMU's monitor answers. A guest may have taken over its QEMU: nothing is believed of the
 * JSON but its syntax, and its strings are cleaned before somebody reads them.
 */
#ifndef VX_LAUNCHER_VM_QEMU_REPLY_H
#define VX_LAUNCHER_VM_QEMU_REPLY_H

#include <stddef.h>

#include "common/error.h"

static constexpr size_t qemu_reply_max = 1024 * 1024;
static constexpr size_t qemu_names_max = 1024;

struct qemu_reply; /* JSON */

/* The answer to `command`, owned by the caller; NULL where it is none, or a refusal: then the error
 * has QEMU's reason. */
[[nodiscard]] struct qemu_reply *qemu_reply_parse(
	const char *untrusted_text, const char *command, struct vx_error *err);
void qemu_reply_destroy(struct qemu_reply *reply); /* NULL allowed */

/* To qom-list: the names, in a list that ends in NULL; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char **qemu_reply_take_names(const struct qemu_reply *reply);

/* To query-pci: the last root port with nothing in it; borrowed from the reply; NULL: there is
 * none.
 */
[[nodiscard]] const char *qemu_reply_find_free_port(const struct qemu_reply *reply);

#endif
