/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/fd.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"
#include "vm/runtime_dir.h"

#define REGION "vixos-work-0123456789abcdef0123456789abcdef"
#define NETWORK_SOCKET "/run/user/1000/libvirt/qemu/run/passt/vixos-work.sock"

static struct vm_domain_parts example(struct vm_definition **ret_definition)
{
	static const struct vm_runtime_dir runtime = {
		.path = (char *)"/run/user/1000/vixos/vm/work",
		.link_socket = (char *)"/run/user/1000/vixos/vm/work/link.sock",
		.console_socket = (char *)"/run/user/1000/vixos/vm/work/console.sock",
		.bind_socket = (char *)"/run/user/1000/vixos/vm/work/bind.sock",
		.network_socket = (char *)NETWORK_SOCKET,
	};
	struct vm_definition *definition = vm_definition_create("work");
	*ret_definition = definition;
	return (struct vm_domain_parts){
		.definition = definition,
		.runtime = &runtime,
		.accel = VM_ACCEL_TCG,
		.kernel = "/boot/vmlinuz",
		.initramfs = "/cache/initramfs",
		.cmdline = "console=ttyS0 quiet",
		.region_name = REGION,
	};
}

static void assert_has(const char *xml, const char *part)
{
	if (strstr(xml, part) == nullptr) {
		print_message("no %s in:\n%s\n", part, xml);
	}
	assert_non_null(strstr(xml, part));
}

/* libvirt's own schema, where it is installed. */
static void assert_valid(const char *xml)
{
	char path[] = "/tmp/vixos-domain-XXXXXX";
	if (access("/usr/bin/virt-xml-validate", X_OK) != 0 ||
		access("/usr/bin/xmllint", X_OK) != 0) {
		return;
	}
	int fd = mkstemp(path);
	assert_true(vx_write_all(fd, xml, strlen(xml), nullptr));
	close(fd);
	char command[256];
	snprintf(command, sizeof(command), "virt-xml-validate %s domain >/dev/null", path);
	assert_int_equal(system(command), 0);
	unlink(path);
}

static void test_a_domain_has_what_a_vm_needs(void **state)
{
	static const char *const expected[] = {
		"<domain type=\"qemu\">",
		"<name>vixos-work</name>",
		"xmlns:vixos=\"urn:x-vixos:domain:1\"",
		"<source type=\"memfd\"/>",
		"<access mode=\"shared\"/>",
		"<kernel>/boot/vmlinuz</kernel>",
		"<initrd>/cache/initramfs</initrd>",
		"<on_crash>destroy</on_crash>",
		"<source dir=\"/usr\"/>",
		"<readonly/>",
		"<shmem name=\"" REGION "\">",
		"<model type=\"ivshmem-plain\"/>",
		"name=\"org.vixos.link\"",
		"path=\"/run/user/1000/vixos/vm/work/link.sock\"",
		"<panic model=\"pvpanic\"/>",
		"<rng model=\"virtio\">",
		"type=\"usb\" model=\"none\"",
		"freePageReporting=\"on\"",
		"<tb-cache unit=\"MiB\">",
	};
	static const char *const unwanted[] = {
		"<interface", "<graphics", "<video", "<loader", "autodestroy", "<sound"};
	struct vm_definition *definition;
	vx_cleanup_error struct vx_error err = {};
	struct vm_domain_parts parts = example(&definition);
	vx_cleanup_free char *xml = vm_domain_xml_format(&parts, &err);
	assert_non_null(xml);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_has(xml, expected[i]);
	}
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		assert_null(strstr(xml, unwanted[i]));
	}
	assert_valid(xml);
	vm_definition_destroy(definition);
}

static void test_options_show(void **state)
{
	struct vm_definition *definition;
	vx_cleanup_error struct vx_error err = {};
	struct vm_domain_parts parts = example(&definition);
	definition->network = VM_NETWORK_NAT;
	assert_true(vm_firewall_parse(&definition->firewall, "deny; allow dns", nullptr));
	definition->memory_min_mib = 300;
	definition->memory_max_mib = 4000;
	definition->region_mib = 128;
	definition->vcpus = 7;
	parts.accel = VM_ACCEL_KVM;
	parts.firmware = "/usr/share/qemu/qboot.rom";
	/* More shares than there are slots right on the root complex. */
	for (unsigned i = 0; i < vm_mounts_max; i++) {
		char path[32];
		snprintf(path, sizeof(path), "/m/%u", i);
		vm_definition_add_mount(definition, path, path, i % 2 == 1);
	}
	vx_cleanup_free char *xml = vm_domain_xml_format(&parts, &err);
	assert_non_null(xml);
	assert_has(xml, "<domain type=\"kvm\">");
	assert_has(xml, "<cpu mode=\"host-passthrough\"/>");
	assert_has(xml, "<interface type=\"vhostuser\">");
	assert_has(xml, "<source type=\"unix\" path=\"" NETWORK_SOCKET "\" mode=\"client\"/>");
	assert_null(strstr(
		xml, "<backend type=\"passt\"")); /* libvirt's passt maps the host's loopback */
	assert_has(xml, "<memory unit=\"MiB\">4000</memory>");
	assert_has(xml, "<currentMemory unit=\"MiB\">300</currentMemory>");
	assert_has(xml, "<size unit=\"M\">128</size>");
	assert_has(xml, "<vcpu>7</vcpu>");
	assert_has(xml, "qboot.rom</loader>");
	assert_has(xml, "<target dir=\"mount31\"/>");
	assert_null(strstr(xml, "slot=\"31\""));
	assert_null(strstr(xml, "tb-cache"));
	assert_valid(xml);
	vm_definition_destroy(definition);
}

static char *format_with(enum vm_audio audio, bool usb)
{
	struct vm_definition *definition;
	vx_cleanup_error struct vx_error err = {};
	struct vm_domain_parts parts = example(&definition);
	definition->audio = audio;
	definition->usb = usb;
	parts.audio_folder = audio != VM_AUDIO_OFF ? "/run/user/1000" : nullptr;
	char *xml = vm_domain_xml_format(&parts, &err);
	assert_non_null(xml);
	assert_valid(xml);
	struct vm_definition *parsed = nullptr;
	vx_cleanup_free char *region = nullptr;
	assert_true(vm_domain_xml_parse(xml, &parsed, &region, &err));
	assert_int_equal(parsed->audio, audio);
	assert_int_equal(parsed->usb, usb);
	vm_definition_destroy(parsed);
	vm_definition_destroy(definition);
	return xml;
}

static void test_only_full_audio_can_record(void **state)
{
	vx_cleanup_free char *output = format_with(VM_AUDIO_OUTPUT, false);
	assert_has(output, "<sound model=\"virtio\" streams=\"1\">");
	assert_has(output, "type=\"pipewire\" runtimeDir=\"/run/user/1000\"");
	assert_has(output, "<output streamName=\"vixos-work\"/>");
	assert_null(strstr(output, "<input"));
	vx_cleanup_free char *full = format_with(VM_AUDIO_FULL, false);
	assert_has(full, "streams=\"2\"");
	assert_has(full, "<input streamName=\"vixos-work\"/>");
}

static void test_usb_has_places(void **state)
{
	vx_cleanup_free char *without = format_with(VM_AUDIO_OFF, false);
	assert_has(without, "type=\"usb\" model=\"none\"");
	assert_null(strstr(without, "redirdev"));
	vx_cleanup_free char *with = format_with(VM_AUDIO_FULL, true);
	assert_has(with, "type=\"usb\" model=\"qemu-xhci\"");
	assert_has(with, "path=\"/run/user/1000/vixos/vm/work/usb0.sock\"");
	assert_has(with, "/usb3.sock");
	assert_null(strstr(with, "/usb4.sock"));
}

static void test_hostile_values_stay_values(void **state)
{
	static const char *const hostile[] = {
		"<>&\"'",
		"</name><name>evil",
		"]]>",
		"<!-- x -->",
		"&lt;",
		"x\"/><y a=\"",
		"${HOME}",
		"%s%n",
		"<![CDATA[x]]>",
		"<?pi?>",
		"a,b=c",
	};
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct vm_definition *definition;
		struct vm_definition *read_back = nullptr;
		vx_cleanup_error struct vx_error err = {};
		vx_cleanup_free char *region = nullptr;
		struct vm_domain_parts parts = example(&definition);
		vx_cleanup_free char *path = vx_printf("/%s", hostile[i]);
		/* "</name>…" has a slash, so that the path has two parts; still one path. */
		vx_replace_string(&definition->label, hostile[i]);
		vm_definition_add_mount(definition, path, path, true);
		parts.kernel = path;
		parts.cmdline = hostile[i];
		vx_cleanup_free char *xml = vm_domain_xml_format(&parts, &err);
		assert_non_null(xml);
		assert_true(vm_domain_xml_parse(xml, &read_back, &region, &err));
		assert_string_equal(read_back->label, hostile[i]);
		assert_string_equal(read_back->mounts[0].source, path);
		assert_string_equal(region, REGION);
		assert_valid(xml);
		vm_definition_destroy(read_back);
		vm_definition_destroy(definition);
	}
}

static void test_what_xml_cannot_carry_is_refused(void **state)
{
	static const char *const bad[] = {"", "\xff\xfe", "a\x01", "a\nb", "\x7f", nullptr};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vm_definition *definition;
		vx_cleanup_error struct vx_error err = {};
		struct vm_domain_parts parts = example(&definition);
		parts.cmdline = bad[i];
		assert_null(vm_domain_xml_format(&parts, &err));
		assert_non_null(err.message);
		parts.cmdline = "quiet";
		parts.kernel = bad[i];
		assert_null(vm_domain_xml_format(&parts, &err));
		parts.kernel = "/boot/vmlinuz";
		if (bad[i] != nullptr) {
			vx_replace_string(&definition->label, bad[i]);
			assert_null(vm_domain_xml_format(&parts, &err));
		}
		vm_definition_destroy(definition);
	}
}

static void test_bad_names_are_refused(void **state)
{
	static const char *const regions[] = {"vixos-other-0123456789abcdef0123456789abcdef",
		"vixos-work-0123", "../vixos-work-0123456789abcdef0123456789abcdef", "",
		"/etc/passwd", "vixos-work-0123456789abcdef0123456789abcdeg"};
	static const char *const names[] = {"Work", "../work", "wo rk", "", "a<b"};
	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		struct vm_definition *definition;
		vx_cleanup_error struct vx_error err = {};
		struct vm_domain_parts parts = example(&definition);
		parts.region_name = regions[i];
		assert_null(vm_domain_xml_format(&parts, &err));
		vm_definition_destroy(definition);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vm_definition *definition;
		vx_cleanup_error struct vx_error err = {};
		struct vm_domain_parts parts = example(&definition);
		vx_replace_string(&definition->name, names[i]);
		assert_null(vm_domain_xml_format(&parts, &err));
		vm_definition_destroy(definition);
	}
}

#define METADATA(name, rest)                                                           \
	"<domain><name>vixos-work</name><metadata><v:vm xmlns:v='" VM_DOMAIN_NAMESPACE \
	"' name='" name "' " rest "/></metadata></domain>"
#define GOOD                                                                                    \
	"label='l' color='#000000' memory-min='200' memory-max='200' vcpus='1' network='none' " \
	"region='" REGION "' region-size='64'"

static void test_foreign_domains_are_left_alone(void **state)
{
	static const char *const foreign[] = {
		"",
		"no xml",
		"<domain/>",
		"<domain><name>vixos-work</name></domain>",
		"<domain><name>vixos-work</name><metadata/></domain>",
		METADATA("other", GOOD), /* another name than the domain's */
		METADATA("../x", GOOD),
		METADATA("work", ""),
		METADATA("work",
			"label='l' color='#000000' memory-min='1' memory-max='1' vcpus='1' "
			"network='none' region='" REGION "' region-size='64'"),
		METADATA("work", "label='l' color='#000000' memory-min='200' memory-max='100' "
				 "vcpus='1' network='none' region='" REGION "' region-size='64'"),
		METADATA("work", "label='&#x202e;l' color='#000000' memory-min='200' "
				 "memory-max='200' vcpus='1' network='none' region='" REGION
				 "' region-size='64'"),
		METADATA("work", "label='l' color='#000000' memory-min='200' memory-max='200' "
				 "vcpus='1' network='none' region='../etc' region-size='64'"),
		METADATA("work", GOOD " home='elsewhere'"),
		METADATA("work", GOOD " template='floppy'"),
		"<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>",
	};
	struct vm_definition *definition = nullptr;
	char *region = nullptr;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		vx_cleanup_error struct vx_error err = {};
		assert_false(vm_domain_xml_parse(foreign[i], &definition, &region, &err));
		assert_non_null(err.message);
	}
	assert_true(vm_domain_xml_parse(METADATA("work", GOOD), &definition, &region, nullptr));
	vm_definition_destroy(definition);
	free(region);
}

/* One that was preloaded keeps its domain's name, and nobody else may have another than his own. */
static void test_a_preloaded_domain_can_be_anybodys(void **state)
{
	static const char taken[] =
		"<domain><name>vixos-preload-1</name><metadata><v:vm xmlns:v='" VM_DOMAIN_NAMESPACE
		"' name='work' " GOOD " disposable='yes' base='firefox'/></metadata></domain>";
	static const char *const wrong[] = {
		METADATA("work", GOOD " preloaded='yes'"),
		METADATA("preload-1", GOOD),
		METADATA("work", GOOD " base='../x'"),
		"<domain><name>vixos-preload-1</name><metadata><v:vm xmlns:v='" VM_DOMAIN_NAMESPACE
		"' name='preload-2' " GOOD " preloaded='yes'/></metadata></domain>",
	};
	struct vm_definition *definition = nullptr;
	char *region = nullptr;
	assert_true(vm_domain_xml_parse(taken, &definition, &region, nullptr));
	assert_string_equal(definition->name, "work");
	assert_string_equal(vm_definition_base(definition), "firefox");
	assert_true(definition->is_disposable);
	assert_false(definition->is_preloaded);
	vm_definition_destroy(definition);
	free(region);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(vm_domain_xml_parse(wrong[i], &definition, &region, nullptr));
	}
}

static void test_metadata_alone(void **state)
{
	struct vm_definition *definition;
	vx_cleanup_error struct vx_error err = {};
	(void)example(&definition);
	vx_replace_string(&definition->label, "<&\"'>");
	vx_cleanup_free char *text = vm_domain_metadata_format(definition, REGION, &err);
	assert_non_null(text);
	assert_has(text, "<vm name=\"work\" label=\"&lt;&amp;&quot;'&gt;\"");
	assert_null(strstr(text, "xmlns"));
	assert_null(vm_domain_metadata_format(definition, "region", &err));
	vm_definition_destroy(definition);
}

static void test_a_preloaded_vm_waits_to_be_bound(void **state)
{
	struct vm_definition *definition;
	vx_cleanup_error struct vx_error err = {};
	struct vm_domain_parts parts = example(&definition);
	vx_replace_string(&definition->name, "preload-1");
	definition->is_preloaded = true;
	parts.region_name = "vixos-preload-1-0123456789abcdef0123456789abcdef";
	vx_cleanup_free char *xml = vm_domain_xml_format(&parts, &err);
	assert_non_null(xml);
	assert_has(xml, "name=\"org.vixos.bind\"");
	assert_has(xml, "preloaded=\"yes\"");
	assert_valid(xml);
	vm_definition_destroy(definition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_domain_has_what_a_vm_needs),
		cmocka_unit_test(test_options_show),
		cmocka_unit_test(test_only_full_audio_can_record),
		cmocka_unit_test(test_usb_has_places),
		cmocka_unit_test(test_hostile_values_stay_values),
		cmocka_unit_test(test_what_xml_cannot_carry_is_refused),
		cmocka_unit_test(test_bad_names_are_refused),
		cmocka_unit_test(test_foreign_domains_are_left_alone),
		cmocka_unit_test(test_a_preloaded_domain_can_be_anybodys),
		cmocka_unit_test(test_metadata_alone),
		cmocka_unit_test(test_a_preloaded_vm_waits_to_be_bound),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
