"""The pictures of docs/live.md: a user drives a whole session, and each step is saved.

Usage: python docs/screenshots.py [FOLDER] (``make screenshots``). No display is needed. The user is that of
``tests/gui/test_whole_session.py``, with the six virtual sensors of ``emgsmr live --radio virtual``.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

DOCS = Path(__file__).parent
DRIVER = DOCS.parent / "tests" / "gui" / "whole_session.py"
DARK = ("traces",)
"""Steps whose picture is taken in the dark theme."""


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


def main(out: Path) -> None:
    """Drive, and save a picture of each step."""
    whole_session = driver()
    from PySide6.QtGui import QImage

    from emgsmr.radio.cast import SCENARIO_SENSORS

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        user = whole_session.start(Path(folder), sensors=SCENARIO_SENSORS)

        def grab(window: Any, step: str) -> None:
            path = out / f"{step}.png"
            save_small(window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888), path)
            print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")

        def save(step: str) -> None:
            user.program.theme.force("dark" if step in DARK else "light")
            user.program.app.processEvents()
            user.window.look()
            user.program.app.processEvents()
            grab(user.window, step)

        user.on_step = save
        try:
            whole_session.drive(user)
            user.window.page.look.click()
            [review] = user.program.reviews
            user.until(lambda: review.review.results and not review.review.progress, "the analysis")
            for name in ("next_finding", "fit"):
                review.do(name)
            review.redraw()
            grab(review, "review")
            review.close()
        finally:
            user.program.end()
            user.program.engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "images" / "live")
