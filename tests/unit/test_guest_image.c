/* SPDX-License-Identifier: MIT */
/* What a VM boots: the kernel that is found, what of the host's /etc gets into the image, the
 * image, the command line. */
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/definition.h"
#include "vm/guest_cmdline.h"
#include "vm/guest_etc.h"
#include "vm/image_cache.h"
#include "vm/initramfs.h"
#include "vm/kernel.h"

/* A tree that stands for a host's root. */
struct fake_root {
	char path[64];
};

static int remove_node(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	return remove(path);
}

static int set_up(void **state)
{
	struct fake_root *root = vx_new(root);
	strcpy(root->path, "/tmp/vixos-test-XXXXXX");
	assert_non_null(mkdtemp(root->path));
	*state = root;
	return 0;
}

static int tear_down(void **state)
{
	struct fake_root *root = *state;
	nftw(root->path, remove_node, 16, FTW_DEPTH | FTW_PHYS);
	free(root);
	return 0;
}

static char *path_in(const struct fake_root *root, const char *path)
{
	return vx_printf("%s/%s", root->path, path);
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != nullptr;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void put_bytes(
	const struct fake_root *root, const char *path, const void *bytes, size_t size, mode_t mode)
{
	vx_cleanup_free char *full = path_in(root, path);
	make_folders(full);
	vx_cleanup_close int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(vx_write_all(fd, bytes, size, nullptr));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void put(const struct fake_root *root, const char *path, const char *text)
{
	put_bytes(root, path, text, strlen(text), 0644);
}

static void put_link(const struct fake_root *root, const char *path, const char *target)
{
	vx_cleanup_free char *full = path_in(root, path);
	make_folders(full);
	assert_int_equal(symlink(target, full), 0);
}

/* As much of a bzImage as says its release. */
static void put_kernel(
	const struct fake_root *root, const char *path, const char *release, mode_t mode)
{
	uint8_t image[1024] = {};
	memcpy(image + 0x202, "HdrS", 4);
	image[0x20e] = 0x00;
	image[0x20f] = 0x01; /* 0x200 + 0x100 */
	snprintf((char *)image + 0x300, 200, "%s (someone@somewhere) #1 SMP", release);
	put_bytes(root, path, image, sizeof(image), mode);
}

static void put_modules(const struct fake_root *root, const char *release)
{
	vx_cleanup_free char *text = vx_printf("usr/lib/modules/%s/modules.dep", release);
	vx_cleanup_free char *index = vx_printf("usr/lib/modules/%s/modules.dep.bin", release);
	put(root, text, "");
	put(root, index, "");
}

static void test_newest_kernel_wins(void **state)
{
	const struct fake_root *root = *state;
	put_kernel(root, "boot/vmlinuz-6.9.1-1-amd64", "6.9.1-1-amd64", 0644);
	put_kernel(root, "boot/vmlinuz-6.10.0-2-amd64", "6.10.0-2-amd64", 0644);
	put_kernel(root, "usr/lib/modules/6.8.0-arch1-1/vmlinuz", "6.8.0-arch1-1", 0644);
	put_modules(root, "6.9.1-1-amd64");
	put_modules(root, "6.10.0-2-amd64");
	put_modules(root, "6.8.0-arch1-1");
	struct vm_kernel *kernel = vm_kernel_find(root->path, nullptr, nullptr);
	assert_non_null(kernel);
	assert_string_equal(kernel->release, "6.10.0-2-amd64");
	vx_cleanup_free char *modules = path_in(root, "usr/lib/modules/6.10.0-2-amd64");
	assert_string_equal(kernel->modules, modules);
	vm_kernel_destroy(kernel);
}

/* The name says nothing (Arch: vmlinuz-linux); the image does. */
static void test_release_comes_from_the_image(void **state)
{
	const struct fake_root *root = *state;
	put_kernel(root, "boot/vmlinuz-linux", "6.12.1-arch1-1", 0644);
	put_modules(root, "6.12.1-arch1-1");
	struct vm_kernel *kernel = vm_kernel_find(root->path, nullptr, nullptr);
	assert_non_null(kernel);
	assert_string_equal(kernel->release, "6.12.1-arch1-1");
	vm_kernel_destroy(kernel);
}

static void test_unusable_newer_kernel_is_passed_over(void **state)
{
	const struct fake_root *root = *state;
	put_kernel(root, "boot/vmlinuz-6.1.0-9", "6.1.0-9", 0644);
	put_kernel(root, "boot/vmlinuz-7.0.0-1", "7.0.0-1", 0644); /* its modules are gone */
	put_modules(root, "6.1.0-9");
	struct vm_kernel *kernel = vm_kernel_find(root->path, nullptr, nullptr);
	assert_non_null(kernel);
	assert_string_equal(kernel->release, "6.1.0-9");
	vm_kernel_destroy(kernel);
}

static void assert_no_kernel(const struct fake_root *root, const char *image, const char *words)
{
	vx_cleanup_error struct vx_error err = {};
	assert_null(vm_kernel_find(root->path, image, &err));
	if (strstr(vx_error_message(&err), words) == nullptr) {
		fail_msg("'%s' is not in: %s", words, vx_error_message(&err));
	}
}

static void test_no_kernel(void **state)
{
	assert_no_kernel(*state, nullptr, "there is no kernel");
	assert_no_kernel(*state, "relative", "no absolute path");
	assert_no_kernel(*state, "/there/is/none", "can't be used");
}

static void test_unreadable_kernel(void **state)
{
	if (geteuid() == 0) {
		skip(); /* root can read everything */
	}
	put_kernel(*state, "boot/vmlinuz-6.8.0-1-generic", "6.8.0-1-generic", 0);
	put_modules(*state, "6.8.0-1-generic");
	assert_no_kernel(*state, nullptr, "chmod a+r");
}

static void test_no_modules(void **state)
{
	put_kernel(*state, "boot/vmlinuz-6.8.0-1", "6.8.0-1", 0644);
	assert_no_kernel(*state, nullptr, "has no modules");
	put(*state, "usr/lib/modules/6.8.0-1/modules.dep", "");
	assert_no_kernel(*state, nullptr, "depmod 6.8.0-1");
}

static void test_broken_image(void **state)
{
	const struct fake_root *root = *state;
	vx_cleanup_free char *image = path_in(root, "kernel");
	put(root, "kernel", "MZ");
	assert_no_kernel(root, image, "no kernel image");
}

static void test_release_order(void **state)
{
	static const char *const ordered[] = {
		"5.16.0", "6.1.0-9-amd64", "6.1.0-10-amd64", "6.9", "6.9.1", "6.10", "7.0.0-rc1"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(ordered); i++) {
		for (size_t j = 0; j < VX_ARRAY_LENGTH(ordered); j++) {
			int order = vm_kernel_compare_releases(ordered[i], ordered[j]);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

static const struct vm_etc_entry *find_entry(const struct vm_etc *etc, const char *path)
{
	for (size_t i = 0; i < etc->count; i++) {
		if (strcmp(etc->entries[i].path, path) == 0) {
			return &etc->entries[i];
		}
	}
	return nullptr;
}

/* Names that must not get into a guest, wherever they are; all are readable by everyone here. */
static const char *const secret_paths[] = {
	"etc/shadow",
	"etc/gshadow",
	"etc/shadow-",
	"etc/ssh/ssh_host_ed25519_key",
	"etc/sudoers",
	"etc/sudoers.d/me",
	"etc/machine-id",
	"etc/NetworkManager/system-connections/home.nmconnection",
	"etc/wpa_supplicant/wpa_supplicant.conf",
	"etc/ssl/private/site.key",
	"etc/ssl/certs/site.key",
	"etc/pki/tls/private/site.key",
	"etc/krb5.keytab",
	"etc/netrc",
	"etc/ppp/chap-secrets",
	"etc/hosts",
	"etc/resolv.conf",
	"etc/hostname",
	"etc/environment",
	"etc/credstore/x",
	"etc/fonts/secret.conf",
	"etc/xdg/autostart/x.desktop",
	"etc/wireguard/wg0.conf",
	"etc/fonts/.hidden",
	"home/me/.ssh/id_rsa",
	"etc/apt/auth.conf",
	"etc/cups/printers.conf",
	"etc/passwd-",
	"etc/xdg/systemd/user/x",
	"root/.bashrc",
};

static void test_no_secret_gets_in(void **state)
{
	const struct fake_root *root = *state;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(secret_paths); i++) {
		put(root, secret_paths[i], "SECRET");
	}
	put(root, "etc/passwd", "SECRET:x:1000:1000:SECRET:/home/SECRET:/bin/sh");
	put(root, "etc/group", "SECRET");
	put_bytes(root, "etc/fonts/local.conf", "SECRET", 6,
		0600); /* allowed by name, but not for everyone */
	put_link(root, "etc/fonts/conf.d", "/home/me/SECRET");
	put_link(root, "etc/xdg/up", "../../home/me/.ssh/id_rsa");
	vx_cleanup_free char *pipe_path = path_in(root, "etc/fonts/pipe");
	assert_int_equal(mkfifo(pipe_path, 0644), 0);
	struct vm_etc *etc = vm_etc_collect(root->path, nullptr);
	assert_non_null(etc);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(secret_paths); i++) {
		assert_null(find_entry(etc, secret_paths[i]));
	}
	for (size_t i = 0; i < etc->count; i++) {
		const struct vm_etc_entry *entry = &etc->entries[i];
		if (entry->text != nullptr) {
			assert_null(strstr(entry->text, "SECRET"));
		}
		assert_null(entry->source); /* of all that is there, nothing may be copied */
	}
	assert_null(find_entry(etc, "etc/fonts/local.conf"));
	assert_null(find_entry(etc, "etc/fonts/conf.d"));
	assert_null(find_entry(etc, "etc/fonts/pipe"));
	vm_etc_destroy(etc);
}

/* A folder of the list that is a link elsewhere is not followed. */
static void test_links_are_not_followed(void **state)
{
	const struct fake_root *root = *state;
	vx_cleanup_free char *elsewhere = path_in(root, "elsewhere");
	put(root, "elsewhere/certs/x.pem", "x");
	put(root, "elsewhere/fonts.conf", "x");
	put_link(root, "etc/ssl", elsewhere);
	put_link(root, "etc/fonts", elsewhere);
	struct vm_etc *etc = vm_etc_collect(root->path, nullptr);
	assert_non_null(etc);
	assert_null(find_entry(etc, "etc/ssl/certs"));
	assert_null(find_entry(etc, "etc/ssl/certs/x.pem"));
	assert_null(find_entry(etc, "etc/fonts/fonts.conf"));
	vm_etc_destroy(etc);
}

static void test_allowed_gets_in(void **state)
{
	const struct fake_root *root = *state;
	put(root, "etc/fonts/fonts.conf", "x");
	put(root, "etc/ssl/certs/ca-certificates.crt", "x");
	put_link(root, "etc/localtime", "/usr/share/zoneinfo/Europe/Berlin");
	put_link(root, "bin", "usr/bin");
	put_link(root, "lib64", "/usr/lib64");
	struct vm_etc *etc = vm_etc_collect(root->path, nullptr);
	assert_non_null(etc);
	assert_non_null(find_entry(etc, "etc/fonts/fonts.conf")->source);
	assert_int_equal(find_entry(etc, "etc/ssl")->type, VM_ETC_DIRECTORY);
	assert_non_null(find_entry(etc, "etc/ssl/certs/ca-certificates.crt"));
	assert_string_equal(
		find_entry(etc, "etc/localtime")->text, "/usr/share/zoneinfo/Europe/Berlin");
	assert_string_equal(find_entry(etc, "bin")->text, "usr/bin");
	assert_string_equal(find_entry(etc, "lib64")->text, "usr/lib64");
	assert_non_null(strstr(find_entry(etc, "etc/passwd")->text, "user:x:1000:1000:"));
	for (size_t i = 1; i < etc->count; i++) {
		assert_true(strcmp(etc->entries[i - 1].path, etc->entries[i].path) < 0);
	}
	vm_etc_destroy(etc);
}

static void test_unmerged_usr_is_refused(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	put(*state, "bin/sh", "x");
	assert_null(vm_etc_collect(((struct fake_root *)*state)->path, &err));
	assert_non_null(strstr(vx_error_message(&err), "merged"));
}

/* This machine's kernel and modules, with programs that are only bytes. */
struct image_fixture {
	struct vm_kernel *kernel;
	char *programs, *cache;
	struct vm_initramfs_inputs inputs;
};

static bool image_fixture_init(struct image_fixture *fixture, const struct fake_root *root)
{
	vx_cleanup_error struct vx_error err = {};
	fixture->kernel = vm_kernel_find(nullptr, nullptr, &err);
	if (fixture->kernel == nullptr) {
		print_message("no kernel here: %s\n", vx_error_message(&err));
		return false;
	}
	put(root, "programs/vixos-init", "init's bytes");
	put(root, "programs/vixos-guest", "guest's bytes");
	put(root, "programs/vixos-tool", "tool's bytes");
	put(root, "host/etc/fonts/fonts.conf", "font's bytes");
	put_link(root, "host/bin", "usr/bin");
	fixture->programs = path_in(root, "programs");
	fixture->cache = path_in(root, "cache");
	fixture->inputs = (struct vm_initramfs_inputs){.kernel = fixture->kernel,
		.programs = fixture->programs,
		.host_root = path_in(root, "host"),
		.cache = fixture->cache};
	return true;
}

static void image_fixture_finish(struct image_fixture *fixture)
{
	vm_kernel_destroy(fixture->kernel);
	free(fixture->programs);
	free(fixture->cache);
	free((void *)fixture->inputs.host_root);
}

struct expected_entry {
	const char *path, *content; /* content NULL: not looked at */
	mode_t mode;
	bool seen;
};

static void check_entry(struct archive *archive, struct archive_entry *entry,
	struct expected_entry *expected, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(expected[i].path, archive_entry_pathname(entry)) != 0) {
			continue;
		}
		char content[64] = "";
		expected[i].seen = true;
		assert_int_equal(archive_entry_mode(entry), expected[i].mode);
		if (S_ISREG(expected[i].mode)) {
			assert_true(archive_read_data(archive, content, sizeof(content) - 1) > 0);
			assert_string_equal(content, expected[i].content);
		} else if (S_ISLNK(expected[i].mode)) {
			assert_string_equal(archive_entry_symlink(entry), expected[i].content);
		}
	}
}

static void test_image_content(void **state)
{
	struct image_fixture fixture;
	if (!image_fixture_init(&fixture, *state)) {
		skip();
	}
	vx_cleanup_free char *path = vm_initramfs_ensure(&fixture.inputs, nullptr);
	assert_non_null(path);
	struct expected_entry expected[] = {
		{"init", "init's bytes", S_IFREG | 0755},
		{"dev/console", nullptr, S_IFCHR | 0600},
		{"root/bin", "usr/bin", S_IFLNK | 0777},
		{"root/tmp", nullptr, S_IFDIR | 01777},
		{"root/root", nullptr, S_IFDIR | 0700},
		{"root/run/vixos/vixos-guest", "guest's bytes", S_IFREG | 0755},
		{"root/run/vixos/vixos-tool", "tool's bytes", S_IFREG | 0755},
		{"root/etc/fonts/fonts.conf", "font's bytes", S_IFREG | 0644},
	};
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	archive_read_support_format_cpio(archive);
	assert_int_equal(archive_read_open_filename(archive, path, 65536), ARCHIVE_OK);
	unsigned modules = 0;
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		assert_int_equal(archive_entry_uid(entry), 0);
		modules += strncmp(archive_entry_pathname(entry), "modules/", 8) == 0;
		check_entry(archive, entry, expected, VX_ARRAY_LENGTH(expected));
	}
	archive_read_free(archive);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(expected); i++) {
		assert_true(expected[i].seen);
	}
	assert_true(modules > 0);
	image_fixture_finish(&fixture);
}

static size_t count_files(const char *folder)
{
	size_t count = 0;
	DIR *directory = opendir(folder);
	for (struct dirent *entry = readdir(directory); entry != nullptr;
		entry = readdir(directory)) {
		count += entry->d_name[0] != '.';
	}
	closedir(directory);
	return count;
}

static void test_image_is_cached(void **state)
{
	const struct fake_root *root = *state;
	struct image_fixture fixture;
	struct stat first_status, second_status;
	if (!image_fixture_init(&fixture, root)) {
		skip();
	}
	vx_cleanup_free char *first = vm_initramfs_ensure(&fixture.inputs, nullptr);
	vx_cleanup_free char *second = vm_initramfs_ensure(&fixture.inputs, nullptr);
	assert_string_equal(first, second);
	assert_int_equal(stat(first, &first_status), 0);
	size_t size = 0;
	vx_cleanup_free char *bytes = vx_read_file(first, 100 << 20, &size, nullptr);
	unlink(first);
	vx_cleanup_free char *again = vm_initramfs_ensure(&fixture.inputs, nullptr);
	size_t size_again = 0;
	vx_cleanup_free char *bytes_again = vx_read_file(again, 100 << 20, &size_again, nullptr);
	assert_int_equal(stat(again, &second_status), 0);
	assert_int_not_equal(first_status.st_ino, second_status.st_ino);
	assert_int_equal(size, size_again); /* the same inputs give the same bytes */
	assert_memory_equal(bytes, bytes_again, size);
	image_fixture_finish(&fixture);
}

static bool write_slowly(int fd, const void *data, struct vx_error *err)
{
	usleep(20'000);
	return write(fd, "image", 5) == 5;
}

static void *ensure_one(void *data)
{
	static atomic_uint key;
	return image_cache_ensure(data, "many", "1", key++ % 8, write_slowly, nullptr, nullptr);
}

/* As when many VMs start after an update; none takes another's file for one that was left behind.
 */
static void test_many_images_at_once(void **state)
{
	const struct fake_root *root = *state;
	vx_cleanup_free char *cache = path_in(root, "many");
	pthread_t threads[16];
	for (size_t i = 0; i < VX_ARRAY_LENGTH(threads); i++) {
		assert_int_equal(pthread_create(&threads[i], nullptr, ensure_one, cache), 0);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(threads); i++) {
		void *path = nullptr;
		assert_int_equal(pthread_join(threads[i], &path), 0);
		assert_non_null(path);
		free(path);
	}
	assert_int_equal(count_files(cache), 4);
}

static void test_changed_inputs_make_another_image(void **state)
{
	const struct fake_root *root = *state;
	struct image_fixture fixture;
	char *paths[8];
	if (!image_fixture_init(&fixture, root)) {
		skip();
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(paths); i++) {
		vx_cleanup_free char *text = vx_printf("version %*zu", (int)i + 1, i);
		put(root, i % 2 == 0 ? "programs/vixos-guest" : "host/etc/fonts/fonts.conf", text);
		paths[i] = vm_initramfs_ensure(&fixture.inputs, nullptr);
		assert_non_null(paths[i]);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(paths[i], paths[j]);
		}
		assert_int_equal(access(paths[i], R_OK), 0);
	}
	assert_int_equal(count_files(fixture.cache), 4); /* old ones are removed */
	for (size_t i = 0; i < VX_ARRAY_LENGTH(paths); i++) {
		free(paths[i]);
	}
	image_fixture_finish(&fixture);
}

/* Writers that meet: each gets a whole image, and nothing is left over. */
static void test_writers_at_once(void **state)
{
	struct image_fixture fixture;
	if (!image_fixture_init(&fixture, *state)) {
		skip();
	}
	for (unsigned i = 0; i < 4; i++) {
		if (fork() == 0) {
			_exit(vm_initramfs_ensure(&fixture.inputs, nullptr) != nullptr ? 0 : 1);
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(count_files(fixture.cache), 1);
	image_fixture_finish(&fixture);
}

static void test_image_failures(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	struct image_fixture fixture;
	if (!image_fixture_init(&fixture, *state)) {
		skip();
	}
	vx_cleanup_free char *guest = path_in(*state, "programs/vixos-guest");
	unlink(guest);
	assert_null(vm_initramfs_ensure(&fixture.inputs, &err));
	assert_non_null(strstr(vx_error_message(&err), "vixos-guest"));
	put(*state, "programs/vixos-guest", "x");
	struct vm_kernel broken = {
		.image = fixture.kernel->image, .release = fixture.kernel->release};
	broken.modules = path_in(*state, "modules");
	put(*state, "modules/modules.dep.bin", "not an index");
	fixture.inputs.kernel = &broken;
	assert_null(vm_initramfs_ensure(&fixture.inputs, &err));
	assert_int_equal(count_files(fixture.cache), 0);
	free(broken.modules);
	image_fixture_finish(&fixture);
}

static void test_cmdline(void **state)
{
	struct vm_mount mounts[] = {
		{.source = (char[]){"/a"},
			.target = (char[]){"/home/user/My Files%"},
			.writable = true},
		{.source = (char[]){"/b"}, .target = (char[]){"/mnt/b"}, .place = 1},
	};
	struct vm_definition definition = {.name = (char[]){"work"},
		.network = VM_NETWORK_NAT,
		.mounts = mounts,
		.mount_count = 2};
	vx_cleanup_free char *line = vm_guest_cmdline(&definition, VM_ACCEL_KVM, nullptr);
	assert_non_null(strstr(line,
		" vixos.name=work vixos.net=nat "
		"vixos.mount=mount0:rw:/home/user/My%20Files%25 vixos.mount=mount1:ro:/mnt/b"));
	assert_null(strstr(line, "mitigations=off")); /* of speculation there is some with KVM */
	char long_target[2000] = "/";
	memset(long_target + 1, 'x', sizeof(long_target) - 2);
	mounts[0].target = long_target;
	vx_cleanup_error struct vx_error err = {};
	assert_null(vm_guest_cmdline(&definition, VM_ACCEL_TCG, &err));
	assert_non_null(strstr(vx_error_message(&err), "work"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_newest_kernel_wins),
		TEST(test_release_comes_from_the_image),
		TEST(test_unusable_newer_kernel_is_passed_over),
		TEST(test_no_kernel),
		TEST(test_unreadable_kernel),
		TEST(test_no_modules),
		TEST(test_broken_image),
		TEST(test_release_order),
		TEST(test_no_secret_gets_in),
		TEST(test_links_are_not_followed),
		TEST(test_allowed_gets_in),
		TEST(test_unmerged_usr_is_refused),
		TEST(test_image_content),
		TEST(test_image_is_cached),
		TEST(test_many_images_at_once),
		TEST(test_changed_inputs_make_another_image),
		TEST(test_writers_at_once),
		TEST(test_image_failures),
		TEST(test_cmdline),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
