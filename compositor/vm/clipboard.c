/* SPDX-License-Identifier: MIT */
#include "vm/clipboard.h"

#include "common/error.h"

bool clipboard_transfer(struct seat *seat, struct view *view, enum desktop_clipboard_action action,
	struct vx_error *err)
{
	return vx_error_set(err, "the clipboard between VMs is not there yet");
}
