/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/adopt.h"

#define OS "<os><type arch='x86_64'>hvm</type></os>"
#define DISK(driver, path)                                                  \
	"<devices><disk type='file' device='cdrom'><source file='/x.iso'/>" \
	"</disk><disk type='file' device='disk'>" driver "<source file='" path "'/></disk>"

static void test_a_domain_is_read(void **state)
{
	static const char xml[] =
		"<domain><memory unit='KiB'>2097152</memory><vcpu>3</vcpu>" OS DISK(
			"<driver type='qcow2'/>",
			"/srv//work &amp; play.qcow2") "<interface type='user'/></devices></domain>";
	struct vm_adopted adopted;
	vx_cleanup_error struct vx_error err = {};
	if (!vm_adopt_parse(&adopted, xml, &err)) {
		fail_msg("%s", vx_error_message(&err));
	}
	assert_string_equal(adopted.disk, "/srv/work & play.qcow2");
	assert_int_equal(adopted.memory_mib, 2048);
	assert_int_equal(adopted.vcpus, 3);
	assert_true(adopted.has_network);
	vm_adopted_finish(&adopted);
}

static void test_numbers_stay_in_bounds(void **state)
{
	static const char xml[] = "<domain><memory>1e300</memory><vcpu>-7</vcpu>" OS DISK(
		"", "/x.img") "</devices></domain>";
	struct vm_adopted adopted;
	assert_true(vm_adopt_parse(&adopted, xml, nullptr));
	assert_int_equal(adopted.memory_mib, 1024 * 1024);
	assert_int_equal(adopted.vcpus, 1);
	assert_false(adopted.has_network);
	assert_false(adopted.uefi);
	vm_adopted_finish(&adopted);
}

static void test_uefi(void **state)
{
	static const char *const heads[] = {
		"<domain><os firmware='efi'><type>hvm</type></os>",
		"<domain><os><type>hvm</type><loader type='pflash'>/ovmf.fd</loader></os>",
	};
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char xml[512];
		struct vm_adopted adopted;
		snprintf(xml, sizeof(xml), "%s%s", heads[i],
			DISK("", "/x.img") "</devices></domain>");
		assert_true(vm_adopt_parse(&adopted, xml, nullptr));
		assert_true(adopted.uefi);
		vm_adopted_finish(&adopted);
	}
}

static void test_what_cannot_be_adopted_is_said(void **state)
{
	static const struct {
		const char *xml, *message;
	} cases[] = {
		{"", "can't be read"},
		{"<domain", "can't be read"},
		{"<domain/>", "not an x86_64"},
		{"<domain>" OS "</domain>", "no disk that is a file"},
		{"<domain>" OS DISK("", "") "</devices></domain>", "no disk that is a file"},
		{"<domain>" OS DISK("", "x.img") "</devices></domain>", "not an absolute path"},
		{"<domain>" OS DISK("", "/a/../x.img") "</devices></domain>", "contains '..'"},
		{"<domain>" OS DISK("<driver type='qcow2'/>", "/x.img") "</devices></domain>",
			"must end in .qcow2"},
		{"<domain>" OS DISK("<driver type='raw'/>", "/x.qcow2") "</devices></domain>",
			"is in raw format"},
		{"<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>",
			"not an x86_64"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vm_adopted adopted;
		vx_cleanup_error struct vx_error err = {};
		assert_false(vm_adopt_parse(&adopted, cases[i].xml, &err));
		if (strstr(vx_error_message(&err), cases[i].message) == nullptr) {
			fail_msg("wanted '%s', got '%s'", cases[i].message, vx_error_message(&err));
		}
		assert_null(adopted.disk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_domain_is_read),
		cmocka_unit_test(test_numbers_stay_in_bounds),
		cmocka_unit_test(test_uefi),
		cmocka_unit_test(test_what_cannot_be_adopted_is_said),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
