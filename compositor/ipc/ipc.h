/* SPDX-License-Identifier: MIT */
/*
 * The i3-compatible IPC server. It subscribes to the tree's signals and listens to the
 * session itself; other parts of the compositor tell it of what those do not know with the
 * ipc_event_ functions.
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include <stdint.h>

struct bar_config;
struct binding;
struct desktop_input;
struct ipc_server;
struct session;
struct vx_error;
struct wl_event_loop;

/*
 * Listens at $SWAYSOCK if that is set and free, else at $XDG_RUNTIME_DIR/sway-ipc.UID.PID.sock, and
 * exports SWAYSOCK and I3SOCK. NULL on failure. Owned by the caller; `session` outlives it.
 */
struct ipc_server *ipc_server_create(
	struct session *session, struct wl_event_loop *loop, struct vx_error *err);
void ipc_server_destroy(struct ipc_server *ipc);
const char *ipc_server_socket_path(const struct ipc_server *ipc);

/* `ipc` may be NULL in all of these (nothing happens). */
void ipc_event_output(struct ipc_server *ipc);
/* `change`: added, removed, xkb_keymap, xkb_layout, libinput_config. */
void ipc_event_input(struct ipc_server *ipc, const char *change, const struct desktop_input *input);
void ipc_event_binding(struct ipc_server *ipc, const struct binding *binding);
void ipc_event_shutdown(struct ipc_server *ipc, const char *reason);
void ipc_event_bar_state(struct ipc_server *ipc, const struct bar_config *bar);

#endif
