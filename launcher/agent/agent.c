/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "agent"
#include "agent/agent.h"

#include <signal.h>
#include <wayland-util.h>

#include "agent/environment.h"
#include "agent/program.h"
#include "agent/sound.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/link.h"

struct agent {
	struct wl_event_loop *loop; /* borrowed */
	struct environment environment;
	struct sound *sound;              /* owned; may be NULL */
	int log_fd;                       /* borrowed */
	void (*orphan_ended)(void *data); /* may be NULL */
	void *data;
	struct wl_list programs; /* program.link */
};

struct agent *agent_create(struct wl_event_loop *loop, const struct agent_options *options)
{
	struct agent *agent = vx_new(agent);
	agent->loop = loop;
	agent->log_fd = options->log_fd;
	agent->orphan_ended = options->orphan_ended;
	agent->data = options->data;
	environment_init(&agent->environment,
		options->home == nullptr ? "/home/user" : options->home, options->runtime_dir,
		options->wayland_display);
	wl_list_init(&agent->programs);
	signal(SIGPIPE, SIG_IGN); /* a program that closes its standard input is no reason to die */
	vx_cleanup_error struct vx_error err = {};
	agent->sound = sound_create(loop, &agent->environment, &err);
	if (err.message != nullptr) {
		vx_log_warn("only ALSA programs have sound: %s", vx_error_message(&err));
	}
	return agent;
}

void agent_destroy(struct agent *agent)
{
	if (agent == nullptr) {
		return;
	}
	struct program *program, *next;
	wl_list_for_each_safe (program, next, &agent->programs, link) {
		program_destroy(program);
	}
	sound_destroy(agent->sound);
	environment_finish(&agent->environment);
	free(agent);
}

static void handle_orphan_ended(void *data)
{
	const struct agent *agent = data;
	if (agent->orphan_ended != nullptr) {
		agent->orphan_ended(agent->data);
	}
}

void agent_accept(struct agent *agent, struct vx_link_channel *channel)
{
	if (agent_get_program_count(agent) >= agent_programs_max) {
		vx_log_warn("%zu programs run already; another is refused", agent_programs_max);
		vx_link_channel_destroy(channel, VX_LINK_REASON_REFUSED);
		return;
	}
	struct program *program = program_create(
		agent->loop, &agent->environment, agent->log_fd, channel);
	program->orphan_ended = handle_orphan_ended;
	program->data = agent;
	wl_list_insert(agent->programs.prev, &program->link);
}

size_t agent_get_program_count(const struct agent *agent)
{
	return (size_t)wl_list_length(&agent->programs);
}
