/* SPDX-License-Identifier: MIT */
#include "vm/audio.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

static const char *const names[] = {
	[VM_AUDIO_OFF] = "off",
	[VM_AUDIO_OUTPUT] = "output",
	[VM_AUDIO_FULL] = "full",
};
static_assert(VX_ARRAY_LENGTH(names) == VM_AUDIO_COUNT);

const char *vm_audio_name(enum vm_audio audio)
{
	return audio < VM_AUDIO_COUNT ? names[audio] : "unknown";
}

bool vm_audio_parse(const char *text, enum vm_audio *ret_audio)
{
	for (unsigned i = 0; i < VM_AUDIO_COUNT; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_audio = (enum vm_audio)i;
			return true;
		}
	}
	return false;
}

unsigned vm_audio_streams(enum vm_audio audio)
{
	return audio == VM_AUDIO_FULL ? 2 : 1;
}

char *vm_audio_server_folder(struct vx_error *err)
{
	const char *folder = getenv("PIPEWIRE_RUNTIME_DIR");
	folder = folder != nullptr ? folder : getenv("XDG_RUNTIME_DIR");
	if (folder == nullptr || folder[0] != '/') {
		vx_error_set(err, "XDG_RUNTIME_DIR is not set");
		return nullptr;
	}
	vx_cleanup_free char *path = vx_printf("%s/pipewire-0", folder);
	vx_cleanup_close int fd = vx_unix_connect(path, SOCK_STREAM, nullptr);
	if (fd < 0) {
		vx_error_set(err, "no PipeWire listens at '%s'", path);
		return nullptr;
	}
	return vx_strdup(folder);
}
