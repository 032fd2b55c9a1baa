/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/compositor_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	/* Would read other files and, as in sway, run what is in $(…). */
	if (strcasestr(text, "include")) {
		return 0;
	}
	struct compositor *compositor = compositor_create(text);
	compositor_open(compositor, "a");
	compositor_close_requested(compositor);
	compositor_destroy(compositor);
	return 0;
}
