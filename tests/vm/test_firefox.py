# SPDX-License-Identifier: MIT
"""The first example of the original prototype: `vixos run firefox --gui`, on a page of the host's."""

import pytest
from session import BUILD, VIXOS_COMPOSITOR, Session, can_run, wait_until

pytestmark = [
    pytest.mark.on_request,
    pytest.mark.skipif(can_run() != "" or not VIXOS_COMPOSITOR.exists(),
                       reason=can_run() or "vixos-compositor was not built"),
]

PAGE_COLOR = (0x2E, 0x8B, 0x57)
PAGE = """<!DOCTYPE html><title>A page inside a VM</title>
<body style="background: #2e8b57; color: white; font: 32px sans-serif; margin: 3em">
<h1>Firefox, in a virtual machine</h1>
<p>This page came from a folder of the host that the VM was shown read-only; everything else of the
host's but /usr is out of its reach, and what it writes is gone when the window closes.</p>
"""


@pytest.fixture(name="desktop")
def make_desktop(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    tmp_path.chmod(0o755)
    session = Session(f"accel tcg\nvm firefox {{\n\tlabel Firefox\n\tcolor orange\n\tmemory 2G\n\tvcpus 2\n"
                      f"\tmount {tmp_path} /home/user/page ro\n}}\n")
    try:
        session.start_compositor(str(VIXOS_COMPOSITOR))
        yield session
    finally:
        session.finish()


def page_pixels(desktop) -> int:
    from PIL import Image
    path = BUILD / "firefox.png"
    desktop.compositor.screenshot(path)
    colors = Image.open(path).convert("RGB").getcolors(1 << 24)
    return {color: count for count, color in colors}.get(PAGE_COLOR, 0)


def test_firefox_shows_a_page(desktop):
    result = desktop.vixos("run", "firefox", "--gui", "--background", "file:///home/user/page/page.html")
    assert result.returncode == 0, result.stderr
    desktop.compositor.wait_for_windows(
        lambda windows: any((node.get("vm") or {}).get("name") == "firefox" for node in windows), 240)
    wait_until(lambda: page_pixels(desktop) > 400_000, "Firefox shows the page", 240)
    shell = desktop.vixos("shell", "firefox", "touch", "/home/user/page/x")
    assert shell.returncode == 1 and "Read-only" in shell.stdout + shell.stderr
