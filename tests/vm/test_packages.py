# SPDX-License-Identifier: MIT
"""Packages of Nix, built here without a network, and the VMs that see them."""

import os
import pathlib
import shutil

import pytest
from session import Session, can_run

FLAKE = """{
  outputs = { self }: {
    packages.x86_64-linux = builtins.listToAttrs (map (name: {
      inherit name;
      value = derivation {
        inherit name;
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-c" ''
          /bin/mkdir -p $out/bin
          echo '#!/bin/sh' > $out/bin/${name}
          echo "echo this is $out" >> $out/bin/${name}
          /bin/chmod +x $out/bin/${name}
        '' ];
      };
    }) [ "nixhello" "nixother" "nixthird" ]);
  };
}
"""


@pytest.fixture(scope="module", name="desk")
def make_desk(tmp_path_factory):
    if can_run():
        pytest.skip(can_run())
    if shutil.which("nix") is None:
        pytest.skip("nix is not installed")
    if not os.access("/nix", os.W_OK):
        pytest.skip("/nix can't be written")
    # Without these Nix would make a store of its own in the home.
    for folder in ("/nix/store", "/nix/var/nix"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    flake = tmp_path_factory.mktemp("flake")
    (flake / "flake.nix").write_text(FLAKE)
    desk = Session(has_home=True)
    desk.flake = f"path:{flake}"
    # Builds without a sandbox, which would need a /nix of the system's.
    desk.environment["NIX_CONFIG"] = "sandbox = false\nbuild-users-group =\nsubstituters =\n"
    try:
        yield desk
    finally:
        desk.finish()
        for path in pathlib.Path("/nix").rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)


def succeed(desk, *words):
    result = desk.vixos(*words)
    assert result.returncode == 0, result.stderr + desk.log()
    return result.stdout


def test_a_package_is_added_to_a_running_vm(desk):
    succeed(desk, "create", "plain")
    succeed(desk, "start", "plain")
    missing = desk.vixos("exec", "plain", "nixhello")
    assert missing.returncode == 127
    assert succeed(desk, "add", "plain", f"{desk.flake}#nixhello") == f"{desk.flake}#nixhello\n"
    assert "this is /nix/store/" in succeed(desk, "exec", "plain", "nixhello")
    # The store is there by now; the next is just there.
    succeed(desk, "add", "plain", f"{desk.flake}#nixother")
    assert "nixother" in succeed(desk, "exec", "plain", "nixother")
    assert succeed(desk, "exec", "plain", "true") == ""
    assert desk.vixos("exec", "plain", "touch", "/nix/store/x").returncode == 1
    # They are the VM's, also when it starts again; the links keep them from being collected.
    succeed(desk, "restart", "--kill", "plain")
    assert "this is" in succeed(desk, "exec", "plain", "nixhello")
    links = list((desk.home / ".local/share/vixos/plain/packages").iterdir())
    assert len(links) == 2 and all(str(link.readlink()).startswith("/nix/store/") for link in links)
    succeed(desk, "rm", "-f", "-v", "plain")
    assert not (desk.home / ".local/share/vixos/plain").exists()


def test_packages_of_the_template_nix_are_built_for_run(desk):
    succeed(desk, "create", "nix", "--template", "nix", "--package", f"{desk.flake}#nixother")
    output = succeed(desk, "run", "--name", "nix", f"{desk.flake}#nixthird")
    assert output.startswith("this is /nix/store/") and "nixthird" in output
    assert "nixother" in succeed(desk, "run", "--name", "nix", "--executable", "nixother",
                                 f"{desk.flake}#nixother")
    wrong = desk.vixos("run", "--name", "nix", f"{desk.flake}#nothing")
    assert wrong.returncode == 125 and "can't build" in wrong.stderr
    desk.assert_nothing_left()


def test_without_nix_the_user_is_told_what_works(desk):
    succeed(desk, "create", "bare")
    result = desk.vixos("add", "bare", "hello", environment={"PATH": "/nonexistent"})
    assert result.returncode == 1
    assert "there is no Nix" in result.stderr and "apt install" in result.stderr
    assert desk.vixos("add", "bare", "--", "--impure").returncode == 2
    assert desk.vixos("add", "nobody", "hello").returncode == 1
