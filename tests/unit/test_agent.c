/* SPDX-License-Identifier: MIT */
/* The agent, driven over a real link on a socket pair by a host that is sometimes slow or hostile.
 */
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "agent/agent.h"
#include "common/fd.h"
#include "proxy/link/exec.h"
#include "proxy/link/link.h"

static constexpr unsigned deadline_s = 20;

/* What came back on one channel. */
struct session {
	struct vx_link_channel *channel; /* NULL once closed */
	struct vx_buffer input, out, errors;
	bool started, slow;
	size_t unconsumed; /* by a slow host */
	int status;        /* of EXIT, -1 until then */
	int failed;        /* errno of FAILED */
	unsigned frames_after_end;
	enum vx_link_reason closed_for;
};

struct fixture {
	struct wl_event_loop *loop;
	struct agent *agent;
	struct vx_link *host, *guest;
	struct wl_event_source *guest_source;
	int log[2];       /* pipe: what detached programs say */
	unsigned orphans; /* owners whose end nobody heard of */
};

static void handle_ready(struct vx_link *link, uint32_t features, void *data)
{
}

static void handle_opened(
	struct vx_link *link, struct vx_link_channel *channel, const char *service, void *data)
{
	struct fixture *fixture = data;
	assert_string_equal(service, VX_EXEC_SERVICE);
	agent_accept(fixture->agent, channel);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready, .channel_opened = handle_opened, .lost = handle_lost};

static int handle_guest(int fd, uint32_t mask, void *data)
{
	vx_link_dispatch(data);
	return 0;
}

static void handle_orphan(void *data)
{
	struct fixture *fixture = data;
	fixture->orphans++;
}

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	int pair[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pipe2(fixture->log, O_NONBLOCK | O_CLOEXEC), 0);
	fixture->loop = wl_event_loop_create();
	const struct agent_options options = {.home = "/tmp",
		.runtime_dir = "/run/user/1000",
		.wayland_display = "wayland-9",
		.log_fd = fixture->log[1],
		.orphan_ended = handle_orphan,
		.data = fixture};
	fixture->agent = agent_create(fixture->loop, &options);
	fixture->host = vx_link_create(pair[0], VX_LINK_HOST, 0, &link_listener, fixture);
	fixture->guest = vx_link_create(pair[1], VX_LINK_GUEST, 0, &link_listener, fixture);
	fixture->guest_source = wl_event_loop_add_fd(
		fixture->loop, pair[1], WL_EVENT_READABLE, handle_guest, fixture->guest);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	agent_destroy(fixture->agent);
	wl_event_source_remove(fixture->guest_source);
	vx_link_destroy(fixture->guest);
	vx_link_destroy(fixture->host);
	wl_event_loop_destroy(fixture->loop);
	close(fixture->log[0]);
	close(fixture->log[1]);
	free(fixture);
	return 0;
}

/* One turn of both sides; waits up to 20 ms for something to happen. */
static void turn(struct fixture *fixture)
{
	vx_link_dispatch(fixture->host);
	vx_link_flush(fixture->guest);
	wl_event_loop_dispatch(fixture->loop, 0);
	vx_link_flush(fixture->guest);
	struct pollfd polled[] = {
		{.fd = wl_event_loop_get_fd(fixture->loop), .events = POLLIN},
		{.fd = vx_link_get_fd(fixture->host), .events = POLLIN},
	};
	poll(polled, 2, 20);
}

static bool is_late(const struct timespec *since)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - since->tv_sec > deadline_s;
}

#define RUN_UNTIL(fixture, condition)                    \
	do {                                             \
		struct timespec begin_;                  \
		clock_gettime(CLOCK_MONOTONIC, &begin_); \
		while (!(condition)) {                   \
			turn(fixture);                   \
			assert_false(is_late(&begin_));  \
		}                                        \
	} while (0)

static void take_frame(struct session *session, const struct vx_exec_frame *frame)
{
	if (session->status >= 0 || session->failed != 0) {
		session->frames_after_end++;
	}
	if (frame->type == VX_EXEC_STDOUT) {
		assert_true(vx_buffer_append(&session->out, frame->untrusted_payload, frame->size));
	} else if (frame->type == VX_EXEC_STDERR) {
		assert_true(
			vx_buffer_append(&session->errors, frame->untrusted_payload, frame->size));
	} else if (frame->type == VX_EXEC_STARTED) {
		session->started = true;
	} else if (frame->type == VX_EXEC_EXIT) {
		session->status = (int)vx_exec_frame_get_u32(frame);
	} else if (frame->type == VX_EXEC_FAILED) {
		session->failed = (int)vx_exec_frame_get_u32(frame);
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *data, size_t size, void *user_data)
{
	struct session *session = user_data;
	struct vx_exec_frame frame;
	assert_true(vx_buffer_append(&session->input, data, size));
	if (session->slow) {
		session->unconsumed += size;
	} else {
		vx_link_channel_consume(channel, size);
	}
	int result;
	while ((result = vx_exec_decode(&session->input, VX_EXEC_TO_HOST, &frame, nullptr)) > 0) {
		take_frame(session, &frame);
	}
	assert_int_equal(result, 0);
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
}

static void handle_finished(struct vx_link_channel *channel, void *data)
{
	vx_link_channel_finish(channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct session *session = data;
	session->channel = nullptr;
	session->closed_for = reason;
}

static const struct vx_link_channel_listener channel_listener = {
	handle_received, handle_writable, handle_finished, handle_closed};

static void send_bytes(
	struct fixture *fixture, struct session *session, const void *bytes, size_t size)
{
	size_t sent = 0;
	RUN_UNTIL(fixture, (sent += vx_link_channel_send(session->channel,
				    (const uint8_t *)bytes + sent, size - sent)) == size);
}

static void send_frame(struct fixture *fixture, struct session *session,
	enum vx_exec_frame_type type, const void *payload, size_t size)
{
	struct vx_buffer frame = {};
	assert_true(vx_exec_encode(&frame, type, payload, size));
	send_bytes(fixture, session, vx_buffer_bytes(&frame), frame.size);
	vx_buffer_finish(&frame);
}

static void open_session(struct fixture *fixture, struct session *session)
{
	session->status = -1;
	RUN_UNTIL(fixture, vx_link_is_ready(fixture->host));
	session->channel = vx_link_channel_open(
		fixture->host, VX_EXEC_SERVICE, vx_link_window_default, &channel_listener, session);
	assert_non_null(session->channel);
}

static void start(
	struct fixture *fixture, struct session *session, const struct vx_exec_request *request)
{
	struct vx_buffer frame = {};
	open_session(fixture, session);
	assert_true(vx_exec_encode_request(&frame, request, nullptr));
	send_bytes(fixture, session, vx_buffer_bytes(&frame), frame.size);
	vx_buffer_finish(&frame);
}

static void start_shell(
	struct fixture *fixture, struct session *session, uint32_t flags, const char *script)
{
	const char *const argv[] = {"sh", "-c", script, nullptr};
	start(fixture, session,
		&(struct vx_exec_request){.flags = flags,
			.argv = argv,
			.columns = flags & VX_EXEC_FLAG_TERMINAL ? 91 : 0,
			.rows = flags & VX_EXEC_FLAG_TERMINAL ? 37 : 0});
}

static void finish(struct session *session)
{
	assert_int_equal(session->frames_after_end, 0);
	if (session->channel != nullptr) {
		vx_link_channel_destroy(session->channel, VX_LINK_REASON_CANCELLED);
	}
	vx_buffer_finish(&session->input);
	vx_buffer_finish(&session->out);
	vx_buffer_finish(&session->errors);
}

static bool has_text(const struct vx_buffer *buffer, const char *text)
{
	return buffer->size > 0 &&
	       memmem(vx_buffer_bytes(buffer), buffer->size, text, strlen(text)) != nullptr;
}

static void assert_text(const struct vx_buffer *buffer, const char *text)
{
	assert_int_equal(buffer->size, strlen(text));
	assert_memory_equal(vx_buffer_bytes(buffer), text, buffer->size);
}

static void test_output_and_status(void **state)
{
	struct session session = {};
	start_shell(*state, &session, 0, "echo out; echo err >&2; exit 7");
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_true(session.started);
	assert_int_equal(session.status, 7);
	assert_int_equal(session.closed_for, VX_LINK_REASON_NONE);
	assert_text(&session.out, "out\n");
	assert_text(&session.errors, "err\n");
	struct fixture *fixture = *state;
	RUN_UNTIL(fixture, agent_get_program_count(fixture->agent) == 0);
	finish(&session);
}

static void test_killed_by_signal(void **state)
{
	struct session session = {};
	start_shell(*state, &session, 0, "kill -9 $$");
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 128 + SIGKILL);
	finish(&session);
}

static void test_not_started(void **state)
{
	static const struct {
		const char *program, *directory;
		int errnum;
	} cases[] = {
		{"there-is-no-such-program", nullptr, ENOENT},
		{"/there/is/none", nullptr, ENOENT},
		{"/etc/passwd", nullptr, EACCES},
		{"/", nullptr, EACCES},
		{"true", "/there/is/none", ENOTDIR},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct session session = {};
		const char *const argv[] = {cases[i].program, nullptr};
		start(*state, &session,
			&(struct vx_exec_request){.argv = argv, .directory = cases[i].directory});
		RUN_UNTIL(*state, session.channel == nullptr);
		assert_int_equal(session.failed, cases[i].errnum);
		assert_false(session.started);
		assert_int_equal(session.status, -1);
		finish(&session);
	}
}

static void test_input(void **state)
{
	struct session session = {};
	start_shell(*state, &session, 0, "cat; echo end");
	send_frame(*state, &session, VX_EXEC_STDIN, "hello\n", 6);
	send_frame(*state, &session, VX_EXEC_STDIN, nullptr, 0);
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_text(&session.out, "hello\nend\n");
	assert_int_equal(session.status, 0);
	finish(&session);
}

/* More than every buffer on the way holds, both ways at once. */
static void test_large_input_comes_back(void **state)
{
	static constexpr size_t chunk = 32000;
	static constexpr size_t chunks = 100;
	struct session session = {};
	uint8_t bytes[chunk];
	for (size_t i = 0; i < chunk; i++) {
		bytes[i] = (uint8_t)(i * 7);
	}
	start_shell(*state, &session, 0, "cat");
	for (size_t i = 0; i < chunks; i++) {
		send_frame(*state, &session, VX_EXEC_STDIN, bytes, chunk);
	}
	send_frame(*state, &session, VX_EXEC_STDIN, nullptr, 0);
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.out.size, chunk * chunks);
	for (size_t i = 0; i < chunks; i++) {
		assert_memory_equal(vx_buffer_bytes(&session.out) + i * chunk, bytes, chunk);
	}
	finish(&session);
}

/* A host that gives no credit: the program stops, and nothing is lost when the host goes on. */
static void test_slow_host(void **state)
{
	static constexpr size_t total = 1'000'000;
	struct session session = {.slow = true};
	start_shell(*state, &session, 0, "head -c 1000000 /dev/zero");
	RUN_UNTIL(*state, session.unconsumed == vx_link_window_default);
	for (unsigned i = 0; i < 5; i++) {
		turn(*state);
	}
	assert_int_equal(session.unconsumed, vx_link_window_default);
	assert_int_equal(session.status, -1);
	while (session.channel != nullptr) {
		size_t given = session.unconsumed;
		session.unconsumed = 0;
		vx_link_channel_consume(session.channel, given);
		turn(*state);
	}
	assert_int_equal(session.out.size, total);
	assert_int_equal(session.status, 0);
	finish(&session);
}

/* Standard input that nobody reads doesn't keep a signal from arriving. */
static void test_signal_passes_input(void **state)
{
	static const uint8_t zeros[30000];
	struct session session = {};
	start_shell(
		*state, &session, 0, "trap 'exit 9' USR1; echo ready; while :; do sleep 0.1; done");
	RUN_UNTIL(*state, session.out.size > 0);
	for (unsigned i = 0; i < 6; i++) {
		send_frame(*state, &session, VX_EXEC_STDIN, zeros, sizeof(zeros));
	}
	send_frame(*state, &session, VX_EXEC_SIGNAL, &(uint8_t){SIGUSR1}, 1);
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 9);
	finish(&session);
}

/* Sent with START: arrives though the program isn't there yet. */
static void test_early_signal(void **state)
{
	struct session session = {};
	start_shell(*state, &session, 0, "sleep 60");
	send_frame(*state, &session, VX_EXEC_SIGNAL, &(uint8_t){SIGTERM}, 1);
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 128 + SIGTERM);
	finish(&session);
}

static void test_closed_input_is_dropped(void **state)
{
	static const uint8_t zeros[32000];
	struct session session = {};
	start_shell(*state, &session, 0, "exec <&-; echo closed; sleep 1");
	RUN_UNTIL(*state, session.out.size > 0);
	for (unsigned i = 0; i < 40; i++) {
		send_frame(*state, &session, VX_EXEC_STDIN, zeros, sizeof(zeros));
	}
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 0);
	finish(&session);
}

static void test_terminal(void **state)
{
	struct session session = {};
	start_shell(*state, &session, VX_EXEC_FLAG_TERMINAL,
		"trap 'stty size; exit 0' WINCH; stty size; test -t 0 && test -t 1 && test -t 2 && echo tty; "
		"while :; do sleep 0.1; done");
	RUN_UNTIL(*state, has_text(&session.out, "tty\r\n"));
	assert_true(has_text(&session.out, "37 91"));
	send_frame(*state, &session, VX_EXEC_RESIZE, (uint8_t[]){100, 0, 40, 0}, 4);
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_true(has_text(&session.out, "40 100"));
	assert_int_equal(session.errors.size, 0);
	assert_int_equal(session.status, 0);
	finish(&session);
}

static void test_terminal_keys(void **state)
{
	/* Not a script: dash loses a Ctrl-C that comes just when it starts a program. */
	struct session session = {};
	start(*state, &session,
		&(struct vx_exec_request){.flags = VX_EXEC_FLAG_TERMINAL,
			.argv = (const char *const[]){"cat", nullptr}});
	send_frame(*state, &session, VX_EXEC_STDIN, "text\n", 5);
	RUN_UNTIL(*state, has_text(&session.out, "text\r\ntext\r\n")); /* echo, and cat's */
	send_frame(*state, &session, VX_EXEC_STDIN, "\003", 1);        /* Ctrl-C */
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 128 + SIGINT);
	finish(&session);
	struct session at_end = {};
	start_shell(*state, &at_end, VX_EXEC_FLAG_TERMINAL, "cat");
	send_frame(*state, &at_end, VX_EXEC_STDIN, "text\n", 5);
	send_frame(*state, &at_end, VX_EXEC_STDIN, nullptr, 0);
	RUN_UNTIL(*state, at_end.channel == nullptr);
	assert_int_equal(at_end.status, 0);
	assert_true(has_text(&at_end.out, "text"));
	finish(&at_end);
}

static void test_login_shell(void **state)
{
	struct session session = {};
	start(*state, &session,
		&(struct vx_exec_request){
			.flags = VX_EXEC_FLAG_LOGIN_SHELL, .argv = (const char *const[]){nullptr}});
	static const char script[] = "echo \"$0 $PWD\"; exit 3\n";
	send_frame(*state, &session, VX_EXEC_STDIN, script, strlen(script));
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 3);
	assert_text(&session.out, "-bash /tmp\n");
	finish(&session);
}

static void test_environment(void **state)
{
	struct session session = {};
	const char *const argv[] = {
		"sh", "-c", "echo $WAYLAND_DISPLAY $GDK_BACKEND $HOME $EXTRA", nullptr};
	const char *const extra[] = {"EXTRA=a b", "GDK_BACKEND=x11", nullptr};
	start(*state, &session, &(struct vx_exec_request){.argv = argv, .environment = extra});
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_text(&session.out, "wayland-9 x11 /tmp a b\n");
	finish(&session);
}

static void assert_prints(struct fixture *fixture, const char *script, const char *text)
{
	struct session session = {};
	start_shell(fixture, &session, 0, script);
	RUN_UNTIL(fixture, session.channel == nullptr);
	assert_text(&session.out, text);
	finish(&session);
}

/*
 * Nothing of vixos-guest's may be open in a program, and no signal blocked or ignored. Looked at by
 * programs that replace the shell: one that forks has pipes open and signals blocked for a moment.
 */
static void test_clean_start(void **state)
{
	/* The last is the folder that ls reads. */
	assert_prints(*state, "exec ls /proc/self/fd", "0\n1\n2\n3\n");
	assert_prints(*state, "exec grep -E 'SigBlk|SigIgn' /proc/self/status",
		"SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

static bool process_is_there(pid_t pid)
{
	return kill(pid, 0) == 0;
}

static pid_t read_pid(const struct session *session)
{
	vx_cleanup_free char *text = vx_strndup(
		(const char *)vx_buffer_bytes(&session->out), session->out.size);
	return atoi(text);
}

static void test_lost_channel_hangs_up(void **state)
{
	struct fixture *fixture = *state;
	struct session session = {};
	start_shell(*state, &session, 0, "echo $$; sleep 1000 & wait");
	RUN_UNTIL(*state, has_text(&session.out, "\n"));
	pid_t pid = read_pid(&session);
	assert_true(process_is_there(pid));
	vx_link_channel_destroy(session.channel, VX_LINK_REASON_CANCELLED);
	session.channel = nullptr;
	RUN_UNTIL(fixture, agent_get_program_count(fixture->agent) == 0);
	assert_false(process_is_there(pid));
	finish(&session);
}

static void test_lost_channel_kills(void **state)
{
	struct fixture *fixture = *state;
	struct session session = {};
	start_shell(*state, &session, 0, "trap '' HUP PIPE; echo $$; while :; do sleep 0.2; done");
	RUN_UNTIL(*state, has_text(&session.out, "\n"));
	pid_t pid = read_pid(&session);
	vx_link_channel_destroy(session.channel, VX_LINK_REASON_CANCELLED);
	session.channel = nullptr;
	RUN_UNTIL(fixture, agent_get_program_count(fixture->agent) == 0);
	assert_false(process_is_there(pid));
	finish(&session);
}

static void test_detached(void **state)
{
	struct fixture *fixture = *state;
	struct session session = {};
	char text[256] = "";
	start_shell(*state, &session, VX_EXEC_FLAG_DETACHED,
		"echo one; read x; echo two >&2; sleep 0.5; echo three");
	RUN_UNTIL(*state, session.started);
	vx_link_channel_destroy(session.channel, VX_LINK_REASON_CANCELLED);
	session.channel = nullptr;
	RUN_UNTIL(fixture, agent_get_program_count(fixture->agent) == 0);
	assert_true(read(fixture->log[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "sh: one\nsh: two\nsh: three\n");
	finish(&session);
	struct session reported = {};
	start_shell(*state, &reported, VX_EXEC_FLAG_DETACHED, "exit 5");
	RUN_UNTIL(*state, reported.channel == nullptr);
	assert_int_equal(reported.status, 5);
	finish(&reported);
}

/* What the VM was started for ends it where nobody hears of the end, and only there. */
static void test_owner(void **state)
{
	struct fixture *fixture = *state;
	struct session heard = {};
	static constexpr uint32_t owner = VX_EXEC_FLAG_DETACHED | VX_EXEC_FLAG_OWNER;
	start_shell(*state, &heard, owner, "exit 5");
	RUN_UNTIL(*state, heard.channel == nullptr && agent_get_program_count(fixture->agent) == 0);
	assert_int_equal(heard.status, 5);
	assert_int_equal(fixture->orphans, 0);
	finish(&heard);
	struct session unowned = {};
	start_shell(*state, &unowned, VX_EXEC_FLAG_DETACHED, "sleep 0.1");
	RUN_UNTIL(*state, unowned.started);
	vx_link_channel_destroy(unowned.channel, VX_LINK_REASON_CANCELLED);
	unowned.channel = nullptr;
	RUN_UNTIL(*state, agent_get_program_count(fixture->agent) == 0);
	assert_int_equal(fixture->orphans, 0);
	finish(&unowned);
	struct session unheard = {};
	start_shell(*state, &unheard, owner, "sleep 0.1");
	RUN_UNTIL(*state, unheard.started);
	vx_link_channel_destroy(unheard.channel, VX_LINK_REASON_CANCELLED);
	unheard.channel = nullptr;
	RUN_UNTIL(*state, agent_get_program_count(fixture->agent) == 0);
	assert_int_equal(fixture->orphans, 1);
	finish(&unheard);
}

/* A log that nobody reads costs lines, never the program. */
static void test_full_log(void **state)
{
	struct session session = {};
	start_shell(*state, &session, VX_EXEC_FLAG_DETACHED,
		"head -c 500000 /dev/zero | tr '\\0' '\\n'; exit 4");
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.status, 4);
	finish(&session);
}

/* A background process that keeps the pipe doesn't hold up its parent's status. */
static void test_background_process(void **state)
{
	struct session session = {};
	start_shell(*state, &session, 0, "sleep 15 & echo $!; exit 6");
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	RUN_UNTIL(*state, session.channel == nullptr);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(session.status, 6);
	assert_true(end.tv_sec - begin.tv_sec < 10);
	kill(read_pid(&session), SIGKILL);
	finish(&session);
}

static void test_hostile_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{"\x02\0\0\0\0\0\0\0", 8},         /* STDIN before START */
		{"\x10\0\0\0\0\0\0\0", 8},         /* STARTED goes the other way */
		{"\xff\0\0\0\0\0\0\0", 8},         /* unknown */
		{"\x01\0\0\0\xff\xff\xff\xff", 8}, /* START of 4 GiB */
		{"\x01\0\0\1\x0c\0\0\0", 8},       /* reserved byte */
		{"\x01\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff",
			20},                                          /* counts without strings */
		{"\x01\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20}, /* no argument, no shell */
		{"\x01\0\0\0\x0e\0\0\0\xff\0\0\0\0\0\0\0\0\0\0\0\0\0", 22}, /* unknown flags */
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct session session = {};
		open_session(*state, &session);
		send_bytes(*state, &session, cases[i].bytes, cases[i].size);
		RUN_UNTIL(*state, session.channel == nullptr);
		assert_int_equal(session.closed_for, VX_LINK_REASON_PROTOCOL);
		assert_int_equal(agent_get_program_count(fixture->agent), 0);
		finish(&session);
	}
}

static void test_second_start_ends_program(void **state)
{
	struct fixture *fixture = *state;
	struct session session = {};
	struct vx_buffer frame = {};
	const char *const argv[] = {"sleep", "1000", nullptr};
	const struct vx_exec_request request = {.argv = argv};
	start(*state, &session, &request);
	assert_true(vx_exec_encode_request(&frame, &request, nullptr));
	send_bytes(*state, &session, vx_buffer_bytes(&frame), frame.size);
	vx_buffer_finish(&frame);
	RUN_UNTIL(*state, session.channel == nullptr);
	assert_int_equal(session.closed_for, VX_LINK_REASON_PROTOCOL);
	RUN_UNTIL(fixture, agent_get_program_count(fixture->agent) == 0);
	finish(&session);
}

static void test_cap(void **state)
{
	struct fixture *fixture = *state;
	struct session *sessions = vx_calloc(agent_programs_max + 1, sizeof(sessions[0]));
	for (size_t i = 0; i <= agent_programs_max; i++) {
		open_session(*state, &sessions[i]);
	}
	struct session *last = &sessions[agent_programs_max];
	RUN_UNTIL(*state, last->channel == nullptr);
	assert_int_equal(last->closed_for, VX_LINK_REASON_REFUSED);
	assert_int_equal(agent_get_program_count(fixture->agent), agent_programs_max);
	for (size_t i = 0; i <= agent_programs_max; i++) {
		finish(&sessions[i]);
	}
	free(sessions);
	RUN_UNTIL(fixture, agent_get_program_count(fixture->agent) == 0);
}

static void test_agent_goes_first(void **state)
{
	struct fixture *fixture = *state;
	struct session session = {};
	start_shell(*state, &session, 0, "echo $$; exec sleep 1000");
	RUN_UNTIL(*state, has_text(&session.out, "\n"));
	agent_destroy(fixture->agent);
	fixture->agent = nullptr;
	RUN_UNTIL(*state, session.channel == nullptr);
	finish(&session);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_output_and_status),
		TEST(test_killed_by_signal),
		TEST(test_not_started),
		TEST(test_input),
		TEST(test_large_input_comes_back),
		TEST(test_slow_host),
		TEST(test_signal_passes_input),
		TEST(test_early_signal),
		TEST(test_closed_input_is_dropped),
		TEST(test_terminal),
		TEST(test_terminal_keys),
		TEST(test_login_shell),
		TEST(test_environment),
		TEST(test_clean_start),
		TEST(test_lost_channel_hangs_up),
		TEST(test_lost_channel_kills),
		TEST(test_detached),
		TEST(test_owner),
		TEST(test_full_log),
		TEST(test_background_process),
		TEST(test_hostile_frames),
		TEST(test_second_start_ends_program),
		TEST(test_cap),
		TEST(test_agent_goes_first),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
