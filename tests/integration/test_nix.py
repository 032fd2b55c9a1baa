# SPDX-License-Identifier: MIT
"""The Nix expressions are at least expressions."""

import pathlib
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("nix-instantiate") is None, reason="nix-instantiate is not installed")
@pytest.mark.parametrize("name", ["flake.nix", "nixos/package.nix", "nixos/shell.nix"])
def test_expression_parses(name, tmp_path):
    # Nix wants a home, and makes a store of its own there when the system has none.
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    result = subprocess.run(["nix-instantiate", "--parse", str(SOURCE / name)], env=environment,
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
