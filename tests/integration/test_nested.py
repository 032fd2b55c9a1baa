# SPDX-License-Identifier: MIT
"""vixos-compositor as a window of another desktop."""

import pytest

from compositor import COMPOSITOR, Compositor

pytestmark = pytest.mark.skipif(not COMPOSITOR.exists(),
                                reason="vixos-compositor is not built")


def test_closing_the_window_ends_the_compositor(tmp_path):
    with Compositor(tmp_path) as desk:
        nested = desk.start("env", "WLR_BACKENDS=wayland", COMPOSITOR, "-c", "/dev/null")
        # Its screen is drawn, so that it has answered the first configure.
        desk.wait_until(lambda: desk.find("wlroots - WL-1"), "the window of the nested compositor")
        desk.screenshot("nested")
        desk.command("kill")
        assert nested.process.wait(20) == 0
