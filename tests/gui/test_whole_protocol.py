"""A practitioner's session on a real window, over Bleak: before, treatment, after, and the page."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.gui import window
from emgsmr.recording import open_recording

pytestmark = pytest.mark.timeout(600)

SHORT = """
title = "Short run"
bouts = 3
bout_s = 12
rest_s = 5
quiet_s = 5
primary = ["P1"]
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory, whole_session):
    folder = tmp_path_factory.mktemp("protocol")
    (folder / "short.toml").write_text(SHORT)
    user = whole_session.start(folder, speed=30.0, radio="virtual:treatment_80")
    seen, faults, dialog = {}, [], window.QFileDialog
    user.on_step = lambda step: seen.setdefault(step, user.screen)
    before, sys.excepthook = sys.excepthook, lambda *fault: faults.append(fault)
    try:
        whole_session.keep_to_protocol(user, folder / "short.toml")
    finally:
        window.QFileDialog = dialog
        sys.excepthook = before
        user.program.end()
        user.program.engine.close()
    return user, seen, faults


def test_every_step_was_walked_and_nothing_failed(session):
    _, seen, faults = session
    assert list(seen)[-4:] == ["protocol", "bout", "treatment", "compared"]
    assert faults == []


def test_bouts_are_where_they_were_asked_for(session):
    user, _, _ = session
    with open_recording(user.program.ended().recording) as recording:
        assert recording.montage.person == "P07"
        events = recording.events()
        bouts = [e for e in events if e.kind == "phase" and e.label in ("A1", "A2", "B")]
        assert [e.label for e in bouts] == ["A1"] * 3 + ["A2"] * 3 + ["B"] * 3
        assert all(e.duration_s == pytest.approx(12.0, abs=0.5) for e in bouts)
        [quiet] = {e.label for e in events if e.kind == "phase"} - {"A1", "A2", "B", "pause"}
        assert quiet == "rest"
        [muscle] = [p for p in recording.placements if p.site == "BFLH_R"]
        rate_hz = next(info.rate_hz for info in recording.sensors if info.id == muscle.sensor)
        counts = np.concatenate([piece.counts for piece in recording.pieces(muscle.sensor)])
        n = round(rate_hz)
        level = counts[: len(counts) // n * n, muscle.channel].astype(float).reshape(-1, n).std(axis=1)
        active = level > 3 * np.percentile(level, 10)
        spans = [slice(math.ceil(e.t_s), int(e.t_s + e.duration_s)) for e in bouts]
        assert min(active[span].sum() for span in spans) >= 6  # of 12, less what comes late at this pace
        loose = [e for e in events if e.label == "rest"]
        assert not any(active[math.ceil(e.t_s) : int(e.t_s + e.duration_s)].any() for e in loose)


def test_the_page_tells_what_the_treatment_changed(session):
    user, seen, _ = session
    ended = user.program.ended()
    page = Path(ended.report).read_text(encoding="utf-8")
    assert "P07" in page
    title, *said = seen["compared"].summary
    assert title == "One ratio changed beyond measurement error"
    [changed] = [sentence for sentence in said if sentence.startswith("▲")]
    assert changed.startswith("▲ Right leg: After, the hamstrings did")
    assert title in page
