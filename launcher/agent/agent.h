/* SPDX-License-Identifier: MIT */
/*
 * The agent: runs programs for the host in this VM, one for each channel of the `exec` service
 * (proxy/link/exec.h). It lives on vixos-guest's event loop, never blocks, and holds bounded memory
 * for each program whatever that program or the host does.
 *
 * A program's end: the channel carries its remaining output and then the exit status. When the
 * channel ends first, the program's process group gets SIGHUP, and SIGKILL three seconds later; a
 * detached program goes on instead, and the VM may have to end with it.
 */
#ifndef VX_LAUNCHER_AGENT_AGENT_H
#define VX_LAUNCHER_AGENT_AGENT_H

#include <stddef.h>

struct agent;
struct vx_link_channel;
struct wl_event_loop;

static constexpr size_t agent_programs_max = 256; /* at once; more are refused */

struct agent_options {
	const char *home;            /* NULL: /home/user */
	const char *runtime_dir;     /* XDG_RUNTIME_DIR */
	const char *wayland_display; /* what programs get as WAYLAND_DISPLAY; NULL: none */
	int log_fd; /* non-blocking; output of detached programs goes there, a line at a time;
		       borrowed */
	/* An owner (VX_EXEC_FLAG_OWNER) has ended and its channel is gone: the VM is to end. May be
	 * NULL. */
	void (*orphan_ended)(void *data);
	void *data;
};

/* `loop` must outlive the agent; `options` is copied. */
[[nodiscard, gnu::returns_nonnull]] struct agent *agent_create(
	struct wl_event_loop *loop, const struct agent_options *options);

/*
 * Ends every program that isn't detached (SIGHUP; their SIGKILL doesn't come from here any more)
 * and drops their channels. NULL allowed.
 */
void agent_destroy(struct agent *agent);

/*
 * Takes over a channel that the host opened for VX_EXEC_SERVICE, or refuses it over the cap. Sends
 * queue on the link; the link's owner writes them (write_interest_changed, vx_link_dispatch()).
 */
void agent_accept(struct agent *agent, struct vx_link_channel *channel);

/* Programs that run, detached ones included. */
size_t agent_get_program_count(const struct agent *agent);

#endif
