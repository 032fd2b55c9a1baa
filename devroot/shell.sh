#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A shell with the built programs first in PATH.
export PATH="$BUILD/compositor:$BUILD/launcher/cli:$BUILD/launcher/daemon:$BUILD/proxy/host:$PATH"
exec bash "$@"
