"""Law: what a table is computed from knows no future; zero-phase filters are for pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "emgsmr"
LIVE = [path for room in ("analysis", "session") for path in sorted((PACKAGE / room).glob("*.py"))]


@pytest.mark.parametrize("path", LIVE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_zero_phase_filter_where_numbers_are_made(path: Path) -> None:
    assert re.findall(r"\b(?:sos)?filtfilt\w*|\bzero_phase\b", path.read_text("utf-8")) == []
