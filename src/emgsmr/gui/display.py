"""Whether a window can be shown here, found out without Qt; Qt itself would end the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

UNSEEN = ("offscreen", "minimal", "minimalegl", "vnc")
"""Platforms of Qt that nobody at this computer sees."""

APT = (
    "libegl1 libgl1 libx11-xcb1 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-keysyms1 libxcb-randr0 libxcb-shape0 libxcb-xkb1 fonts-dejavu-core"
)
"""What Debian and Ubuntu do not install by themselves."""


def display_is_there(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can be seen: on Linux, whether there is an X or Wayland display.

    Examples
    --------
    >>> display_is_there({"DISPLAY": ":0"}, "linux"), display_is_there({}, "linux")
    (True, False)
    """
    if environment.get("QT_QPA_PLATFORM", "") in UNSEEN:
        return False
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def is_drawable(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether Qt can draw a window, seen or not."""
    return environment.get("QT_QPA_PLATFORM", "") in UNSEEN or display_is_there(environment, platform)
