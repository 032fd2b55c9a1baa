/* SPDX-License-Identifier: MIT */
#include "vm/checks.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/error.h"
#include "common/fd.h"
#include "common/memory.h"
#include "vm/accel.h"
#include "vm/check_audio.h"
#include "vm/check_compositor.h"
#include "vm/check_network.h"
#include "vm/check_state.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/kernel.h"
#include "vm/runtime_dir.h"
#include "vm/usb_devices.h"

static constexpr unsigned kernel_major_min = 5;
static constexpr unsigned kernel_minor_min = 16;
static constexpr size_t small_file_max = 1024 * 1024;

static const char *const verdict_names[] = {
	[VM_VERDICT_OK] = "ok",
	[VM_VERDICT_WARN] = "warn",
	[VM_VERDICT_FAIL] = "fail",
};
static_assert(VX_ARRAY_LENGTH(verdict_names) == VM_VERDICT_COUNT);

const char *vm_verdict_name(enum vm_verdict verdict)
{
	return verdict < VM_VERDICT_COUNT ? verdict_names[verdict] : "unknown";
}

static void passes(struct vm_check_result *result, char *detail)
{
	result->verdict = VM_VERDICT_OK;
	result->detail = detail;
}

/* Takes `detail`; copies `remedy`. */
static void complains(
	struct vm_check_result *result, enum vm_verdict verdict, char *detail, const char *remedy)
{
	result->verdict = verdict;
	result->detail = detail;
	result->remedy = vx_strdup(remedy);
}

static void check_config(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_config *loaded = vm_config_load(&err);
	if (loaded == nullptr) {
		complains(result, VM_VERDICT_FAIL, vx_strdup(vx_error_message(&err)),
			"correct the file; vixos(5) describes it");
		return;
	}
	passes(result, vx_printf("%zu VMs defined", loaded->definition_count));
	vm_config_destroy(loaded);
}

static void check_host_kernel(struct vm_check_result *result, const struct vm_config *config)
{
	struct utsname name;
	unsigned major = 0, minor = 0;
	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2) {
		complains(result, VM_VERDICT_WARN, vx_strdup("the kernel's version is unreadable"),
			"check that it is 5.16 or newer");
		return;
	}
	if (major < kernel_major_min || (major == kernel_major_min && minor < kernel_minor_min)) {
		complains(result, VM_VERDICT_FAIL, vx_strdup(name.release),
			"install Linux 5.16 or newer");
		return;
	}
	passes(result, vx_strdup(name.release));
}

static void check_kvm(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error reason = {};
	if (vm_accel_probe_kvm(nullptr, nullptr, &reason)) {
		passes(result, vx_strdup("a VM can be created"));
		return;
	}
	complains(result, VM_VERDICT_WARN, vx_strdup(vx_error_message(&reason)),
		"switch virtualisation on in the firmware, load kvm_intel or kvm_amd, and join the "
		"group kvm; without it VMs run by software emulation, about ten times slower");
}

static void ignore_error(void *data, virError *error)
{
}

static void check_libvirt(struct vm_check_result *result, const struct vm_config *config)
{
	const char *uri = config != nullptr ? config->uri : "qemu:///session";
	virSetErrorFunc(nullptr, ignore_error);
	virConnect *connection = virConnectOpen(uri);
	if (connection == nullptr) {
		complains(result, VM_VERDICT_FAIL,
			vx_printf("%s: %s", uri, virGetLastErrorMessage()),
			"install libvirt's daemon with its QEMU driver (Debian: libvirt-daemon, "
			"libvirt-daemon-driver-qemu), and run this as an ordinary user");
		return;
	}
	unsigned long version = 0;
	virConnectGetLibVersion(connection, &version);
	passes(result, vx_printf("%s, libvirt %lu.%lu.%lu", uri, version / 1000000,
			       version / 1000 % 1000, version % 1000));
	virConnectClose(connection);
}

/* Full path of the first program that is in one of the folders or, without a slash, in PATH. */
static char *find_program(const char *const *candidates, size_t count)
{
	const char *path = getenv("PATH");
	for (size_t i = 0; i < count; i++) {
		if (candidates[i][0] == '/' && access(candidates[i], X_OK) == 0) {
			return vx_strdup(candidates[i]);
		}
		for (const char *part = path; part != nullptr && candidates[i][0] != '/';) {
			size_t length = strcspn(part, ":");
			vx_cleanup_free char *full = vx_printf(
				"%.*s/%s", (int)length, part, candidates[i]);
			if (access(full, X_OK) == 0) {
				return vx_take_ptr(full);
			}
			part = part[length] == ':' ? part + length + 1 : nullptr;
		}
	}
	return nullptr;
}

static void check_program(struct vm_check_result *result, const char *const *candidates,
	size_t count, enum vm_verdict verdict, const char *remedy)
{
	char *path = find_program(candidates, count);
	if (path != nullptr) {
		passes(result, path);
	} else {
		complains(result, verdict, vx_printf("no %s found", candidates[0]), remedy);
	}
}

static void check_qemu(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const names[] = {"qemu-system-x86_64", "/usr/libexec/qemu-kvm"};
	check_program(result, names, VX_ARRAY_LENGTH(names), VM_VERDICT_FAIL,
		"install QEMU (Debian: qemu-system-x86, Arch: qemu-base, Fedora: qemu-kvm)");
}

static void check_virtiofsd(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const names[] = {"virtiofsd", "/usr/libexec/virtiofsd",
		"/usr/lib/virtiofsd", "/usr/lib/qemu/virtiofsd"};
	check_program(result, names, VX_ARRAY_LENGTH(names), VM_VERDICT_FAIL,
		"install virtiofsd: guests see the host's /usr through it");
}

static void check_passt(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const names[] = {"passt"};
	check_program(result, names, VX_ARRAY_LENGTH(names), VM_VERDICT_WARN,
		"install passt; VMs with 'network nat' or 'network net-vm' need it");
}

/* A guest has the host's programs, and a net-vm forwards with these. */
static void check_forwarding(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const programs[] = {
		"/usr/sbin/nft", "/usr/sbin/tc", "/usr/sbin/modprobe"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(programs); i++) {
		if (access(programs[i], X_OK) != 0) {
			complains(result, VM_VERDICT_WARN,
				vx_printf("%s is not there", programs[i]),
				"install nftables, iproute2 and kmod; a VM that is another's "
				"network ('net-vm') needs them");
			return;
		}
	}
	passes(result, vx_strdup("nft, tc and modprobe are in /usr/sbin"));
}

static void check_network(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	if (vm_check_network(&err)) {
		passes(result, vx_strdup("namespaces, nftables, passt and pasta work"));
	} else {
		complains(result, VM_VERDICT_WARN, vx_strdup(vx_error_message(&err)),
			"install passt of 2025 or newer, allow users to make namespaces "
			"(sysctl kernel.unprivileged_userns_clone=1) and to open /dev/net/tun "
			"(modprobe tun); VMs without network need none of it");
	}
}

/* Has `path` (subuid or subgid) a range of a usable size for the user? */
static bool has_id_range(const char *path, const char *user, uid_t uid)
{
	static constexpr unsigned long range_min = 65536;
	vx_cleanup_free char *content = vx_read_file(path, small_file_max, nullptr, nullptr);
	vx_cleanup_free char *number = vx_printf("%u", uid);
	char *rest = content;
	for (char *line; content != nullptr && (line = strsep(&rest, "\n")) != nullptr;) {
		const char *name = strsep(&line, ":");
		const char *first = line != nullptr ? strsep(&line, ":") : nullptr;
		if (first != nullptr && line != nullptr &&
			(strcmp(name, user) == 0 || strcmp(name, number) == 0) &&
			strtoul(line, nullptr, 10) >= range_min) {
			return true;
		}
	}
	return false;
}

static void check_subids(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const helpers[] = {"newuidmap"};
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user != nullptr ? user->pw_name : "";
	vx_cleanup_free char *helper = find_program(helpers, VX_ARRAY_LENGTH(helpers));
	if (helper == nullptr) {
		complains(result, VM_VERDICT_FAIL, vx_strdup("no newuidmap found"),
			"install uidmap (Debian) or shadow");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const char *path = i == 0 ? "/etc/subuid" : "/etc/subgid";
		if (!has_id_range(path, name, geteuid())) {
			vx_cleanup_free char *remedy = vx_printf(
				"as root: usermod --add-subuids 100000-165535 --add-subgids "
				"100000-165535 %s",
				name);
			complains(result, VM_VERDICT_FAIL,
				vx_printf("no range of 65536 ids for '%s' in %s", name, path),
				remedy);
			return;
		}
	}
	passes(result, vx_printf("ranges for '%s' in /etc/subuid and /etc/subgid", name));
}

static void check_guest_kernel(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_kernel *kernel = vm_kernel_find(
		nullptr, config != nullptr ? config->defaults->kernel : nullptr, &err);
	if (kernel == nullptr) {
		complains(result, VM_VERDICT_FAIL, vx_strdup(vx_error_message(&err)),
			"install a kernel with its modules (Debian: linux-image-amd64), readable "
			"by you, or name one with 'kernel' in the configuration");
		return;
	}
	passes(result, vx_printf("%s, modules in %s", kernel->image, kernel->modules));
	vm_kernel_destroy(kernel);
}

/* Takes what was found, or else complains of the error. */
static void passes_or_warns(struct vm_check_result *result, char *detail,
	const struct vx_error *err, const char *remedy)
{
	if (detail != nullptr) {
		passes(result, detail);
	} else {
		complains(result, VM_VERDICT_WARN, vx_strdup(vx_error_message(err)), remedy);
	}
}

static void check_memory(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	uint64_t available_mib = vm_check_available_mib("/proc/meminfo");
	passes_or_warns(result, vm_check_memory(config, available_mib, &err), &err,
		"stop VMs or programs, or give VMs less with 'memory' and keep fewer ready with "
		"'preload'");
}

static void check_state(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	passes_or_warns(result, vm_check_state_folder(&err), &err,
		"make room, or set XDG_DATA_HOME to another folder; only VMs with 'home private' "
		"and packages of Nix need it");
}

static void check_nix(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const names[] = {"nix"};
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *nix = find_program(names, VX_ARRAY_LENGTH(names));
	passes_or_warns(result, vm_check_nix(config, nix != nullptr, &err), &err,
		"install Nix, or take 'template nix' and 'package' out of the definition");
}

static void check_disks(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	passes_or_warns(result, vm_check_disks(config, &err), &err,
		"correct 'template disk' in the definition, or the rights of image and folder");
}

static void check_shm(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *builtin = vm_definition_create("doctor");
	uint32_t mib = config != nullptr ? config->defaults->region_mib : builtin->region_mib;
	vm_definition_destroy(builtin);
	if (vm_region_check_room((uint64_t)mib * 1024 * 1024, &err)) {
		passes(result, vx_printf("room for one more VM's windows (%u MiB)", mib));
	} else {
		complains(result, VM_VERDICT_FAIL, vx_strdup(vx_error_message(&err)),
			"stop VMs or make /dev/shm larger");
	}
}

static void check_runtime_dir(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	char *base = vm_runtime_base(&err);
	if (base != nullptr) {
		passes(result, base);
	} else {
		complains(result, VM_VERDICT_FAIL, vx_strdup(vx_error_message(&err)),
			"log in through systemd-logind, or set XDG_RUNTIME_DIR");
	}
}

static void check_compositor(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_compositor compositor;
	if (!vm_check_compositor(&compositor, &err)) {
		complains(result, VM_VERDICT_FAIL, vx_strdup(vx_error_message(&err)),
			"start vixos-compositor, or run this inside a Wayland session");
	} else if (compositor.has_security_context) {
		passes(result, vx_strdup("windows can be tagged with their VM"));
	} else {
		complains(result, VM_VERDICT_FAIL,
			vx_strdup("the compositor has no security-context-v1"),
			"use vixos-compositor, sway 1.9, labwc, KWin or niri, or run with "
			"--untagged");
	}
}

static void check_clipboard(struct vm_check_result *result, const struct vm_config *config)
{
	static const char *const protocols[] = {
		[VM_DATA_CONTROL_WLR] = "zwlr_data_control_manager_v1",
		[VM_DATA_CONTROL_EXT] = "ext_data_control_manager_v1",
	};
	vx_cleanup_error struct vx_error err = {};
	struct vm_compositor compositor;
	if (!vm_check_compositor(&compositor, &err)) {
		complains(result, VM_VERDICT_WARN, vx_strdup(vx_error_message(&err)),
			"start vixos-compositor, or run this inside a Wayland session");
	} else if (compositor.data_control != VM_DATA_CONTROL_NONE) {
		passes(result, vx_printf("the compositor's is used by %s",
				       protocols[compositor.data_control]));
	} else {
		complains(result, VM_VERDICT_WARN,
			vx_strdup("the compositor has neither ext-data-control-v1 nor "
				  "wlr-data-control-unstable-v1"),
			"give 'vixos clipboard' --stdin or --stdout, with wl-paste or wl-copy");
	}
}

static void check_audio(struct vm_check_result *result, const struct vm_config *config)
{
	vx_cleanup_error struct vx_error err = {};
	const char *remedy = nullptr;
	if (vm_check_audio(&remedy, &err)) {
		passes(result, vx_strdup("PipeWire runs, and QEMU can use it"));
		return;
	}
	vx_cleanup_free char *both = vx_printf("%s; only VMs with 'audio' need it", remedy);
	complains(result, VM_VERDICT_WARN, vx_strdup(vx_error_message(&err)), both);
}

/* Is it one that a definition wants? */
static bool is_wanted(const struct usb_device *device, const struct vm_config *config)
{
	for (size_t i = 0; config != nullptr && i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		for (size_t j = 0; j < definition->usb_device_count; j++) {
			if (usb_device_is_assigned(device, &definition->usb_devices[j])) {
				return true;
			}
		}
	}
	return false;
}

static void check_usb(struct vm_check_result *result, const struct vm_config *config)
{
	struct usb_devices devices;
	const struct usb_device *refused = nullptr;
	size_t usable = 0;
	usb_devices_read(&devices, "");
	for (size_t i = 0; i < devices.count; i++) {
		const struct usb_device *device = &devices.list[i];
		usable += device->is_writable ? 1 : 0;
		if (!device->is_writable && is_wanted(device, config)) {
			refused = device;
		}
	}
	if (refused != nullptr) {
		vx_cleanup_free char *rule = usb_device_udev_rule(refused);
		vx_cleanup_free char *remedy = vx_printf(
			"as root: write %s into " VM_USB_RULES_FILE
			", run 'udevadm control --reload', and plug it in again",
			rule);
		complains(result, VM_VERDICT_WARN,
			vx_printf("you may not use '%s', which a VM is to have", refused->name),
			remedy);
	} else {
		passes(result,
			vx_printf("%zu devices, of which you may give %zu to VMs; the "
				  "others need a rule of udev, which 'vixos usb attach' tells",
				devices.count, usable));
	}
	usb_devices_finish(&devices);
}

static const struct {
	const char *id, *title;
	void (*run)(struct vm_check_result *result, const struct vm_config *config);
} checks[] = {
	{"config", "configuration", check_config},
	{"host-kernel", "host kernel 5.16 or newer", check_host_kernel},
	{"kvm", "KVM", check_kvm},
	{"runtime-dir", "runtime folder", check_runtime_dir},
	{"libvirt", "libvirt", check_libvirt},
	{"qemu", "QEMU", check_qemu},
	{"virtiofsd", "virtiofsd", check_virtiofsd},
	{"subids", "subordinate ids for virtiofsd", check_subids},
	{"passt", "passt", check_passt},
	{"forwarding", "what a net-vm forwards with", check_forwarding},
	{"network", "networks of VMs, and their firewall", check_network},
	{"guest-kernel", "kernel for guests, and its modules", check_guest_kernel},
	{"audio", "sound", check_audio},
	{"memory", "memory, and VMs kept ready", check_memory},
	{"state", "homes and packages of VMs", check_state},
	{"nix", "Nix", check_nix},
	{"disks", "disk images", check_disks},
	{"usb", "USB devices", check_usb},
	{"shm", "room in /dev/shm", check_shm},
	{"compositor", "compositor with security-context", check_compositor},
	{"clipboard", "the host's clipboard", check_clipboard},
};

size_t vm_check_count(void)
{
	return VX_ARRAY_LENGTH(checks);
}

struct vm_check_result vm_check_run(size_t index, const struct vm_config *config)
{
	struct vm_check_result result = {.id = checks[index].id, .title = checks[index].title};
	checks[index].run(&result, config);
	return result;
}

void vm_check_result_finish(struct vm_check_result *result)
{
	free(result->detail);
	free(result->remedy);
	*result = (struct vm_check_result){};
}
