/* SPDX-License-Identifier: MIT */
#include "daemon/manager_idl.h"

#include "manager_names.h"

/* sd-varlink's tables end in flexible arrays that are initialised, a GNU extension. */
#pragma GCC diagnostic ignored "-Wpedantic"

#define COMMENT SD_VARLINK_FIELD_COMMENT
#define FIELD SD_VARLINK_DEFINE_FIELD
#define INPUT SD_VARLINK_DEFINE_INPUT
#define OUTPUT SD_VARLINK_DEFINE_OUTPUT

static SD_VARLINK_DEFINE_ENUM_TYPE(State, COMMENT("Defined, but not running"),
	SD_VARLINK_DEFINE_ENUM_VALUE(stopped),
	COMMENT("Kernel, initramfs, folders; libvirt starts it"),
	SD_VARLINK_DEFINE_ENUM_VALUE(preparing), COMMENT("Its vixos-proxy is being started"),
	SD_VARLINK_DEFINE_ENUM_VALUE(connecting), COMMENT("Waiting for vixos-guest to answer"),
	SD_VARLINK_DEFINE_ENUM_VALUE(booting), SD_VARLINK_DEFINE_ENUM_VALUE(running),
	SD_VARLINK_DEFINE_ENUM_VALUE(stopping),
	COMMENT("It ended by a failure; message says which"), SD_VARLINK_DEFINE_ENUM_VALUE(failed),
	COMMENT("Booting, for whoever will want it"), SD_VARLINK_DEFINE_ENUM_VALUE(preloading),
	COMMENT("Paused, for whoever will want it"), SD_VARLINK_DEFINE_ENUM_VALUE(preloaded));

static SD_VARLINK_DEFINE_STRUCT_TYPE(App, COMMENT("Unique within the VM"),
	FIELD(id, SD_VARLINK_STRING, 0), FIELD(name, SD_VARLINK_STRING, 0),
	COMMENT("Name of an icon"), FIELD(icon, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	FIELD(command, SD_VARLINK_STRING, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Mount, FIELD(source, SD_VARLINK_STRING, 0),
	FIELD(target, SD_VARLINK_STRING, 0), FIELD(writable, SD_VARLINK_BOOL, 0),
	COMMENT("Mounted while the VM runs: until it ends, or Unmount"),
	FIELD(live, SD_VARLINK_BOOL, 0));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Vm, FIELD(name, SD_VARLINK_STRING, 0),
	FIELD(label, SD_VARLINK_STRING, 0), COMMENT("Colour of its borders, #rrggbb"),
	FIELD(color, SD_VARLINK_STRING, 0), SD_VARLINK_DEFINE_FIELD_BY_TYPE(state, State, 0),
	COMMENT("One line about the state: progress, or why it failed"),
	FIELD(message, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("True where the configuration has a block for it"),
	FIELD(configured, SD_VARLINK_BOOL, 0), COMMENT("True where it ends with its last window"),
	FIELD(disposable, SD_VARLINK_BOOL, 0),
	COMMENT("The VM whose definition it was made from, if that isn't its own"),
	FIELD(like, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("The Wayland socket that its windows go to"),
	FIELD(display, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("The workspace that its windows are bound to"),
	FIELD(workspace, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("True where windows carry no security context"),
	FIELD(untagged, SD_VARLINK_BOOL, 0),
	COMMENT("Wayland clients inside, and windows that they show"),
	FIELD(clients, SD_VARLINK_INT, 0), FIELD(windows, SD_VARLINK_INT, 0),
	COMMENT("Milliseconds since the state was entered"), FIELD(stateMs, SD_VARLINK_INT, 0),
	COMMENT("The process id of its vixos-proxy"),
	FIELD(proxyPid, SD_VARLINK_INT, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Definition, FIELD(memoryMinMiB, SD_VARLINK_INT, 0),
	FIELD(memoryMaxMiB, SD_VARLINK_INT, 0), FIELD(vcpus, SD_VARLINK_INT, 0),
	FIELD(regionMiB, SD_VARLINK_INT, 0),
	COMMENT("none, nat, net-vm NAME, bridge NAME, libvirt NAME"),
	FIELD(network, SD_VARLINK_STRING, 0), COMMENT("Policy and rules: allow|deny; RULE; …"),
	FIELD(firewall, SD_VARLINK_STRING, 0), COMMENT("usr, nix or disk"),
	FIELD(template, SD_VARLINK_STRING, 0), COMMENT("The image of a disk template"),
	FIELD(disk, SD_VARLINK_STRING, SD_VARLINK_NULLABLE), COMMENT("What boots it: bios or uefi"),
	FIELD(firmware, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("none, private or disposable"), FIELD(home, SD_VARLINK_STRING, 0),
	COMMENT("Where its windows open"), FIELD(workspace, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Started with the desktop"), FIELD(autostart, SD_VARLINK_BOOL, 0),
	COMMENT("Of Nix"),
	FIELD(packages, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
	COMMENT("Where it is defined"), FIELD(file, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	FIELD(line, SD_VARLINK_INT, SD_VARLINK_NULLABLE), COMMENT("off, output or full"),
	FIELD(audio, SD_VARLINK_STRING, 0), COMMENT("USB devices can be attached"),
	FIELD(usb, SD_VARLINK_BOOL, 0),
	COMMENT("Those that are attached by themselves: VENDOR:PRODUCT[:SERIAL]"),
	FIELD(usbDevices, SD_VARLINK_STRING, SD_VARLINK_ARRAY),
	FIELD(kernel, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	SD_VARLINK_DEFINE_FIELD_BY_TYPE(mounts, Mount, SD_VARLINK_ARRAY),
	SD_VARLINK_DEFINE_FIELD_BY_TYPE(apps, App, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_STRUCT_TYPE(UsbDevice, FIELD(bus, SD_VARLINK_INT, 0),
	FIELD(address, SD_VARLINK_INT, 0), COMMENT("Where it is plugged in: 1-2.3"),
	FIELD(port, SD_VARLINK_STRING, 0), COMMENT("Four hexadecimal digits"),
	FIELD(vendor, SD_VARLINK_STRING, 0), FIELD(product, SD_VARLINK_STRING, 0),
	FIELD(serial, SD_VARLINK_STRING, SD_VARLINK_NULLABLE), COMMENT("As it calls itself"),
	FIELD(name, SD_VARLINK_STRING, 0), COMMENT("security key, storage, keyboard, ..."),
	FIELD(kind, SD_VARLINK_STRING, 0), COMMENT("Which has it"),
	FIELD(vm, SD_VARLINK_STRING, SD_VARLINK_NULLABLE), COMMENT("A VM can have it"),
	FIELD(free, SD_VARLINK_BOOL, 0), COMMENT("Why not, and what to do"),
	FIELD(problem, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_STRUCT_TYPE(StartTimes,
	COMMENT("Kernel, initramfs and folders; then libvirt; in milliseconds"),
	FIELD(prepareMs, SD_VARLINK_INT, 0), FIELD(libvirtMs, SD_VARLINK_INT, 0),
	COMMENT("From the guest's first instruction until vixos-guest answered"),
	FIELD(bootMs, SD_VARLINK_INT, 0),
	COMMENT("From then until the first frame; absent before there was one"),
	FIELD(firstFrameMs, SD_VARLINK_INT, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_STRUCT_TYPE(VmStats, FIELD(name, SD_VARLINK_STRING, 0),
	COMMENT("Of one processor, since the figures before"),
	FIELD(cpuPercent, SD_VARLINK_FLOAT, 0), COMMENT("What it may have by its definition"),
	FIELD(memoryMinMiB, SD_VARLINK_INT, 0), FIELD(memoryMaxMiB, SD_VARLINK_INT, 0),
	COMMENT("What it is granted now"),
	FIELD(memoryGrantedMiB, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
	COMMENT("What its QEMU takes of the host, all in all"),
	FIELD(memoryResidentMiB, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
	COMMENT("What the guest says that its programs use; a claim"),
	FIELD(memoryUsedMiB, SD_VARLINK_INT, SD_VARLINK_NULLABLE),
	COMMENT("Percent of the time in which programs waited for memory; a claim"),
	FIELD(memoryPressure, SD_VARLINK_FLOAT, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Check, FIELD(id, SD_VARLINK_STRING, 0),
	FIELD(title, SD_VARLINK_STRING, 0), COMMENT("ok, warn or fail"),
	FIELD(verdict, SD_VARLINK_STRING, 0), COMMENT("What was found"),
	FIELD(detail, SD_VARLINK_STRING, SD_VARLINK_NULLABLE), COMMENT("What to do"),
	FIELD(remedy, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD_FULL(Start, SD_VARLINK_SUPPORTS_MORE,
	COMMENT("Name of the VM; that of the package where absent"),
	INPUT(name, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("The VM whose definition it gets; its own, or that of the package, where absent"),
	INPUT(like, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("End it with its last window. Without a name it is another VM each time"),
	INPUT(disposable, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("What is to run there; none where absent"),
	INPUT(package, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Which of the package's executables"),
	INPUT(executable, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Absolute path of a Wayland socket; absent: no windows"),
	INPUT(display, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Where new windows of the VM open, instead of as defined"),
	INPUT(workspace, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Accept a compositor without security contexts"),
	INPUT(untagged, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Sound, instead of what is configured: off, output or full"),
	INPUT(audio, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Its network, instead of what is configured, in the words of a definition"),
	INPUT(network, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Devices will be attached, although none is configured"),
	INPUT(usb, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Stop the VM, if this call started it, with this connection"),
	INPUT(lease, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE), OUTPUT(name, SD_VARLINK_STRING, 0),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(state, State, 0),
	COMMENT("What is being done, in each reply but the last"),
	OUTPUT(message, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("True where this call started the VM"), OUTPUT(started, SD_VARLINK_BOOL, 0),
	COMMENT("True where it ends with its last window; in the last reply"),
	OUTPUT(disposable, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	OUTPUT(display, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("The package's command, to be given to Exec's stream or to Spawn"),
	OUTPUT(command, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Exec, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Index of the file descriptor that comes with the reply: the stream"),
	OUTPUT(fileDescriptor, SD_VARLINK_INT, 0),
	COMMENT("NAME=VALUE that programs are to get, as configured for the VM"),
	OUTPUT(environment, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Spawn, INPUT(name, SD_VARLINK_STRING, 0),
	INPUT(command, SD_VARLINK_STRING, SD_VARLINK_ARRAY),
	COMMENT("NAME=VALUE, added to the guest's own environment"),
	INPUT(environment, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
	COMMENT("Stop the VM when the program ends, instead of by the lease"),
	INPUT(owner, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Lease, INPUT(name, SD_VARLINK_STRING, 0));

static SD_VARLINK_DEFINE_METHOD(List,
	COMMENT("Also those that were started before anybody wanted them"),
	INPUT(all, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(vms, Vm, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(Inspect, INPUT(name, SD_VARLINK_STRING, 0),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(vm, Vm, 0),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(definition, Definition, 0),
	COMMENT("How long the steps of its start took"),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(times, StartTimes, SD_VARLINK_NULLABLE),
	COMMENT("As of the last time that anybody asked; absent where it doesn't run"),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(stats, VmStats, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Stop, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Give it no time to shut down"), INPUT(kill, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Its program has ended: where it is disposable, stop it once it shows no window"),
	INPUT(lastWindow, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("False where it wasn't running"), OUTPUT(stopped, SD_VARLINK_BOOL, 0),
	COMMENT("Why it was being ended already, if it had failed"),
	OUTPUT(message, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Network, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("none, nat, net-vm NAME, bridge NAME or libvirt NAME, a word each"),
	INPUT(change, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
	OUTPUT(network, SD_VARLINK_STRING, 0), COMMENT("The firewall is in force"),
	OUTPUT(enforced, SD_VARLINK_BOOL, 0), COMMENT("allow or deny: what no rule matches"),
	OUTPUT(policy, SD_VARLINK_STRING, 0), OUTPUT(rules, SD_VARLINK_STRING, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(Firewall, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("add RULE…, insert N RULE…, remove N|RULE…, policy allow|deny, clear, reset or "
		"reload, a word each"),
	INPUT(change, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
	OUTPUT(network, SD_VARLINK_STRING, 0), COMMENT("The firewall is in force"),
	OUTPUT(enforced, SD_VARLINK_BOOL, 0), COMMENT("allow or deny: what no rule matches"),
	OUTPUT(policy, SD_VARLINK_STRING, 0), OUTPUT(rules, SD_VARLINK_STRING, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(Pause, INPUT(name, SD_VARLINK_STRING, 0));

static SD_VARLINK_DEFINE_METHOD(Resume, INPUT(name, SD_VARLINK_STRING, 0));

static SD_VARLINK_DEFINE_METHOD(Wait, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("stopped or failed"), SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(state, State, 0),
	COMMENT("Why it ended, if by a failure"),
	OUTPUT(message, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD_FULL(Events, SD_VARLINK_REQUIRES_MORE,
	COMMENT("Microseconds since 1970"), OUTPUT(timeUs, SD_VARLINK_INT, 0),
	COMMENT("The VM, and a state or 'paused'"), OUTPUT(name, SD_VARLINK_STRING, 0),
	OUTPUT(state, SD_VARLINK_STRING, 0),
	OUTPUT(message, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Mount, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Absolute path of the folder"), INPUT(source, SD_VARLINK_STRING, 0),
	COMMENT("Where it is in the VM; the same path where absent"),
	INPUT(target, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	INPUT(writable, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Also a folder that is refused by policy"),
	INPUT(force, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(Unmount, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Its path in the VM, or of the host"), INPUT(path, SD_VARLINK_STRING, 0),
	COMMENT("Although programs use it"), INPUT(force, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(ShareTmp, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("It goes when the descriptor of the reply is closed, or by Unmount; else with the VM"),
	INPUT(run, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE), COMMENT("Its path here, and in the VM"),
	OUTPUT(source, SD_VARLINK_STRING, 0), OUTPUT(target, SD_VARLINK_STRING, 0),
	COMMENT("Index of the descriptor that keeps it"),
	OUTPUT(fileDescriptor, SD_VARLINK_INT, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD_FULL(Logs, SD_VARLINK_SUPPORTS_MORE,
	INPUT(name, SD_VARLINK_STRING, 0), COMMENT("Go on until the VM has ended; needs 'more'"),
	INPUT(follow, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Text of console and programs without terminal, fit to be shown"),
	OUTPUT(text, SD_VARLINK_STRING, 0));

static SD_VARLINK_DEFINE_METHOD(AttachDisplay,
	COMMENT("Absolute path of a compositor's Wayland socket"),
	INPUT(display, SD_VARLINK_STRING, 0),
	COMMENT("It marks windows of VMs (security-context-v1)"),
	OUTPUT(securityContext, SD_VARLINK_BOOL, 0),
	COMMENT("It shows VMs in its menu (vixos-domain-v1)"), OUTPUT(menu, SD_VARLINK_BOOL, 0));

static SD_VARLINK_DEFINE_METHOD(Stats, COMMENT("All that run where absent"),
	INPUT(names, SD_VARLINK_STRING, SD_VARLINK_ARRAY | SD_VARLINK_NULLABLE),
	SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(vms, VmStats, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(CopyToVm, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Absolute path of the Wayland socket whose clipboard it is; the VM's where absent"),
	INPUT(display, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Text in Base64, to be given instead of what is in the clipboard"),
	INPUT(data, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("The user has been asked, and has said yes"),
	INPUT(confirmed, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Nothing was done: the policy is to ask, and the compositor has no prompts"),
	OUTPUT(needsConsent, SD_VARLINK_BOOL, 0),
	COMMENT("text or image; absent where there was nothing to copy"),
	OUTPUT(kind, SD_VARLINK_STRING, SD_VARLINK_NULLABLE), COMMENT("Bytes"),
	OUTPUT(size, SD_VARLINK_INT, 0));

static SD_VARLINK_DEFINE_METHOD(CopyFromVm, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Absolute path of the Wayland socket whose clipboard it is; the VM's where absent"),
	INPUT(display, SD_VARLINK_STRING, SD_VARLINK_NULLABLE),
	COMMENT("Don't put it into the clipboard, but into the reply"),
	INPUT(wantsData, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("The user has been asked, and has said yes"),
	INPUT(confirmed, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("Nothing was done: the policy is to ask, and the compositor has no prompts"),
	OUTPUT(needsConsent, SD_VARLINK_BOOL, 0),
	COMMENT("text or image; absent where there was nothing to copy"),
	OUTPUT(kind, SD_VARLINK_STRING, SD_VARLINK_NULLABLE), COMMENT("Bytes"),
	OUTPUT(size, SD_VARLINK_INT, 0), COMMENT("In Base64"),
	OUTPUT(data, SD_VARLINK_STRING, SD_VARLINK_NULLABLE));

static SD_VARLINK_DEFINE_METHOD(
	Doctor, SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(checks, Check, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(
	UsbList, SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(devices, UsbDevice, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_METHOD(UsbAttach, INPUT(name, SD_VARLINK_STRING, 0),
	COMMENT("Port, bus/address, VENDOR:PRODUCT[:SERIAL], or a part of the name"),
	INPUT(device, SD_VARLINK_STRING, 0),
	COMMENT("Although the host uses it, or somebody types on it"),
	INPUT(force, SD_VARLINK_BOOL, SD_VARLINK_NULLABLE),
	COMMENT("What a definition calls it: VENDOR:PRODUCT[:SERIAL]"),
	OUTPUT(assignment, SD_VARLINK_STRING, 0));

static SD_VARLINK_DEFINE_METHOD(UsbDetach, INPUT(name, SD_VARLINK_STRING, 0),
	INPUT(device, SD_VARLINK_STRING, 0),
	COMMENT("What a definition calls it: VENDOR:PRODUCT[:SERIAL]"),
	OUTPUT(assignment, SD_VARLINK_STRING, 0));

/* Every error says in one sentence what went wrong. */
static SD_VARLINK_DEFINE_ERROR(Failed, FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(BadRequest, FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(Refused, FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NoSuchVm, FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NotRunning, FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NotFound, FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NotExecutable, FIELD(message, SD_VARLINK_STRING, 0));

SD_VARLINK_DEFINE_INTERFACE(manager, VX_MANAGER_INTERFACE,
	SD_VARLINK_INTERFACE_COMMENT(
		"Apps in virtual machines, with their windows on the desktop."),
	SD_VARLINK_SYMBOL_COMMENT("What a VM is doing"), &vl_type_State,
	SD_VARLINK_SYMBOL_COMMENT("A VM that is defined or running"), &vl_type_Vm,
	SD_VARLINK_SYMBOL_COMMENT("An entry of a VM's menu"), &vl_type_App,
	SD_VARLINK_SYMBOL_COMMENT("A folder of the host shown in the VM"), &vl_type_Mount,
	SD_VARLINK_SYMBOL_COMMENT("What a VM is made of"), &vl_type_Definition,
	SD_VARLINK_SYMBOL_COMMENT("A USB device of the host"), &vl_type_UsbDevice,
	SD_VARLINK_SYMBOL_COMMENT("How long a start took, step by step"), &vl_type_StartTimes,
	SD_VARLINK_SYMBOL_COMMENT("What a VM has of the machine now"), &vl_type_VmStats,
	SD_VARLINK_SYMBOL_COMMENT("One finding of Doctor"), &vl_type_Check,
	SD_VARLINK_SYMBOL_COMMENT(
		"Makes sure that a VM runs. With 'more', replies tell the progress."),
	&vl_method_Start,
	SD_VARLINK_SYMBOL_COMMENT("A stream to a new exec channel; its frames are in docs/link.md"),
	&vl_method_Exec,
	SD_VARLINK_SYMBOL_COMMENT("Runs a program without a terminal; replies once it has started"),
	&vl_method_Spawn,
	SD_VARLINK_SYMBOL_COMMENT(
		"Stop the VM when this connection ends, as by Start with a lease"),
	&vl_method_Lease, SD_VARLINK_SYMBOL_COMMENT("All VMs that are defined or running"),
	&vl_method_List, SD_VARLINK_SYMBOL_COMMENT("All about one VM"), &vl_method_Inspect,
	SD_VARLINK_SYMBOL_COMMENT("Replies once the VM is gone"), &vl_method_Stop,
	SD_VARLINK_SYMBOL_COMMENT(
		"Tells a VM's network, or gives a running one another until it ends"),
	&vl_method_Network,
	SD_VARLINK_SYMBOL_COMMENT(
		"Tells a VM's firewall, or changes that of a running one until it ends"),
	&vl_method_Firewall, SD_VARLINK_SYMBOL_COMMENT("Stops the VM's processors"),
	&vl_method_Pause, SD_VARLINK_SYMBOL_COMMENT("Lets a paused VM go on"), &vl_method_Resume,
	SD_VARLINK_SYMBOL_COMMENT("Replies once the VM doesn't run"), &vl_method_Wait,
	SD_VARLINK_SYMBOL_COMMENT("A reply for each change of a VM's state, from now on"),
	&vl_method_Events,
	SD_VARLINK_SYMBOL_COMMENT(
		"Shows a folder of the host in a VM that runs; replies once it is mounted there"),
	&vl_method_Mount,
	SD_VARLINK_SYMBOL_COMMENT("Takes a folder from a VM; fails while programs there use it"),
	&vl_method_Unmount,
	SD_VARLINK_SYMBOL_COMMENT(
		"Makes a folder for exchange with a VM that runs, under a name that nobody can guess"),
	&vl_method_ShareTmp, SD_VARLINK_SYMBOL_COMMENT("What a VM has written to its console"),
	&vl_method_Logs,
	SD_VARLINK_SYMBOL_COMMENT(
		"Publishes the VMs to a compositor, for its menu, as long as it runs"),
	&vl_method_AttachDisplay,
	SD_VARLINK_SYMBOL_COMMENT("What VMs that run have of the machine now"), &vl_method_Stats,
	SD_VARLINK_SYMBOL_COMMENT("Gives a VM what is in the host's clipboard"),
	&vl_method_CopyToVm,
	SD_VARLINK_SYMBOL_COMMENT("Puts what was copied in a VM into the host's clipboard"),
	&vl_method_CopyFromVm, SD_VARLINK_SYMBOL_COMMENT("Checks what VMs need of this machine"),
	&vl_method_Doctor, SD_VARLINK_SYMBOL_COMMENT("The USB devices of the host, hubs included"),
	&vl_method_UsbList, SD_VARLINK_SYMBOL_COMMENT("Gives a USB device to a VM that runs"),
	&vl_method_UsbAttach, SD_VARLINK_SYMBOL_COMMENT("Gives it back to the host"),
	&vl_method_UsbDetach, SD_VARLINK_SYMBOL_COMMENT("VixOS, libvirt or the VM failed"),
	&vl_error_Failed, SD_VARLINK_SYMBOL_COMMENT("A parameter or the configuration is wrong"),
	&vl_error_BadRequest, SD_VARLINK_SYMBOL_COMMENT("Refused by policy"), &vl_error_Refused,
	SD_VARLINK_SYMBOL_COMMENT("No VM has this name"), &vl_error_NoSuchVm,
	SD_VARLINK_SYMBOL_COMMENT("The VM isn't running"), &vl_error_NotRunning,
	SD_VARLINK_SYMBOL_COMMENT("No package or program has this name"), &vl_error_NotFound,
	SD_VARLINK_SYMBOL_COMMENT("It can't be executed"), &vl_error_NotExecutable);
