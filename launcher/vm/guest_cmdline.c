/* SPDX-License-Identifier: MIT */
#include "vm/guest_cmdline.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

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
		vx_cleanup_free char *head = vx_printf(" vixos.mount=%s%u:%s:", VM_MOUNT_TAG_PREFIX,
			mount->place, mount->writable ? "rw" : "ro");
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
		    append_text(&line, definition->is_preloaded ? " vixos.preload=yes" : "") &&
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

static constexpr size_t seed_size = 32;
static constexpr size_t machine_id_size = 16;

static void format_hex(const uint8_t *bytes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * size] = '\0';
}

char *vm_guest_bind_line(const char *name, struct vx_error *err)
{
	uint8_t noise[seed_size + machine_id_size];
	char seed[2 * seed_size + 1];
	char machine_id[2 * machine_id_size + 1];
	if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise)) {
		vx_error_set_errno(err, errno, "can't get random bytes");
		return nullptr;
	}
	/* A machine-id is a UUID of version 4, as machine-id(5) wants it. */
	uint8_t *id = noise + seed_size;
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	format_hex(noise, seed_size, seed);
	format_hex(id, machine_id_size, machine_id);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t clock_ns = (uint64_t)now.tv_sec * 1'000'000'000 + (uint64_t)now.tv_nsec;
	char *line = vx_printf("vixos.name=%s vixos.machine=%s vixos.clock=%" PRIu64
			       " vixos.seed=%s\n",
		name, machine_id, clock_ns, seed);
	explicit_bzero(noise, sizeof(noise));
	explicit_bzero(seed, sizeof(seed));
	return line;
}
