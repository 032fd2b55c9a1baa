{
  lib,
  stdenv,
  meson,
  ninja,
  pkg-config,
  scdoc,
  wayland-scanner,
  makeWrapper,
  cairo,
  cmocka,
  glibc,
  kmod,
  libarchive,
  libdrm,
  libevdev,
  libinput,
  libscfg,
  libseccomp,
  libsfdo,
  libusb1,
  libvirt,
  libxcb,
  libxcb-wm,
  libxkbcommon,
  libxml2,
  lz4,
  nftables,
  pango,
  pcre2,
  pixman,
  systemd,
  usbredir,
  wayland,
  wayland-protocols,
  wlroots_0_20,
  yyjson,
  passt,
  qemu_kvm,
  virtiofsd,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "vixos";
  version = "0.1.0";

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../meson.build
      ../meson.options
      ../common
      ../compositor
      ../docs
      ../launcher
      ../protocols
      ../proxy
      ../tests
    ];
  };

  strictDeps = true;

  nativeBuildInputs = [
    makeWrapper
    meson
    ninja
    pkg-config
    scdoc
    wayland-scanner
  ];

  buildInputs = [
    cairo
    cmocka
    glibc.static
    kmod
    libarchive
    libdrm
    libevdev
    libinput
    libscfg
    libseccomp
    libsfdo
    libusb1
    libvirt
    libxcb
    libxcb-wm
    libxkbcommon
    libxml2
    lz4
    nftables
    pango
    pcre2
    pixman
    systemd
    usbredir
    wayland
    wayland-protocols
    wlroots_0_20
    yyjson
  ];

  mesonFlags = [
    (lib.mesonEnable "man-pages" true)
    (lib.mesonBool "b_lto" true)
    (lib.mesonBool "werror" false)
  ];

  doCheck = true;
  mesonCheckFlags = [
    "--suite"
    "unit"
  ];

  postInstall = ''
    wrapProgram $out/bin/vixosd --prefix PATH : ${
      lib.makeBinPath [
        passt
        qemu_kvm
        virtiofsd
      ]
    }
  '';

  passthru.providedSessions = [ "vixos" ];

  meta = {
    description = "Apps in virtual machines, their windows on your Wayland desktop";
    license = lib.licenses.mit;
    mainProgram = "vixos";
    platforms = lib.platforms.linux;
  };
})
