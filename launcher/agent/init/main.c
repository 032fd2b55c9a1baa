/* SPDX-License-Identifier: MIT */
/* vixos-init: PID 1 of a VM, from the boot image to the power off. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/bind.h"
#include "init/boot_options.h"
#include "init/console.h"
#include "init/devices.h"
#include "init/hotplug.h"
#include "init/modules.h"
#include "init/mounts.h"
#include "init/network.h"
#include "init/root.h"
#include "init/sound.h"
#include "init/supervise.h"

static constexpr unsigned link_timeout_ms = 10'000;

static bool read_options(struct boot_options *options, struct vx_error *err)
{
	vx_cleanup_free char *cmdline = vx_read_file("/proc/cmdline", 65536, nullptr, err);
	return cmdline != nullptr && boot_options_parse(options, cmdline, err);
}

/* A VM without new devices is better than none. */
static int open_hotplug(const struct boot_options *options)
{
	vx_cleanup_error struct vx_error err = {};
	int fd = options->usb ? hotplug_open(&err) : -1;
	if (options->usb && fd < 0) {
		console_say("%s", vx_error_message(&err));
	}
	return fd;
}

/* Returns the id of vixos-guest, -1 on failure. */
static pid_t boot(int *ret_hotplug_fd, struct vx_error *err)
{
	struct boot_options options;
	if (!root_mount_kernel(err) || !read_options(&options, err)) {
		return -1;
	}
	console_say("init of VM '%s'", options.name);
	const struct modules_wanted wanted = {
		.network = options.network,
		.audio = options.audio,
		.usb = options.usb,
	};
	options.modules_fd = modules_open("/modules", err);
	bool booted = options.modules_fd >= 0 && modules_load(options.modules_fd, &wanted, err) &&
		      root_enter(&options, err);
	if (booted) {
		console_say("root ready");
	}
	/* A VM that is nobody's yet has no business on the network. */
	booted = booted && mounts_serve(err) && network_start_loopback(err) &&
		 (options.preloaded || network_start(options.modules_fd, err)) &&
		 devices_give_link(link_timeout_ms, err) && devices_give_region(err) &&
		 sound_give(err);
	*ret_hotplug_fd = open_hotplug(&options);
	pid_t guest = -1;
	if (booted) {
		guest = options.preloaded ? bind_start_guest(&options, err)
					  : supervise_start_guest(-1, err);
	}
	boot_options_finish(&options);
	return guest;
}

int main(void)
{
	if (getpid() != 1) {
		fprintf(stderr, "vixos-init is process 1 of a VM and nothing else\n");
		return 2;
	}
	supervise_prepare();
	vx_cleanup_error struct vx_error err = {};
	int hotplug_fd = -1;
	pid_t guest = boot(&hotplug_fd, &err);
	if (guest < 0) {
		console_say("can't start: %s", vx_error_message(&err));
		supervise_power_off();
	}
	console_say("guest started");
	supervise(guest, hotplug_fd);
}
