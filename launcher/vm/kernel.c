/* SPDX-License-Identifier: MIT */
#include "vm/kernel.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"

/* Where images are. Later entries lose against earlier ones of the same release. */
static const char *const image_patterns[] = {
	"/usr/lib/modules/*/vmlinuz", /* Arch, Fedora, openSUSE */
	"/lib/modules/*/vmlinuz",
	"/boot/vmlinuz-*",           /* Debian, Ubuntu, Fedora */
	"/run/booted-system/kernel", /* NixOS */
	"/run/current-system/kernel",
};

/* Where the modules of a release are. */
static const char *const module_folders[] = {
	"/usr/lib/modules",
	"/lib/modules",
	"/run/booted-system/kernel-modules/lib/modules",
	"/run/current-system/kernel-modules/lib/modules",
};

/* x86 boot protocol: a 16-bit offset to the version string, counted from 0x200. */
static constexpr size_t header_magic_offset = 0x202;
static constexpr size_t header_version_offset = 0x20e;
static constexpr size_t header_version_base = 0x200;
static constexpr size_t header_size = 0x210;
static constexpr size_t release_max = 128;

static bool read_at(int fd, void *data, size_t size, off_t offset)
{
	return pread(fd, data, size, offset) == (ssize_t)size;
}

static bool release_is_valid(const char *release)
{
	size_t length = strcspn(release, "/ ");
	return length > 0 && length < release_max && release[length] == '\0' && release[0] != '.' &&
	       isdigit((unsigned char)release[0]);
}

/* "6.1.0-9-amd64 (builder@host) #1 SMP …": the release is the first word. */
static char *read_version_string(int fd, uint16_t offset)
{
	char text[release_max + 1] = "";
	ssize_t got = pread(fd, text, release_max, (off_t)(header_version_base + offset));
	if (got <= 0) {
		return nullptr;
	}
	text[got] = '\0';
	text[strcspn(text, " \n")] = '\0';
	return release_is_valid(text) ? vx_strdup(text) : nullptr;
}

char *vm_kernel_read_release(const char *image, struct vx_error *err)
{
	vx_cleanup_close int fd = open(image, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "kernel '%s' can't be opened", image);
		return nullptr;
	}
	uint8_t header[header_size];
	uint16_t offset = 0;
	char *release = nullptr;
	if (read_at(fd, header, sizeof(header), 0) &&
		memcmp(header + header_magic_offset, "HdrS", 4) == 0) {
		memcpy(&offset, header + header_version_offset, sizeof(offset));
		release = offset == 0 ? nullptr : read_version_string(fd, offset);
	}
	if (release == nullptr) {
		vx_error_set(err, "'%s' is no kernel image that can be booted directly (bzImage)",
			image);
	}
	return release;
}

/* How many characters at the start of `text` are digits (or, else, are none). */
static size_t run_length(const char *text, bool digits)
{
	size_t length = 0;
	while (text[length] != '\0' && (isdigit((unsigned char)text[length]) != 0) == digits) {
		length++;
	}
	return length;
}

static int compare_runs(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t shorter = a_length < b_length ? a_length : b_length;
	int order = memcmp(a, b, shorter);
	return order != 0 ? order : (int)(a_length > b_length) - (int)(a_length < b_length);
}

static int compare_numbers(const char *a, size_t a_length, const char *b, size_t b_length)
{
	for (; a_length > 0 && *a == '0'; a_length--) {
		a++;
	}
	for (; b_length > 0 && *b == '0'; b_length--) {
		b++;
	}
	if (a_length != b_length) {
		return a_length > b_length ? 1 : -1;
	}
	return compare_runs(a, a_length, b, b_length);
}

int vm_kernel_compare_releases(const char *a, const char *b)
{
	for (bool digits = true; *a != '\0' || *b != '\0'; digits = !digits) {
		size_t a_length = run_length(a, digits);
		size_t b_length = run_length(b, digits);
		int order = digits ? compare_numbers(a, a_length, b, b_length)
				   : compare_runs(a, a_length, b, b_length);
		if (order != 0) {
			return order;
		}
		a += a_length;
		b += b_length;
	}
	return 0;
}

/* What the name of the file or of its folder says, for images that can't be asked. NULL if nothing.
 */
static char *release_from_path(const char *image)
{
	const char *name = strrchr(image, '/') + 1;
	if (strncmp(name, "vmlinuz-", 8) == 0 && release_is_valid(name + 8)) {
		return vx_strdup(name + 8);
	}
	vx_cleanup_free char *folder = vx_strndup(image, (size_t)(name - 1 - image));
	const char *folder_name = strrchr(folder, '/');
	if (folder_name != nullptr && release_is_valid(folder_name + 1)) {
		return vx_strdup(folder_name + 1);
	}
	return nullptr;
}

static char *find_modules(const char *root, const char *image, const char *release)
{
	const char *name = strrchr(image, '/');
	vx_cleanup_free char *beside = vx_strndup(image, (size_t)(name - image));
	vx_cleanup_free char *dependencies = vx_printf("%s/modules.dep", beside);
	if (access(dependencies, F_OK) == 0) {
		return vx_take_ptr(beside);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(module_folders); i++) {
		vx_cleanup_free char *folder = vx_printf(
			"%s%s/%s", root, module_folders[i], release);
		if (access(folder, F_OK) == 0) {
			return vx_take_ptr(folder);
		}
	}
	return nullptr;
}

static bool check_image(const char *image, struct vx_error *err)
{
	if (access(image, R_OK) == 0) {
		return true;
	}
	if (errno != EACCES) {
		return vx_error_set_errno(err, errno, "kernel '%s' can't be used", image);
	}
	return vx_error_set(err,
		"kernel '%s' can be read by root only; as root: chmod a+r '%s' (on Ubuntu after each "
		"kernel update), or name a readable copy with 'kernel' in the configuration",
		image, image);
}

static bool check_modules(const struct vm_kernel *kernel, struct vx_error *err)
{
	if (kernel->modules == nullptr) {
		return vx_error_set(err,
			"kernel '%s' has no modules: '/usr/lib/modules/%s' doesn't exist; install the "
			"package of this kernel's modules, or choose another kernel with 'kernel' in the "
			"configuration",
			kernel->image, kernel->release);
	}
	vx_cleanup_free char *index = vx_printf("%s/modules.dep.bin", kernel->modules);
	if (access(index, R_OK) == 0) {
		return true;
	}
	if (errno == EACCES) {
		return vx_error_set(err,
			"the modules in '%s' can't be read by this user; as root: chmod -R a+rX '%s'",
			kernel->modules, kernel->modules);
	}
	return vx_error_set(err, "the modules in '%s' have no index; as root: depmod %s",
		kernel->modules, kernel->release);
}

/* `image` is absolute. NULL where it can't be booted; `*ret_release` (owned) is what is known even
 * then. */
static struct vm_kernel *open_kernel(
	const char *root, const char *image, char **ret_release, struct vx_error *err)
{
	*ret_release = release_from_path(image);
	if (!check_image(image, err)) {
		return nullptr;
	}
	vx_cleanup_error struct vx_error no_header = {};
	char *release = vm_kernel_read_release(image, &no_header);
	if (release != nullptr) {
		free(*ret_release);
		*ret_release = release;
	}
	if (*ret_release == nullptr) {
		vx_error_move(err, &no_header);
		return nullptr;
	}
	struct vm_kernel *kernel = vx_new(kernel);
	kernel->image = vx_strdup(image);
	kernel->release = vx_strdup(*ret_release);
	kernel->modules = find_modules(root, image, kernel->release);
	if (!check_modules(kernel, err)) {
		vm_kernel_destroy(kernel);
		return nullptr;
	}
	return kernel;
}

/* The best of what was looked at: a usable kernel before an unusable one, then the newer. */
struct search {
	const char *root;
	struct vm_kernel *best; /* owned; NULL so far */
	char *failed_release;   /* owned; newest that can't be used, and why */
	struct vx_error failure;
};

static void consider(struct search *search, const char *image)
{
	vx_cleanup_error struct vx_error failure = {};
	vx_cleanup_free char *release = nullptr;
	struct vm_kernel *kernel = open_kernel(search->root, image, &release, &failure);
	if (kernel != nullptr) {
		if (search->best == nullptr ||
			vm_kernel_compare_releases(kernel->release, search->best->release) > 0) {
			vm_kernel_destroy(search->best);
			search->best = kernel;
		} else {
			vm_kernel_destroy(kernel);
		}
		return;
	}
	if (release != nullptr &&
		(search->failed_release == nullptr ||
			vm_kernel_compare_releases(release, search->failed_release) > 0)) {
		free(search->failed_release);
		search->failed_release = vx_take_ptr(release);
		vx_error_finish(&search->failure);
		vx_error_move(&search->failure, &failure);
	}
}

static void consider_pattern(struct search *search, const char *pattern)
{
	vx_cleanup_free char *rooted = vx_printf("%s%s", search->root, pattern);
	glob_t found = {};
	if (glob(rooted, GLOB_NOSORT, nullptr, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			consider(search, found.gl_pathv[i]);
		}
	}
	globfree(&found);
}

static struct vm_kernel *search_kernel(const char *root, struct vx_error *err)
{
	struct search search = {.root = root};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(image_patterns); i++) {
		consider_pattern(&search, image_patterns[i]);
	}
	if (search.best == nullptr && search.failed_release == nullptr) {
		vx_error_set(err,
			"there is no kernel in /boot, /usr/lib/modules or /run/booted-system; install one "
			"(Debian: linux-image-amd64), or name one with 'kernel' in the configuration");
	} else if (search.best == nullptr) {
		vx_error_move(err, &search.failure);
	}
	vx_error_finish(&search.failure);
	free(search.failed_release);
	return search.best;
}

struct vm_kernel *vm_kernel_find(const char *root, const char *image, struct vx_error *err)
{
	root = root == nullptr ? "" : root;
	if (image == nullptr) {
		return search_kernel(root, err);
	}
	if (image[0] != '/') {
		vx_error_set(err, "kernel '%s' is no absolute path", image);
		return nullptr;
	}
	vx_cleanup_free char *release = nullptr;
	return open_kernel(root, image, &release, err);
}

void vm_kernel_destroy(struct vm_kernel *kernel)
{
	if (kernel == nullptr) {
		return;
	}
	free(kernel->image);
	free(kernel->release);
	free(kernel->modules);
	free(kernel);
}
