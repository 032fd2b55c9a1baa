/* SPDX-License-Identifier: MIT */
/*
 * What a VM is to be: read from the configuration (config.h), or made up for a package that has no
 * `vm` block. Plain data that is copied between threads; every value in it has been checked.
 */
#ifndef VX_LAUNCHER_VM_DEFINITION_H
#define VX_LAUNCHER_VM_DEFINITION_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "vm/audio.h"
#include "vm/firewall.h"
#include "vm/usb_assignment.h"

static constexpr size_t vm_label_max_code_points = 31;
static constexpr size_t vm_mounts_max = 32;
static constexpr size_t vm_environment_max = 128;
static constexpr size_t vm_usb_devices_max = 16;
static constexpr size_t vm_apps_max = 64;
static constexpr size_t vm_app_argv_max = 64;
static constexpr uint32_t vm_memory_floor_mib = 128;
static constexpr uint32_t vm_memory_ceiling_mib = 1024 * 1024;
static constexpr uint32_t vm_vcpus_max = 64;
static constexpr unsigned vm_guest_user_id = 1000; /* of the one user in a guest, and its group */
static constexpr uint32_t vm_preload_max = 32;
static constexpr uint32_t vm_preload_color = 0x888a85; /* that of what is nobody's */

static constexpr size_t vm_network_name_max = 64;

enum vm_network : unsigned {
	VM_NETWORK_NONE,
	VM_NETWORK_NAT,     /* by the host's network, through passt and pasta */
	VM_NETWORK_VM,      /* through another VM */
	VM_NETWORK_BRIDGE,  /* an Ethernet bridge of the host's */
	VM_NETWORK_LIBVIRT, /* a network that libvirt knows */
	VM_NETWORK_COUNT,
};

/* What the guest's root is made of. */
enum vm_template : unsigned {
	VM_TEMPLATE_USR,  /* the host's /usr, read-only */
	VM_TEMPLATE_NIX,  /* the host's /nix/store, read-only, and programs of Nix packages */
	VM_TEMPLATE_DISK, /* a disk image with a system of its own, which runs vixos-guest */
	VM_TEMPLATE_COUNT,
};

/* Where the home folder of the guest's user is. */
enum vm_home : unsigned {
	VM_HOME_NONE,       /* in the root, which is in memory */
	VM_HOME_PRIVATE,    /* a folder on the host that outlives the VM (state_dir.h) */
	VM_HOME_DISPOSABLE, /* a tmpfs of its own */
	VM_HOME_COUNT,
};

/* May something happen that the user has asked for? */
enum vm_consent : unsigned {
	VM_CONSENT_ALLOW, /* at once */
	VM_CONSENT_ASK,   /* after another question, which no program can answer */
	VM_CONSENT_DENY,
	VM_CONSENT_COUNT,
};

/* What may be copied between the VM and the host when the user says so. */
struct vm_clipboard {
	enum vm_consent copy;  /* from the host into the VM */
	enum vm_consent paste; /* out of the VM */
	bool with_images;      /* PNG besides text */
	bool keeps_controls;   /* text out of the VM isn't rid of control characters */
	uint32_t size_max;     /* bytes */
	uint32_t timeout_s;    /* until what was copied is forgotten; 0: never */
};

/* A host folder shown in the guest by virtiofs. */
struct vm_mount {
	char *source; /* owned; absolute, normalised host path */
	char *target; /* owned; absolute, normalised guest path */
	bool writable;
	unsigned hot;   /* mounted while the VM runs: the number in its tag; 0: from the start */
	unsigned place; /* then the number in its tag, which stays when another is unmounted */
};

/* An entry of the VM's menu. */
struct vm_app {
	char *id;    /* owned; [A-Za-z0-9._-]{1,64}, unique within the VM */
	char *name;  /* owned; to display */
	char *icon;  /* owned; icon name; may be NULL */
	char **argv; /* owned, NULL-terminated, at least one entry */
};

struct vm_definition {
	char *name;     /* owned; vx_vm_name_is_valid() */
	char *label;    /* owned; never NULL: the name where the configuration gives none */
	uint32_t color; /* 0xRRGGBB */
	uint32_t memory_min_mib; /* what the VM starts with */
	uint32_t memory_max_mib; /* what it may grow to; never below the minimum */
	uint32_t vcpus;
	uint32_t region_mib; /* shared region for pixels: a power of two */
	char *kernel;        /* owned; absolute path of a bootable kernel; NULL: the host's own */
	enum vm_template template;
	char *disk;         /* owned; absolute path of the image; VM_TEMPLATE_DISK only */
	bool disk_writable; /* else what the guest writes is gone with it */
	bool uefi;          /* it is booted by UEFI, not BIOS; VM_TEMPLATE_DISK only */
	char **packages;    /* owned, NULL-terminated; of Nix; NULL where empty */
	enum vm_network network;
	enum vm_home home;
	char *workspace; /* owned; of the compositor; NULL: wherever windows go */
	bool autostart;
	char *network_name; /* owned; of the VM, the bridge, libvirt's network; NULL for others */
	struct vm_firewall firewall;
	enum vm_audio audio;
	bool usb; /* has a USB controller, so that devices can be attached */
	struct vm_usb_assignment *usb_devices; /* owned; attached by themselves */
	size_t usb_device_count;
	struct vm_clipboard clipboard;
	struct vm_mount *mounts; /* owned */
	size_t mount_count;
	char **environment;  /* owned, NULL-terminated NAME=VALUE; NULL where empty */
	struct vm_app *apps; /* owned */
	size_t app_count;
	bool is_configured; /* has a `vm` block, as against made up for a package */
	char *file;         /* owned; where that block is; NULL where there is none */
	unsigned line;
	uint32_t preload; /* how many VMs like this to keep ready */

	/* A VM that is one of several of a kind, and ends with its last window. */
	bool is_disposable;
	char *base; /* owned; whose definition an instance was made from; NULL: it is that itself */

	bool is_preloaded; /* nobody's yet; its name begins with VM_PRELOAD_PREFIX */
};

/* Names that vixosd gives to VMs which it starts before anybody wants them. */
#define VM_PRELOAD_PREFIX "preload-"
[[nodiscard]] bool vm_name_is_preloaded(const char *name);

/* Built-in defaults under `name`, which must be valid; owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] struct vm_definition *vm_definition_create(const char *name);
[[nodiscard, gnu::returns_nonnull]] struct vm_definition *vm_definition_copy(
	const struct vm_definition *definition);
void vm_definition_destroy(struct vm_definition *definition); /* NULL allowed */

/* Adds copies; the caller has checked values and counts. */
void vm_definition_add_mount(
	struct vm_definition *definition, const char *source, const char *target, bool writable);
/* One that is added while the VM runs, under the lowest free number; borrowed until the next
 * change.
 */
struct vm_mount *vm_definition_add_hot_mount(
	struct vm_definition *definition, const char *source, const char *target, bool writable);
void vm_definition_remove_mount(struct vm_definition *definition, const struct vm_mount *mount);
/* The last that is at `path` in the guest, else the last of `path` of the host; may be NULL. */
const struct vm_mount *vm_definition_find_mount(
	const struct vm_definition *definition, const char *path);
void vm_definition_add_usb_device(
	struct vm_definition *definition, const struct vm_usb_assignment *assignment);
void vm_definition_add_environment(
	struct vm_definition *definition, const char *key, const char *value);
void vm_definition_add_package(struct vm_definition *definition, const char *package);
/* Returns the new, zeroed app; borrowed until the next is added. */
struct vm_app *vm_definition_add_app(struct vm_definition *definition);
/* Replaces the app's arguments by copies of `count` strings. */
void vm_app_set_argv(struct vm_app *app, const char *const *argv, size_t count);
const struct vm_app *vm_definition_find_app(
	const struct vm_definition *definition, const char *id); /* NULL if there is none */

/* The colour that a VM named `name` gets where none is configured: always the same of the palette.
 */
uint32_t vm_definition_default_color(const char *name);

/* "#rrggbb" or one of red orange yellow green gray blue purple black. */
[[nodiscard]] bool vm_color_parse(const char *text, uint32_t *ret_rgb);

/* Whose block of the configuration is this VM's: its own name, or that of the base. Borrowed. */
const char *vm_definition_base(const struct vm_definition *definition);

/* "none", "nat", "net-vm", "bridge" or "libvirt". */
const char *vm_network_word(enum vm_network network);
/* As in the configuration, with the name: "net-vm sys-net". Owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_network_format(const struct vm_definition *definition);
/* One or two words: the kind, and a name for kinds that need one. */
[[nodiscard]] bool vm_network_parse(struct vm_definition *definition, const char *const *words,
	size_t count, struct vx_error *err);
/* Is it vixos-net's, so that the firewall can be enforced? */
bool vm_network_is_ours(enum vm_network network);
/* Sets kind and name (copied; may be NULL). */
void vm_definition_set_network(
	struct vm_definition *definition, enum vm_network network, const char *name);

/* "usr", "nix" or "disk". */
const char *vm_template_name(enum vm_template template);
[[nodiscard]] bool vm_template_parse(const char *text, enum vm_template *ret_template);

/* "qcow2" for what is named so, else "raw". */
const char *vm_disk_format(const char *path);

/* "none", "private" or "disposable". */
const char *vm_home_name(enum vm_home home);
[[nodiscard]] bool vm_home_parse(const char *text, enum vm_home *ret_home);

/* Can a workspace be called that: 1 to 128 bytes of what a person sees, and no option? */
[[nodiscard]] bool vm_workspace_is_valid(const char *text);
static constexpr size_t vm_workspace_max = 128;
static constexpr size_t vm_packages_max = 64;

/* "allow", "ask" or "deny". */
[[nodiscard]] bool vm_consent_parse(const char *text, enum vm_consent *ret_consent);

/*
 * An absolute path without "//", "." and a slash at the end, owned by the caller; NULL (with an
 * error) where `path` isn't absolute, has "..", control characters or more than 4095 bytes. Nothing
 * is looked up in the file system.
 */
[[nodiscard]] char *vm_path_normalise(const char *path, struct vx_error *err);

#endif
