/* SPDX-License-Identifier: MIT */
/*
 * The kernel's usbfs for vixos-usb, where there is no USB: loaded before the C library it answers
 * usbfs's ioctls on a regular file that holds a device's descriptors, as the device node would. The
 * device is a FIDO security key that knows the first message of CTAPHID, INIT, and echoes others.
 * SIGUSR1 unplugs it. What is done to it is written to $FAKE_USBFS_LOG, a line each.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static constexpr int urbs_max = 64;
static constexpr int reports_max = 64;
static constexpr int report_size = 64;
static constexpr unsigned char endpoint_in = 0x81;

static struct {
	int fd; /* of the device; -1: not known yet */
	int event_fd, log_fd;
	unsigned char descriptors[1024];
	int descriptors_size;
	bool has_driver, is_claimed;
	struct usbdevfs_urb *waiting[urbs_max], *done[urbs_max];
	int waiting_count, done_count;
	unsigned char reports[reports_max][64]; /* for the host to read */
	int report_count;
} device = {.fd = -1, .has_driver = true};

static volatile sig_atomic_t is_unplugged;

/* Usage page FIDO alliance, usage CTAPHID; an input and an output report of 64 bytes. */
static const unsigned char report_descriptor[] = {0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09,
	0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15,
	0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xc0};

static const char *const strings[] = {"", "VixOS tests", "Emulated Key", "4711"};

static void say(const char *text)
{
	if (device.log_fd >= 0) {
		(void)!write(device.log_fd, text, strlen(text));
	}
}

static void handle_unplug(int number)
{
	static const unsigned long long one = 1;
	is_unplugged = 1;
	(void)!write(device.event_fd, &one, sizeof(one));
}

/* Is this the file? The first one that usbfs is asked of. Late, because descriptors are closed at
 * the start. */
static bool is_device(int fd)
{
	struct stat info;
	if (device.fd >= 0) {
		return fd == device.fd;
	}
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
		return false;
	}
	const char *log = getenv("FAKE_USBFS_LOG");
	struct sigaction action = {.sa_handler = handle_unplug};
	device.fd = fd;
	device.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	device.log_fd = log != nullptr ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
				       : -1;
	device.descriptors_size = (int)pread(fd, device.descriptors, sizeof(device.descriptors), 0);
	sigaction(SIGUSR1, &action, nullptr);
	return true;
}

/* The control endpoint */

static int give(unsigned char *data, int room, const void *bytes, int size)
{
	int count = size < room ? size : room;
	memcpy(data, bytes, (size_t)count);
	return count;
}

static int give_string(unsigned char *data, int room, unsigned index)
{
	unsigned char text[64] = {4, 3, 0x09, 0x04};
	if (index >= sizeof(strings) / sizeof(strings[0])) {
		return -EPIPE;
	}
	if (index > 0) {
		text[0] = (unsigned char)(2 + 2 * strlen(strings[index]));
		for (size_t i = 0; strings[index][i] != '\0'; i++) {
			text[2 + 2 * i] = (unsigned char)strings[index][i];
			text[3 + 2 * i] = 0;
		}
	}
	return give(data, room, text, text[0]);
}

static int give_descriptor(unsigned char *data, int room, unsigned value)
{
	const unsigned char *config = device.descriptors + 18;
	switch (value >> 8) {
	case 1:
		return give(data, room, device.descriptors, 18);
	case 2:
		return give(data, room, config, config[2] | config[3] << 8);
	case 3:
		return give_string(data, room, value & 0xff);
	case 0x22:
		return give(data, room, report_descriptor, sizeof(report_descriptor));
	default:
		return -EPIPE;
	}
}

/* Bytes transferred, or a negative errno. */
static int control(unsigned type, unsigned request, unsigned value, unsigned char *data, int room)
{
	static const unsigned char zeros[2];
	static const unsigned char one = 1;
	bool is_standard = (type & 0x60) == 0;
	if (request == 6 && is_standard) {
		return give_descriptor(data, room, value);
	}
	if (request == 8 && is_standard) {
		return give(data, room, &one, 1);
	}
	if (request == 0 && is_standard) {
		return give(data, room, zeros, sizeof(zeros));
	}
	return (type & 0x80) != 0 ? -EPIPE : room; /* SET_IDLE and the like */
}

/* Interrupt endpoints */

static void finish_urb(struct usbdevfs_urb *urb, int status, int length)
{
	static const unsigned long long one = 1;
	urb->status = status;
	urb->actual_length = length;
	device.done[device.done_count++] = urb;
	(void)!write(device.event_fd, &one, sizeof(one));
}

static void deliver_reports(void)
{
	while (device.report_count > 0 && device.waiting_count > 0) {
		struct usbdevfs_urb *urb = device.waiting[0];
		memmove(device.waiting, device.waiting + 1,
			(size_t)--device.waiting_count * sizeof(device.waiting[0]));
		int length = give(urb->buffer, urb->buffer_length, device.reports[0], report_size);
		memmove(device.reports, device.reports + 1,
			(size_t)--device.report_count * sizeof(device.reports[0]));
		finish_urb(urb, 0, length);
	}
}

/* CTAPHID_INIT gives the caller its nonce back and a channel; anything else is echoed. */
static void answer_report(const unsigned char *report, int size)
{
	if (device.report_count == reports_max || size != report_size) {
		return;
	}
	unsigned char *answer = device.reports[device.report_count++];
	memcpy(answer, report, (size_t)report_size);
	if (report[4] == 0x86) {
		static const unsigned char tail[] = {0, 0, 0, 7, 2, 1, 0, 0, 4};
		answer[5] = 0;
		answer[6] = 17;
		memcpy(answer + 7 + 8, tail, sizeof(tail));
	}
	deliver_reports();
}

static int submit(struct usbdevfs_urb *urb)
{
	unsigned char *buffer = urb->buffer;
	if (device.waiting_count == urbs_max || device.done_count == urbs_max) {
		return -ENOMEM;
	}
	if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
		int result = control(buffer[0], buffer[1], (unsigned)(buffer[2] | buffer[3] << 8),
			buffer + 8, buffer[6] | buffer[7] << 8);
		finish_urb(urb, result < 0 ? result : 0, result < 0 ? 0 : result);
	} else if (urb->endpoint == endpoint_in) {
		device.waiting[device.waiting_count++] = urb;
		deliver_reports();
	} else {
		finish_urb(urb, 0, urb->buffer_length);
		answer_report(buffer, urb->buffer_length);
	}
	return 0;
}

static int discard(struct usbdevfs_urb *urb)
{
	for (int i = 0; i < device.waiting_count; i++) {
		if (device.waiting[i] == urb) {
			memmove(device.waiting + i, device.waiting + i + 1,
				(size_t)(--device.waiting_count - i) * sizeof(device.waiting[0]));
			finish_urb(urb, -ENOENT, 0);
			return 0;
		}
	}
	return -EINVAL;
}

static int reap(void *ret_urb)
{
	unsigned long long count;
	if (device.done_count == 0) {
		return is_unplugged ? -ENODEV : -EAGAIN;
	}
	(void)!read(device.event_fd, &count, sizeof(count));
	memcpy(ret_urb, &device.done[0], sizeof(device.done[0]));
	memmove(device.done, device.done + 1, (size_t)--device.done_count * sizeof(device.done[0]));
	return 0;
}

/* Drivers and interfaces */

static int get_driver(struct usbdevfs_getdriver *driver)
{
	if (!device.has_driver && !device.is_claimed) {
		return -ENODATA;
	}
	strcpy(driver->driver, device.is_claimed ? "usbfs" : "usbhid");
	return 0;
}

static int set_driver(bool on)
{
	if (device.has_driver != on) {
		say(on ? "host has it\n" : "host has lost it\n");
	}
	device.has_driver = on;
	return 0;
}

static int claim(void)
{
	if (device.has_driver) {
		return -EBUSY;
	}
	device.is_claimed = true;
	say("claimed\n");
	return 0;
}

static int sub_ioctl(const struct usbdevfs_ioctl *command)
{
	if (command->ioctl_code == (int)USBDEVFS_DISCONNECT) {
		return set_driver(false);
	}
	return command->ioctl_code == (int)USBDEVFS_CONNECT ? set_driver(true) : -ENOTTY;
}

static int answer_ioctl(unsigned long request, void *argument)
{
	struct usbdevfs_ctrltransfer *transfer = argument;
	if (is_unplugged && request != USBDEVFS_REAPURBNDELAY && request != USBDEVFS_DISCARDURB) {
		return -ENODEV;
	}
	switch (request) {
	case USBDEVFS_CONNECTINFO:
		*(struct usbdevfs_connectinfo *)argument = (struct usbdevfs_connectinfo){
			.devnum = 4};
		return 0;
	case USBDEVFS_GET_SPEED:
		return 2; /* full speed */
	case USBDEVFS_GET_CAPABILITIES:
		*(unsigned *)argument = USBDEVFS_CAP_BULK_CONTINUATION;
		return 0;
	case USBDEVFS_CONTROL:
		return control(transfer->bRequestType, transfer->bRequest, transfer->wValue,
			transfer->data, transfer->wLength);
	case USBDEVFS_SUBMITURB:
		return submit(argument);
	case USBDEVFS_DISCARDURB:
		return discard(argument);
	case USBDEVFS_REAPURBNDELAY:
		return reap(argument);
	case USBDEVFS_GETDRIVER:
		return get_driver(argument);
	case USBDEVFS_IOCTL:
		return sub_ioctl(argument);
	case USBDEVFS_CLAIMINTERFACE:
		return claim();
	case USBDEVFS_RELEASEINTERFACE:
		device.is_claimed = false;
		return 0;
	case USBDEVFS_SETCONFIGURATION:
		return *(const unsigned *)argument == 1 ? 0 : -EINVAL;
	case USBDEVFS_SETINTERFACE:
	case USBDEVFS_RESETEP:
	case USBDEVFS_CLEAR_HALT:
	case USBDEVFS_RESET:
		return 0;
	default:
		return -ENOTTY;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*original)(int, unsigned long, ...);
	va_list list;
	va_start(list, request);
	void *argument = va_arg(list, void *);
	va_end(list);
	if (((request >> 8) & 0xff) == 'U' && is_device(fd)) {
		int result = answer_ioctl(request, argument);
		errno = result < 0 ? -result : errno;
		return result < 0 ? -1 : result;
	}
	if (original == nullptr) {
		original = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	}
	return original(fd, request, argument);
}

/* usbfs is writable while there is something to reap; the event descriptor is readable then. */
static int poll_with_device(
	struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	static int (*original)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	nfds_t index = count;
	if (original == nullptr) {
		original = (int (*)(struct pollfd *, nfds_t, const struct timespec *,
			const sigset_t *))dlsym(RTLD_NEXT, "ppoll");
	}
	for (nfds_t i = 0; device.fd >= 0 && i < count; i++) {
		if (fds[i].fd == device.fd) {
			index = i;
			fds[i].fd = device.event_fd;
			fds[i].events = POLLIN;
		}
	}
	int ready = original(fds, count, timeout, mask);
	if (index < count) {
		bool is_ready = (fds[index].revents & POLLIN) != 0;
		fds[index].fd = device.fd;
		fds[index].events = POLLOUT;
		fds[index].revents = is_ready ? (is_unplugged ? POLLERR | POLLHUP : POLLOUT) : 0;
	}
	return ready;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	return poll_with_device(fds, count, timeout_ms < 0 ? nullptr : &timeout, nullptr);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	return poll_with_device(fds, count, timeout, mask);
}

/* What the above are called by code that is compiled with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	const sigset_t *mask, size_t size);

int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t size)
{
	return poll(fds, count, timeout_ms);
}

int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	const sigset_t *mask, size_t size)
{
	return poll_with_device(fds, count, timeout, mask);
}
