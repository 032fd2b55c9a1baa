/* SPDX-License-Identifier: MIT */
#include "init/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/boot_options.h"
#include "init/console.h"
#include "init/devices.h"
#include "init/network.h"
#include "init/root.h"
#include "init/supervise.h"

#define BIND_PORT "org.vixos.bind"

static constexpr unsigned port_timeout_ms = 10'000;
static constexpr size_t line_max = 1024;
static constexpr uint64_t ns_per_s = 1'000'000'000;

static ssize_t read_byte(int fd, char *byte)
{
	ssize_t size;
	do {
		size = read(fd, byte, 1);
	} while (size < 0 && errno == EINTR);
	return size;
}

/* vixos-guest says so by a byte when all is done that it can do without the host. */
static bool wait_for_guest(int start_fd, struct vx_error *err)
{
	char byte;
	return read_byte(start_fd, &byte) == 1 ||
	       vx_error_set(err, "vixos-guest ended before it was ready");
}

static bool read_line(int port, char line[static line_max], struct vx_error *err)
{
	for (size_t length = 0; length < line_max; length++) {
		ssize_t size = read_byte(port, &line[length]);
		if (size <= 0) {
			return vx_error_set(err, "the host wants this VM no more");
		}
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
	}
	return vx_error_set(err, "the binding is too long");
}

/* Takes over what only a binding has, and the name. */
static bool take_binding(struct boot_options *options, const char *line, struct vx_error *err)
{
	struct boot_options binding;
	if (!boot_options_parse(&binding, line, err)) {
		return false;
	}
	vx_replace_string(&options->name, binding.name);
	vx_replace_string(&options->machine_id, binding.machine_id);
	memcpy(options->seed, binding.seed, sizeof(options->seed));
	options->has_seed = binding.has_seed;
	options->clock_ns = binding.clock_ns;
	explicit_bzero(binding.seed, sizeof(binding.seed));
	boot_options_finish(&binding);
	return options->has_seed || vx_error_set(err, "the binding has no seed");
}

/* What the kernel makes of it from now on has nothing to do with what it was before. */
static bool reseed(struct boot_options *options, struct vx_error *err)
{
	/* struct rand_pool_info: bits, bytes, and the bytes. */
	int entropy[2 + boot_seed_size / sizeof(int)] = {8 * boot_seed_size, boot_seed_size};
	vx_cleanup_close int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	memcpy(&entropy[2], options->seed, boot_seed_size);
	bool good = fd >= 0 && ioctl(fd, RNDADDENTROPY, entropy) == 0 &&
		    ioctl(fd, RNDRESEEDCRNG) == 0;
	explicit_bzero(entropy, sizeof(entropy));
	explicit_bzero(options->seed, sizeof(options->seed));
	return good || vx_error_set_errno(err, errno, "can't seed the random numbers");
}

static bool set_clock(uint64_t clock_ns, struct vx_error *err)
{
	const struct timespec now = {
		.tv_sec = (time_t)(clock_ns / ns_per_s),
		.tv_nsec = (long)(clock_ns % ns_per_s),
	};
	return clock_ns == 0 || clock_settime(CLOCK_REALTIME, &now) == 0 ||
	       vx_error_set_errno(err, errno, "can't set the clock");
}

static bool wait_for_binding(struct boot_options *options, struct vx_error *err)
{
	vx_cleanup_free char *path = devices_find_port(BIND_PORT, port_timeout_ms);
	if (path == nullptr) {
		return vx_error_set(err, "the VM has no virtio-serial port '" BIND_PORT "'");
	}
	vx_cleanup_close int port = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	char line[line_max];
	if (port < 0 || write(port, "\n", 1) != 1) {
		return vx_error_set_errno(err, errno, "can't use '%s'", path);
	}
	bool good = read_line(port, line, err) && take_binding(options, line, err);
	explicit_bzero(line, sizeof(line));
	return good;
}

static bool become(struct boot_options *options, struct vx_error *err)
{
	if (!reseed(options, err) || !set_clock(options->clock_ns, err) ||
		!root_set_identity(options, err)) {
		return false;
	}
	console_say("bound as '%s'", options->name);
	return network_start(options->modules_fd, err);
}

pid_t bind_start_guest(struct boot_options *options, struct vx_error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		vx_error_set_errno(err, errno, "can't make a socket");
		return -1;
	}
	vx_cleanup_close int start_fd = ends[0];
	pid_t guest = supervise_start_guest(ends[1], err);
	close(ends[1]);
	bool good = guest >= 0 && wait_for_guest(start_fd, err) && wait_for_binding(options, err) &&
		    become(options, err);
	/* A byte and not the end of the socket, of which a process of the network has a copy. */
	if (good && write(start_fd, "\n", 1) != 1) {
		good = vx_error_set_errno(err, errno, "vixos-guest can't go on");
	}
	return good ? guest : -1;
}
