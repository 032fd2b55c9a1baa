/* SPDX-License-Identifier: MIT */
#include "cli/interrupts.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/fd.h"

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};

static void fill_mask(sigset_t *mask)
{
	sigemptyset(mask);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(watched); i++) {
		sigaddset(mask, watched[i]);
	}
}

bool interrupts_init(struct interrupts *interrupts, struct vx_error *err)
{
	sigset_t mask;
	fill_mask(&mask);
	*interrupts = (struct interrupts){.fd = -1};
	if (sigprocmask(SIG_BLOCK, &mask, nullptr) < 0) {
		return vx_error_set_errno(err, errno, "cannot block signals");
	}
	interrupts->fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupts->fd < 0) {
		return vx_error_set_errno(err, errno, "cannot read signals");
	}
	return true;
}

void interrupts_finish(struct interrupts *interrupts)
{
	sigset_t mask;
	fill_mask(&mask);
	vx_replace_fd(&interrupts->fd, -1);
	(void)sigprocmask(SIG_UNBLOCK, &mask, nullptr);
}

int interrupts_take(struct interrupts *interrupts)
{
	struct signalfd_siginfo info;
	if (read(interrupts->fd, &info, sizeof(info)) != sizeof(info)) {
		return 0;
	}
	int number = (int)info.ssi_signo;
	if (number != SIGWINCH) {
		interrupts->count++;
		interrupts->last = number;
	}
	return number;
}

int interrupts_status(const struct interrupts *interrupts)
{
	return 128 + (interrupts->last != 0 ? interrupts->last : SIGINT);
}
