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

#include "common/error.h"
#include "common/memory.h"
#include "vm/accel.h"

static void write_cpuinfo(char path[static 32], const char *flags)
{
	strcpy(path, "/tmp/vixos-cpuinfo-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	dprintf(fd, "processor\t: 0\nmodel name\t: a vmx svm in a name\nflags\t\t: %s\nbugs\t: \n",
		flags);
	close(fd);
}

static void test_flags_must_show_virtualisation(void **state)
{
	static const struct {
		const char *flags;
		bool passes_flags;
	} cases[] = {
		{"fpu vme", false},
		{"fpu vmxnet", false},
		{"fpu xsvm", false},
		{"", false},
		{"fpu vmx sse", true},
		{"svm", true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[32];
		vx_cleanup_error struct vx_error reason = {};
		write_cpuinfo(path, cases[i].flags);
		/* /dev/null opens, but is no KVM. */
		assert_false(vm_accel_probe_kvm(path, "/dev/null", &reason));
		bool refused_by_flags = strstr(vx_error_message(&reason), "vmx") != nullptr;
		assert_int_equal(refused_by_flags, !cases[i].passes_flags);
		unlink(path);
	}
}

static void test_a_missing_device_is_named(void **state)
{
	char path[32];
	vx_cleanup_error struct vx_error reason = {};
	write_cpuinfo(path, "vmx");
	assert_false(vm_accel_probe_kvm(path, "/nonexistent/kvm", &reason));
	assert_non_null(strstr(vx_error_message(&reason), "/nonexistent/kvm"));
	assert_false(vm_accel_probe_kvm("/nonexistent/cpuinfo", nullptr, &reason));
	unlink(path);
}

static void test_choices(void **state)
{
	enum vm_accel accel;
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *why = nullptr;
	assert_true(vm_accel_choose(VM_ACCEL_CHOICE_TCG, &accel, &why, &err));
	assert_int_equal(accel, VM_ACCEL_TCG);
	assert_null(why);
	assert_true(vm_accel_choose(VM_ACCEL_CHOICE_AUTO, &accel, &why, &err));
	/* Software emulation is never silent. */
	assert_true(accel == VM_ACCEL_KVM ? why == nullptr
					  : strstr(why, "software emulation") != nullptr);
	if (accel == VM_ACCEL_TCG) {
		assert_false(vm_accel_choose(VM_ACCEL_CHOICE_KVM, &accel, nullptr, &err));
		assert_non_null(err.message);
	}
	enum vm_accel_choice choice;
	assert_true(vm_accel_choice_parse("auto", &choice));
	assert_false(vm_accel_choice_parse("KVM", &choice));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags_must_show_virtualisation),
		cmocka_unit_test(test_a_missing_device_is_named),
		cmocka_unit_test(test_choices),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
