/* SPDX-License-Identifier: MIT */
/* The connection to vixosd, which is started where it doesn't run yet. */
#ifndef VX_LAUNCHER_CLI_CLIENT_H
#define VX_LAUNCHER_CLI_CLIENT_H

#include <systemd/sd-varlink.h>

#include "common/error.h"

struct interrupts;
struct progress;

struct client {
	sd_varlink *connection; /* owned; NULL: not connected */
	sd_json_variant *reply; /* owned; of the last client_call() */
};

/* Connects, if need be to a vixosd that is started for that. */
bool client_connect(struct client *client, struct vx_error *err);
void client_finish(struct client *client);

/* To be polled between calls, for the end of vixosd. */
int client_get_fd(const struct client *client);
bool client_has_hung_up(const struct client *client);

/* False once vixosd has ended. */
bool client_is_connected(const struct client *client);

/*
 * All calls but Spawn and Logs are made once more, of the next vixosd, where the one that they
 * reached ended without any reply: what they ask for is the same the second time.
 *
 * One call. `parameters` is given away (NULL: none). `ret_reply` (may be NULL) is borrowed until
 * the next call. Errors of vixosd become errors of the kind that they stand for.
 */
bool client_call(struct client *client, const char *method, sd_json_variant *parameters,
	sd_json_variant **ret_reply, struct vx_error *err);

/*
 * A call whose reply brings a descriptor, which the caller owns; -1 on failure. `ret_reply` as for
 * client_call().
 */
[[nodiscard]] int client_call_for_fd(struct client *client, const char *method,
	sd_json_variant *parameters, sd_json_variant **ret_reply, struct vx_error *err);

/* How to see to a call that takes long. All may be NULL. */
struct client_wait {
	struct interrupts *interrupts; /* the first ends the wait */
	struct progress *progress;     /* shown meanwhile */
	/* A reply that isn't the last. */
	void (*handle_reply)(void *data, sd_json_variant *reply);
	void *data;
	bool is_interrupted; /* out: the call was given up; the connection is of no more use */
};

/* A call with several replies; `ret_reply` (may be NULL) is a new reference to the last. */
bool client_observe(struct client *client, const char *method, sd_json_variant *parameters,
	struct client_wait *wait, sd_json_variant **ret_reply, struct vx_error *err);

/* A string, or NULL; borrowed from `object`. */
const char *client_string(sd_json_variant *object, const char *key);
bool client_bool(sd_json_variant *object, const char *key);

#endif
