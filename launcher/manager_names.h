/* SPDX-License-Identifier: MIT */
/* Names of the varlink interface by which vixos and vixosd talk
 * (protocols/org.vixos.Manager.varlink). */
#ifndef VX_LAUNCHER_MANAGER_NAMES_H
#define VX_LAUNCHER_MANAGER_NAMES_H

#define VX_MANAGER_INTERFACE "org.vixos.Manager"
#define VX_MANAGER_METHOD(name) VX_MANAGER_INTERFACE "." name

#define VX_MANAGER_ERROR_FAILED VX_MANAGER_INTERFACE ".Failed"
#define VX_MANAGER_ERROR_BAD_REQUEST VX_MANAGER_INTERFACE ".BadRequest"
#define VX_MANAGER_ERROR_REFUSED VX_MANAGER_INTERFACE ".Refused"
#define VX_MANAGER_ERROR_NO_SUCH_VM VX_MANAGER_INTERFACE ".NoSuchVm"
#define VX_MANAGER_ERROR_NOT_RUNNING VX_MANAGER_INTERFACE ".NotRunning"
#define VX_MANAGER_ERROR_NOT_FOUND VX_MANAGER_INTERFACE ".NotFound"
#define VX_MANAGER_ERROR_NOT_EXECUTABLE VX_MANAGER_INTERFACE ".NotExecutable"

/* In $XDG_RUNTIME_DIR/vixos: the socket, and the lock of the one vixosd. */
#define VX_MANAGER_SOCKET VX_MANAGER_INTERFACE
#define VX_MANAGER_LOCK "vixosd.lock"

#endif
