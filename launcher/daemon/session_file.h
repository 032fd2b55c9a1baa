/* SPDX-License-Identifier: MIT */
/*
 * What a later vixosd must know of a running VM and libvirt doesn't: where its windows go. One
 * small JSON file in the VM's runtime folder, which goes with it.
 */
#ifndef VX_LAUNCHER_DAEMON_SESSION_FILE_H
#define VX_LAUNCHER_DAEMON_SESSION_FILE_H

#include "common/error.h"

struct session_file {
	char *display;   /* owned by whoever filled it in; may be NULL */
	char *workspace; /* the same */
	bool untagged;
};

bool session_file_write(
	const char *folder, const struct session_file *session, struct vx_error *err);
/* To be freed by session_file_finish(). */
bool session_file_read(const char *folder, struct session_file *ret_session, struct vx_error *err);
void session_file_finish(struct session_file *session);

#endif
