/* SPDX-License-Identifier: MIT */
#include "init/sound.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/user.h"

#define CONFIG_FOLDER "/etc/pipewire/pipewire.conf.d"

/* `%s` is "sink" or "source", and its name among PipeWire's classes. */
static const char node_format[] = "  { factory = adapter flags = [ nofail ] args = {\n"
				  "      factory.name = api.alsa.pcm.%s\n"
				  "      media.class = \"Audio/%s\"\n"
				  "      node.name = vixos-%s\n"
				  "      node.description = \"VixOS host\"\n"
				  "      api.alsa.path = \"hw:0\"\n"
				  "      priority.session = 1000 } }\n";

static const struct direction {
	const char *device; /* of the first card */
	const char *name, *class;
} directions[] = {
	{"/dev/snd/pcmC0D0p", "sink", "Sink"},
	{"/dev/snd/pcmC0D0c", "source", "Source"},
};

static bool give_nodes(DIR *directory, struct vx_error *err)
{
	int folder = dirfd(directory);
	for (struct dirent *entry = readdir(directory); entry != nullptr;
		entry = readdir(directory)) {
		struct stat info;
		if (fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISCHR(info.st_mode)) {
			continue;
		}
		if (fchownat(folder, entry->d_name, user_id, user_id, 0) != 0 ||
			fchmodat(folder, entry->d_name, 0600, 0) != 0) {
			return vx_error_set_errno(
				err, errno, "can't give /dev/snd/%s to the user", entry->d_name);
		}
	}
	return true;
}

static bool write_config(struct vx_error *err)
{
	static const char *const folders[] = {"/etc/pipewire", CONFIG_FOLDER};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(folders); i++) {
		if (mkdir(folders[i], 0755) != 0 && errno != EEXIST) {
			return vx_error_set_errno(err, errno, "can't make '%s'", folders[i]);
		}
	}
	FILE *file = fopen(CONFIG_FOLDER "/90-vixos.conf", "we");
	if (file == nullptr) {
		return vx_error_set_errno(err, errno, "can't write in '%s'", CONFIG_FOLDER);
	}
	fputs("context.objects = [\n", file);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(directions); i++) {
		const struct direction *direction = &directions[i];
		if (access(direction->device, F_OK) == 0) {
			fprintf(file, node_format, direction->name, direction->class,
				direction->name);
		}
	}
	fputs("]\n", file);
	return fclose(file) == 0 ||
	       vx_error_set_errno(err, errno, "can't write in '%s'", CONFIG_FOLDER);
}

bool sound_give(struct vx_error *err)
{
	DIR *directory = opendir("/dev/snd");
	if (directory == nullptr) {
		return true;
	}
	bool given = give_nodes(directory, err);
	closedir(directory);
	return given && write_config(err);
}
