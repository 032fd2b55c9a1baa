/* SPDX-License-Identifier: MIT */
#include "vm/guest_cmdline.h"

#include <ctype.h>
#include <string.h>

#include "common/buffer.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"

/*
 * A kernel that panics ends the VM (panic=-1 with QEMU's -no-reboot). The rest saves time at boot:
 * no probing for hardware that isn't there, no self-tests, entropy from the CPU and virtio-rng.
 */
static const char options_always[] =
	"console=ttyS0 quiet panic=-1 random.trust_cpu=on random.trust_bootloader=on "
	"8250.nr_uarts=1 i8042.noaux=1 i8042.nokbd=1 i8042.noprobe=1 cryptomgr.notests=1 "
	"audit=0 nowatchdog no_timer_check rcupdate.rcu_expedited=1 raid=noautodetect";

/*
 * Software emulation doesn't speculate, so its guests need no mitigations between their processes,
 * and its TSC follows the host's clock, so nothing has to be calibrated or watched.
 */
static const char *const options_for_accel[VM_ACCEL_COUNT] = {
	[VM_ACCEL_KVM] = "",
	[VM_ACCEL_TCG] = " mitigations=off tsc=reliable",
};

static const char *const home_words[VM_HOME_COUNT] = {
	[VM_HOME_NONE] = "",
	[VM_HOME_PRIVATE] = " vixos.home=share",
	[VM_HOME_DISPOSABLE] = " vixos.home=tmpfs",
};

static const char *const network_words[VM_NETWORK_COUNT] = {
	[VM_NETWORK_NONE] = "none",
	[VM_NETWORK_NAT] = "nat",
	[VM_NETWORK_VM] = "nat",
	[VM_NETWORK_BRIDGE] = "nat",
	[VM_NETWORK_LIBVIRT] = "nat",
};

/* Bytes that mean something to the kernel's or to our own parser become %XX. */
static bool append_escaped(struct vx_buffer *line, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		char escaped[4] = {(char)byte};
		size_t size = 1;
		if (!isalnum(byte) && strchr("/._-+,@", byte) == nullptr) {
			static const char digits[] = "0123456789abcdef";
			escaped[0] = '%';
			escaped[1] = digits[byte >> 4];
			escaped[2] = digits[byte & 15];
			size = 3;
		}
		if (!vx_buffer_append(line, escaped, size)) {
			return false;
		}
	}
	return true;
}

static bool append_text(struct vx_buffer *line, const char *text)
{
	return vx_buffer_append(line, text, strlen(text));
}

static bool append_devices(struct vx_buffer *line, const struct vm_definition *definition)
{
	bool has_audio = definition->audio != VM_AUDIO_OFF;
	return (!has_audio && !definition->usb) ||
	       (append_text(line, " vixos.devices=") &&
		       append_text(line, has_audio ? "audio" : "") &&
		       append_text(line, has_audio && definition->usb ? "," : "") &&
		       append_text(line, definition->usb ? "usb" : ""));
}

static bool append_mounts(struct vx_buffer *line, const struct vm_definition *definition)
{
	for (size_t i = 0; i < definition->mount_count; i++) {
		const struct vm_mount *mount = &definition->mounts[i];
		vx_cleanup_free char *head = vx_printf(" vixos.mount=%s%zu:%s:",
			VM_MOUNT_TAG_PREFIX, i, mount->writable ? "rw" : "ro");
		if (!append_text(line, head) || !append_escaped(line, mount->target)) {
			return false;
		}
	}
	return true;
}

char *vm_guest_cmdline(
	const struct vm_definition *definition, enum vm_accel accel, struct vx_error *err)
{
	struct vx_buffer line = {.max_size = vm_guest_cmdline_max};
	bool fits = append_text(&line, options_always) &&
		    append_text(&line, options_for_accel[accel]) &&
		    append_text(&line, " vixos.name=") && append_text(&line, definition->name) &&
		    append_text(&line, home_words[definition->home]) &&
		    append_text(&line, " vixos.net=") &&
		    append_text(&line, network_words[definition->network]) &&
		    append_devices(&line, definition) && append_mounts(&line, definition);
	char *text = fits ? vx_strndup((const char *)vx_buffer_bytes(&line), line.size) : nullptr;
	vx_buffer_finish(&line);
	if (!fits) {
		vx_error_set(err,
			"the mounts of VM '%s' don't fit into the kernel's command line of %zu "
			"bytes; use fewer or shorter ones",
			definition->name, vm_guest_cmdline_max);
	}
	return text;
}
