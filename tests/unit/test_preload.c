/* SPDX-License-Identifier: MIT */
/* What decides whose a preloaded VM can be, and what makes it that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "init/boot_options.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/fingerprint.h"
#include "vm/guest_cmdline.h"
#include "vm/region.h"
#include "vm/runtime_dir.h"

static int make_runtime(void **state)
{
	static char folder[] = "/tmp/vixos-preload-XXXXXX";
	assert_non_null(mkdtemp(folder));
	setenv("XDG_RUNTIME_DIR", folder, 1);
	return 0;
}

static struct vm_definition *parse_vm(const char *keys)
{
	vx_cleanup_free char *text = vx_printf("vm other {\n%s\n}\n", keys);
	struct vm_config *config = vm_config_parse(text, strlen(text), "config", nullptr);
	assert_non_null(config);
	struct vm_definition *definition = vm_definition_for_package(config, "other", nullptr);
	vm_config_destroy(config);
	return definition;
}

static uint64_t shape_of(const char *keys)
{
	struct vm_definition *definition = parse_vm(keys);
	uint64_t shape = vm_definition_shape(definition);
	vm_definition_destroy(definition);
	return shape;
}

/* Whose it is, and what programs in it get later, can still be decided. */
static void test_what_is_bound_late_does_not_count(void **state)
{
	struct vm_definition *plain = vm_definition_create("firefox");
	uint64_t shape = vm_definition_shape(plain);
	vm_definition_destroy(plain);
	static const char *const late[] = {"", "label X\ncolor red", "env A b", "app foot",
		"preload 3", "disposable", "workspace 7", "autostart yes"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(late); i++) {
		assert_true(shape_of(late[i]) == shape);
	}
}

/* All that a running VM doesn't change any more. */
static void test_what_it_is_made_of_counts(void **state)
{
	static const char *const early[] = {"", "memory 512", "memory 768 1024", "vcpus 1",
		"region 128", "kernel /boot/other", "network nat", "mount /srv", "mount /srv rw",
		"mount /srv /a", "home disposable"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(early); i++) {
		for (size_t j = 0; j < i; j++) {
			assert_true(shape_of(early[i]) != shape_of(early[j]));
		}
	}
}

static void test_nothing_of_its_kind_is_in_one_that_is_nobodys(void **state)
{
	struct vm_definition *definition = parse_vm(
		"label Secret\ncolor red\nenv TOKEN x\napp foot");
	struct vm_definition *neutral = vm_definition_for_preload(definition, "preload-7");
	assert_string_equal(neutral->name, "preload-7");
	assert_string_equal(neutral->label, "preload-7");
	assert_null(neutral->environment);
	assert_int_equal(neutral->app_count, 0);
	assert_int_equal(neutral->color, vm_preload_color);
	assert_true(neutral->is_preloaded);
	assert_false(neutral->is_configured);
	vm_definition_destroy(neutral);
	vm_definition_destroy(definition);
}

static void test_a_folder_of_ones_own_is_not_preloaded(void **state)
{
	struct vm_definition *definition = parse_vm("home private");
	assert_false(vm_definition_can_preload(definition));
	vm_definition_destroy(definition);
	definition = parse_vm("network nat");
	assert_true(vm_definition_can_preload(definition));
	vm_definition_destroy(definition);
}

static void test_no_two_bindings_are_alike(void **state)
{
	struct boot_options first, second;
	for (unsigned i = 0; i < 2; i++) {
		vx_cleanup_free char *line = vm_guest_bind_line("work", nullptr);
		assert_non_null(line);
		assert_true(line[strlen(line) - 1] == '\n' && strlen(line) < 512);
		line[strlen(line) - 1] = '\0';
		assert_true(boot_options_parse(i == 0 ? &first : &second, line, nullptr));
	}
	assert_string_equal(first.name, "work");
	assert_true(first.has_seed && second.has_seed);
	assert_memory_not_equal(first.seed, second.seed, boot_seed_size);
	assert_string_not_equal(first.machine_id, second.machine_id);
	assert_int_equal(first.machine_id[12], '4'); /* a UUID of version 4 */
	assert_true(
		llabs((long long)(first.clock_ns / 1'000'000'000) - (long long)time(nullptr)) < 60);
	boot_options_finish(&first);
	boot_options_finish(&second);
}

static void test_names_of_what_is_nobodys_are_nobodys(void **state)
{
	struct vm_config *config = vm_config_parse("", 0, "config", nullptr);
	vx_cleanup_error struct vx_error err = {};
	assert_null(vm_definition_for_package(config, "preload-00000001", &err));
	assert_int_equal(err.kind, VX_ERROR_USAGE);
	vm_config_destroy(config);
}

/* Folder and region change hands with all that is in them; what was there of that name is gone. */
static void test_files_change_hands(void **state)
{
	struct vm_runtime_dir from, to;
	vx_cleanup_error struct vx_error err = {};
	assert_true(vm_runtime_dir_init(&from, "preload-1", &err));
	assert_true(vm_runtime_dir_init(&to, "work", &err));
	assert_true(vm_runtime_dir_make(&from, &err) && vm_runtime_dir_make(&to, &err));
	assert_int_equal(mkdir(from.console_ring, 0700), 0);
	assert_int_equal(mkdir(to.proxy_socket, 0700), 0);
	assert_true(vm_runtime_dir_rename(&from, &to, &err));
	assert_int_equal(access(to.console_ring, F_OK), 0);
	assert_int_not_equal(access(to.proxy_socket, F_OK), 0);
	assert_int_not_equal(access(from.path, F_OK), 0);
	assert_false(vm_runtime_dir_rename(&from, &to, &err));
	vx_cleanup_free char *region = vm_region_make("preload-1", 1024 * 1024, nullptr);
	vx_cleanup_free char *renamed = vm_region_rename(region, "work", nullptr);
	assert_true(vm_region_name_is_valid(renamed, "work"));
	vx_cleanup_free char *path = vm_region_path(renamed);
	assert_int_equal(access(path, F_OK), 0);
	assert_null(vm_region_rename(region, "work", nullptr));
	vm_region_remove("work");
	assert_int_not_equal(access(path, F_OK), 0);
	(void)vm_runtime_dir_remove(&to, nullptr);
	vm_runtime_dir_finish(&from);
	vm_runtime_dir_finish(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_bound_late_does_not_count),
		cmocka_unit_test(test_what_it_is_made_of_counts),
		cmocka_unit_test(test_nothing_of_its_kind_is_in_one_that_is_nobodys),
		cmocka_unit_test(test_a_folder_of_ones_own_is_not_preloaded),
		cmocka_unit_test(test_no_two_bindings_are_alike),
		cmocka_unit_test(test_names_of_what_is_nobodys_are_nobodys),
		cmocka_unit_test(test_files_change_hands),
	};
	return cmocka_run_group_tests(tests, make_runtime, nullptr);
}
