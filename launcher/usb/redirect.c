/* SPDX-License-Identifier: MIT */
#include "usb/redirect.h"

#include <errno.h>
#include <libusb.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <usbredirhost.h>

#define VX_LOG_MODULE "usb"
#include "common/fd.h"
#include "common/log.h"
#include "proxy/host/sandbox.h"

static constexpr size_t usb_fds_max = 16; /* of libusb: the device and its own wake-up */
static constexpr unsigned messages_max = 100;
static constexpr int control_backlog = 1;
/* Packets that a VM which is paused, or doesn't care, may leave waiting. */
static constexpr int packets_max = 20'000;

struct redirect {
	int device_fd;             /* borrowed */
	int link_fd;               /* owned */
	int control_fd;            /* owned; never accepted on */
	libusb_context *usb;       /* owned */
	struct usbredirhost *host; /* owned */
	sigset_t waiting_signals;  /* the mask while it waits */
	unsigned messages;         /* logged; a guest can cause them */
	bool link_ended;
};

static volatile sig_atomic_t is_told_to_end;

static void handle_signal(int number)
{
	is_told_to_end = 1;
}

/* What libusbredirhost calls */

static void handle_log(void *data, int level, const char *message)
{
	struct redirect *redirect = data;
	if (level <= usbredirparser_warning && redirect->messages < messages_max) {
		redirect->messages++;
		vx_log_warn("%s", message);
	}
}

static int handle_read(void *data, uint8_t *untrusted_bytes, int size)
{
	struct redirect *redirect = data;
	ssize_t got = recv(redirect->link_fd, untrusted_bytes, (size_t)size, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (got <= 0) {
		redirect->link_ended = true;
		return -1;
	}
	return (int)got;
}

static int handle_write(void *data, uint8_t *bytes, int size)
{
	struct redirect *redirect = data;
	ssize_t put = send(redirect->link_fd, bytes, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (put < 0) {
		redirect->link_ended = true;
		return -1;
	}
	return (int)put;
}

/* Written with the next turn of the loop. */
static void handle_flush(void *data)
{
}

/* Setting up */

static bool redirect_catch_signals(struct redirect *redirect, struct vx_error *err)
{
	/* Only while it waits, so that none comes between looking and waiting. */
	struct sigaction action = {.sa_handler = handle_signal};
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	if (sigaction(SIGTERM, &action, nullptr) < 0 || sigaction(SIGINT, &action, nullptr) < 0 ||
		sigprocmask(SIG_BLOCK, &blocked, nullptr) < 0) {
		return vx_error_set_errno(err, errno, "can't catch signals");
	}
	sigemptyset(&redirect->waiting_signals);
	signal(SIGPIPE, SIG_IGN);
	return true;
}

static bool redirect_connect(
	struct redirect *redirect, const struct redirect_options *options, struct vx_error *err)
{
	(void)unlink(options->control_path);
	redirect->control_fd = vx_unix_listen(options->control_path, SOCK_STREAM, err);
	if (redirect->control_fd < 0 || listen(redirect->control_fd, control_backlog) < 0) {
		return false;
	}
	redirect->link_fd = vx_unix_connect(options->link_path, SOCK_STREAM, err);
	return redirect->link_fd >= 0;
}

static bool usb_error(struct vx_error *err, const char *what, int code)
{
	return vx_error_set(err, "%s: %s", what, libusb_strerror(code));
}

static libusb_device_handle *redirect_wrap(
	struct redirect *redirect, int device_fd, struct vx_error *err)
{
	const struct libusb_init_option no_discovery = {
		.option = LIBUSB_OPTION_NO_DEVICE_DISCOVERY};
	libusb_device_handle *handle = nullptr;
	int code = libusb_init_context(&redirect->usb, &no_discovery, 1);
	if (code == 0) {
		code = libusb_wrap_sys_device(redirect->usb, device_fd, &handle);
	}
	if (code != 0) {
		usb_error(err, "libusb can't use the device", code);
		return nullptr;
	}
	return handle;
}

struct redirect *redirect_create(
	const struct redirect_options *options, int device_fd, struct vx_error *err)
{
	struct redirect *redirect = vx_new(redirect);
	redirect->device_fd = device_fd;
	redirect->link_fd = -1;
	redirect->control_fd = -1;
	libusb_device_handle *handle = nullptr;
	if (redirect_catch_signals(redirect, err) && redirect_connect(redirect, options, err)) {
		handle = redirect_wrap(redirect, device_fd, err);
	}
	if (handle == nullptr || !sandbox_enter(SANDBOX_USB, err)) {
		libusb_close(handle);
		redirect_destroy(redirect);
		return nullptr;
	}
	/* Takes the handle in any case, and the device away from the host's drivers. */
	redirect->host = usbredirhost_open_full(redirect->usb, handle, handle_log, handle_read,
		handle_write, handle_flush, nullptr, nullptr, nullptr, nullptr, redirect,
		"vixos-usb " VX_VERSION, usbredirparser_warning, 0);
	if (redirect->host == nullptr) {
		vx_error_set(err, "the device can't be taken from the host's drivers");
		redirect_destroy(redirect);
		return nullptr;
	}
	return redirect;
}

void redirect_destroy(struct redirect *redirect)
{
	if (redirect == nullptr) {
		return;
	}
	if (redirect->host != nullptr) {
		usbredirhost_close(redirect->host);
	}
	if (redirect->usb != nullptr) {
		libusb_exit(redirect->usb);
	}
	vx_replace_fd(&redirect->link_fd, -1);
	vx_replace_fd(&redirect->control_fd, -1);
	free(redirect);
}

/* Running */

/* The link first, then what libusb waits for. */
static nfds_t redirect_fill_polled(struct redirect *redirect, struct pollfd *polled)
{
	bool has_output = usbredirhost_has_data_to_write(redirect->host) > 0;
	const struct libusb_pollfd **list = libusb_get_pollfds(redirect->usb);
	nfds_t count = 1;
	polled[0] = (struct pollfd){
		.fd = redirect->link_fd, .events = (short)(POLLIN | (has_output ? POLLOUT : 0))};
	for (size_t i = 0; list != nullptr && list[i] != nullptr && count <= usb_fds_max; i++) {
		polled[count++] = (struct pollfd){.fd = list[i]->fd, .events = list[i]->events};
	}
	libusb_free_pollfds(list);
	return count;
}

/* Until there is something to do, or a signal. */
static bool redirect_wait(struct redirect *redirect, struct vx_error *err)
{
	struct pollfd polled[1 + usb_fds_max];
	nfds_t count = redirect_fill_polled(redirect, polled);
	struct timeval next;
	struct timespec timeout;
	bool has_timeout = libusb_get_next_timeout(redirect->usb, &next) == 1;
	if (has_timeout) {
		timeout = (struct timespec){next.tv_sec, next.tv_usec * 1000};
	}
	int ready = ppoll(
		polled, count, has_timeout ? &timeout : nullptr, &redirect->waiting_signals);
	if (ready < 0 && errno != EINTR) {
		return vx_error_set_errno(err, errno, "can't wait for the device");
	}
	return true;
}

/* What a failed read means; true: that is the end. */
static bool redirect_check_read(int code, struct vx_error *err)
{
	if (code == usbredirhost_read_device_lost) {
		vx_log_info("the device is gone");
		return true;
	}
	if (code == usbredirhost_read_device_rejected) {
		vx_error_set(err, "the VM refuses the device");
		return true;
	}
	if (code == usbredirhost_read_parse_error) {
		vx_error_set(err, "QEMU doesn't keep to the protocol");
		return true;
	}
	return false;
}

/* libusb stops waiting for a device that is unplugged; while no transfer is under way all else is
 * silent. */
static bool redirect_has_device(const struct redirect *redirect)
{
	const struct libusb_pollfd **list = libusb_get_pollfds(redirect->usb);
	bool found = list == nullptr;
	for (size_t i = 0; list != nullptr && list[i] != nullptr; i++) {
		found = found || list[i]->fd == redirect->device_fd;
	}
	libusb_free_pollfds(list);
	return found;
}

static bool redirect_turn(struct redirect *redirect, bool *ret_ended, struct vx_error *err)
{
	struct timeval now = {};
	int code = libusb_handle_events_timeout_completed(redirect->usb, &now, nullptr);
	if (code != 0 && code != LIBUSB_ERROR_INTERRUPTED) {
		return usb_error(err, "the device failed", code);
	}
	*ret_ended = redirect_check_read(usbredirhost_read_guest_data(redirect->host), err);
	if (!*ret_ended && usbredirhost_has_data_to_write(redirect->host) > 0) {
		(void)usbredirhost_write_guest_data(redirect->host);
	}
	if (!redirect_has_device(redirect)) {
		vx_log_info("the device is gone");
		*ret_ended = true;
	}
	if (usbredirhost_has_data_to_write(redirect->host) > packets_max) {
		vx_error_set(err, "the VM doesn't take what the device says");
	}
	*ret_ended = *ret_ended || redirect->link_ended;
	return err->message == nullptr;
}

bool redirect_run(struct redirect *redirect, struct vx_error *err)
{
	bool has_ended = false;
	while (!has_ended && !is_told_to_end) {
		if (!redirect_wait(redirect, err) || !redirect_turn(redirect, &has_ended, err)) {
			return false;
		}
	}
	return true;
}
