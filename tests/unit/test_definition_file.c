/* SPDX-License-Identifier: MIT */
/* Definitions in files of a folder, and what VMs keep. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fd.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/definition_change.h"
#include "vm/definition_file.h"
#include "vm/nix.h"
#include "vm/state_dir.h"

static char folder[64];

/* A home of its own for each test. */
static int set_up(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/vixos-definitions-XXXXXX");
	assert_non_null(mkdtemp(folder));
	unsetenv("VIXOS_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	setenv("XDG_CONFIG_DIRS", "/nonexistent", 1);
	setenv("HOME", folder, 1);
	return 0;
}

static int tear_down(void **state)
{
	assert_true(vm_state_dir_remove_tree(AT_FDCWD, folder, nullptr));
	return 0;
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool install(const char *name, const char *text, bool may_exist, struct vx_error *err)
{
	vx_cleanup_free char *path = definition_file_path(name, err);
	return definition_file_install(path, text, strlen(text), may_exist, err);
}

static void test_files_of_the_folder_are_read(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	assert_true(install("work", "# mine\nvm work {\n\tcolor red\n}\n", false, &err));
	vx_cleanup_free char *main_path = vm_config_main_path(&err);
	write_text(main_path, "defaults {\n\tvcpus 7\n}\nvm work {\n\tcolor blue\n}\nvm other\n");
	struct vm_config *config = vm_config_load(&err);
	assert_non_null(config);
	assert_int_equal(config->definition_count, 2);
	const struct vm_definition *work = vm_config_find(config, "work");
	assert_int_equal(work->color, 0xcc0000);
	assert_int_equal(work->vcpus, 7);
	assert_int_equal(work->line, 2);
	assert_string_equal(strrchr(work->file, '/'), "/work.scfg");
	vm_config_destroy(config);
}

static void test_what_is_wrong_does_not_get_in(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	assert_true(install("work", "vm work\n", false, &err));
	static const char *const wrong[] = {"vm other\n", "vm work\nvm other\n", "accel kvm\n",
		"vm work {\n", "vm work {\n\tcolor mauve\n}\n", "defaults {\n}\n"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		vx_cleanup_error struct vx_error reason = {};
		assert_false(install("work", wrong[i], true, &reason));
		assert_int_equal(reason.kind, VX_ERROR_USAGE);
		assert_non_null(strstr(vx_error_message(&reason), "work.scfg:"));
	}
	assert_false(install("work", "vm work\n", false, &err)); /* it is there */
	vx_cleanup_free char *path = definition_file_path("work", nullptr);
	vx_cleanup_free char *text = vx_read_file(path, 1000, nullptr, nullptr);
	assert_string_equal(text, "vm work\n");
}

static void test_a_link_stays_a_link(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	assert_true(install("work", "vm work\n", false, &err));
	vx_cleanup_free char *path = definition_file_path("work", nullptr);
	vx_cleanup_free char *elsewhere = vx_printf("%s/dotfile", folder);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(chmod(elsewhere, 0640), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_true(install("work", "vm work {\n}\n", true, &err));
	struct stat info;
	assert_int_equal(lstat(path, &info), 0);
	assert_true(S_ISLNK(info.st_mode));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0640);
	assert_int_equal(info.st_size, strlen("vm work {\n}\n"));
}

static void test_one_file_alone(void **state)
{
	setenv("VIXOS_CONFIG", "/tmp/some-config", 1);
	vx_cleanup_error struct vx_error err = {};
	assert_null(definition_file_path("work", &err));
	assert_non_null(strstr(vx_error_message(&err), "/tmp/some-config"));
	unsetenv("VIXOS_CONFIG");
}

static void test_words_are_quoted(void **state)
{
	struct vx_buffer buffer = {.max_size = 1000};
	const char *const words[] = {"label", "a \"b\" {\\", "", "#123456"};
	assert_true(definition_file_append(&buffer, 1, words, 4, nullptr));
	assert_int_equal(buffer.size, strlen("\tlabel \"a \\\"b\\\" {\\\\\" \"\" #123456\n"));
	assert_memory_equal(vx_buffer_bytes(&buffer),
		"\tlabel \"a \\\"b\\\" {\\\\\" \"\" #123456\n", buffer.size);
	const char *const bad[] = {"label", "a\nvm x"};
	assert_false(definition_file_append(&buffer, 1, bad, 2, nullptr));
	vx_buffer_finish(&buffer);
}

static void test_renaming_keeps_the_rest(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{"# vm a\nvm a {\n\tlabel a # a\n}\n", "# vm a\nvm b {\n\tlabel a # a\n}\n"},
		{"  vm\t'a'\n", "  vm\tb\n"},
		{"vm \"a\"", "vm b"},
		{"vm a", "vm b"},
		{"vm ab\nvmx a\n", nullptr},
		{"", nullptr},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vx_cleanup_free char *after = definition_file_renamed(
			cases[i].before, "a", "b", nullptr);
		if (cases[i].after == nullptr) {
			assert_null(after);
		} else {
			assert_string_equal(after, cases[i].after);
		}
	}
}

/* What a guest may leave behind in its home. */
static void make_hostile_home(const char *home)
{
	vx_cleanup_close int fd = open(home, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	assert_int_equal(symlinkat("../../../../keep", fd, "link"), 0);
	assert_int_equal(mkdirat(fd, "closed", 0700), 0);
	vx_cleanup_close int closed = openat(fd, "closed", O_RDONLY | O_DIRECTORY);
	vx_cleanup_close int file = openat(closed, "file\n\xff", O_WRONLY | O_CREAT, 0);
	assert_int_equal(fchmod(closed, 0), 0);
	vx_cleanup_close int deep = dup(fd);
	for (unsigned i = 0; i < 5000; i++) {
		assert_int_equal(mkdirat(deep, "d", 0700), 0);
		int next = openat(deep, "d", O_RDONLY | O_DIRECTORY);
		if (i % 100 == 0) {
			assert_int_equal(fchmod(deep, 0500), 0);
		}
		assert_true(next >= 0);
		vx_replace_fd(&deep, next);
	}
}

static void assert_change(const char *before, const char *key, const char *value, const char *lines,
	const char *after)
{
	vx_cleanup_error struct vx_error err = {};
	const struct definition_change change = {key, value, lines};
	vx_cleanup_free char *text = definition_change_apply(before, "a", &change, &err);
	if (after == nullptr) {
		assert_null(text);
		return;
	}
	assert_non_null(text);
	assert_string_equal(text, after);
}

static void test_changes_keep_the_rest(void **state)
{
	/* What is there is replaced where it is, comments and other blocks stay. */
	assert_change("# mine\nvm 'a' {\n\t# why\n\tnetwork none\n\tvcpus 2 # no comment\n}\n",
		"network", nullptr, "\tnetwork nat\n",
		"# mine\nvm 'a' {\n\t# why\n\tnetwork nat\n\tvcpus 2 # no comment\n}\n");
	/* Blocks are replaced as a whole, also where it is there twice. */
	assert_change("vm a {\n firewall deny {\n  allow dns\n }\n \"firewall\" allow\n}\n",
		"firewall", nullptr, "\tfirewall allow {\n\t}\n",
		"vm a {\n\tfirewall allow {\n\t}\n}\n");
	/* Other VMs, and blocks of the same name deeper down, aren't meant. */
	assert_change("vm b {\n network none\n}\nvm a {\n firewall deny {\n  network x\n }\n}",
		"network", nullptr, " network nat\n",
		"vm b {\n network none\n}\nvm a {\n firewall deny {\n  network x\n }\n network nat\n}");
	assert_change(
		"vm a {\n usb 1:2 force\n usb on\n}\n", "usb", "1:2", "", "vm a {\n usb on\n}\n");
	assert_change("vm a {\n usb on\n}\n", "usb", "1:2", " usb 1:2\n",
		"vm a {\n usb on\n usb 1:2\n}\n");
	assert_change("vm b {\n}\n", "network", nullptr, " network nat\n", nullptr);
	assert_change("vm a\n", "network", nullptr, " network nat\n", nullptr);
}

static void test_changes_are_checked(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	const struct definition_change good = {"network", nullptr, "\tnetwork nat\n"};
	const struct definition_change bad = {"network", nullptr, "\tnetwork wlan\n"};
	assert_true(install("a", "vm a {\n\tnetwork none\n}\n", false, &err));
	assert_false(definition_change_save("a", &bad, &err));
	assert_false(definition_change_save("b", &good, &err));
	assert_true(definition_change_save("a", &good, &err));
	vx_cleanup_free char *path = definition_file_path("a", &err);
	vx_cleanup_free char *text = vx_read_file(path, 1000, nullptr, &err);
	assert_string_equal(text, "vm a {\n\tnetwork nat\n}\n");
}

static void test_a_hostile_home_is_removed(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *keep = vx_printf("%s/keep", folder);
	vx_cleanup_free char *kept = vx_printf("%s/keep/file", folder);
	assert_int_equal(mkdir(keep, 0700), 0);
	write_text(kept, "kept");
	assert_true(vm_state_dir_make("work", "home", &err));
	assert_true(vm_state_dir_has_home("work"));
	vx_cleanup_free char *home = vm_state_dir_path("work", "home", &err);
	make_hostile_home(home);
	if (!vm_state_dir_remove("work", &err)) {
		fail_msg("%s", vx_error_message(&err));
	}
	assert_false(vm_state_dir_exists("work"));
	assert_int_equal(access(kept, F_OK), 0);
	assert_true(vm_state_dir_remove("work", &err));
}

static void test_locks_keep_changes_apart(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	assert_int_equal(vm_state_dir_lock("work", true, &err), -1);
	assert_null(err.message); /* there is nothing to lock */
	assert_true(vm_state_dir_make("work", nullptr, &err));
	vx_cleanup_close int one = vm_state_dir_lock("work", false, &err);
	vx_cleanup_close int two = vm_state_dir_lock("work", false, &err);
	assert_true(one >= 0 && two >= 0);
	assert_int_equal(vm_state_dir_lock("work", true, &err), -1);
	assert_non_null(err.message);
}

static void test_renaming_state_replaces_nothing(void **state)
{
	assert_true(vm_state_dir_make("a", "home", nullptr));
	assert_true(vm_state_dir_make("b", nullptr, nullptr));
	assert_false(vm_state_dir_rename("a", "b", nullptr));
	assert_true(vm_state_dir_rename("a", "c", nullptr));
	assert_true(vm_state_dir_has_home("c"));
	assert_false(vm_state_dir_exists("a"));
}

static void test_packages_of_nix(void **state)
{
	vx_cleanup_free char *plain = vm_nix_installable("firefox");
	vx_cleanup_free char *flake = vm_nix_installable("github:a/b#c");
	vx_cleanup_free char *store = vm_nix_installable("/nix/store/x-y");
	vx_cleanup_free char *link = vm_nix_link_name("github:a/b#c");
	assert_string_equal(plain, "nixpkgs#firefox");
	assert_string_equal(flake, "github:a/b#c");
	assert_string_equal(store, "/nix/store/x-y");
	assert_string_equal(link, "github-a-b-c");
	assert_false(vm_nix_package_is_valid("--option"));
	assert_false(vm_nix_package_is_valid("#x"));
	assert_false(vm_nix_package_is_valid("a;b"));
	assert_false(vm_nix_package_is_valid(""));
	vx_cleanup_free char *path = vx_printf("%s/link", folder);
	assert_int_equal(symlink("/usr", path), 0);
	assert_null(vm_nix_search_path(folder)); /* not in the store */
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_files_of_the_folder_are_read),
		TEST(test_what_is_wrong_does_not_get_in),
		TEST(test_a_link_stays_a_link),
		TEST(test_one_file_alone),
		TEST(test_words_are_quoted),
		TEST(test_renaming_keeps_the_rest),
		TEST(test_changes_keep_the_rest),
		TEST(test_changes_are_checked),
		TEST(test_a_hostile_home_is_removed),
		TEST(test_locks_keep_changes_apart),
		TEST(test_renaming_state_replaces_nothing),
		TEST(test_packages_of_nix),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
