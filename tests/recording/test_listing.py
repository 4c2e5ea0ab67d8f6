from __future__ import annotations

import pytest

from emgsmr.errors import ArgumentError
from emgsmr.recording import list_recordings


def test_recordings_below_a_folder(make, tmp_path):
    make("b.emgsmr", lost=[3])
    (tmp_path / "deep").mkdir()
    make("deep/a.emgsmr")
    (tmp_path / "broken.emgsmr").write_text("no")
    (tmp_path / "other.txt").write_text("no")
    good, broken, deep = list_recordings(tmp_path)
    assert [item.path.name for item in (good, broken, deep)] == ["b.emgsmr", "broken.emgsmr", "a.emgsmr"]
    assert (good.n_events, good.n_gaps, good.closed, good.error) == (2, 1, True, None)
    assert good.sites == ("BFLH_L", "ST_L", "GMAX_L")
    assert good.duration_s == pytest.approx(4.007)
    assert broken.error is not None
    assert "not a recording" in broken.error
    assert deep.n_gaps == 0


def test_no_folder(tmp_path):
    with pytest.raises(ArgumentError, match="not a folder"):
        list_recordings(tmp_path / "absent")
