/* SPDX-License-Identifier: MIT */
/*
 * What vixos-init is told about this VM on the kernel's command line and, where the VM was started
 * before anybody wanted it, when it is bound (launcher/vm/guest_cmdline.h).
 */
#ifndef VX_LAUNCHER_AGENT_INIT_BOOT_OPTIONS_H
#define VX_LAUNCHER_AGENT_INIT_BOOT_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

static constexpr size_t boot_mounts_max = 32;
static constexpr size_t boot_seed_size = 32;
static constexpr size_t boot_machine_id_length = 32; /* hexadecimal digits */

struct boot_mount {
	char *tag;    /* owned; of the virtiofs device */
	char *target; /* owned; absolute path in the guest, without ".." */
	bool writable;
};

enum boot_home : unsigned {
	BOOT_HOME_NONE,  /* in the root */
	BOOT_HOME_SHARE, /* a folder of the host */
	BOOT_HOME_TMPFS,
};

struct boot_options {
	char *name;   /* owned; of the VM, and so the host name; "vixos" unless given */
	bool network; /* configure the first Ethernet device */
	enum boot_home home;
	bool audio; /* load the sound card's driver */
	bool usb;   /* load the USB controller's and devices' drivers */
	struct boot_mount mounts[boot_mounts_max];
	size_t mount_count;
	int modules_fd; /* the folder of the image's modules; not a word, and not ours to close */
	bool preloaded; /* wait to be bound before vixos-guest speaks to the host */

	/* Only in a binding. */
	uint8_t seed[boot_seed_size]; /* for the kernel's random numbers */
	bool has_seed;
	char *machine_id;  /* owned; NULL: make one up */
	uint64_t clock_ns; /* CLOCK_REALTIME; 0: leave the clock alone */
};

/* Parses a command line; words that aren't ours are the kernel's. The error names the wrong word.
 */
[[nodiscard]] bool boot_options_parse(
	struct boot_options *options, const char *cmdline, struct vx_error *err);
void boot_options_finish(struct boot_options *options);

#endif
