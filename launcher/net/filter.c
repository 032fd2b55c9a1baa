/* SPDX-License-Identifier: MIT */
#include "net/filter.h"

#include <nftables/libnftables.h>
#include <string.h>

#include "common/memory.h"

static constexpr int reason_max = 300;

static const char deny_all[] = "table inet vixos\n"
			       "delete table inet vixos\n"
			       "table inet vixos {\n"
			       "chain output {\n"
			       "type filter hook output priority filter; policy drop;\n"
			       "}\n"
			       "chain forward {\n"
			       "type filter hook forward priority filter; policy drop;\n"
			       "}\n"
			       "}\n";

static void free_context(struct nft_ctx **context)
{
	if (*context != nullptr) {
		nft_ctx_free(*context);
	}
}

bool filter_run(const char *script, struct vx_error *err)
{
	VX_CLEANUP(free_context) struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);
	if (context == nullptr || nft_ctx_buffer_output(context) != 0 ||
		nft_ctx_buffer_error(context) != 0) {
		return vx_error_set(err, "libnftables can't be used");
	}
	if (nft_run_cmd_from_buffer(context, script) != 0) {
		const char *said = nft_ctx_get_error_buffer(context);
		int length = (int)strcspn(said, "\n");
		return vx_error_set(err, "the kernel's nftables refuses the rules: %.*s",
			length < reason_max ? length : reason_max, said);
	}
	return true;
}

bool filter_deny_all(struct vx_error *err)
{
	return filter_run(deny_all, err);
}
