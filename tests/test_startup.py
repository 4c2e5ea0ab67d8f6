"""What an import costs: heavy libraries are loaded only by those who use them.

How long it takes is measured by benchmarks/startup.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("bleak", "bumble", "PySide6", "pyqtgraph", "matplotlib", "jinja2", "scipy", "dask", "edfio", "pylsl")
SOURCES = str(Path(__file__).parents[1] / "src")


def loaded_by(code: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after ``code``."""
    show = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"],
        env={**os.environ, "PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_emgsmr_loads_nothing_heavy():
    assert not loaded_by("import emgsmr") & {*HEAVY, "pandas"}


@pytest.mark.parametrize("room", ["recording", "anatomy", "sensors", "errors"])
def test_the_lower_rooms_load_nothing_heavy(room):
    assert not loaded_by(f"import emgsmr.{room}") & {*HEAVY, "pandas"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_needs_neither_numpy_nor_pandas(arguments):
    loaded = loaded_by(f"from emgsmr.cli.main import main\nassert main({arguments}) == 0")
    assert not loaded & {*HEAVY, "numpy", "pandas", "rich"}
