/* SPDX-License-Identifier: MIT */
/* Machines as the JSON objects of org.vixos.Manager. */
#include <stdio.h>

#include "daemon/daemon.h"
#include "daemon/manager_call.h"
#include "daemon/proxy.h"
#include "vm/definition.h"

#define PAIR SD_JSON_BUILD_PAIR
#define PAIR_IF SD_JSON_BUILD_PAIR_CONDITION
#define STRING SD_JSON_BUILD_STRING

static constexpr uint64_t ns_per_ms = 1'000'000;

sd_json_variant *manager_json_vm(const struct machine *machine)
{
	const struct vm_definition *definition = machine->definition;
	const char *message = machine_get_message(machine);
	pid_t proxy_pid = proxy_get_pid(machine->proxy);
	char color[8];
	snprintf(color, sizeof(color), "#%06x", definition->color & 0xffffff);
	sd_json_variant *object = nullptr;
	(void)sd_json_buildo(&object, SD_JSON_BUILD_PAIR_STRING("name", machine->name),
		SD_JSON_BUILD_PAIR_STRING("label", definition->label),
		SD_JSON_BUILD_PAIR_STRING("color", color),
		SD_JSON_BUILD_PAIR_STRING("state", machine_state_name(machine->state)),
		PAIR_IF(message != nullptr, "message", STRING(message)),
		SD_JSON_BUILD_PAIR_BOOLEAN("configured", definition->is_configured),
		SD_JSON_BUILD_PAIR_BOOLEAN("disposable", definition->is_disposable),
		PAIR_IF(definition->base != nullptr, "like", STRING(definition->base)),
		PAIR_IF(machine->display != nullptr, "display", STRING(machine->display)),
		PAIR_IF(machine->workspace != nullptr, "workspace", STRING(machine->workspace)),
		SD_JSON_BUILD_PAIR_BOOLEAN("untagged", machine->untagged),
		SD_JSON_BUILD_PAIR_UNSIGNED("clients", machine->clients),
		SD_JSON_BUILD_PAIR_UNSIGNED("windows", machine->windows),
		SD_JSON_BUILD_PAIR_UNSIGNED(
			"stateMs", daemon_now_ms(machine->daemon) - machine->state_since_ms),
		PAIR_IF(proxy_pid > 0, "proxyPid", SD_JSON_BUILD_INTEGER(proxy_pid)));
	return object;
}

static sd_json_variant *json_mounts(const struct vm_definition *definition)
{
	sd_json_variant *array = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		(void)sd_json_variant_append_arraybo(&array,
			SD_JSON_BUILD_PAIR_STRING("source", mount->source),
			SD_JSON_BUILD_PAIR_STRING("target", mount->target),
			SD_JSON_BUILD_PAIR_BOOLEAN("writable", mount->writable),
			SD_JSON_BUILD_PAIR_BOOLEAN("live", mount->hot != 0));
	}
	return array;
}

static sd_json_variant *json_apps(const struct vm_definition *definition)
{
	sd_json_variant *array = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	for (size_t i = 0; i < definition->app_count; i++) {
		const struct vm_app *app = &definition->apps[i];
		(void)sd_json_variant_append_arraybo(&array,
			SD_JSON_BUILD_PAIR_STRING("id", app->id),
			SD_JSON_BUILD_PAIR_STRING("name", app->name),
			PAIR_IF(app->icon != nullptr, "icon", STRING(app->icon)),
			SD_JSON_BUILD_PAIR_STRV("command", app->argv));
	}
	return array;
}

static sd_json_variant *json_usb_devices(const struct vm_definition *definition)
{
	sd_json_variant *array = nullptr;
	(void)sd_json_variant_new_array(&array, nullptr, 0);
	for (size_t i = 0; i < definition->usb_device_count; i++) {
		vx_cleanup_free char *text = vm_usb_assignment_format(&definition->usb_devices[i]);
		(void)sd_json_variant_append_arrayb(&array, STRING(text));
	}
	return array;
}

sd_json_variant *manager_json_definition(const struct machine *machine)
{
	const struct vm_definition *definition = machine->definition;
	vx_cleanup_free char *network = vm_network_format(definition);
	vx_cleanup_free char *firewall = vm_firewall_format(&definition->firewall);
	sd_json_variant *mounts = json_mounts(definition);
	sd_json_variant *apps = json_apps(definition);
	sd_json_variant *usb_devices = json_usb_devices(definition);
	sd_json_variant *object = nullptr;
	(void)sd_json_buildo(&object,
		SD_JSON_BUILD_PAIR_UNSIGNED("memoryMinMiB", definition->memory_min_mib),
		SD_JSON_BUILD_PAIR_UNSIGNED("memoryMaxMiB", definition->memory_max_mib),
		SD_JSON_BUILD_PAIR_UNSIGNED("vcpus", definition->vcpus),
		SD_JSON_BUILD_PAIR_UNSIGNED("regionMiB", definition->region_mib),
		SD_JSON_BUILD_PAIR_STRING("template", vm_template_name(definition->template)),
		PAIR_IF(definition->disk != nullptr, "disk", STRING(definition->disk)),
		PAIR_IF(definition->disk != nullptr, "firmware",
			STRING(definition->uefi ? "uefi" : "bios")),
		SD_JSON_BUILD_PAIR_STRING("home", vm_home_name(definition->home)),
		PAIR_IF(definition->workspace != nullptr, "workspace",
			STRING(definition->workspace)),
		SD_JSON_BUILD_PAIR_BOOLEAN("autostart", definition->autostart),
		PAIR_IF(definition->packages != nullptr, "packages",
			SD_JSON_BUILD_STRV(definition->packages)),
		PAIR_IF(definition->file != nullptr, "file", STRING(definition->file)),
		PAIR_IF(definition->file != nullptr, "line",
			SD_JSON_BUILD_UNSIGNED(definition->line)),
		SD_JSON_BUILD_PAIR_STRING("network", network),
		SD_JSON_BUILD_PAIR_STRING("firewall", firewall),
		SD_JSON_BUILD_PAIR_STRING("audio", vm_audio_name(definition->audio)),
		SD_JSON_BUILD_PAIR_BOOLEAN("usb", definition->usb),
		SD_JSON_BUILD_PAIR_VARIANT("usbDevices", usb_devices),
		PAIR_IF(definition->kernel != nullptr, "kernel", STRING(definition->kernel)),
		SD_JSON_BUILD_PAIR_VARIANT("mounts", mounts),
		SD_JSON_BUILD_PAIR_VARIANT("apps", apps));
	sd_json_variant_unref(mounts);
	sd_json_variant_unref(apps);
	sd_json_variant_unref(usb_devices);
	return object;
}

sd_json_variant *manager_json_stats(const struct machine *machine)
{
	const struct machine_memory *memory = &machine->memory;
	const struct balancer_vm *vm = &memory->vm;
	bool has_claim = vm->claimed_at_ms != 0;
	sd_json_variant *object = nullptr;
	(void)sd_json_buildo(&object, SD_JSON_BUILD_PAIR_STRING("name", machine->name),
		SD_JSON_BUILD_PAIR_REAL("cpuPercent", memory->cpu_percent),
		SD_JSON_BUILD_PAIR_UNSIGNED("memoryMinMiB", machine->definition->memory_min_mib),
		SD_JSON_BUILD_PAIR_UNSIGNED("memoryMaxMiB", machine->definition->memory_max_mib),
		PAIR_IF(vm->granted > 0, "memoryGrantedMiB", SD_JSON_BUILD_UNSIGNED(vm->granted)),
		PAIR_IF(vm->resident > 0, "memoryResidentMiB",
			SD_JSON_BUILD_UNSIGNED(vm->resident)),
		PAIR_IF(has_claim, "memoryUsedMiB", SD_JSON_BUILD_UNSIGNED(vm->claimed_used)),
		PAIR_IF(has_claim, "memoryPressure",
			SD_JSON_BUILD_REAL(vm->claimed_pressure / 100.0)));
	return object;
}

/* What lies between two points in time, if both have been. */
static uint64_t span_ms(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns) / ns_per_ms : 0;
}

sd_json_variant *manager_json_times(const struct machine *machine)
{
	const struct machine_times *times = &machine->times;
	sd_json_variant *object = nullptr;
	if (times->start.resumed_at == 0 || times->link_up_at == 0) {
		return nullptr;
	}
	(void)sd_json_buildo(&object,
		SD_JSON_BUILD_PAIR_UNSIGNED("prepareMs", times->start.prepare_ns / ns_per_ms),
		SD_JSON_BUILD_PAIR_UNSIGNED("libvirtMs", times->start.libvirt_ns / ns_per_ms),
		SD_JSON_BUILD_PAIR_UNSIGNED(
			"bootMs", span_ms(times->start.resumed_at, times->link_up_at)),
		PAIR_IF(times->first_frame_at != 0, "firstFrameMs",
			SD_JSON_BUILD_UNSIGNED(span_ms(times->link_up_at, times->first_frame_at))));
	return object;
}
