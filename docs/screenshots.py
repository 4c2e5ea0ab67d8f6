"""The pictures of docs/live.md and docs/before-after.md: a user drives two sessions, and each step is saved.

Usage: python docs/screenshots.py [FOLDER] (``make screenshots``). No display is needed. The user is that of
``tests/gui/test_whole_session.py``, with the six virtual sensors of ``emgsmr live --radio virtual``.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

DOCS = Path(__file__).parent
DRIVER = DOCS.parent / "tests" / "gui" / "whole_session.py"
DARK = ("traces",)
"""Steps whose picture is taken in the dark theme."""
PROTOCOL = ("protocol", "bout", "treatment", "compared")
"""Steps of a session before and after a treatment; the others look as in a run."""


def driver() -> ModuleType:
    """The user whom the test has, too."""
    spec = importlib.util.spec_from_file_location("whole_session", DRIVER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def save_small(image: Any, path: Path) -> None:
    """Save a picture with 128 colors: of a drawing they are enough, and a fifth of the bytes."""
    from PIL import Image

    size, rows = (image.width(), image.height()), bytes(image.constBits())
    picture = Image.frombuffer("RGB", size, rows, "raw", "RGB", image.bytesPerLine(), 1)
    few = picture.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def grab(window: Any, path: Path) -> None:
    """Save what a window shows."""
    from PySide6.QtGui import QImage

    save_small(window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888), path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


@contextmanager
def user_of(
    out: Path, steps: Container[str] | None = None, **options: Any
) -> Iterator[tuple[Any, ModuleType]]:
    """A user with a window, whose steps (None = all) are saved; and who can drive it."""
    whole_session = driver()
    from emgsmr.radio.cast import SCENARIO_SENSORS

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        user = whole_session.start(Path(folder), sensors=SCENARIO_SENSORS, **options)

        def save(step: str) -> None:
            if steps is not None and step not in steps:
                return
            user.program.theme.force("dark" if step in DARK else "light")
            for _ in range(2):
                user.program.app.processEvents()
                user.window.look()
            grab(user.window, out / f"{step}.png")

        user.on_step = save
        try:
            yield user, whole_session
        finally:
            user.program.end()
            user.program.engine.close()


def main(out: Path) -> None:
    """Drive, and save a picture of each step."""
    gc.disable()  # the user collects in the window's thread (emgsmr.gui.garbage)
    with user_of(out) as (user, whole_session):
        whole_session.drive(user)
        user.window.page.look.click()
        [review] = user.program.reviews
        user.until(lambda: review.review.results and not review.review.progress, "the analysis")
        for name in ("next_finding", "fit"):
            review.do(name)
        review.redraw()
        grab(review, out / "review.png")
        review.close()
    with user_of(out, PROTOCOL, speed=20.0, radio="virtual:treatment_60") as (user, whole_session):
        whole_session.keep_to_protocol(user)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "images" / "live")
