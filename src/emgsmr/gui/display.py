"""Whether a window can be shown here, found out without Qt; Qt itself would end the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import metadata

UNSEEN = ("offscreen", "minimal", "minimalegl", "vnc")
"""Platforms of Qt that nobody at this computer sees."""

APT = "libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0"
"""What Debian and Ubuntu do not install by themselves."""


def display_is_there(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can be seen: on Linux, whether there is an X or Wayland display.

    Examples
    --------
    >>> display_is_there({"DISPLAY": ":0"}, "linux"), display_is_there({}, "linux"), display_is_there({}, "darwin")
    (True, False, True)
    """
    if environment.get("QT_QPA_PLATFORM", "") in UNSEEN:
        return False
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def is_drawable(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether Qt can draw a window, seen or not."""
    return environment.get("QT_QPA_PLATFORM", "") in UNSEEN or display_is_there(environment, platform)


def binding_problem(python: tuple[int, ...] = sys.version_info[:2], version: str | None = None) -> str:
    """Tell what is wrong with the installed PySide6, in a sentence; empty if nothing is, or there is none.

    PySide6 6.12.0 takes a reference of None away with every call of a method without result. From Python 3.12
    on None needs none; before, the program is aborted after some thousand calls.

    Examples
    --------
    >>> binding_problem((3, 12), "6.12.0"), binding_problem((3, 11), "6.11.3")
    ('', '')
    """
    if version is None:
        try:
            version = metadata.version("PySide6-Essentials")
        except metadata.PackageNotFoundError:
            return ""
    if python < (3, 12) and version.startswith("6.12.0"):
        return (
            "PySide6 6.12.0 crashes with Python 3.11 and older: "
            "pip install 'PySide6-Essentials!=6.12.0' (or use Python 3.12)"
        )
    return ""
