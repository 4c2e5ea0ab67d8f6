"""Whether Qt's Python binding can be trusted for an hour: one release loses memory's bookkeeping."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6 import __version__
from PySide6.QtCore import QSize

from emgsmr.errors import EmgsmrError

CALLS = 100


def lost_references(call: Callable[[], None], *, calls: int = CALLS) -> float:
    """References to None that vanish per call of something that returns nothing; 0 in a sound binding.

    PySide6 6.12.0 under Python 3.11 loses one per call, as if None lived forever, which it does from Python
    3.12 on. After some thousand calls None is freed and the interpreter stops, in the middle of a run.

    Examples
    --------
    >>> lost_references(lambda: None)
    0.0
    """
    call()
    before = sys.getrefcount(None)
    for _ in range(calls):
        call()
    lost = (before - sys.getrefcount(None)) / calls
    return lost if lost > 0.5 else 0.0  # other threads take and give a few meanwhile


def require_sound_binding() -> None:
    """Refuse to open a window that would die in the middle of a run.

    Raises
    ------
    EmgsmrError
        With the version that is installed, and what to install instead.
    """
    size = QSize()
    if lost_references(lambda: size.setWidth(1)):
        raise EmgsmrError(
            f"PySide6 {__version__} under this Python crashes after some "
            "thousand calls; install another one: pip install 'PySide6-Essentials>=6.6,!=6.12.0'."
        )
