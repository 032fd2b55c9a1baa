/* SPDX-License-Identifier: MIT */
/* vixos cp */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/copy_channel.h"
#include "cli/copy_progress.h"
#include "cli/copy_tar.h"
#include "cli/interrupts.h"
#include "common/display_string.h"
#include "common/name.h"
#include "copy/confine.h"
#include "copy/receiver.h"
#include "copy/sender.h"

static constexpr unsigned problems_shown_max = 20;
static constexpr size_t path_shown_max = 200;

/* SRC or DST, as given. */
struct place {
	char *vm;         /* owned; NULL: here */
	char *path;       /* owned; absolute in a VM */
	bool is_standard; /* "-": standard input or output */
};

struct copy {
	const struct cli_options *options;
	struct place from, to;
	struct client client;
	struct interrupts interrupts;
	struct copy_progress progress;
	struct copy_channel source, target; /* where that side is in a VM */
	struct copy_sink sink;              /* of what is read, wherever that is */
	struct copy_receiver *receiver;     /* owned; where the target is here */
	struct copy_tar_writer *archive;    /* owned; where the target is standard output */
	unsigned problems;
	struct vx_error *err;
};

/* Places */

/* As docker: a path that begins with '/' or '.', or has no colon, is here. */
static bool place_parse(struct place *place, const char *text, struct vx_error *err)
{
	const char *colon = strchr(text, ':');
	place->is_standard = strcmp(text, "-") == 0;
	if (text[0] == '/' || text[0] == '.' || colon == nullptr) {
		place->path = vx_strdup(text);
		return text[0] != '\0' ||
		       vx_error_set_kind(err, VX_ERROR_USAGE, "an empty path names nothing");
	}
	place->vm = vx_strndup(text, (size_t)(colon - text));
	if (!vx_vm_name_is_valid(place->vm)) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"'%s' can't name a VM; './%s' is a file here", place->vm, text);
	}
	if (colon[1] == '\0') {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "'%s' lacks a path in the VM", text);
	}
	place->path = vx_printf("%s%s", colon[1] == '/' ? "" : "/", colon + 1);
	return true;
}

static void place_finish(struct place *place)
{
	free(place->vm);
	free(place->path);
}

static bool check_places(const struct copy *copy, struct vx_error *err)
{
	if (copy->from.vm == nullptr && copy->to.vm == nullptr) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"one of the two must be in a VM, as VM:PATH; cp(1) copies files here");
	}
	if (copy->to.is_standard && isatty(STDOUT_FILENO)) {
		return vx_error_set_kind(
			err, VX_ERROR_USAGE, "an archive is not for a terminal; redirect it");
	}
	if (copy->from.is_standard && isatty(STDIN_FILENO)) {
		return vx_error_set_kind(
			err, VX_ERROR_USAGE, "an archive is to come from standard input");
	}
	return true;
}

/* Problems */

static void tell_problem(
	struct copy *copy, const struct place *place, const struct copy_frame *frame)
{
	vx_cleanup_free char *path = vx_strndup(
		(const char *)frame->untrusted_data, frame->data_size);
	vx_cleanup_free char *shown = vx_display_string(path, path_shown_max);
	copy->problems++;
	if (copy->problems > problems_shown_max) {
		return;
	}
	copy_progress_finish(&copy->progress);
	fprintf(stderr, "vixos: %s%s'%s': %s\n", place->vm != nullptr ? place->vm : "",
		place->vm != nullptr ? ": " : "", shown,
		copy_problem_text(frame->problem, frame->errnum));
}

static bool handle_receiver_problem(
	void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct copy *copy = data;
	tell_problem(copy, &copy->to, frame);
	return true;
}

/* What the target VM has said meanwhile. */
static bool take_target_problems(struct copy *copy, bool waits, struct vx_error *err)
{
	vx_cleanup_free struct copy_frame *frame = vx_new(frame);
	for (;;) {
		int result = waits ? copy_channel_get(&copy->target, frame, err)
				   : copy_channel_peek(&copy->target, frame, err);
		if (result <= 0) {
			return result == 0;
		}
		if (frame->type != COPY_PROBLEM) {
			return vx_error_set(
				err, "VM '%s' broke the protocol of copies", copy->target.vm);
		}
		tell_problem(copy, &copy->to, frame);
	}
}

/* Sinks */

static bool put_to_vm(struct copy *copy, const struct copy_frame *frame, struct vx_error *err)
{
	return copy_channel_put(&copy->target, frame, err) &&
	       take_target_problems(copy, false, err);
}

/* Between what is read and where it goes. */
static bool handle_frame(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct copy *copy = data;
	if (frame->type == COPY_PROBLEM) {
		tell_problem(copy, &copy->from, frame);
		return true;
	}
	if (frame->type == COPY_BEGIN) {
		copy->progress.total = frame->bytes;
	}
	if (frame->type == COPY_DATA) {
		copy_progress_add(&copy->progress, frame->data_size);
	}
	if (copy->interrupts.count > 0) {
		return vx_error_set(err, "interrupted");
	}
	return copy->sink.take(copy->sink.data, frame, err);
}

static bool sink_to_vm(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	return put_to_vm(data, frame, err);
}

static bool sink_to_receiver(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct copy *copy = data;
	return copy_receiver_take(copy->receiver, frame, err);
}

/* Ends */

static bool open_target(struct copy *copy, struct copy_sink *problems)
{
	const char *const words[] = {
		"receive", copy->to.path, copy->options->archive ? "owner" : nullptr, nullptr};
	copy->sink = (struct copy_sink){sink_to_vm, copy};
	if (copy->to.vm != nullptr) {
		copy->target.vm = copy->to.vm;
		return copy_channel_open(&copy->target, &copy->client, words, copy->err) &&
		       (copy->from.vm == nullptr || copy_confine(-1, copy->err));
	}
	if (copy->to.is_standard) {
		copy->archive = copy_tar_writer_create(
			STDOUT_FILENO, copy->options->archive, copy->err);
		copy->sink = (struct copy_sink){copy_tar_writer_take, copy->archive};
		return copy->archive != nullptr && copy_confine(-1, copy->err);
	}
	const struct copy_receiver_options options = {
		.destination = copy->to.path,
		.keeps_owner = copy->options->archive,
		.confine = copy_confine,
	};
	copy->receiver = copy_receiver_create(&options, problems);
	copy->sink = (struct copy_sink){sink_to_receiver, copy};
	return true;
}

static bool open_source(struct copy *copy)
{
	const char *const words[] = {
		"send", copy->from.path, copy->options->follow_link ? "follow" : nullptr, nullptr};
	copy->source.vm = copy->from.vm;
	copy->source.checker.needs_claim = true;
	return copy->from.vm == nullptr ||
	       copy_channel_open(&copy->source, &copy->client, words, copy->err);
}

static bool read_from_vm(struct copy *copy, struct vx_error *err)
{
	vx_cleanup_free struct copy_frame *frame = vx_new(frame);
	for (;;) {
		int result = copy_channel_get(&copy->source, frame, err);
		if (result < 0) {
			return false;
		}
		if (result == 0) {
			/* A top that can't be read has been told of. */
			return copy->source.checker.has_ended || copy->problems > 0 ||
			       vx_error_set(err, "VM '%s' ended the copy early", copy->source.vm);
		}
		if (!handle_frame(copy, frame, err)) {
			return false;
		}
	}
}

static bool read_source(struct copy *copy, struct vx_error *err)
{
	struct copy_sink sink = {handle_frame, copy};
	bool is_unread = false;
	if (copy->from.vm != nullptr) {
		return read_from_vm(copy, err);
	}
	if (copy->from.is_standard) {
		return copy_tar_send(STDIN_FILENO, &sink, err);
	}
	const struct copy_source source = {
		.path = copy->from.path,
		.follows_link = copy->options->follow_link,
	};
	return copy_send(&source, &sink, &is_unread, err) || is_unread;
}

/* Waits for the VM to have written all; what it says last tells why where it ended before. */
static bool finish_target(struct copy *copy, bool is_read, struct vx_error *err)
{
	if (copy->to.vm == nullptr || copy->target.fd < 0) {
		return true;
	}
	if (!copy_channel_end_input(&copy->target, err) || !take_target_problems(copy, true, err)) {
		return false;
	}
	return copy->target.status == 0 || copy->problems > 0 || !is_read ||
	       vx_error_set(err, "VM '%s' ended the copy early", copy->target.vm);
}

static bool transfer(struct copy *copy)
{
	bool is_read = read_source(copy, copy->err);
	bool is_dead = !is_read && copy->interrupts.count > 0;
	vx_cleanup_error struct vx_error later = {};
	if (!is_dead && (is_read || copy->target.has_exited) &&
		!finish_target(copy, is_read, &later) && copy->err->message == nullptr) {
		vx_error_move(copy->err, &later);
	}
	if (copy->problems > problems_shown_max) {
		fprintf(stderr, "vixos: and %u more\n", copy->problems - problems_shown_max);
	}
	return is_read && copy->err->message == nullptr;
}

static int status_of(const struct copy *copy, bool is_done)
{
	if (copy->interrupts.count > 0) {
		vx_error_finish(copy->err);
		return 128 + copy->interrupts.last;
	}
	if (copy->problems > 0 && copy->target.has_exited) {
		/* Why it did has been told; that the rest could not be sent follows from it. */
		vx_error_finish(copy->err);
	}
	if (copy->problems > 0 && copy->err->message == nullptr) {
		return 1;
	}
	return is_done ? 0 : -1;
}

/*
 * Where nothing is to be cleaned up here, and a pipe may make us wait, an interrupt simply ends us:
 * vixos-tool removes what isn't whole in its VM.
 */
static bool watch_interrupts(struct copy *copy)
{
	bool has_pipe = copy->from.is_standard || copy->to.is_standard;
	return has_pipe || interrupts_init(&copy->interrupts, copy->err);
}

static int copy_run(struct copy *copy)
{
	struct copy_sink problems = {handle_receiver_problem, copy};
	bool is_done = watch_interrupts(copy) && client_connect(&copy->client, copy->err) &&
		       open_source(copy) && open_target(copy, &problems) && transfer(copy);
	copy_receiver_destroy(copy->receiver);
	is_done = copy_tar_writer_destroy(copy->archive, is_done ? copy->err : nullptr) && is_done;
	copy_channel_finish(&copy->source);
	copy_channel_finish(&copy->target);
	copy_progress_finish(&copy->progress);
	client_finish(&copy->client);
	int status = status_of(copy, is_done);
	interrupts_finish(&copy->interrupts);
	return status;
}

int cmd_cp(struct command_context *context)
{
	struct copy copy = {
		.options = context->options,
		.interrupts = {.fd = -1},
		.source = {.fd = -1},
		.target = {.fd = -1},
		.err = context->err,
	};
	copy.source.interrupts = copy.target.interrupts = &copy.interrupts;
	copy.source.progress = copy.target.progress = &copy.progress;
	copy_progress_init(&copy.progress, context->options->quiet);
	signal(SIGPIPE, SIG_IGN);
	int status = -1;
	if (place_parse(&copy.from, context->argv[0], context->err) &&
		place_parse(&copy.to, context->argv[1], context->err) &&
		check_places(&copy, context->err)) {
		status = copy_run(&copy);
	}
	place_finish(&copy.from);
	place_finish(&copy.to);
	return status;
}
