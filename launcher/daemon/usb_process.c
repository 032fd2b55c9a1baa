/* SPDX-License-Identifier: MIT */
#include "daemon/usb_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VX_LOG_MODULE "usb"
#include "common/display_string.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/program.h"
#include "daemon/daemon.h"
#include "daemon/machine.h"
#include "helper_path.h"

static constexpr size_t line_max = 512;

static int handle_child(sd_event_source *source, const siginfo_t *info, void *data)
{
	machine_usb_ended(data);
	return 0;
}

static int handle_found_end(sd_event_source *source, int fd, uint32_t events, void *data)
{
	machine_usb_ended(data);
	return 0;
}

/* One line in one write, or nothing. */
static int handle_status(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct machine_usb *usb = data;
	char untrusted_text[line_max + 1];
	ssize_t size = read(fd, untrusted_text, line_max);
	if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	untrusted_text[size > 0 ? size : 0] = '\0';
	untrusted_text[strcspn(untrusted_text, "\n")] = '\0';
	vx_cleanup_free char *line = vx_display_string(untrusted_text, line_max);
	usb->status_source = sd_event_source_disable_unref(usb->status_source);
	vx_replace_fd(&usb->status_fd, -1);
	machine_usb_said(usb, line);
	return 0;
}

static bool usb_spawn(struct machine_usb *usb, int device_fd, const char *link, int status_fd,
	struct vx_error *err)
{
	vx_cleanup_free char *program = helper_path_find("vixos-usb", "launcher/usb", err);
	if (program == nullptr) {
		return false;
	}
	char *const argv[] = {program, (char *)"--link", (char *)link, (char *)"--control",
		usb->control_path, nullptr};
	const struct vx_program started = {
		.path = program,
		.argv = argv,
		.input = device_fd,
		.output = status_fd,
		.error = vx_program_inherit,
		.has_own_session = true,
	};
	int result = vx_program_start(&started, &usb->pid);
	return result == 0 || vx_error_set_errno(err, result, "cannot start '%s'", program);
}

bool usb_process_start(
	struct machine_usb *usb, int device_fd, const char *link, struct vx_error *err)
{
	sd_event *event = usb->machine->daemon->event;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		return vx_error_set_errno(err, errno, "cannot make a pipe");
	}
	usb->status_fd = ends[0];
	bool is_started = usb_spawn(usb, device_fd, link, ends[1], err);
	close(ends[1]);
	if (!is_started) {
		return false;
	}
	int result = sd_event_add_child(
		event, &usb->process_source, usb->pid, WEXITED, handle_child, usb);
	if (result >= 0) {
		result = sd_event_add_io(
			event, &usb->status_source, usb->status_fd, EPOLLIN, handle_status, usb);
	}
	if (result < 0) {
		kill(usb->pid, SIGKILL);
		waitpid(usb->pid, nullptr, 0);
		return vx_error_set_errno(err, -result, "cannot watch vixos-usb");
	}
	/* What it has said counts before that it has ended. */
	(void)sd_event_source_set_priority(usb->status_source, SD_EVENT_PRIORITY_IMPORTANT);
	return true;
}

bool usb_process_find(const char *folder, unsigned place, unsigned *ret_bus, unsigned *ret_address)
{
	bool found = false;
	DIR *directory = opendir(folder);
	for (struct dirent *entry;
		directory != nullptr && !found && (entry = readdir(directory)) != nullptr;) {
		unsigned number = 0;
		int length = 0;
		found = sscanf(entry->d_name, "usb%1u-%3u-%3u.ctl%n", &number, ret_bus, ret_address,
				&length) == 3 &&
			length > 0 && entry->d_name[length] == '\0' && number == place;
	}
	if (directory != nullptr) {
		closedir(directory);
	}
	return found;
}

/* The process that listens there is the one; it never answers, and needn't. */
bool usb_process_adopt(struct machine_usb *usb)
{
	vx_cleanup_close int fd = vx_unix_connect(usb->control_path, SOCK_STREAM, nullptr);
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
		peer.uid != getuid() || peer.pid <= 0) {
		return false;
	}
	usb->pid = peer.pid;
	usb->pidfd = pidfd_open(peer.pid, 0);
	return usb->pidfd >= 0 && sd_event_add_io(usb->machine->daemon->event, &usb->process_source,
					  usb->pidfd, EPOLLIN, handle_found_end, usb) >= 0;
}

void usb_process_signal(struct machine_usb *usb, int number)
{
	if (usb->pidfd >= 0) {
		(void)pidfd_send_signal(usb->pidfd, number, nullptr, 0);
	} else if (usb->process_source != nullptr) {
		(void)sd_event_source_send_child_signal(usb->process_source, number, nullptr, 0);
	}
}
