"""Real repetitions and held contractions: the knee movements that a goniometer tells, and ten-second holds.

The rules of comparison are those of the validation document (``benchmarks/validation/repetitions.py``).
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def validation(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("validation.repetitions")
    for name in [name for name in sys.modules if name.split(".")[0] == "validation"]:
        del sys.modules[name]


def test_the_listed_knee_repetitions_are_found_and_few_others(real_data: Path, validation: Any) -> None:
    folder = real_data / "uci_lower_limb"
    if not folder.is_dir():
        pytest.skip("no uci_lower_limb among the real recordings")
    total = validation.Score()
    for _, score in validation.knee_trials(folder):
        total.add(score)
    assert total.n_true == 75
    assert total.found >= 0.95 * total.n_true
    assert total.extra <= 0.05 * total.n_true


def test_an_antagonist_in_the_pauses_is_what_is_extra(real_data: Path, validation: Any) -> None:
    """Told which muscles extend the knee, hardly anything but extensions is found."""
    folder = real_data / "uci_lower_limb"
    path = folder / "A04_sitting.npz"
    if not path.is_file():
        pytest.skip("no uci_lower_limb among the real recordings")
    all_four = validation.repetitions_in(path, validation.KNEE)
    extensors = validation.repetitions_in(path, {"RF": "RF_R", "VM": "VM_R"})
    assert len(extensors) < len(all_four)


def test_held_contractions_give_windows_from_start_to_end(real_data: Path, validation: Any) -> None:
    folder = real_data / "elderly_isometric_cc0"
    if not folder.is_dir():
        pytest.skip("no elderly_isometric_cc0 among the real recordings")
    section = validation.holds_section(folder, quick=False)
    assert section.met, section.rows
