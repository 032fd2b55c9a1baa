/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "vm/check_state.h"
#include "vm/config.h"

static struct vm_config *parse(const char *text)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_config *config = vm_config_parse(text, strlen(text), "config", &err);
	if (config == nullptr) {
		fail_msg("%s", vx_error_message(&err));
	}
	return config;
}

static void test_memory_counts_what_is_kept_ready(void **state)
{
	struct vm_config *config = parse("preload 2\ndefaults {\n\tmemory 1G\n}\n"
					 "vm a {\n\tdisposable\n\tpreload 1\n\tmemory 512\n}\n");
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *enough = vm_check_memory(config, 2560, &err);
	assert_non_null(enough);
	assert_null(vm_check_memory(config, 2559, &err));
	assert_non_null(strstr(vx_error_message(&err), "the 3 VMs to be kept ready take 2560"));
	assert_null(vm_check_memory(config, 1023, &err));
	assert_non_null(strstr(vx_error_message(&err), "a VM starts with 1024"));
	assert_null(vm_check_memory(nullptr, 0, &err));
	vm_config_destroy(config);
	assert_int_equal(vm_check_available_mib("/nonexistent"), 0);
	assert_true(vm_check_available_mib("/proc/meminfo") > 0);
}

static void test_nix_is_missed_only_where_it_is_needed(void **state)
{
	struct vm_config *config = parse("vm a\nvm b {\n\tpackage hello\n}\n");
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *with = vm_check_nix(config, true, &err);
	vx_cleanup_free char *unneeded = vm_check_nix(nullptr, false, &err);
	assert_non_null(with);
	assert_non_null(unneeded);
	assert_null(vm_check_nix(config, false, &err));
	assert_non_null(strstr(vx_error_message(&err), "VM 'b' needs it"));
	vm_config_destroy(config);
}

static void test_disks_must_be_there(void **state)
{
	struct vm_config *config = parse("vm a {\n\ttemplate disk /nonexistent/x.img\n}\n");
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *none = vm_check_disks(nullptr, &err);
	assert_non_null(none);
	assert_null(vm_check_disks(config, &err));
	assert_non_null(strstr(vx_error_message(&err), "VM 'a' can't use '/nonexistent/x.img'"));
	vm_config_destroy(config);
}

static void test_state_needs_a_writable_folder(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	setenv("XDG_DATA_HOME", "/proc/nothing/here", 1);
	assert_null(vm_check_state_folder(&err));
	assert_non_null(strstr(vx_error_message(&err), "/proc/nothing/here/vixos"));
	unsetenv("XDG_DATA_HOME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_counts_what_is_kept_ready),
		cmocka_unit_test(test_nix_is_missed_only_where_it_is_needed),
		cmocka_unit_test(test_disks_must_be_there),
		cmocka_unit_test(test_state_needs_a_writable_folder),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
