/* SPDX-License-Identifier: MIT */
/*
 * The smallest guest: an init that says that it runs and obeys single letters that come by the
 * console. With it the library of VMs is tested without the rest of VixOS. Instead of vixos-init in
 * the image.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static void say(int console, const char *text)
{
	(void)!write(console, text, strlen(text));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	(void)!write(fd, text, strlen(text));
	close(fd);
}

static void load_modules(void)
{
	struct dirent **entries;
	int count = scandir("/modules", &entries, nullptr, alphasort);
	if (count < 0 || chdir("/modules") < 0) {
		return;
	}
	for (int i = 0; i < count; i++) {
		int fd = open(entries[i]->d_name, O_RDONLY);
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
}

/* Fills the console as fast as it takes it. */
static void flood(int console)
{
	char line[4096];
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (;;) {
		(void)!write(console, line, sizeof(line));
	}
}

static void obey(int console, char command)
{
	switch (command) {
	case 'o':
		reboot(RB_POWER_OFF);
		break;
	case 'r':
		reboot(RB_AUTOBOOT);
		break;
	case 'c':
		write_file("/proc/sysrq-trigger", "c");
		break;
	case 'f':
		flood(console);
		break;
	case 'e':
		say(console, "\x1b[31mred\x1b]0;title\x07 \xff and back\x1b[0m\r\n");
		break;
	default:
		break;
	}
}

int main(void)
{
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, nullptr);
	mkdir("/dev", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
	int console = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	struct termios settings;
	if (console < 0 || tcgetattr(console, &settings) < 0) {
		return 1;
	}
	cfmakeraw(&settings);
	tcsetattr(console, TCSANOW, &settings);
	load_modules();
	say(console, "tiny guest is ready\n");
	for (;;) {
		char command = 0;
		if (read(console, &command, 1) == 1) {
			obey(console, command);
		}
	}
}
