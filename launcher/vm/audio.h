/* SPDX-License-Identifier: MIT */
/*
 * A VM's sound card: virtio-snd, played through the user's PipeWire. What a VM may do is decided by
 * what QEMU is given: without `full` its card has no capture stream at all, so that there is
 * nothing that a guest, or a mistake in QEMU, could open.
 */
#ifndef VX_LAUNCHER_VM_AUDIO_H
#define VX_LAUNCHER_VM_AUDIO_H

#include "common/error.h"

enum vm_audio : unsigned {
	VM_AUDIO_OFF,    /* no sound card */
	VM_AUDIO_OUTPUT, /* it can play */
	VM_AUDIO_FULL,   /* it can play and record: the microphone is the VM's too */
	VM_AUDIO_COUNT,
};

/* "off", "output" or "full". */
const char *vm_audio_name(enum vm_audio audio);
[[nodiscard]] bool vm_audio_parse(const char *text, enum vm_audio *ret_audio);

/* How many streams the card has: the first one plays, the second one records. */
unsigned vm_audio_streams(enum vm_audio audio);

/* The folder of the user's PipeWire socket, owned by the caller; NULL where none listens there. */
[[nodiscard]] char *vm_audio_server_folder(struct vx_error *err);

#endif
