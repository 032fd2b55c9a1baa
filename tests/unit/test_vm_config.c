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

#include "common/error.h"
#include "common/fd.h"
#include "vm/config.h"
#include "vm/definition.h"

static struct vm_config *parse(const char *text, struct vx_error *err)
{
	return vm_config_parse(text, strlen(text), "config", err);
}

static void assert_refused(const char *text, const char *message)
{
	vx_cleanup_error struct vx_error err = {};
	assert_null(parse(text, &err));
	if (strstr(vx_error_message(&err), message) == nullptr) {
		print_message("wanted '%s', got '%s'\n", message, vx_error_message(&err));
	}
	assert_non_null(strstr(vx_error_message(&err), message));
	assert_int_equal(err.kind, VX_ERROR_USAGE);
}

static void test_every_key_is_read(void **state)
{
	static const char text[] =
		"# all there is\n"
		"accel tcg\n"
		"uri qemu:///system\n"
		"preload 2\n"
		"defaults {\n"
		"\tmemory 512\n"
		"\tmount /srv\n"
		"\tclipboard {\n\t\tcopy deny\n\t\ttimeout 5\n\t}\n"
		"\tenv LANG C\n"
		"}\n"
		"vm work {\n"
		"\tlabel \"Work & <play>\"\n"
		"\tcolor #1122Ff\n"
		"\tmemory 1G 2048M\n"
		"\tvcpus 3\n"
		"\tregion 128\n"
		"\tkernel /boot//vmlinuz-test\n"
		"\tclipboard {\n\t\tpaste ask\n\t\timages allow\n"
		"\t\tcontrols keep\n\t\tsize 64\n\t\ttimeout 0\n\t}\n"
		"\tnetwork nat\n"
		"\ttemplate disk /srv/x.qcow2 rw\n"
		"\tpackage hello nixpkgs/release-26.05#firefox\n"
		"\thome private\n"
		"\tworkspace \"2: web\"\n"
		"\tautostart yes\n"
		"\taudio full\n"
		"\tusb 1050:0407\n"
		"\tusb 046D:c31c:AB-12 force\n"
		"\tdisposable\n"
		"\tpreload 3\n"
		"\tfirewall deny {\n\t\tallow dns\n\t\tallow tcp a.example:443\n\t}\n"
		"\tmount /home/me/work/ /work rw\n"
		"\tmount /data ro\n"
		"\tenv LANG de_DE.UTF-8\n"
		"\tenv EMPTY ''\n"
		"\tapp term {\n"
		"\t\tname \"A terminal\"\n"
		"\t\texec foot --title 'x y'\n"
		"\t\ticon utilities-terminal\n"
		"\t}\n"
		"\tapp firefox\n"
		"}\n"
		"vm plain\n";
	vx_cleanup_error struct vx_error err = {};
	struct vm_config *config = parse(text, &err);
	assert_non_null(config);
	assert_int_equal(config->accel, VM_ACCEL_CHOICE_TCG);
	assert_string_equal(config->uri, "qemu:///system");
	assert_int_equal(config->definition_count, 2);
	const struct vm_definition *work = vm_config_find(config, "work");
	assert_string_equal(work->label, "Work & <play>");
	assert_int_equal(work->color, 0x1122ff);
	assert_int_equal(work->memory_min_mib, 1024);
	assert_int_equal(work->memory_max_mib, 2048);
	assert_int_equal(work->vcpus, 3);
	assert_int_equal(work->region_mib, 128);
	assert_string_equal(work->kernel, "/boot/vmlinuz-test");
	assert_int_equal(work->clipboard.copy, VM_CONSENT_DENY); /* of the defaults */
	assert_int_equal(work->clipboard.paste, VM_CONSENT_ASK);
	assert_true(work->clipboard.with_images && work->clipboard.keeps_controls);
	assert_int_equal(work->clipboard.size_max, 64 * 1024);
	assert_int_equal(work->clipboard.timeout_s, 0);
	assert_int_equal(work->network, VM_NETWORK_NAT);
	assert_int_equal(work->template, VM_TEMPLATE_DISK);
	assert_string_equal(work->disk, "/srv/x.qcow2");
	assert_true(work->disk_writable);
	assert_string_equal(work->packages[1], "nixpkgs/release-26.05#firefox");
	assert_int_equal(work->home, VM_HOME_PRIVATE);
	assert_string_equal(work->workspace, "2: web");
	assert_true(work->autostart);
	assert_string_equal(work->file, "config");
	assert_int_equal(work->line, 14);
	vx_cleanup_free char *firewall = vm_firewall_format(&work->firewall);
	assert_string_equal(firewall, "deny; allow dns; allow tcp a.example:443");
	assert_int_equal(work->audio, VM_AUDIO_FULL);
	assert_true(work->usb);
	assert_int_equal(work->usb_device_count, 2);
	assert_int_equal(work->usb_devices[0].vendor, 0x1050);
	assert_int_equal(work->usb_devices[0].product, 0x0407);
	assert_null(work->usb_devices[0].serial);
	assert_false(work->usb_devices[0].forced);
	assert_int_equal(work->usb_devices[1].vendor, 0x046d);
	assert_string_equal(work->usb_devices[1].serial, "AB-12");
	assert_true(work->usb_devices[1].forced);
	assert_int_equal(config->preload, 2);
	assert_int_equal(work->preload, 3);
	assert_true(work->is_disposable);
	assert_false(vm_config_find(config, "plain")->is_disposable);
	assert_int_equal(work->mount_count, 3);
	assert_string_equal(work->mounts[0].target, "/srv");
	assert_string_equal(work->mounts[1].source, "/home/me/work");
	assert_string_equal(work->mounts[1].target, "/work");
	assert_true(work->mounts[1].writable);
	assert_string_equal(work->mounts[2].target, "/data");
	assert_false(work->mounts[2].writable);
	assert_string_equal(work->environment[0], "LANG=de_DE.UTF-8");
	assert_string_equal(work->environment[1], "EMPTY=");
	assert_null(work->environment[2]);
	const struct vm_app *app = vm_definition_find_app(work, "term");
	assert_string_equal(app->name, "A terminal");
	assert_string_equal(app->argv[2], "x y");
	assert_null(app->argv[3]);
	assert_string_equal(app->icon, "utilities-terminal");
	assert_string_equal(vm_definition_find_app(work, "firefox")->argv[0], "firefox");
	assert_true(work->is_configured);
	const struct vm_definition *plain = vm_config_find(config, "plain");
	assert_int_equal(plain->memory_min_mib, 512);
	assert_string_equal(plain->label, "plain");
	vm_config_destroy(config);
}

static void test_mistakes_name_file_and_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"preload many\n", "config:1: expected a number from 0 to 32, found 'many'"},
		{"preload 33\n", "config:1: expected a number from 0 to 32"},
		{"defaults {\npreload 1\n}\n", "config:2: expected 'preload' in a vm block only"},
		{"vm x {\ndisposable yes\n}\n", "config:2: expected 'disposable'"},
		{"vm preload-1\n", "config:1: expected a VM's name that doesn't begin with"},
		{"acel kvm\n",
			"config:1: expected accel, uri, preload, memory-balance, memory-limit, "
			"memory-reserve, defaults or vm, found 'acel'"},
		{"\naccel fast\n", "config:2: expected auto, kvm or tcg, found 'fast'"},
		{"accel kvm\naccel kvm\n", "config:2: expected 'accel' once"},
		{"accel\n", "config:1: expected 1 word after 'accel', found 0"},
		{"uri nonsense\n", "found 'nonsense'"},
		{"vm Work {\n}\n", "config:1: expected a VM's name"},
		{"vm a..b\n", "expected a VM's name"},
		{"vm '../x'\n", "expected a VM's name"},
		{"vm a\nvm a\n", "config:2: expected each VM once, found 'a' again"},
		{"vm a {\n\tcolour red\n}\n", "config:2: expected one of label, color, memory"},
		{"vm a {\n\tclipboard allow\n}\n", "config:2: expected 'clipboard {"},
		{"vm a {\n\tclipboard {\n\t\tcopy yes\n\t}\n}\n",
			"config:3: expected allow, ask or deny, found 'yes'"},
		{"vm a {\n\tclipboard {\n\t\timages ask\n\t}\n}\n", "expected deny or allow"},
		{"vm a {\n\tclipboard {\n\t\tsize 0\n\t}\n}\n", "from 1 to 16384, found '0'"},
		{"vm a {\n\tclipboard {\n\t\tsize 16385\n\t}\n}\n", "found '16385'"},
		{"vm a {\n\tclipboard {\n\t\ttimeout -1\n\t}\n}\n", "expected seconds up to"},
		{"vm a {\n\tclipboard {\n\t\ttype text/html\n\t}\n}\n",
			"expected one of copy, paste"},
		{"vm a {\n\tcolor mauve\n}\n", "config:2: expected #rrggbb or one of red"},
		{"vm a {\n\tcolor #12345\n}\n", "found '#12345'"},
		{"vm a {\n\tcolor red\n\tcolor red\n}\n", "config:3: expected 'color' once"},
		{"vm a {\n\tlabel ''\n}\n", "expected a label"},
		{"vm a {\n\tlabel \"\xe2\x80\xaetxet\"\n}\n", "expected a label"},
		{"vm a {\n\tlabel \"\xff\"\n}\n", "expected a label"},
		{"vm a {\n\tlabel 01234567890123456789012345678901\n}\n", "1 to 31 printable"},
		{"vm a {\n\tmemory 12\n}\n", "from 128 to 1048576"},
		{"vm a {\n\tmemory 99999999999999999999\n}\n", "found '9999999999"},
		{"vm a {\n\tmemory 512 256\n}\n", "at least the minimum, found '256'"},
		{"vm a {\n\tmemory -1\n}\n", "found '-1'"},
		{"vm a {\n\tmemory 1 2 3\n}\n", "expected 'memory MIN [MAX]', found 3 words"},
		{"vm a {\n\tvcpus 0\n}\n", "from 1 to 64"},
		{"vm a {\n\tregion 100\n}\n", "power of two"},
		{"vm a {\n\tnetwork wlan\n}\n", "expected none, nat, net-vm NAME"},
		{"vm a {\n\tnetwork bridge\n}\n", "expected 'bridge NAME'"},
		{"vm a {\n\tnetwork nat x\n}\n", "expected 'nat' and nothing else"},
		{"vm a {\n\tnetwork net-vm A\n}\n", "expected a name after 'net-vm', found 'A'"},
		{"vm a {\n\tnetwork bridge abcdefghijklmnop\n}\n",
			"expected a name after 'bridge'"},
		{"vm a {\n\tfirewall maybe\n}\n", "config:2: expected allow or deny"},
		{"vm a {\n\tfirewall deny {\n\t\tallow tcp x:0\n\t}\n}\n",
			"config:3: expected a port"},
		{"vm a {\n\taudio loud\n}\n", "expected off, output or full"},
		{"vm a {\n\tusb 1050\n}\n", "expected VENDOR:PRODUCT"},
		{"vm a {\n\tusb 1050:040\n}\n", "expected VENDOR:PRODUCT"},
		{"vm a {\n\tusb 1050:04077\n}\n", "expected VENDOR:PRODUCT"},
		{"vm a {\n\tusb 1050:0407:\n}\n", "expected VENDOR:PRODUCT"},
		{"vm a {\n\tusb 1050:0407 please\n}\n", "expected force"},
		{"vm a {\n\tusb on force\n}\n", "expected force behind a device"},
		{"vm a {\n\tusb 1050:0407\n\tusb off\n}\n", "expected no 'usb off'"},
		{"vm a {\n\tkernel vmlinuz\n}\n", "not an absolute path"},
		{"vm a {\n\tmount /a/../b\n}\n", "contains '..'"},
		{"vm a {\n\tmount /a /b rx\n}\n", "expected ro or rw, found 'rx'"},
		{"vm a {\n\tmount /a /usr/lib\n}\n", "not the system's own, found '/usr/lib'"},
		{"vm a {\n\tmount /\n}\n", "not the system's own"},
		{"vm a {\n\tmount /a /x\n\tmount /b /x\n}\n", "config:3: expected one mount"},
		{"vm a {\n\tenv 1A b\n}\n", "name of an environment variable"},
		{"vm a {\n\tenv A=B c\n}\n", "name of an environment variable"},
		{"vm a {\n\tapp a/b\n}\n", "expected an app id"},
		{"vm a {\n\tapp x\n\tapp x\n}\n", "config:3: expected each app once"},
		{"vm a {\n\tapp x {\n\t\trun y\n\t}\n}\n",
			"config:3: expected one of name, exec, icon"},
		{"vm a {\n\tapp x {\n\t\ticon ../y\n\t}\n}\n",
			"config:3: expected the name of an icon"},
		{"vm a {\n\tapp x {\n\t\texec a\n\t\texec b\n\t}\n}\n",
			"config:4: expected 'exec' once"},
		{"vm a {\n\tautostart\n}\n", "config:2: expected 'autostart yes|no', found 0"},
		{"vm a {\n\tautostart maybe\n}\n", "expected yes or no, found 'maybe'"},
		{"vm a {\n\tworkspace ''\n}\n", "expected the name of a workspace"},
		{"vm a {\n\tworkspace 'a\"; exec x'\n}\n", "expected the name of a workspace"},
		{"vm a {\n\tworkspace --no-auto-back-and-forth\n}\n", "name of a workspace"},
		{"vm a {\n\thome shared\n}\n", "expected none, private or disposable"},
		{"vm a {\n\ttemplate docker\n}\n", "expected usr, nix or disk, found 'docker'"},
		{"vm a {\n\ttemplate usr /x\n}\n", "expected nothing after 'usr', found '/x'"},
		{"vm a {\n\ttemplate disk\n}\n", "expected the path of a disk image"},
		{"vm a {\n\ttemplate disk x.img\n}\n", "not an absolute path"},
		{"vm a {\n\ttemplate disk /x.img rx\n}\n", "expected ro or rw, found 'rx'"},
		{"vm a {\n\tpackage --impure\n}\n", "expected a Nix package"},
		{"vm a {\n\tpackage 'a b'\n}\n", "expected a Nix package"},
		{"vm a {\n\tlabel x {\n\t\ty z\n\t}\n}\n", "found a block"},
		{"defaults {\n\tlabel x\n}\n", "config:2: expected 'label' in a vm block only"},
		{"vm a {\n", "config:1: expected }"},
		{"}\n", "config:1: expected a directive"},
		{"vm a { color red }\n", "expected the end of the line after {"},
		{"vm 'a\n", "expected a closing '"},
		{"vm \"a\\\n", "expected a closing \""},
		{"vm \"a\"b\n", "expected a blank after a quoted string"},
		{"vm a\\b\n", "expected quotes around a word"},
		{"vm a\x01\n", "control character \\x01"},
		{"vm a\r\n", "control character \\x0d"},
		{"a {\nb {\nc {\nd {\ne {\nf {\ng {\nh {\ni {\n",
			"config:9: expected at most 8 blocks"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_refused(cases[i].text, cases[i].message);
	}
	vx_cleanup_error struct vx_error err = {};
	assert_null(vm_config_parse("vm a\0b", 6, "config", &err));
}

static void test_numbers_of_things_are_bounded(void **state)
{
	vx_cleanup_free char *text = vx_calloc(1024 * 1024, 1);
	char *end = text + sprintf(text, "vm a {\n");
	for (unsigned i = 0; i <= vm_apps_max; i++) {
		end += sprintf(end, "\tapp a%u\n", i);
	}
	strcpy(end, "}\n");
	assert_refused(text, "expected at most 64 apps");
	end = text;
	for (unsigned i = 0; i <= vm_config_vms_max; i++) {
		end += sprintf(end, "vm a%u\n", i);
	}
	assert_refused(text, "config:257: expected at most 256 VMs");
	end = text + sprintf(text, "vm a {\n\tenv A ");
	memset(end, 'x', 5000);
	strcpy(end + 5000, "\n}\n");
	assert_refused(text, "expected at most 4096 bytes");
}

static void test_packages_get_defaults_and_a_colour(void **state)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_config *config = parse(
		"defaults {\n\tmemory 300\n}\nvm foot {\n\tcolor red\n}\n", &err);
	struct vm_definition *made_up = vm_definition_for_package(config, "firefox", &err);
	assert_int_equal(made_up->memory_min_mib, 300);
	assert_string_equal(made_up->label, "firefox");
	assert_int_equal(made_up->color, vm_definition_default_color("firefox"));
	assert_false(made_up->is_configured);
	struct vm_definition *configured = vm_definition_for_package(config, "foot", &err);
	assert_int_equal(configured->color, 0xcc0000);
	assert_true(configured->is_configured);
	assert_null(vm_definition_for_package(config, "Bad Name", &err));
	assert_int_equal(err.kind, VX_ERROR_USAGE);
	vm_definition_destroy(made_up);
	vm_definition_destroy(configured);
	vm_config_destroy(config);
}

static void write_config(const char *folder, const char *text)
{
	char path[256];
	mkdir(folder, 0700);
	snprintf(path, sizeof(path), "%s/vixos", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/vixos/config", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_files_stack_up(void **state)
{
	char base[] = "/tmp/vixos-test-XXXXXX";
	char first[64], second[64], home[64], dirs[160], override[64];
	vx_cleanup_error struct vx_error err = {};
	assert_non_null(mkdtemp(base));
	snprintf(first, sizeof(first), "%s/first", base);
	snprintf(second, sizeof(second), "%s/second", base);
	snprintf(home, sizeof(home), "%s/home", base);
	snprintf(dirs, sizeof(dirs), "%s:%s:relative:", first, second);
	snprintf(override, sizeof(override), "%s/home/vixos/config", base);
	write_config(first, "accel kvm\nvm a {\n\tlabel first\n}\n");
	write_config(second, "accel tcg\nuri qemu:///system\nvm a {\n\tlabel second\n}\nvm b\n");
	setenv("XDG_CONFIG_DIRS", dirs, 1);
	setenv("XDG_CONFIG_HOME", home, 1);
	unsetenv("VIXOS_CONFIG");
	struct vm_config *config = vm_config_load(&err);
	assert_non_null(config);
	assert_int_equal(config->accel, VM_ACCEL_CHOICE_KVM);
	assert_string_equal(config->uri, "qemu:///system");
	assert_string_equal(vm_config_find(config, "a")->label, "first");
	assert_int_equal(config->definition_count, 2);
	vm_config_destroy(config);

	write_config(home, "vm a {\n\tlabel mine\n}\nvm a\n");
	assert_null(vm_config_load(&err));
	assert_non_null(
		strstr(vx_error_message(&err), "home/vixos/config:4: expected each VM once"));
	write_config(home, "defaults {\n\tvcpus 9\n}\nvm a {\n\tlabel mine\n}\n");
	config = vm_config_load(&err);
	assert_string_equal(vm_config_find(config, "a")->label, "mine");
	assert_int_equal(vm_config_find(config, "b")->vcpus, 9);
	vm_config_destroy(config);

	setenv("VIXOS_CONFIG", override, 1);
	config = vm_config_load(&err);
	assert_int_equal(config->definition_count, 1);
	vm_config_destroy(config);
	setenv("VIXOS_CONFIG", "/nonexistent/config", 1);
	assert_null(vm_config_load(&err));
	assert_int_equal(err.kind, VX_ERROR_USAGE);
	unsetenv("VIXOS_CONFIG");
}

static void test_paths_are_normalised(void **state)
{
	static const struct {
		const char *path, *normal;
	} cases[] = {
		{"/", "/"},
		{"//a//b/", "/a/b"},
		{"/./a/.", "/a"},
		{"/a/...", "/a/..."},
		{"/a b/ü", "/a b/ü"},
		{"", nullptr},
		{"a", nullptr},
		{"/..", nullptr},
		{"/a/..", nullptr},
		{"/a\nb", nullptr},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vx_cleanup_free char *normal = vm_path_normalise(cases[i].path, nullptr);
		if (cases[i].normal == nullptr) {
			assert_null(normal);
		} else {
			assert_string_equal(normal, cases[i].normal);
		}
	}
}

static void test_keys_explain_themselves(void **state)
{
	const char *name, *usage;
	size_t count = 0;
	while (vm_config_key_help(count, &name, &usage)) {
		assert_memory_equal(name, usage, strlen(name));
		count++;
	}
	assert_true(count >= 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_is_read),
		cmocka_unit_test(test_mistakes_name_file_and_line),
		cmocka_unit_test(test_numbers_of_things_are_bounded),
		cmocka_unit_test(test_packages_get_defaults_and_a_colour),
		cmocka_unit_test(test_files_stack_up),
		cmocka_unit_test(test_paths_are_normalised),
		cmocka_unit_test(test_keys_explain_themselves),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
