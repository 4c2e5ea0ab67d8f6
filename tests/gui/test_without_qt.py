"""The presenter needs no Qt, and no Bluetooth until something is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import emgsmr.gui

PLAIN = (
    "activity", "alerts", "asking", "autopilot", "calibration", "desk", "display", "doing", "engine",
    "following", "lights", "memory", "outages", "placement", "placing", "presenter", "protocol_actions",
    "protocol_rows", "protocol_screens", "protocols", "recording_screens",
    "run_view", "screen", "screens", "state", "summary", "trace_buffer", "trace_image", "virtual_runner",
    "words",
    "review", "review.findings", "review.job", "review.marks", "review.model", "review.overview",
    "review.picture", "review.rows", "review.sample_time", "review.signal", "review.span", "review.worker",
)  # fmt: skip

LOOK = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(f"emgsmr.gui.{name}")
unwanted = {"PySide6", "shiboken6", "pyqtgraph", "bleak"}
print(",".join(sorted({name.split(".")[0] for name in sys.modules} & unwanted)))
"""


def loaded(code: str, *modules: str) -> str:
    run = [sys.executable, "-c", code, *modules]
    return subprocess.run(run, capture_output=True, text=True, check=True, timeout=100).stdout.strip()


def test_no_plain_module_loads_qt_or_the_radio():
    assert loaded(LOOK, *PLAIN) == ""


def test_the_check_above_sees_qt():
    assert loaded("import sys; sys.modules['pyqtgraph.Qt'] = sys" + LOOK) == "pyqtgraph"


def test_every_module_is_plain_or_known_to_draw():
    """A new module is plain unless it says that it needs Qt."""
    folder = Path(emgsmr.gui.__file__).parent
    for path in [*folder.glob("*.py"), *folder.glob("review/*.py")]:
        name = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        draws = any(word in path.read_text("utf-8") for word in ("PySide6", "pyqtgraph", "emgsmr.gui.window"))
        assert name == "__init__" or draws or name in PLAIN, name
