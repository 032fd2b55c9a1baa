/* SPDX-License-Identifier: MIT */
#ifndef INPUT_KEYMAP_H
#define INPUT_KEYMAP_H

#include <xkbcommon/xkbcommon.h>

struct input_config;

/*
 * The keymap that `config` (may be NULL) asks for; the default one, with an error in the log, where
 * there is none such. Given back by xkb_keymap_unref(); NULL where xkbcommon has none at all.
 */
struct xkb_keymap *keymap_create(const struct input_config *config);

#endif
