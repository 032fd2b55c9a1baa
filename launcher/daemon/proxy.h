/* SPDX-License-Identifier: MIT */
/*
 * One VM's vixos-proxy as vixosd sees it: a child or, after vixosd was started anew, a process that
 * was there before; its control socket; the end of it. The proxy talks to an untrusted guest and
 * may have been taken over, so what it says is checked and what it logs is escaped.
 */
#ifndef VX_LAUNCHER_DAEMON_PROXY_H
#define VX_LAUNCHER_DAEMON_PROXY_H

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "common/error.h"

struct proxy;
struct vx_control_message;

/* The command line of vixos-proxy; all borrowed for the call. */
struct proxy_options {
	const char *program; /* absolute path */
	const char *vm;
	const char *link_socket;
	const char *region; /* path; may be NULL */
	const char *control_socket;
	const char *display; /* path of the Wayland socket; NULL: no windows */
	bool untagged;
};

struct proxy_listener {
	/* The control socket is connected. */
	void (*up)(void *data);
	/* A message of type STATE whose enums and strings are in range. */
	void (*state_changed)(void *data, const struct vx_control_message *state);
	/*
	 * The process has ended, or none answers at the socket that was to be adopted. `why` is one
	 * sentence for people. The proxy object can be used again.
	 */
	void (*gone)(void *data, const char *why);
};

/* `vm` is the VM's name, for the log. `listener` and `data` must outlive the proxy. */
[[nodiscard, gnu::returns_nonnull]] struct proxy *proxy_create(
	sd_event *event, const char *vm, const struct proxy_listener *listener, void *data);
/* A process that still runs is left running; see proxy_quit(). NULL allowed. */
void proxy_destroy(struct proxy *proxy);

/* Starts the process; `up` or `gone` follows. Nothing may run in this object. */
bool proxy_spawn(struct proxy *proxy, const struct proxy_options *options, struct vx_error *err);

/* Connects to a process that an earlier vixosd has spawned; `up` or `gone` follows. */
void proxy_adopt(struct proxy *proxy, const char *control_socket);

/* Asks the process to end and kills it if it doesn't at once; `gone` follows. */
void proxy_quit(struct proxy *proxy);

/* Hands the guest's `exec` service one end of a stream; `fd` stays the caller's. */
bool proxy_open_exec(struct proxy *proxy, int fd, struct vx_error *err);

/* The same for its clipboard service (proxy/host/clipboard_relay.h). */
bool proxy_open_clipboard(struct proxy *proxy, int fd, struct vx_error *err);

/* Has the guest tell of its memory; it comes with the state, if at all. */
void proxy_ask_memory(struct proxy *proxy);

bool proxy_is_alive(const struct proxy *proxy);
pid_t proxy_get_pid(const struct proxy *proxy); /* 0: none */

#endif
