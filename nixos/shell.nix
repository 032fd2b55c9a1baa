# What `nix develop` gives: the package's own inputs, and the programs that the tests and the demo start.
{
  mkShell,
  vixos,
  clang-tools,
  foot,
  gdb,
  grim,
  gtk4,
  python3,
  slurp,
  sway,
  waypipe,
  wayland-utils,
  wl-clipboard,
  wtype,
}:

mkShell {
  inputsFrom = [ vixos ];
  packages = [
    clang-tools
    foot
    gdb
    grim
    gtk4.dev
    (python3.withPackages (packages: [
      packages.pillow
      packages.pytest
    ]))
    slurp
    sway
    waypipe
    wayland-utils
    wl-clipboard
    wtype
  ];
}
