/* SPDX-License-Identifier: MIT */
/* Lists of commands, as IPC clients and bindings send them, on a tree with windows. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/compositor_fixture.h"
#include "common/error.h"
#include "common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	struct compositor *compositor = compositor_create(nullptr);
	compositor_open(compositor, "a");
	compositor_open(compositor, "b");
	compositor_run(compositor, text);
	compositor_close_requested(compositor);
	vx_cleanup_error struct vx_error err = {};
	vx_assert(tree_verify(compositor->tree, &err));
	compositor_destroy(compositor);
	return 0;
}
