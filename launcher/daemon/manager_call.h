/* SPDX-License-Identifier: MIT */
/* One varlink call that can't be answered at once. Between manager.c and the methods. */
#ifndef VX_LAUNCHER_DAEMON_MANAGER_CALL_H
#define VX_LAUNCHER_DAEMON_MANAGER_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <systemd/sd-varlink.h>
#include <wayland-util.h>

#include "common/buffer.h"
#include "common/error.h"
#include "daemon/machine.h"

struct display;

struct manager {
	struct daemon *daemon;         /* borrowed */
	sd_varlink_server *server;     /* owned */
	struct wl_list calls;          /* struct manager_call.link */
	struct wl_list finished;       /* struct manager_call.link; freed at the end of the turn */
	sd_event_source *reap_source;  /* owned */
	sd_event_source *share_source; /* owned; when to look for folders that are nobody's */
};

/* The parameters of all methods together; every method dispatches those that it has. */
struct manager_parameters {
	const char *name;
	const char *package, *like;
	const char *executable;
	const char *display;
	const char *source, *target;
	const char *audio, *device, *network;
	int untagged, lease, kill, follow, owner, writable, force, usb, all, run; /* booleans */
	int disposable, last_window;
	char **command;     /* owned */
	char **environment; /* owned */
	const char *workspace;
};

/* Fields of `struct manager_parameters`, for the tables of those that a method has. */
#define MANAGER_STRING(json, member, flags)                           \
	{json, SD_JSON_VARIANT_STRING, sd_json_dispatch_const_string, \
		offsetof(struct manager_parameters, member), flags}
#define MANAGER_STRINGS(json, member, flags)                 \
	{json, SD_JSON_VARIANT_ARRAY, sd_json_dispatch_strv, \
		offsetof(struct manager_parameters, member), flags}
#define MANAGER_BOOL(json, member)                                \
	{json, SD_JSON_VARIANT_BOOLEAN, sd_json_dispatch_intbool, \
		offsetof(struct manager_parameters, member), SD_JSON_NULLABLE}

struct manager_call {
	struct wl_list link; /* struct manager.calls, or .finished */
	struct manager *manager;
	sd_varlink *connection; /* owned reference; NULL once answered or dropped */
	/* Goes on as far as it can; ends in manager_call_reply() or manager_call_fail() sooner or
	 * later. */
	void (*advance)(struct manager_call *call);
	sd_event_source *deadline_source; /* owned */
	bool wants_more;

	char *name;              /* owned; of the VM */
	struct machine *machine; /* borrowed; kept alive by us; NULL: not chosen yet */
	/* Start */
	char *base; /* owned; what the VM is like; then `name` may be NULL */
	bool disposable;
	char *display;   /* owned; may be NULL */
	char *workspace; /* owned; may be NULL */
	bool untagged, lease;
	struct machine_wish wish;
	char **command; /* owned; may be NULL */
	bool has_started;
	char *told_message; /* owned; the last progress */
	/* Pause, Resume */
	bool wants_pause;
	/* List */
	bool all;
	/* Stop */
	bool kill, was_failing, last_window;
	/* Spawn */
	bool owner;
	char **environment; /* owned; may be NULL */
	/* Mount, Unmount, ShareTmp */
	char *source, *target; /* owned */
	bool writable, force;
	int lock_fd; /* owned; -1: none */
	bool lasts_for_run;
	/* UsbAttach, UsbDetach */
	char *device; /* owned */
	/* Logs */
	bool follow;
	uint64_t position;
	sd_event_source *flush_source; /* owned; when a slow reader is tried again */
	/* CopyToVm, CopyFromVm */
	struct {
		bool is_to_vm, has_content, wants_content, is_confirmed;
		struct vx_buffer content;
	} clipboard;
	/* Doctor */
	pid_t child;
	sd_event_source *child_source, *output_source; /* owned */
	int output_fd;
	char *output; /* owned */
	size_t output_size;
};

/* Makes a call of the method that is being handled on `connection`; `name` may be NULL. */
[[nodiscard, gnu::returns_nonnull]] struct manager_call *manager_call_create(
	struct manager *manager, sd_varlink *connection, sd_varlink_method_flags_t flags,
	const char *name, void (*advance)(struct manager_call *call));

/* A method whose handler has nothing to do but to make a call. */
struct manager_method {
	const sd_json_dispatch_field *fields; /* ends in {} */
	void (*advance)(struct manager_call *call);
	uint64_t deadline_ms; /* of the call; 0: none */
	/*
	 * Looks at what the call was given, before anyone else does. Not 0: the client has its
	 * answer, and this is what the handler has to return. NULL: everything will do.
	 */
	int (*check)(struct manager_call *call);
};

/* For methods that take nothing but a VM's name. */
extern const sd_json_dispatch_field manager_call_name_only[];

/* Such a method's handler: reads the parameters into a new call, which it begins. */
int manager_call_handle(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, struct manager *manager,
	const struct manager_method *method);

/* Advances it for the first time and gives what the method's handler has to return. */
int manager_call_begin(struct manager_call *call);

/* The last reply; takes a reference to `parameters` of its own. The call is over. */
void manager_call_reply(struct manager_call *call, sd_json_variant *parameters);
/* An error whose name follows from the kind, or is `error_id`. The call is over. */
void manager_call_fail(struct manager_call *call, const struct vx_error *err);
void manager_call_fail_as(
	struct manager_call *call, const char *error_id, const struct vx_error *err);
/* For handlers of what a call has begun: one of the two above; `call` is the manager_call. */
void manager_call_done(void *call, const struct vx_error *err);
/* To advance to while such a handler is to answer: does nothing. */
void manager_call_wait(struct manager_call *call);
/* The call is over, answered or not; its memory goes when nobody can be using it any more. */
void manager_call_end(struct manager_call *call);
/* Frees those that are over. */
void manager_call_reap(struct manager *manager);
/* Fails unless the call is over within this time; 0: it has all the time that it likes. */
void manager_call_set_deadline(struct manager_call *call, uint64_t deadline_ms);

/* Has the client not read the last reply yet? Then the call is advanced again after `retry_us`. */
[[nodiscard]] bool manager_call_must_wait(struct manager_call *call, uint64_t retry_us);

/*
 * Does vixosd know what runs? If not yet, the call is to be advanced again later; where libvirt
 * can't be reached, it has failed. In both cases false.
 */
[[nodiscard]] bool manager_call_is_listed(struct manager_call *call);

/*
 * Sets the call's machine to the one that has its name. False where none has: the call has failed.
 */
[[nodiscard]] bool manager_call_find_machine(struct manager_call *call);

/*
 * Sets the call's machine to the one that has its name, and that runs. False where it isn't known
 * yet whether there is one, or the call has failed.
 */
[[nodiscard]] bool manager_call_find_running(struct manager_call *call);
/* The same for what its programs have to answer: a VM that is paused never would. */
[[nodiscard]] bool manager_call_find_awake(struct manager_call *call);

/* An error right now, for a method that makes no call; gives what the handler has to return. */
int manager_refuse(sd_varlink *connection, const struct vx_error *err);

/* The name of the varlink error for a kind. */
const char *manager_error_id(enum vx_error_kind kind);

/* Reads the parameters; on failure the client has its answer and the result is to be returned. */
int manager_dispatch(sd_varlink *connection, sd_json_variant *parameters,
	const sd_json_dispatch_field *fields, struct manager_parameters *ret);
/* Can it name a VM? 0 if so; else the client has its answer and the result is to be returned. */
int manager_check_name(sd_varlink *connection, const char *name);
void manager_parameters_finish(struct manager_parameters *parameters);

/* Methods; the tables that bind them are in manager.c. */
int method_start(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_exec(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_spawn(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_lease(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_list(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_inspect(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_stop(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_network(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_firewall(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_pause(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_resume(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_wait(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_events(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_logs(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_attach_display(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_mount(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_unmount(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_stats(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_copy_to_vm(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_copy_from_vm(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_share_tmp(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_doctor(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);

int method_usb_list(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_usb_attach(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);
int method_usb_detach(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data);

/* Parts of replies (manager_json.c); NULL where there is no memory. Owned by the caller. */
sd_json_variant *manager_json_vm(const struct machine *machine);
sd_json_variant *manager_json_definition(const struct machine *machine);
sd_json_variant *manager_json_stats(const struct machine *machine);
sd_json_variant *manager_json_times(const struct machine *machine);

/* More of its console may be there for this call (method_logs.c). */
void method_logs_advance(struct manager_call *call);

#endif
