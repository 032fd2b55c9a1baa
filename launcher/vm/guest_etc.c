/* SPDX-License-Identifier: MIT */
#include "vm/guest_etc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"

static constexpr unsigned depth_max = 16;

/* The empty folders of the guest's root, besides those that listed files need. */
static const struct folder {
	const char *path;
	mode_t mode;
} folders[] = {
	{"dev", 0755},
	{"etc", 0755},
	{"home", 0755},
	{"media", 0755},
	{"mnt", 0755},
	{"opt", 0755},
	{"proc", 0555},
	{"root", 0700},
	{"run", 0755},
	{"run/lock", 01777},
	{"run/user", 0755},
	{"run/vixos", 0755},
	{"srv", 0755},
	{"sys", 0555},
	{"tmp", 01777},
	{"usr", 0755},
	{"var", 0755},
	{"var/cache", 0755},
	{"var/cache/fontconfig", 0755},
	{"var/lib", 0755},
	{"var/lib/dbus", 0755},
	{"var/log", 0755},
	{"var/tmp", 01777},
};

/* Files that are the same in every guest. Host name, hosts, machine-id and resolv.conf: vixos-init.
 */
static const struct written {
	const char *path;
	const char *text;
} written_files[] = {
	{"etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
		       "user:x:1000:1000:user:/home/user:/bin/sh\n"
		       "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"},
	{"etc/group", "root:x:0:\ntty:x:5:\naudio:x:29:user\nvideo:x:44:user\ninput:x:105:\n"
		      "render:x:106:user\nuser:x:1000:\nnogroup:x:65534:\n"},
	{"etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
			      "networks: files\nprotocols: files\nservices: files\n"},
	{"etc/profile",
		"# Written by VixOS. The environment was set before the shell started.\n"
		"if [ -n \"${BASH_VERSION-}\" ] && [ -r /etc/bash.bashrc ]; then . /etc/bash.bashrc; fi\n"},
	{"etc/fstab", ""},
	{"etc/shells", "/bin/sh\n/bin/bash\n/usr/bin/bash\n/usr/bin/fish\n/usr/bin/zsh\n"},
};

static const struct written written_links[] = {
	{"etc/mtab", "../proc/self/mounts"},
	{"var/run", "/run"},
	{"var/lock", "/run/lock"},
	{"var/lib/dbus/machine-id", "/etc/machine-id"},
};

/* Links at the top of a merged-/usr root; taken over where the host has them. */
static const char *const usr_links[] = {"bin", "lib", "lib32", "lib64", "libx32", "sbin"};

/* What may come from the host, files or whole folders. Never anything that can hold a password. */
static const char *const allowed[] = {
	"etc/ImageMagick-6",
	"etc/ImageMagick-7",
	"etc/OpenCL",
	"etc/X11/rgb.txt",
	"etc/X11/xkb",
	"etc/alsa",
	"etc/alternatives",
	"etc/arch-release",
	"etc/asound.conf",
	"etc/bash.bashrc",
	"etc/bash_completion.d",
	"etc/bashrc",
	"etc/ca-certificates",
	"etc/ca-certificates.conf",
	"etc/chromium",
	"etc/chromium.d",
	"etc/crypto-policies",
	"etc/dbus-1/session.conf",
	"etc/dbus-1/session.d",
	"etc/debian_version",
	"etc/default/locale",
	"etc/dictionaries-common",
	"etc/drirc",
	"etc/egl",
	"etc/fedora-release",
	"etc/firefox",
	"etc/firefox-esr",
	"etc/fish",
	"etc/fonts",
	"etc/gai.conf",
	"etc/ghostscript",
	"etc/glvnd",
	"etc/gnutls",
	"etc/gtk-2.0",
	"etc/gtk-3.0",
	"etc/gtk-4.0",
	"etc/host.conf",
	"etc/inputrc",
	"etc/ld.so.cache",
	"etc/ld.so.conf",
	"etc/ld.so.conf.d",
	"etc/libreoffice",
	"etc/locale.conf",
	"etc/localtime",
	"etc/lsb-release",
	"etc/magic",
	"etc/magic.mime",
	"etc/mailcap",
	"etc/manpath.config",
	"etc/man_db.conf",
	"etc/mime.types",
	"etc/nanorc",
	"etc/os-release",
	"etc/papersize",
	"etc/pango",
	"etc/pipewire",
	"etc/pki/ca-trust/extracted",
	"etc/pki/tls/cert.pem",
	"etc/pki/tls/certs",
	"etc/protocols",
	"etc/pulse",
	"etc/python3",
	"etc/rpc",
	"etc/services",
	"etc/sgml",
	"etc/skel",
	"etc/ssl/cert.pem",
	"etc/ssl/certs",
	"etc/ssl/openssl.cnf",
	"etc/terminfo",
	"etc/timezone",
	"etc/vdpau_wrapper.cfg",
	"etc/vim",
	"etc/vulkan",
	"etc/xdg",
	"etc/xml",
	"etc/zsh",
	/* Not configuration, but without it the first program to draw text scans every font. */
	"var/cache/fontconfig",
};

/* A second wall within allowed folders, by name. */
static const char *const denied_names[] = {
	"*.key",
	"*.p12",
	"*.pfx",
	"*.keytab",
	"*-old",
	"*~",
	".*",
	"NetworkManager",
	"autostart",
	"credentials*",
	"gshadow*",
	"id_*",
	"machine-id",
	"netrc",
	"*passwd*",
	"*password*",
	"private",
	"*secret*",
	"shadow*",
	"ssh*",
	"sudoers*",
	"systemd",
	"wpa_supplicant*",
};

/* Names below etc/skel begin with a dot and are what a new home consists of. */
static const char *const hidden_allowed[] = {
	".bashrc", ".bash_logout", ".profile", ".config", ".uuid"};

/* Where links may point to: what the guest has, too. Their targets are text that the guest reads.
 */
static const char *const link_prefixes[] = {
	"/usr/",
	"/etc/",
	"/bin/",
	"/lib/",
	"/lib64/",
	"/sbin/",
	"/run/",
	"/var/",
	"/dev/null",
	"/nix/store/",
};

struct collector {
	const char *host_root;
	struct vm_etc *etc; /* owned by the caller */
	size_t capacity;
};

static struct vm_etc_entry *add_entry(
	struct collector *collector, enum vm_etc_type type, const char *path, mode_t mode)
{
	struct vm_etc *etc = collector->etc;
	if (etc->count == collector->capacity) {
		collector->capacity = collector->capacity == 0 ? 256 : collector->capacity * 2;
		etc->entries = vx_reallocarray(
			etc->entries, collector->capacity, sizeof(etc->entries[0]));
	}
	struct vm_etc_entry *entry = &etc->entries[etc->count++];
	*entry = (struct vm_etc_entry){.type = type, .mode = mode, .path = vx_strdup(path)};
	return entry;
}

static bool name_is_denied(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(hidden_allowed); i++) {
		if (strcmp(name, hidden_allowed[i]) == 0) {
			return false;
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(denied_names); i++) {
		if (fnmatch(denied_names[i], name, FNM_CASEFOLD) == 0) {
			return true;
		}
	}
	return false;
}

static bool link_target_is_shared(const char *target)
{
	if (target[0] != '/') {
		return true; /* relative: resolved in the guest, where it can meet only what is
				there */
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(link_prefixes); i++) {
		if (strncmp(target, link_prefixes[i], strlen(link_prefixes[i])) == 0) {
			return true;
		}
	}
	return false;
}

static uint64_t stamp_of(const struct stat *status)
{
	uint64_t stamp = (uint64_t)status->st_mtim.tv_sec * 1'000'000'007u;
	stamp ^= (uint64_t)status->st_mtim.tv_nsec << 20;
	stamp ^= (uint64_t)status->st_size * 31u;
	return stamp ^ ((uint64_t)status->st_ino << 32);
}

static void collect_link(
	struct collector *collector, int folder, const char *name, const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(folder, name, target, sizeof(target) - 1);
	if (length <= 0) {
		return;
	}
	target[length] = '\0';
	if (link_target_is_shared(target)) {
		add_entry(collector, VM_ETC_LINK, path, 0777)->text = vx_strdup(target);
	}
}

static void collect_node(struct collector *collector, int folder, const char *name,
	const char *path, unsigned depth);

static void collect_folder(
	struct collector *collector, int folder, const char *name, const char *path, unsigned depth)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 ? nullptr : fdopendir(fd);
	if (directory == nullptr) {
		if (fd >= 0) {
			close(fd);
		}
		return;
	}
	add_entry(collector, VM_ETC_DIRECTORY, path, 0755);
	for (struct dirent *child = readdir(directory); child != nullptr;
		child = readdir(directory)) {
		if (strcmp(child->d_name, ".") == 0 || strcmp(child->d_name, "..") == 0 ||
			name_is_denied(child->d_name)) {
			continue;
		}
		vx_cleanup_free char *child_path = vx_printf("%s/%s", path, child->d_name);
		collect_node(collector, dirfd(directory), child->d_name, child_path, depth + 1);
	}
	closedir(directory);
}

/* `name` in `folder` has been allowed; what it is decides. Whatever doesn't fit is left out
 * silently. */
static void collect_node(
	struct collector *collector, int folder, const char *name, const char *path, unsigned depth)
{
	struct stat status;
	if (collector->etc->count >= vm_etc_entries_max || depth > depth_max ||
		fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return;
	}
	if (S_ISLNK(status.st_mode)) {
		collect_link(collector, folder, name, path);
	} else if (S_ISDIR(status.st_mode) && (status.st_mode & S_IROTH) != 0) {
		collect_folder(collector, folder, name, path, depth);
	} else if (S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0 &&
		   (uint64_t)status.st_size <= vm_etc_file_max) {
		struct vm_etc_entry *entry = add_entry(collector, VM_ETC_FILE, path,
			(status.st_mode & S_IXOTH) != 0 ? 0755 : 0644);
		entry->source = vx_printf("%s/%s", collector->host_root, path);
		entry->stamp = stamp_of(&status);
	}
}

/* Walks to `path` (relative to the host's root) through real folders only, never a link. */
static void collect_allowed(struct collector *collector, int host_root, const char *path)
{
	vx_cleanup_close int folder = dup(host_root);
	const char *name = path;
	for (const char *slash = strchr(name, '/'); slash != nullptr; slash = strchr(name, '/')) {
		vx_cleanup_free char *component = vx_strndup(name, (size_t)(slash - name));
		vx_replace_fd(&folder,
			openat(folder, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
		if (folder < 0) {
			return;
		}
		name = slash + 1;
	}
	struct stat status;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return;
	}
	for (const char *slash = strchr(path, '/'); slash != nullptr;
		slash = strchr(slash + 1, '/')) {
		vx_cleanup_free char *parent = vx_strndup(path, (size_t)(slash - path));
		add_entry(collector, VM_ETC_DIRECTORY, parent, 0755);
	}
	collect_node(collector, folder, name, path, 0);
}

static bool collect_usr_link(
	struct collector *collector, int host_root, const char *name, struct vx_error *err)
{
	struct stat status;
	if (fstatat(host_root, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return true;
	}
	char target[PATH_MAX];
	ssize_t length = readlinkat(host_root, name, target, sizeof(target) - 1);
	if (length < 0) {
		return vx_error_set(err,
			"'/%s' on this host is a folder of its own; VixOS needs a system where it is a "
			"link into /usr (merged /usr)",
			name);
	}
	target[length] = '\0';
	const char *relative = target + strspn(target, "/");
	if (strncmp(relative, "usr/", 4) != 0) {
		return vx_error_set(
			err, "'/%s' on this host links to '%s' and not into /usr", name, target);
	}
	add_entry(collector, VM_ETC_LINK, name, 0777)->text = vx_strdup(relative);
	return true;
}

static void add_written(struct collector *collector)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(folders); i++) {
		add_entry(collector, VM_ETC_DIRECTORY, folders[i].path, folders[i].mode);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(written_files); i++) {
		add_entry(collector, VM_ETC_FILE, written_files[i].path, 0644)->text = vx_strdup(
			written_files[i].text);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(written_links); i++) {
		add_entry(collector, VM_ETC_LINK, written_links[i].path, 0777)->text = vx_strdup(
			written_links[i].text);
	}
}

static int compare_entries(const void *a, const void *b)
{
	const struct vm_etc_entry *left = a;
	const struct vm_etc_entry *right = b;
	return strcmp(left->path, right->path);
}

static void finish_entry(struct vm_etc_entry *entry)
{
	free(entry->path);
	free(entry->source);
	free(entry->text);
}

/* A path that was added twice keeps its widest mode: folders of ours come with theirs. */
static void sort_and_unite(struct vm_etc *etc)
{
	qsort(etc->entries, etc->count, sizeof(etc->entries[0]), compare_entries);
	size_t kept = 0;
	for (size_t i = 0; i < etc->count; i++) {
		if (kept > 0 && strcmp(etc->entries[kept - 1].path, etc->entries[i].path) == 0) {
			etc->entries[kept - 1].mode |= etc->entries[i].mode;
			finish_entry(&etc->entries[i]);
		} else {
			etc->entries[kept++] = etc->entries[i];
		}
	}
	etc->count = kept;
}

struct vm_etc *vm_etc_collect(const char *host_root, struct vx_error *err)
{
	vx_cleanup_close int root = open(
		host_root == nullptr ? "/" : host_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		vx_error_set_errno(
			err, errno, "can't open '%s'", host_root == nullptr ? "/" : host_root);
		return nullptr;
	}
	struct vm_etc *etc = vx_new(etc);
	struct collector collector = {
		.host_root = host_root == nullptr ? "" : host_root, .etc = etc};
	add_written(&collector);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(allowed); i++) {
		collect_allowed(&collector, root, allowed[i]);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(usr_links); i++) {
		if (!collect_usr_link(&collector, root, usr_links[i], err)) {
			vm_etc_destroy(etc);
			return nullptr;
		}
	}
	sort_and_unite(etc);
	return etc;
}

void vm_etc_destroy(struct vm_etc *etc)
{
	if (etc == nullptr) {
		return;
	}
	for (size_t i = 0; i < etc->count; i++) {
		finish_entry(&etc->entries[i]);
	}
	free(etc->entries);
	free(etc);
}
