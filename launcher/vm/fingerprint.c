/* SPDX-License-Identifier: MIT */
#include "vm/fingerprint.h"

#include <sys/stat.h>

#include "common/fd.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/guest_cmdline.h"
#include "vm/image_cache.h"
#include "vm/runtime_dir.h"
#include "vm/start.h"

static constexpr size_t resolvers_max = 64 * 1024;

#define NEUTRAL_NAME VM_PRELOAD_PREFIX "0"
#define NEUTRAL_REGION VM_DOMAIN_PREFIX NEUTRAL_NAME "-00000000000000000000000000000000"

/*
 * What changes when /usr does, on one distribution or another; and what VMs are run by. Guests see
 * /usr itself, always as it is: these are for what they have in memory of it.
 */
static const char *const host_files[] = {
	"/usr",
	"/usr/bin",
	"/usr/lib",
	"/usr/share",
	"/var/lib/dpkg/status",
	"/var/lib/rpm/rpmdb.sqlite",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite",
	"/var/lib/pacman/local",
	"/lib/apk/db/installed",
	"/ostree",
	"/nix/var/nix/profiles/system",
	"/run/current-system",
	"/etc/ld.so.cache",
	"/usr/bin/qemu-system-x86_64",
	"/usr/libexec/virtiofsd",
};

static const char *const watched_folders[] = {
	"/usr/bin",
	"/usr/lib",
	"/var/lib/dpkg",
	"/var/lib/rpm",
	"/usr/lib/sysimage/rpm",
	"/var/lib/pacman/local",
	"/nix/var/nix/profiles",
	"/boot",
	nullptr,
};

const char *const *vm_fingerprint_folders(void)
{
	return watched_folders;
}

bool vm_definition_can_preload(const struct vm_definition *definition)
{
	bool has_network_of_its_own = definition->network == VM_NETWORK_NONE ||
				      definition->network == VM_NETWORK_NAT;
	/* What is of the host's, or of the user's, comes with a start only. */
	return has_network_of_its_own && definition->template == VM_TEMPLATE_USR &&
	       definition->home != VM_HOME_PRIVATE && definition->audio == VM_AUDIO_OFF &&
	       !definition->usb;
}

struct vm_definition *vm_definition_for_preload(
	const struct vm_definition *definition, const char *name)
{
	/* By way of a definition without what is somebody's, so that nothing of it can slip in. */
	struct vm_definition shape = *definition;
	shape.name = (char *)name;
	shape.label = (char *)name;
	shape.color = vm_preload_color;
	shape.environment = nullptr;
	shape.apps = nullptr;
	shape.app_count = 0;
	shape.base = nullptr;
	shape.preload = 0;
	shape.is_configured = false;
	shape.file = nullptr;
	shape.workspace = nullptr;
	shape.autostart = false;
	shape.is_disposable = false;
	shape.is_preloaded = true;
	return vm_definition_copy(&shape);
}

static void add_text(uint64_t *key, const char *text)
{
	image_key_add_text(key, text != nullptr ? text : "");
}

/* The domain's description with stand-ins for what differs from VM to VM or from day to day. */
static char *neutral_xml(const struct vm_definition *neutral)
{
	struct vm_runtime_dir runtime;
	char *text = nullptr;
	if (vm_runtime_dir_init(&runtime, neutral->name, nullptr)) {
		const struct vm_domain_parts parts = {
			.definition = neutral,
			.runtime = &runtime,
			.accel = VM_ACCEL_TCG,
			.kernel = "/kernel",
			.initramfs = "/initramfs",
			.cmdline = "cmdline",
			.region_name = NEUTRAL_REGION,
		};
		text = vm_domain_xml_format(&parts, nullptr);
	}
	vm_runtime_dir_finish(&runtime);
	return text;
}

uint64_t vm_definition_shape(const struct vm_definition *definition)
{
	uint64_t key = image_key_start;
	struct vm_definition *neutral = vm_definition_for_preload(definition, NEUTRAL_NAME);
	vx_cleanup_free char *xml = neutral_xml(neutral);
	vx_cleanup_free char *cmdline = vm_guest_cmdline(neutral, VM_ACCEL_TCG, nullptr);
	add_text(&key, xml);
	add_text(&key, cmdline);
	add_text(&key, neutral->kernel);
	vm_definition_destroy(neutral);
	return xml != nullptr && cmdline != nullptr ? key : 0;
}

/* What isn't there counts too: it may be there tomorrow. */
static void add_file(uint64_t *key, const char *path)
{
	struct stat status = {};
	(void)stat(path, &status);
	const int64_t facts[] = {(int64_t)status.st_dev, (int64_t)status.st_ino,
		(int64_t)status.st_size, (int64_t)status.st_mtim.tv_sec,
		(int64_t)status.st_mtim.tv_nsec};
	image_key_add(key, facts, sizeof(facts));
}

bool vm_fingerprint(const struct vm_start *start, const struct vm_definition *definition,
	uint64_t *ret_fingerprint, struct vx_error *err)
{
	uint64_t key = vm_definition_shape(definition);
	image_key_add(&key, &start->accel, sizeof(start->accel));
	/* Both are files whose names stand for all that they were made from. */
	add_text(&key, start->kernel);
	add_text(&key, start->initramfs);
	add_text(&key, start->firmware);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(host_files); i++) {
		add_file(&key, host_files[i]);
	}
	if (definition->network == VM_NETWORK_NAT) {
		/* Written anew whenever a network comes or goes; what passt took from it counts. */
		vx_cleanup_free char *resolvers = vx_read_file(
			"/etc/resolv.conf", resolvers_max, nullptr, nullptr);
		add_text(&key, resolvers);
		add_file(&key, "/usr/bin/passt");
	}
	*ret_fingerprint = key;
	return true;
}
