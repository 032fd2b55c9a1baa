/* SPDX-License-Identifier: MIT */
#include "vm/check_audio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "vm/audio.h"

static constexpr int answer_deadline_ms = 10'000;
static constexpr size_t answer_max = 4096;

bool vm_check_audio_has_driver(const char *list, const char *driver)
{
	size_t length = strlen(driver);
	while (*list != '\0') {
		size_t line = strcspn(list, "\n");
		if (line == length && strncmp(list, driver, length) == 0) {
			return true;
		}
		list += line + (list[line] == '\n' ? 1 : 0);
	}
	return false;
}

/* Until it closes its output, or for too long. */
static void read_answer(int fd, char answer[static answer_max + 1])
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	while (length < answer_max && poll(&polled, 1, answer_deadline_ms) > 0) {
		ssize_t size = read(fd, answer + length, answer_max - length);
		if (size <= 0) {
			break;
		}
		length += (size_t)size;
	}
	answer[length] = '\0';
}

static bool ask_qemu(char answer[static answer_max + 1], struct vx_error *err)
{
	static const char *const argv[] = {"qemu-system-x86_64", "-audiodev", "help", nullptr};
	int ends[2];
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		return vx_error_set_errno(err, errno, "can't make a pipe");
	}
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	int result = posix_spawnp(&pid, argv[0], &actions, nullptr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	vx_cleanup_close int output = ends[0];
	if (result != 0) {
		return vx_error_set_errno(err, result, "can't run '%s'", argv[0]);
	}
	read_answer(output, answer);
	kill(pid, SIGKILL); /* it has ended, or will never */
	while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
	}
	return true;
}

bool vm_check_audio(const char **ret_remedy, struct vx_error *err)
{
	char answer[answer_max + 1];
	*ret_remedy = "start PipeWire (systemctl --user enable --now pipewire wireplumber)";
	vx_cleanup_free char *folder = vm_audio_server_folder(err);
	if (folder == nullptr) {
		return false;
	}
	*ret_remedy = "install QEMU's audio drivers (Debian: qemu-system-gui, Arch: "
		      "qemu-audio-pipewire, Fedora: qemu-audio-pipewire)";
	if (!ask_qemu(answer, err)) {
		return false;
	}
	return vm_check_audio_has_driver(answer, "pipewire") ||
	       vx_error_set(err, "QEMU can't play through PipeWire");
}
