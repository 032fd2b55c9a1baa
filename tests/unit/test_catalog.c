/* SPDX-License-Identifier: MIT */
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

#include "common/memory.h"
#include "daemon/catalog.h"

struct fixture {
	char root[64];
	struct catalog *catalog;
};

/* A file of the pretended host, with the folders above it. */
static void put(const struct fixture *fixture, const char *path, mode_t mode, const char *text)
{
	vx_cleanup_free char *full = vx_printf("%s%s", fixture->root, path);
	for (char *slash = strchr(full + 1, '/'); slash != nullptr;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(full, 0700);
		*slash = '/';
	}
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(full, mode), 0);
}

static void put_link(const struct fixture *fixture, const char *path, const char *target)
{
	vx_cleanup_free char *full = vx_printf("%s%s", fixture->root, path);
	assert_int_equal(symlink(target, full), 0);
}

static int setup(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	snprintf(fixture->root, sizeof(fixture->root), "/tmp/catalog-XXXXXX");
	assert_non_null(mkdtemp(fixture->root));
	put(fixture, "/usr/bin/foot", 0755, "");
	put(fixture, "/usr/bin/firefox-esr", 0755, "");
	put(fixture, "/usr/bin/noexec", 0644, "");
	put(fixture, "/usr/bin/demo-one", 0755, "");
	put(fixture, "/usr/bin/demo-two", 0755, "");
	put(fixture, "/usr/bin/only", 0755, "");
	put(fixture, "/opt/thing", 0755, "");
	put_link(fixture, "/usr/bin/elsewhere", "/etc/alternatives/elsewhere");
	put(fixture, "/var/lib/dpkg/info/demos.list", 0644,
		"/.\n/usr/bin\n/usr/bin/demo-one\n/usr/bin/demo-two\n/usr/share/x\n");
	put(fixture, "/var/lib/dpkg/info/single.list", 0644, "/usr/bin/only\n/usr/bin/sub/dir\n");
	put(fixture, "/var/lib/dpkg/info/nothing.list", 0644, "/usr/share/doc\n");
	put(fixture, "/usr/share/applications/firefox-esr.desktop", 0644,
		"[Desktop Entry]\nType=Application\nName=Firefox ESR\nExec=firefox-esr %u\n"
		"Icon=firefox-esr\n");
	put(fixture, "/usr/share/applications/org.gtk.Demo4.desktop", 0644,
		"[Desktop Entry]\nType=Application\nName=Demo\nExec=/usr/bin/demo-one --x\n");
	put(fixture, "/usr/share/applications/term.desktop", 0644,
		"[Desktop Entry]\nType=Application\nName=T\nExec=only\nTerminal=true\n");
	put(fixture, "/usr/share/applications/gone.desktop", 0644,
		"[Desktop Entry]\nType=Application\nName=Gone\nExec=not-there\n");
	put(fixture, "/usr/share/applications/hidden.desktop", 0644,
		"[Desktop Entry]\nType=Application\nName=H\nExec=only\nNoDisplay=true\n");
	fixture->catalog = catalog_create(fixture->root);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_free char *command = vx_printf("rm -rf '%s'", fixture->root);
	assert_int_equal(system(command), 0);
	catalog_destroy(fixture->catalog);
	free(fixture);
	return 0;
}

static void expect(struct fixture *fixture, const char *package, const char *executable,
	const char *first, const char *second)
{
	vx_cleanup_error struct vx_error err = {};
	char **argv = catalog_resolve(fixture->catalog, package, executable, &err);
	if (argv == nullptr) {
		fail_msg("%s: %s", package, vx_error_message(&err));
	}
	assert_string_equal(argv[0], first);
	if (second == nullptr) {
		assert_null(argv[1]);
	} else {
		assert_string_equal(argv[1], second);
	}
	catalog_free_argv(argv);
}

static void test_packages_become_commands(void **state)
{
	struct fixture *fixture = *state;
	expect(fixture, "foot", nullptr, "/usr/bin/foot", nullptr);
	expect(fixture, "/usr/bin/foot", nullptr, "/usr/bin/foot", nullptr);
	expect(fixture, "/bin/foot", nullptr, "/usr/bin/foot", nullptr);
	expect(fixture, "firefox", nullptr, "/usr/bin/firefox-esr", nullptr);
	expect(fixture, "demo4", nullptr, "/usr/bin/demo-one", "--x");
	expect(fixture, "org.gtk.Demo4", nullptr, "/usr/bin/demo-one", "--x");
	expect(fixture, "single", nullptr, "/usr/bin/only", nullptr);
	expect(fixture, "demos", "demo-two", "/usr/bin/demo-two", nullptr);
}

static void expect_failure(struct fixture *fixture, const char *package, const char *executable,
	enum vx_error_kind kind, const char *words)
{
	vx_cleanup_error struct vx_error err = {};
	assert_null(catalog_resolve(fixture->catalog, package, executable, &err));
	if (err.kind != kind || strstr(vx_error_message(&err), words) == nullptr) {
		fail_msg("%s: kind %u, '%s'", package, err.kind, vx_error_message(&err));
	}
	assert_null(strchr(vx_error_message(&err), '\n'));
}

static void test_failures_say_what_to_do(void **state)
{
	struct fixture *fixture = *state;
	expect_failure(fixture, "unheard-of", nullptr, VX_ERROR_NOT_FOUND, "install");
	expect_failure(fixture, "noexec", nullptr, VX_ERROR_NOT_EXECUTABLE, "executable");
	expect_failure(fixture, "/usr/bin", nullptr, VX_ERROR_NOT_EXECUTABLE, "executable");
	expect_failure(fixture, "/opt/thing", nullptr, VX_ERROR_NOT_FOUND, "outside of /usr");
	expect_failure(fixture, "./thing", nullptr, VX_ERROR_NOT_FOUND, "absolute");
	expect_failure(fixture, "demos", nullptr, VX_ERROR_NOT_FOUND, "demo-one, demo-two");
	expect_failure(fixture, "nothing", nullptr, VX_ERROR_NOT_FOUND, "no program");
	expect_failure(fixture, "demos", "not-there", VX_ERROR_NOT_FOUND, "not-there");
	expect_failure(fixture, "a b;c", nullptr, VX_ERROR_NOT_FOUND, "can't be the name");
	expect_failure(fixture, "..", nullptr, VX_ERROR_NOT_FOUND, "can't be the name");
	expect_failure(fixture, "", nullptr, VX_ERROR_NOT_FOUND, "can't be the name");
	expect_failure(fixture, "elsewhere", nullptr, VX_ERROR_NOT_FOUND, "elsewhere");
}

static void test_the_menu_has_what_can_run(void **state)
{
	struct fixture *fixture = *state;
	size_t count;
	const struct catalog_app *apps = catalog_apps(fixture->catalog, &count);
	assert_int_equal(count, 3);
	assert_string_equal(apps[0].vm, "demo4");
	assert_string_equal(apps[0].id, "org.gtk.Demo4");
	assert_string_equal(apps[1].vm, "firefox-esr");
	assert_string_equal(apps[1].name, "Firefox ESR");
	assert_string_equal(apps[2].vm, "term");
	assert_string_equal(apps[2].argv[0], "/usr/bin/foot");
	assert_string_equal(apps[2].argv[1], "/usr/bin/only");
	assert_ptr_equal(catalog_find_app(fixture->catalog, "term"), &apps[2]);
	assert_null(catalog_find_app(fixture->catalog, "gone"));
}

static void test_names_of_vms(void **state)
{
	static const struct {
		const char *package, *name;
	} cases[] = {
		{"foot", "foot"},
		{"/usr/bin/Xnest", "xnest"},
		{"org.gtk.Demo4", "demo4"},
		{"python3.14", "python3.14"},
		{"g++", "g--"},
		{"7z", nullptr},
		{"a-name-that-is-much-longer-than-a-vm-may-have", nullptr},
		{"", nullptr},
		{"ä", nullptr},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		vx_cleanup_error struct vx_error err = {};
		vx_cleanup_free char *name = catalog_vm_name(cases[i].package, &err);
		if (cases[i].name == nullptr) {
			assert_null(name);
			assert_int_equal(err.kind, VX_ERROR_USAGE);
		} else {
			assert_string_equal(name, cases[i].name);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_packages_become_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures_say_what_to_do, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_menu_has_what_can_run, setup, teardown),
		cmocka_unit_test(test_names_of_vms),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
