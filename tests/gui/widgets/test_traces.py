"""Which channels are drawn, with what names, and what a frame costs."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtGui import QFontMetricsF

from emgsmr.gui.widgets import traces as module
from emgsmr.gui.widgets.canvas import fitted, short
from emgsmr.gui.widgets.traces import LABELS, UNSEEN, Traces
from emgsmr.recording import Placement, SampleBlock, SensorInfo, Wiring


def wiring(n=2, channels=2, scale_known="known", names="s"):
    infos = tuple(
        SensorInfo(k + 1, "umyo", "", f"{names}{k + 1}", "", 1000.0, channels, "<i4", 0.5, scale_known)
        for k in range(n)
    )
    return Wiring(infos, (Placement(1, 0, "GMAX_R"), Placement(2, 1, "SOL_L")))


def blocks(rng, seconds=3.0, n=2, channels=2, first=0):
    count = round(seconds * 1000)
    return [SampleBlock(k + 1, first, rng.integers(-300, 300, (count, channels))) for k in range(n)]


@pytest.fixture
def traces(app):
    widget = Traces()
    widget.show_channels(wiring())
    return widget


def test_placed_channels_or_all(traces):
    assert [trace.label for trace in traces.traces] == ["GMAX R", "SOL L"]
    traces.show_channels(wiring(), placed_only=False)
    assert [trace.label for trace in traces.traces] == ["GMAX R", "s1/2", "s2/1", "SOL L"]


def test_unit_and_filter_are_said(traces):
    assert {trace.unit for trace in traces.traces} == {"µV"}
    assert "band-pass 30 to 450 Hz" in traces.accessibleDescription()
    traces.show_channels(wiring(scale_known="unknown"))
    assert {trace.unit for trace in traces.traces} == {"units"}


@pytest.mark.parametrize("scale", [1e6, 5e5, 20.0])
def test_scales_and_filters_are_not_cut_off(traces, monkeypatch, rng, picture, scale):
    drawn = []

    def draw(painter, box, text, color, **options):
        font = fitted(text, box, **{k: v for k, v in options.items() if k != "align"})
        drawn.append((text, QFontMetricsF(font).horizontalAdvance(text) <= box.width() + 1))

    monkeypatch.setattr(module, "draw_text", draw)
    traces.show_channels(wiring(scale_known="unknown"))
    for trace in traces.traces:
        trace.scale = scale
    picture(traces, 760, 200)
    assert ("band-pass 30 to 450 Hz", True) in drawn
    assert f"±{short(scale)} units" in [text for text, _ in drawn]
    assert [text for text, fits in drawn if not fits] == []


def test_what_was_seen_is_kept_when_the_placement_changes(traces, rng):
    traces.take(blocks(rng))
    before = dict(traces._buffers)
    traces.show_channels(wiring(), placed_only=False)
    assert traces._buffers == before


def test_signal_and_gap_are_drawn(traces, rng, picture, colors, has_color):
    first = blocks(rng, 4.0)
    later = blocks(rng, 4.0, first=6000)
    traces.take([*first, *later])
    traces.catch_up()
    image = picture(traces, 900, 300)
    assert has_color(image, colors.blue) > 2000
    gap = image[:, LABELS + round(760 * 0.45) : LABELS + round(760 * 0.55)]
    assert has_color(gap, colors.orange) > 10
    assert has_color(gap, colors.blue) == 0


def test_loud_signals_get_a_larger_scale(traces, rng, picture):
    traces.take([SampleBlock(1, 0, np.full((2000, 2), 1) * rng.integers(-20000, 20000, (2000, 1)))])
    traces.catch_up()
    picture(traces, 600, 200)
    scales = {trace.label: trace.scale for trace in traces.traces}
    assert scales["GMAX R"] > 1000
    assert scales["SOL L"] == 50


def test_while_unseen_samples_wait_for_a_while(traces, rng):
    buffer = traces._buffers[1]
    traces.take(blocks(rng, 0.1))
    assert buffer.end_index == 0
    traces.take(blocks(rng, (UNSEEN + 1) / 1000, first=100))
    assert buffer.end_index == 100 + UNSEEN + 1


def test_is_drawn_when_samples_come_and_only_then(traces, rng, paints):
    assert paints(traces, lambda: traces.take(blocks(rng, 0.1))) == 1
    assert paints(traces, lambda: traces.take([])) == 0


def test_columns_stand_still_while_time_goes_on(traces, rng):
    traces.take(blocks(rng, 3.0))
    traces.catch_up()
    first = traces.edges(700)
    traces.take(blocks(rng, 0.033, first=3000))
    traces.catch_up()
    moved = (traces.edges(700) - first) / (10 / 700)
    np.testing.assert_allclose(moved, np.round(moved[0]), atol=1e-6)
    assert moved[0] > 0


@pytest.mark.parametrize("size", [(300, 120), (150, 40), (1200, 500)])
def test_any_wiring_can_be_drawn(traces, rng, picture, colors, size):
    picture(traces, *size)  # nothing came yet
    traces.show_channels(None)
    picture(traces, *size)
    traces.show_channels(wiring(16, 2, names="a long name " * 20), placed_only=False)
    traces.take(blocks(rng, 1.0, n=16))
    traces.take([SampleBlock(99, 0, np.zeros((5, 1), int))])  # of a sensor that nobody knows
    traces.catch_up()
    assert picture(traces, *size).std(axis=(0, 1)).max() > 1
