/* SPDX-License-Identifier: MIT */
/* Colours for VMs that have none: far apart from each other and from the desktop's own. */
#ifndef VM_PALETTE_H
#define VM_PALETTE_H

#include <stdint.h>

static constexpr unsigned palette_size = 12;

/* 0xRRGGBB. */
uint32_t palette_color(unsigned index);
/* Always the same for the same name. */
unsigned palette_index(const char *name);

/* Clients of other sandboxes (Flatpak), and of VMs whose name isn't one. */
static constexpr uint32_t palette_sandbox = 0x9aa0a6ff;
static constexpr uint32_t palette_unknown = 0xff00ffff;

#endif
