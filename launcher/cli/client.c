/* SPDX-License-Identifier: MIT */
#include "cli/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/interrupts.h"
#include "cli/launch.h"
#include "cli/progress.h"
#include "common/fd.h"
#include "manager_names.h"

/* What errors of the interface mean to us. */
static const struct {
	const char *id;
	enum vx_error_kind kind;
} error_kinds[] = {
	{VX_MANAGER_ERROR_FAILED, VX_ERROR_FAILED},
	{VX_MANAGER_ERROR_BAD_REQUEST, VX_ERROR_USAGE},
	{VX_MANAGER_ERROR_REFUSED, VX_ERROR_REFUSED},
	{VX_MANAGER_ERROR_NO_SUCH_VM, VX_ERROR_FAILED},
	{VX_MANAGER_ERROR_NOT_RUNNING, VX_ERROR_FAILED},
	{VX_MANAGER_ERROR_NOT_FOUND, VX_ERROR_NOT_FOUND},
	{VX_MANAGER_ERROR_NOT_EXECUTABLE, VX_ERROR_NOT_EXECUTABLE},
};

const char *client_string(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value != nullptr && sd_json_variant_is_string(value) ? sd_json_variant_string(value)
								    : nullptr;
}

bool client_bool(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value != nullptr && sd_json_variant_is_boolean(value) &&
	       sd_json_variant_boolean(value);
}

static bool report_remote_error(
	const char *error_id, sd_json_variant *parameters, struct vx_error *err)
{
	const char *message = client_string(parameters, "message");
	for (size_t i = 0; i < VX_ARRAY_LENGTH(error_kinds); i++) {
		if (strcmp(error_id, error_kinds[i].id) == 0 && message != nullptr) {
			return vx_error_set_kind(err, error_kinds[i].kind, "%s", message);
		}
	}
	if (strcmp(error_id, SD_VARLINK_ERROR_DISCONNECTED) == 0) {
		return vx_error_set(
			err, "vixosd ended in the middle of the call; its log may say why");
	}
	return vx_error_set(err, "vixosd answered with the error '%s'", error_id);
}

bool client_connect(struct client *client, struct vx_error *err)
{
	client_finish(client);
	vx_cleanup_free char *address = launch_address(err);
	if (address == nullptr) {
		return false;
	}
	int result = sd_varlink_connect_address(&client->connection, address);
	if (result < 0) {
		if (!launch_vixosd(address, err)) {
			return false;
		}
		result = sd_varlink_connect_address(&client->connection, address);
	}
	if (result < 0) {
		return vx_error_set_errno(
			err, -result, "cannot connect to vixosd at '%s'", address);
	}
	(void)sd_varlink_set_allow_fd_passing_input(client->connection, true);
	/* Whatever takes long there has a deadline there, and the user has Ctrl-C. */
	(void)sd_varlink_set_relative_timeout(client->connection, UINT64_MAX);
	return true;
}

bool client_is_connected(const struct client *client)
{
	return client->connection != nullptr && sd_varlink_is_connected(client->connection) > 0;
}

int client_get_fd(const struct client *client)
{
	return client->connection != nullptr ? sd_varlink_get_fd(client->connection) : -1;
}

bool client_has_hung_up(const struct client *client)
{
	/* sd-varlink doesn't read between calls, and nothing is to come then. */
	char byte;
	ssize_t size = recv(client_get_fd(client), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return size >= 0 || (errno != EAGAIN && errno != EINTR);
}

void client_finish(struct client *client)
{
	client->connection = sd_varlink_flush_close_unref(client->connection);
	client->reply = sd_json_variant_unref(client->reply);
}

/* Calls. All of them wait in the same loop; sd_varlink_call() would not go with
 * sd_varlink_observe(). */

struct observation {
	struct client_wait *wait;
	struct vx_error *err;
	sd_json_variant *reply; /* the last; owned */
	bool has_any_reply, is_cut_off;
	int fd; /* that came with it; owned; -1: none */
	bool is_over, has_failed;
};

static int handle_reply(sd_varlink *connection, sd_json_variant *parameters, const char *error_id,
	sd_varlink_reply_flags_t flags, void *data)
{
	struct observation *observation = data;
	observation->is_cut_off = error_id != nullptr &&
				  strcmp(error_id, SD_VARLINK_ERROR_DISCONNECTED) == 0;
	observation->has_any_reply = observation->has_any_reply || !observation->is_cut_off;
	if (error_id != nullptr) {
		report_remote_error(error_id, parameters, observation->err);
		observation->has_failed = true;
		observation->is_over = true;
		return 0;
	}
	if ((flags & SD_VARLINK_REPLY_CONTINUES) == 0) {
		observation->reply = sd_json_variant_ref(parameters);
		observation->fd = sd_varlink_get_n_fds(connection) > 0
					  ? sd_varlink_take_fd(connection, 0)
					  : -1;
		observation->is_over = true;
	} else if (observation->wait->handle_reply != nullptr) {
		observation->wait->handle_reply(observation->wait->data, parameters);
	}
	return 0;
}

/* Sleeps until vixosd, a signal or the progress line needs us. False: an interrupt. */
static bool observation_sleep(struct client *client, struct client_wait *wait)
{
	struct pollfd fds[] = {
		{.fd = sd_varlink_get_fd(client->connection),
			.events = (short)sd_varlink_get_events(client->connection)},
		{.fd = wait->interrupts != nullptr ? wait->interrupts->fd : -1, .events = POLLIN},
	};
	int timeout_ms = wait->progress != nullptr ? progress_update(wait->progress) : -1;
	(void)poll(fds, VX_ARRAY_LENGTH(fds), timeout_ms);
	if (wait->interrupts != nullptr && (fds[1].revents & POLLIN) != 0) {
		unsigned before = wait->interrupts->count;
		(void)interrupts_take(wait->interrupts);
		return wait->interrupts->count == before; /* a resize is none */
	}
	return true;
}

static bool observation_run(
	struct client *client, struct observation *observation, struct vx_error *err)
{
	while (!observation->is_over) {
		int result = sd_varlink_process(client->connection);
		if (result < 0) {
			observation->is_cut_off = true;
			return vx_error_set_errno(err, -result, "the connection to vixosd failed");
		}
		if (result > 0) {
			continue;
		}
		if (!observation_sleep(client, observation->wait)) {
			observation->wait->is_interrupted = true;
			return vx_error_set(err, "interrupted");
		}
	}
	return !observation->has_failed;
}

typedef int (*client_send)(sd_varlink *connection, const char *method, sd_json_variant *parameters);

static bool client_ask_once(struct client *client, const char *method, sd_json_variant *parameters,
	client_send send, struct observation *observation, struct vx_error *err)
{
	observation->err = err;
	observation->fd = -1;
	observation->is_over = false;
	observation->has_failed = false;
	observation->wait->is_interrupted = false;
	(void)sd_varlink_set_userdata(client->connection, observation);
	int result = sd_varlink_bind_reply(client->connection, handle_reply);
	if (result >= 0) {
		result = send(client->connection, method, parameters);
	}
	observation->is_cut_off = result < 0;
	bool is_done = result >= 0 ? observation_run(client, observation, err)
				   : vx_error_set_errno(err, -result, "cannot ask vixosd");
	(void)sd_varlink_bind_reply(client->connection, nullptr);
	return is_done;
}

/* Is a second call, of another vixosd, what one call would have been? */
static bool may_be_repeated(const char *method)
{
	static const char *const unrepeatable[] = {
		VX_MANAGER_METHOD("Spawn"), /* the program may run already */
		VX_MANAGER_METHOD("Logs"),  /* what came before would come again */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(unrepeatable); i++) {
		if (strcmp(method, unrepeatable[i]) == 0) {
			return false;
		}
	}
	return true;
}

/*
 * Sends the call by `send` and waits for its end; where it fell on a vixosd that was just ending,
 * once more. Takes `parameters`.
 */
static bool client_ask(struct client *client, const char *method, sd_json_variant *parameters,
	client_send send, struct observation *observation, struct vx_error *err)
{
	bool is_done = client_ask_once(client, method, parameters, send, observation, err);
	if (!is_done && observation->is_cut_off && !observation->has_any_reply &&
		may_be_repeated(method)) {
		vx_error_finish(err);
		is_done = client_connect(client, err) &&
			  client_ask_once(client, method, parameters, send, observation, err);
	}
	sd_json_variant_unref(parameters);
	return is_done;
}

/* The reply is the client's, the descriptor the caller's. */
static bool client_invoke(struct client *client, const char *method, sd_json_variant *parameters,
	struct observation *ret, struct vx_error *err)
{
	struct client_wait wait = {};
	*ret = (struct observation){.wait = &wait};
	bool is_done = client_ask(client, method, parameters, sd_varlink_invoke, ret, err);
	ret->wait = nullptr;
	sd_json_variant_unref(client->reply);
	client->reply = ret->reply;
	return is_done;
}

bool client_call(struct client *client, const char *method, sd_json_variant *parameters,
	sd_json_variant **ret_reply, struct vx_error *err)
{
	struct observation observation;
	bool is_done = client_invoke(client, method, parameters, &observation, err);
	vx_replace_fd(&observation.fd, -1);
	if (is_done && ret_reply != nullptr) {
		*ret_reply = client->reply;
	}
	return is_done;
}

int client_call_for_fd(struct client *client, const char *method, sd_json_variant *parameters,
	sd_json_variant **ret_reply, struct vx_error *err)
{
	struct observation observation;
	bool is_done = client_invoke(client, method, parameters, &observation, err);
	*ret_reply = client->reply;
	if (is_done && observation.fd < 0) {
		vx_error_set(err, "vixosd answered without the descriptor that was asked for");
	}
	return observation.fd;
}

bool client_observe(struct client *client, const char *method, sd_json_variant *parameters,
	struct client_wait *wait, sd_json_variant **ret_reply, struct vx_error *err)
{
	struct observation observation = {.wait = wait};
	bool is_done = client_ask(
		client, method, parameters, sd_varlink_observe, &observation, err);
	vx_replace_fd(&observation.fd, -1);
	if (is_done && ret_reply != nullptr) {
		*ret_reply = observation.reply;
	} else {
		sd_json_variant_unref(observation.reply);
	}
	return is_done;
}
