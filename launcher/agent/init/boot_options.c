/* SPDX-License-Identifier: MIT */
#include "init/boot_options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/name.h"

static int hex_value(char digit)
{
	if (!isxdigit((unsigned char)digit)) {
		return -1;
	}
	return isdigit((unsigned char)digit) ? digit - '0'
					     : tolower((unsigned char)digit) - 'a' + 10;
}

/* Undoes %XX; NULL where that is malformed or means NUL. */
static char *unescape(const char *text)
{
	vx_cleanup_free char *plain = vx_calloc(strlen(text) + 1, 1);
	size_t length = 0;
	for (; *text != '\0'; text++) {
		if (*text != '%') {
			plain[length++] = *text;
			continue;
		}
		int high = hex_value(text[1]);
		int low = high < 0 ? -1 : hex_value(text[2]);
		if (low < 0 || high + low == 0) {
			return nullptr;
		}
		plain[length++] = (char)(high * 16 + low);
		text += 2;
	}
	return vx_take_ptr(plain);
}

static bool path_is_plain(const char *path)
{
	return path[0] == '/' && path[1] != '\0' && strstr(path, "/../") == nullptr &&
	       strstr(path, "//") == nullptr &&
	       (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

static bool parse_name(struct boot_options *options, const char *value)
{
	if (!vx_vm_name_is_valid(value)) {
		return false;
	}
	vx_replace_string(&options->name, value);
	return true;
}

static bool parse_network(struct boot_options *options, const char *value)
{
	options->network = strcmp(value, "nat") == 0;
	return options->network || strcmp(value, "none") == 0;
}

static bool parse_home(struct boot_options *options, const char *value)
{
	if (strcmp(value, "share") == 0) {
		options->home = BOOT_HOME_SHARE;
	} else if (strcmp(value, "tmpfs") == 0) {
		options->home = BOOT_HOME_TMPFS;
	} else {
		options->home = BOOT_HOME_NONE;
		return strcmp(value, "none") == 0;
	}
	return true;
}

/* DEVICE[,DEVICE…]: what the VM has besides what all have */
static bool parse_devices(struct boot_options *options, const char *value)
{
	const struct {
		const char *name;
		bool *field;
	} devices[] = {{"audio", &options->audio}, {"usb", &options->usb}};
	while (*value != '\0') {
		size_t length = strcspn(value, ",");
		bool is_known = false;
		for (size_t i = 0; i < VX_ARRAY_LENGTH(devices); i++) {
			if (strlen(devices[i].name) == length &&
				strncmp(value, devices[i].name, length) == 0) {
				*devices[i].field = is_known = true;
			}
		}
		if (!is_known) {
			return false;
		}
		value += length + (value[length] == ',' ? 1 : 0);
	}
	return true;
}

/* TAG:ro|rw:PATH. Tags name files, too (mounts.c). */
static bool parse_mount(struct boot_options *options, const char *value)
{
	const char *mode = strchr(value, ':');
	if (options->mount_count == boot_mounts_max || mode == nullptr || mode == value ||
		memchr(value, '/', (size_t)(mode - value)) != nullptr ||
		(strncmp(mode, ":ro:", 4) != 0 && strncmp(mode, ":rw:", 4) != 0)) {
		return false;
	}
	vx_cleanup_free char *target = unescape(mode + 4);
	if (target == nullptr || !path_is_plain(target)) {
		return false;
	}
	options->mounts[options->mount_count++] = (struct boot_mount){
		.tag = vx_strndup(value, (size_t)(mode - value)),
		.target = vx_take_ptr(target),
		.writable = mode[2] == 'w',
	};
	return true;
}

static bool parse_preloaded(struct boot_options *options, const char *value)
{
	options->preloaded = strcmp(value, "yes") == 0;
	return options->preloaded;
}

static bool parse_seed(struct boot_options *options, const char *value)
{
	if (strlen(value) != 2 * boot_seed_size) {
		return false;
	}
	for (size_t i = 0; i < boot_seed_size; i++) {
		int high = hex_value(value[2 * i]);
		int low = hex_value(value[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		options->seed[i] = (uint8_t)(high * 16 + low);
	}
	options->has_seed = true;
	return true;
}

static bool parse_machine_id(struct boot_options *options, const char *value)
{
	if (strlen(value) != boot_machine_id_length ||
		strspn(value, "0123456789abcdef") != boot_machine_id_length) {
		return false;
	}
	vx_replace_string(&options->machine_id, value);
	return true;
}

static bool parse_clock(struct boot_options *options, const char *value)
{
	static constexpr size_t digits_max = 19; /* what 63 bits hold */
	size_t length = strlen(value);
	if (length == 0 || length > digits_max || strspn(value, "0123456789") != length) {
		return false;
	}
	options->clock_ns = strtoull(value, nullptr, 10);
	return options->clock_ns <= INT64_MAX;
}

static const struct key {
	const char *prefix;
	bool (*parse)(struct boot_options *options, const char *value);
} keys[] = {
	{"vixos.name=", parse_name},
	{"vixos.net=", parse_network},
	{"vixos.home=", parse_home},
	{"vixos.devices=", parse_devices},
	{"vixos.mount=", parse_mount},
	{"vixos.preload=", parse_preloaded},
	{"vixos.seed=", parse_seed},
	{"vixos.machine=", parse_machine_id},
	{"vixos.clock=", parse_clock},
};

static bool parse_word(struct boot_options *options, const char *word, struct vx_error *err)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(keys); i++) {
		size_t length = strlen(keys[i].prefix);
		if (strncmp(word, keys[i].prefix, length) == 0) {
			return keys[i].parse(options, word + length) ||
			       vx_error_set(
				       err, "can't use '%s' on the kernel's command line", word);
		}
	}
	return true;
}

bool boot_options_parse(struct boot_options *options, const char *cmdline, struct vx_error *err)
{
	*options = (struct boot_options){.name = vx_strdup("vixos")};
	while (*cmdline != '\0') {
		size_t length = strcspn(cmdline, " \n");
		vx_cleanup_free char *word = vx_strndup(cmdline, length);
		if (!parse_word(options, word, err)) {
			boot_options_finish(options);
			return false;
		}
		cmdline += length;
		cmdline += strspn(cmdline, " \n");
	}
	return true;
}

void boot_options_finish(struct boot_options *options)
{
	free(options->name);
	free(options->machine_id);
	for (size_t i = 0; i < options->mount_count; i++) {
		free(options->mounts[i].tag);
		free(options->mounts[i].target);
	}
	*options = (struct boot_options){};
}
