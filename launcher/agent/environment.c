/* SPDX-License-Identifier: MIT */
#include "agent/environment.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "guest_path.h"

/*
 * The same for everyone. There is no GPU: toolkits are told so, because finding out by themselves
 * takes them seconds. There is no session bus either: what would only wait for one is switched off.
 */
static const char *const fixed_entries[] = {
	("PATH=" VX_GUEST_PATH), /* one string: clang asks for the parentheses */
	"TERM=xterm-256color",
	"XDG_SESSION_TYPE=wayland",
	"XDG_DATA_DIRS=/usr/local/share:/usr/share",
	"XDG_CONFIG_DIRS=/etc/xdg",
	"GDK_BACKEND=wayland",
	"QT_QPA_PLATFORM=wayland",
	"SDL_VIDEODRIVER=wayland",
	"MOZ_ENABLE_WAYLAND=1",
	"ELECTRON_OZONE_PLATFORM_HINT=wayland",
	"LIBGL_ALWAYS_SOFTWARE=1",
	"GSK_RENDERER=cairo",
	"GDK_DISABLE=gl,vulkan",
	"WEBKIT_DISABLE_COMPOSITING_MODE=1",
	"QT_QUICK_BACKEND=software",
	"NO_AT_BRIDGE=1",
	"GTK_A11Y=none",
	"GIO_USE_VFS=local",
	"GSETTINGS_BACKEND=memory",
};

/* Those that differ, by field. */
static const struct variable {
	const char *name;
	size_t field;
} variables[] = {
	{"HOME", offsetof(struct environment, home)},
	{"USER", offsetof(struct environment, user)},
	{"LOGNAME", offsetof(struct environment, user)},
	{"SHELL", offsetof(struct environment, shell)},
	{"LANG", offsetof(struct environment, language)},
	{"XDG_RUNTIME_DIR", offsetof(struct environment, runtime_dir)},
	{"WAYLAND_DISPLAY", offsetof(struct environment, wayland_display)},
};

static const char *const shells[] = {"/bin/bash", "/usr/bin/bash", "/bin/sh"};
static const char *const locale_files[] = {"/etc/locale.conf", "/etc/default/locale"};
static constexpr size_t locale_file_max = 4096;

/* The value of LANG in a file of shell assignments; NULL if there is none. */
static char *read_language(const char *path)
{
	vx_cleanup_free char *text = vx_read_file(path, locale_file_max, nullptr, nullptr);
	for (char *line = text; line != nullptr && *line != '\0';) {
		size_t length = strcspn(line, "\n");
		if (strncmp(line, "LANG=", 5) == 0) {
			const char *value = line + 5 + strspn(line + 5, "\"'");
			return vx_strndup(value, strcspn(value, "\"'\n \t"));
		}
		line += length + strspn(line + length, "\n");
	}
	return nullptr;
}

static char *find_language(void)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(locale_files); i++) {
		char *language = read_language(locale_files[i]);
		if (language != nullptr) {
			return language;
		}
	}
	return vx_strdup("C.UTF-8");
}

static const char *find_shell(void)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(shells); i++) {
		if (access(shells[i], X_OK) == 0) {
			return shells[i];
		}
	}
	return "/bin/sh";
}

void environment_init(struct environment *environment, const char *home, const char *runtime_dir,
	const char *wayland_display)
{
	*environment = (struct environment){
		.home = vx_strdup(home),
		.user = vx_strdup("user"),
		.shell = vx_strdup(find_shell()),
		.language = find_language(),
		.runtime_dir = vx_strdup(runtime_dir),
		.wayland_display = vx_strdup(wayland_display),
	};
}

void environment_finish(struct environment *environment)
{
	free(environment->home);
	free(environment->user);
	free(environment->shell);
	free(environment->language);
	free(environment->runtime_dir);
	free(environment->wayland_display);
}

/* Puts `entry` (owned) in place of one of the same name, or at the end. The array has room. */
static void put_entry(char **entries, char *entry)
{
	size_t name_length = strcspn(entry, "=") + 1;
	size_t i = 0;
	while (entries[i] != nullptr && strncmp(entries[i], entry, name_length) != 0) {
		i++;
	}
	free(entries[i]);
	entries[i] = entry;
}

static size_t count_entries(const char *const *entries)
{
	size_t count = 0;
	while (entries != nullptr && entries[count] != nullptr) {
		count++;
	}
	return count;
}

char **environment_build(const struct environment *environment, const char *const *extra)
{
	size_t extra_count = count_entries(extra);
	size_t room = VX_ARRAY_LENGTH(fixed_entries) + VX_ARRAY_LENGTH(variables) + extra_count + 1;
	char **entries = vx_calloc(room, sizeof(entries[0]));
	for (size_t i = 0; i < VX_ARRAY_LENGTH(fixed_entries); i++) {
		put_entry(entries, vx_strdup(fixed_entries[i]));
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(variables); i++) {
		const char *const *field = (const void *)((const char *)environment +
							  variables[i].field);
		if (*field != nullptr) {
			put_entry(entries, vx_printf("%s=%s", variables[i].name, *field));
		}
	}
	for (size_t i = 0; i < extra_count; i++) {
		put_entry(entries, vx_strdup(extra[i]));
	}
	return entries;
}

void environment_free(char **entries)
{
	for (size_t i = 0; entries != nullptr && entries[i] != nullptr; i++) {
		free(entries[i]);
	}
	free(entries);
}
