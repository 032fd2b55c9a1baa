/* SPDX-License-Identifier: MIT */
/* Signatures of kernel modules: when a guest can do without, and what is cut off then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "vm/kernel.h"
#include "vm/module_signature.h"

#define MARKER "~Module signature appended~\n"
#define TRAILER(size) "\0\0\2\0\0\0\0\0\0\0\0" size

static size_t cut(const char *bytes, size_t size)
{
	return module_signature_cut((const uint8_t *)bytes, size);
}

#define CUT(literal) cut(literal, sizeof(literal) - 1)
#define SIZE(literal) (sizeof(literal) - 1)

static void test_a_signature_is_cut_off(void **state)
{
	assert_int_equal(CUT("MODULE"
			     "sign" TRAILER("\4") MARKER),
		6);
}

static void test_nonsense_stays(void **state)
{
	assert_int_equal(CUT(""), 0);
	assert_int_equal(CUT("MODULE"), 6);
	assert_int_equal(CUT(MARKER), SIZE(MARKER));
	assert_int_equal(CUT("MODULE" MARKER), 6 + SIZE(MARKER));
	/* no module before it, more than there is, none */
	static const char sizes[] = {4, 5, 127, 0};
	for (size_t i = 0; i < sizeof(sizes); i++) {
		char bytes[] = "sign" TRAILER("\4") MARKER;
		bytes[4 + 11] = sizes[i];
		assert_int_equal(cut(bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
	}
	assert_int_equal(CUT("MODULE"
			     "\0\0\2\0\0\0\0\0\xff\xff\xff\xff" MARKER),
		6 + 12 + SIZE(MARKER));
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static void test_where_they_are_needed(void **state)
{
	char folder[] = "/tmp/vixos-signature-XXXXXX";
	assert_non_null(mkdtemp(folder));
	vx_cleanup_free char *image = vx_printf("%s/vmlinuz", folder);
	vx_cleanup_free char *beside = vx_printf("%s/config-6.1-x", folder);
	vx_cleanup_free char *within = vx_printf("%s/config", folder);
	const struct vm_kernel kernel = {.image = image, .release = "6.1-x", .modules = folder};
	assert_true(module_signature_is_needed(&kernel)); /* nobody knows */
	put(within, "#\nCONFIG_MODULES=y\n# CONFIG_MODULE_SIG_FORCE is not set\n");
	assert_false(module_signature_is_needed(&kernel));
	put(beside, "#\nCONFIG_MODULES=y\nCONFIG_MODULE_SIG_FORCE=y\nCONFIG_X=y\n");
	assert_true(module_signature_is_needed(&kernel));
	put(beside, "#\nCONFIG_MODULES=y\nCONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y\n");
	assert_true(module_signature_is_needed(&kernel));
	put(beside, "no configuration");
	assert_true(module_signature_is_needed(&kernel));
	unlink(beside);
	unlink(within);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signature_is_cut_off),
		cmocka_unit_test(test_nonsense_stays),
		cmocka_unit_test(test_where_they_are_needed),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
