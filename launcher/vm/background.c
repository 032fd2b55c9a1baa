/* SPDX-License-Identifier: MIT */
#include "vm/background.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define VX_LOG_MODULE "hypervisor"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"

#define SYSTEMD "org.freedesktop.systemd1"

static constexpr uint64_t systemd_patience_us = 500'000;
static constexpr uint64_t weight_background = 50;
static constexpr uint64_t weight_normal = 100;
static const char nice_background[] = "3"; /* the kernel's weight of it is half of that of 0 */
static const char nice_normal[] = "0";
static constexpr unsigned autogroup_attempts = 10;
static constexpr long autogroup_wait_ns = 50'000'000;
static constexpr size_t pid_file_max = 32;

/* As libvirt has noted it for qemu:///session; 0: not there. */
static pid_t find_qemu(const char *domain)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	vx_cleanup_free char *path = vx_printf(
		"%s/libvirt/qemu/run/%s.pid", runtime != nullptr ? runtime : "", domain);
	vx_cleanup_free char *text = vx_read_file(path, pid_file_max, nullptr, nullptr);
	return text != nullptr ? (pid_t)strtol(text, nullptr, 10) : 0;
}

/* libvirt starts each QEMU in a session, and so in an autogroup, of its own. */
static bool set_autogroup(pid_t qemu, bool is_background)
{
	vx_cleanup_free char *path = vx_printf("/proc/%d/autogroup", qemu);
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
	const char *nice = is_background ? nice_background : nice_normal;
	/* The kernel takes ten a second of those who aren't root, of all users together. */
	for (unsigned i = 0; fd >= 0 && i < autogroup_attempts; i++) {
		if (write(fd, nice, strlen(nice)) > 0) {
			return true;
		}
		if (errno != EAGAIN && errno != EINTR) {
			break;
		}
		nanosleep(&(struct timespec){.tv_nsec = autogroup_wait_ns}, nullptr);
	}
	return false;
}

static bool set_weight(sd_bus *bus, const char *unit, uint64_t weight)
{
	return sd_bus_call_method(bus, SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
		       "SetUnitProperties", nullptr, nullptr, "sba(sv)", unit, true, 2, "CPUWeight",
		       "t", weight, "IOWeight", "t", weight) >= 0;
}

static bool make_scope(sd_bus *bus, const char *unit, pid_t qemu)
{
	return sd_bus_call_method(bus, SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
		       "StartTransientUnit", nullptr, nullptr, "ssa(sv)a(sa(sv))", unit, "fail", 4,
		       "Description", "s", "a VM that VixOS keeps ready", "PIDs", "au", 1,
		       (uint32_t)qemu, "CPUWeight", "t", weight_background, "IOWeight", "t",
		       weight_background, 0) >= 0;
}

/* A scope for QEMU, made when it is to stand back for the first time. */
static bool set_scope(const char *domain, pid_t qemu, bool is_background)
{
	vx_cleanup_free char *unit = vx_printf("%s.scope", domain);
	sd_bus *bus = nullptr;
	bool is_set = false;
	if (sd_bus_open_user(&bus) >= 0) {
		(void)sd_bus_set_method_call_timeout(bus, systemd_patience_us);
		is_set = set_weight(bus, unit, is_background ? weight_background : weight_normal) ||
			 (is_background && make_scope(bus, unit, qemu));
	}
	sd_bus_flush_close_unref(bus);
	return is_set;
}

void vm_background_set(const char *domain, bool is_background)
{
	pid_t qemu = find_qemu(domain);
	if (qemu <= 0) {
		return;
	}
	bool has_scope = set_scope(domain, qemu, is_background);
	bool has_autogroup = set_autogroup(qemu, is_background);
	vx_log_debug("'%s' %s: scope %d, autogroup %d", domain,
		is_background ? "gets half" : "counts as any other", has_scope, has_autogroup);
}
