"""Python's cycles are collected in the window's thread only.

The collector runs in whatever thread happens to allocate. Where it finds a widget that nobody holds any more,
that thread destroys it, and Qt crashes. So it is switched off, and the window's thread collects on a timer.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer

EVERY_MS = 100


@contextmanager
def collected_here() -> Iterator[None]:
    """Collect in this thread, which has Qt's event loop, and in no other; as before afterwards.

    What is there already is left alone meanwhile, so that going through everything stays short.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    timer = QTimer()
    timer.timeout.connect(collect_what_is_due)
    timer.start(EVERY_MS)
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        gc.collect()
        if was_on:
            gc.enable()


def collect_what_is_due() -> None:
    """Collect the oldest generation whose threshold was passed, as Python does by itself."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[0] > thresholds[0] and all(counts[k] > thresholds[k] for k in range(1, generation + 1)):
            gc.collect(generation)
            return
