/* SPDX-License-Identifier: MIT */
/* Folders that come and go while a VM runs: policy, numbers, and what libvirt is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/mount_policy.h"

static void test_policy(void **state)
{
	static const struct {
		const char *source;
		bool is_allowed;
	} cases[] = {
		{"/home/me/work", true},
		{"/home/me/.sshfs", true},
		{"/home/me/.config-of-mine", true},
		{"/srv/data", true},
		{"/mnt", true},
		{"/tmp/x", true},
		{"/home/you", true},
		{"/runner", true},
		{"/", false},
		{"/home", false},
		{"/home/me", false},
		{"/home/me/.ssh", false},
		{"/home/me/.ssh/keys", false},
		{"/home/me/.local", false},
		{"/home/me/.local/share", false},
		{"/home/me/.config/vixos", false},
		{"/home/me/.mozilla/firefox", false},
		{"/run/user/1000", false},
		{"/run/user/1000/vixos", false},
		{"/run", false},
		{"/dev", false},
		{"/dev/shm", false},
		{"/proc/1", false},
		{"/etc", false},
		{"/usr/share", false},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		vx_cleanup_error struct vx_error err = {};
		bool is_allowed = vm_mount_policy_check(
			cases[i].source, "/home/me", "/run/user/1000", &err);
		if (is_allowed != cases[i].is_allowed) {
			fail_msg("%s: %s", cases[i].source, vx_error_message(&err));
		}
		assert_int_equal(err.kind, is_allowed ? VX_ERROR_FAILED : VX_ERROR_REFUSED);
	}
	assert_true(vm_mount_policy_check("/home/me/.ssh", nullptr, nullptr, nullptr));
	assert_false(vm_mount_policy_check("/home/me/.ssh", "/home/me", nullptr, nullptr));
	assert_true(vm_mount_target_is_reserved("/"));
	assert_true(vm_mount_target_is_reserved("/usr/x"));
	assert_true(vm_mount_target_is_reserved("/run/vixos"));
	assert_false(vm_mount_target_is_reserved("/users"));
	assert_false(vm_mount_target_is_reserved("/run/media"));
}

static void test_numbers_are_used_again(void **state)
{
	struct vm_definition *definition = vm_definition_create("work");
	vm_definition_add_mount(definition, "/a", "/b", false);
	assert_int_equal(vm_definition_add_hot_mount(definition, "/c", "/d", true)->hot, 1);
	assert_int_equal(vm_definition_add_hot_mount(definition, "/e", "/c", true)->hot, 2);
	/* A place in the guest comes before a folder of the host. */
	assert_string_equal(vm_definition_find_mount(definition, "/c")->source, "/e");
	assert_string_equal(vm_definition_find_mount(definition, "/a")->target, "/b");
	assert_null(vm_definition_find_mount(definition, "/"));
	vm_definition_remove_mount(definition, vm_definition_find_mount(definition, "/d"));
	assert_string_equal(vm_definition_find_mount(definition, "/c")->source, "/e");
	assert_int_equal(vm_definition_add_hot_mount(definition, "/f", "/g", false)->hot, 1);
	struct vm_definition *copy = vm_definition_copy(definition);
	assert_int_equal(vm_definition_find_mount(copy, "/g")->hot, 1);
	assert_int_equal(vm_definition_find_mount(copy, "/b")->hot, 0);
	vm_definition_destroy(copy);
	vm_definition_destroy(definition);
}

static void test_the_list_at_libvirt(void **state)
{
	static const char broken[] = "<vm name=\"work\" label=\"W &amp; <b>\"/>";
	static const char before[] =
		"<vm name=\"work\" label=\"W &amp; b\"><mount source=\"/a\" target=\"/b\" "
		"mode=\"ro\"/></vm>";
	struct vm_mount mount = {
		.source = "/my <\"&'> ä", .target = "/mnt/x", .writable = true, .hot = 3};
	vx_cleanup_free char *with = vm_domain_metadata_with(before, &mount, nullptr);
	assert_non_null(strstr(with, "<mount source=\"/a\" target=\"/b\" mode=\"ro\"/>"));
	assert_non_null(strstr(with, "<mount source=\"/my &lt;&quot;&amp;'&gt; "));
	assert_non_null(strstr(with, "target=\"/mnt/x\" mode=\"rw\" hot=\"3\"/>"));
	/* Once more changes nothing: a call may be repeated. */
	vx_cleanup_free char *twice = vm_domain_metadata_with(with, &mount, nullptr);
	assert_string_equal(twice, with);
	mount.hot = 4;
	vx_cleanup_free char *other = vm_domain_metadata_without(with, &mount, nullptr);
	assert_string_equal(other, with);
	mount.hot = 3;
	vx_cleanup_free char *without = vm_domain_metadata_without(with, &mount, nullptr);
	assert_string_equal(without, before);
	vx_cleanup_error struct vx_error err = {};
	assert_null(vm_domain_metadata_with(broken, &mount, &err));
	assert_non_null(err.message);
}

static void test_the_device(void **state)
{
	struct vm_mount mount = {.source = "/a'><b", .target = "/mnt/x", .hot = 12};
	vx_cleanup_free char *device = vm_domain_share_xml(&mount, nullptr);
	assert_non_null(strstr(device, "<target dir=\"hot12\"/>"));
	assert_non_null(strstr(device, "<source dir=\"/a'&gt;&lt;b\"/>"));
	assert_non_null(strstr(device, "<readonly/>"));
	assert_non_null(strstr(device, "<uid start=\"1000\""));
	assert_null(strstr(device, "<address"));
	mount.writable = true;
	vx_cleanup_free char *writable = vm_domain_share_xml(&mount, nullptr);
	assert_null(strstr(writable, "<readonly/>"));
	vx_cleanup_free char *domain = vx_printf(
		"<domain><devices>%s</devices></domain>", writable);
	assert_true(vm_domain_has_share(domain, &mount));
	mount.hot = 1;
	assert_false(vm_domain_has_share(domain, &mount));
	assert_false(vm_domain_has_share("no XML", &mount));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_numbers_are_used_again),
		cmocka_unit_test(test_the_list_at_libvirt),
		cmocka_unit_test(test_the_device),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
