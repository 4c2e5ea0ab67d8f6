"""When and what the outlets push, against a stand-in for Lab Streaming Layer that remembers it."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis import Finding
from emgsmr.analysis.timeline import FittedTimeline
from emgsmr.errors import SettingsError
from emgsmr.radio.link import LinkState, StateChange
from emgsmr.recording import Event, Placement, SampleBlock, SensorInfo, Wiring
from emgsmr.session import Update
from emgsmr.session.lsl import LslOutlets, values
from emgsmr.session.stamper import Stamper

INFO = SensorInfo(1, "umyo", "E1:00:00:00:00:01", "uMyo-01", "2.0", 100.0, 1, "<i2", 2.75, "estimated")
OTHER = SensorInfo(2, "npg_lite", "E1:00:00:00:00:02", "NPG-02", "", 50.0, 3, "<i2", 805.9, "unknown")
STARTED_NS = 7_000_000_000
LEAD_S = 1000.0  # of the stand-in's clock over the session's


class Element:
    def append_child(self, name):
        return Element()

    def append_child_value(self, name, value):
        assert isinstance(value, str)


class StreamInfo:
    def __init__(self, name, type_, channels, rate, kind, source_id):
        self.args = (name, type_, channels, rate, kind, source_id)

    def name(self):
        return self.args[0]

    def desc(self):
        return Element()


class Lsl(ModuleType):
    """Stands in for pylsl: its clock is set by hand, readers come when told to."""

    IRREGULAR_RATE = 0.0
    StreamInfo = StreamInfo

    def __init__(self):
        super().__init__("pylsl")
        self.now_s = STARTED_NS / 1e9 + LEAD_S
        self.outlets = {}
        self.readers = False
        self.reader_comes_s = float("inf")
        self.waited_s = 0.0
        lsl = self

        class StreamOutlet:
            def __init__(self, info):
                self.pushed = []
                lsl.outlets[info.name()] = self

            def push_chunk(self, samples, stamps):
                assert isinstance(stamps, list)
                assert len(samples) == len(stamps)
                self.pushed += zip(np.asarray(samples).tolist(), stamps, strict=True)

            def have_consumers(self):
                return lsl.readers

            def wait_for_consumers(self, timeout):
                if not lsl.readers:
                    lsl.waited_s += timeout
                    lsl.now_s += timeout
                lsl.readers = lsl.readers or lsl.now_s >= lsl.reader_comes_s
                return lsl.readers

        self.StreamOutlet = StreamOutlet

    def local_clock(self):
        return self.now_s


@pytest.fixture
def lsl(monkeypatch):
    stand_in = Lsl()
    monkeypatch.setitem(sys.modules, "pylsl", stand_in)
    return stand_in


@pytest.fixture
def outlets(lsl):
    made = LslOutlets(patience_s=10.0, linger_s=0.0)
    made.begin(Wiring((INFO, OTHER), (Placement(1, 0, "GMAX_L"),), started_ns=STARTED_NS), clock_of(lsl))
    return made


def clock_of(lsl):
    return lambda: round((lsl.now_s - LEAD_S) * 1e9)


def block(first, stop, *, info=INFO, late_s=0.0):
    """Samples that are their own index; notifications of ten samples arrive when the last is taken."""
    counts = np.repeat(np.arange(first, stop)[:, np.newaxis], info.channels, axis=1)
    ends = np.arange(first + 10, stop + 1, 10)
    arrivals = np.column_stack(
        [ends, STARTED_NS + (((ends - 1) / info.rate_hz + late_s) * 1e9).astype(np.int64)]
    )
    return SampleBlock(info.id, first, counts, arrivals)


def pushed(lsl, name="emgsmr uMyo-01"):
    return lsl.outlets[name].pushed


def marked(lsl):
    return [(json.loads(text), stamp) for [text], stamp in pushed(lsl, "emgsmr markers")]


def test_the_first_second_waits_for_its_time_then_nothing_does(lsl, outlets):
    lsl.readers = True
    outlets.take_block(block(0, 90))
    assert pushed(lsl) == []
    outlets.take_block(block(90, 100))
    assert len(pushed(lsl)) == 100
    outlets.take_block(block(100, 110))
    assert [value for [value], _ in pushed(lsl)] == [2.75 * n for n in range(110)]
    expected = [STARTED_NS / 1e9 + LEAD_S + n / 100 for n in range(110)]
    assert [stamp for _, stamp in pushed(lsl)] == pytest.approx(expected, abs=1e-9)


def test_a_gap_is_a_jump_of_the_stamps(lsl, outlets):
    lsl.readers = True
    outlets.take_block(block(0, 200))
    outlets.take_block(block(260, 300))
    stamps = np.array([stamp for _, stamp in pushed(lsl)])
    assert len(stamps) == 240
    assert np.diff(stamps)[199] == pytest.approx(0.61)
    assert np.delete(np.diff(stamps), 199) == pytest.approx(0.01)


def test_samples_are_kept_until_a_reader_comes(lsl, outlets):
    outlets.take_block(block(0, 200))
    outlets.take_event(Event(1.0, kind="lap"))
    assert pushed(lsl) == pushed(lsl, "emgsmr markers") == []
    lsl.readers = True
    outlets.take_block(block(0, 100, info=OTHER))  # a look at all streams, whoever has something new
    assert len(pushed(lsl)) == 200
    assert len(pushed(lsl, "emgsmr NPG-02")) == 100
    assert [marker["kind"] for marker, _ in marked(lsl)] == ["lap"]


def test_nobody_comes(lsl, outlets):
    outlets.take_block(block(0, 200))
    lsl.now_s += 10.0
    outlets.take_block(block(200, 210))
    assert len(pushed(lsl)) == 210
    outlets.finish()
    lsl.now_s += 5.0
    outlets.close()
    assert lsl.waited_s == 0.0


def test_a_reader_that_comes_after_a_short_session_gets_all_of_it(lsl, outlets):
    outlets.take_block(block(0, 200))
    outlets.finish()
    assert pushed(lsl) == []
    lsl.reader_comes_s = lsl.now_s + 4.0
    outlets.close()
    assert len(pushed(lsl)) == 200
    assert lsl.waited_s == pytest.approx(4.0, abs=0.21)
    [(end, stamp)] = marked(lsl)
    assert end == {"marker": "end", "samples": {"uMyo-01": 200, "NPG-02": 0}, "t_s": 0.0}
    assert stamp == STARTED_NS / 1e9 + LEAD_S


def test_nobody_comes_after_a_short_session_either(lsl, outlets):
    outlets.take_block(block(0, 200))
    outlets.finish()
    outlets.close()
    assert lsl.waited_s == pytest.approx(10.0)


def test_a_stream_shorter_than_a_second_is_sent_at_the_end(lsl, outlets):
    lsl.readers = True
    outlets.take_block(block(0, 30, late_s=0.5))
    outlets.take_block(block(40, 60, late_s=0.25))
    outlets.finish()
    outlets.take_block(block(0, 0, info=OTHER))
    assert [value for [value], _ in pushed(lsl)] == [2.75 * n for n in (*range(30), *range(40, 60))]
    expected = [STARTED_NS / 1e9 + LEAD_S + 0.25 + n / 100 for n in (*range(30), *range(40, 60))]
    assert [stamp for _, stamp in pushed(lsl)] == pytest.approx(expected, abs=1e-9)


def test_what_is_marked(lsl, outlets):
    lsl.readers = True
    finding = Finding(
        "P1_L_1", "P1", "L", "GMAX", "HAM", 60.0, 80.0, 95.0, None, None,
        tier=2, change_pct=28.0, ci_low_pct=10.0, ci_high_pct=49.0, d_prime_pct=-9.0,
        d_compensator_pct=float("nan"), z=4.0, pattern="compensation", overload_index=None, n_strides=20,
        text="Left hamstrings …",
    )  # fmt: skip
    outlets.take_event(Event(1.5, kind="foot_contact", side="L"))
    outlets.take_update(Update(80.0, finding=finding))
    change = StateChange(STARTED_NS, "uMyo-01", LinkState.LOST, "the connection broke")
    outlets.take_update(Update(12.0, change=change))
    outlets.take_block(block(0, 10))
    (event, at_event), (flag, at_flag), (link, at_link) = marked(lsl)
    assert event == {"marker": "event", "kind": "foot_contact", "side": "L", "t_s": 1.5}
    assert {key: flag[key] for key in ("marker", "finding", "tier", "t_onset_s", "t_s", "text")} == {
        "marker": "finding",
        "finding": "P1_L_1",
        "tier": 2,
        "t_onset_s": 60.0,
        "t_s": 95.0,
        "text": "Left hamstrings …",
    }
    assert not {"d_compensator_pct", "t_end_s"} & set(flag)
    assert link == {
        "marker": "link", "sensor": "uMyo-01", "state": "lost", "reason": "the connection broke", "t_s": 12.0
    }  # fmt: skip
    zero_s = STARTED_NS / 1e9 + LEAD_S
    assert [at_event, at_flag, at_link] == [zero_s + 1.5, zero_s + 95.0, zero_s + 12.0]


def test_an_end_without_a_beginning(lsl):
    with LslOutlets() as outlets:
        outlets.finish()
    assert lsl.outlets == {}


def test_a_stream_that_cannot_be_opened(lsl):
    def refuse(info):
        raise RuntimeError("could not create stream outlet.")

    lsl.StreamOutlet = refuse
    with LslOutlets() as outlets, pytest.raises(SettingsError, match="cannot open the stream emgsmr uMyo-01"):
        outlets.begin(Wiring((INFO,), (), started_ns=STARTED_NS), clock_of(lsl))


@given(st.lists(st.integers(0, 400), max_size=8), st.integers(0, 60))
def test_how_a_stream_is_cut_changes_no_stamp(cuts, lost):
    whole = [block(0, 250), block(250 + lost, 400 + lost)]
    pieces = []
    for part in whole:
        start = 0
        for cut in sorted({c - part.first_index for c in cuts if part.first_index < c < part.end_index}):
            head, part = part.cut(cut - start)
            start = cut
            pieces.append(head)
        pieces.append(part)
    stamper = Stamper(INFO, STARTED_NS)
    told = [piece for part in pieces for piece in stamper.take(part)] + stamper.rest()
    timeline = FittedTimeline(INFO.rate_hz, STARTED_NS)
    for part in whole:
        timeline.advance(part.arrivals, first_index=0, end_index=part.end_index)
    index = np.concatenate([np.arange(part.first_index, part.end_index) for part in whole])
    assert np.array_equal(np.concatenate([counts for counts, _ in told])[:, 0], index)
    assert np.array_equal(np.concatenate([t_s for _, t_s in told]), timeline.time(index))


def test_what_came_twice_is_sent_once():
    stamper = Stamper(INFO, STARTED_NS)
    told = [piece for part in (block(0, 150), block(100, 200)) for piece in stamper.take(part)]
    assert np.concatenate([counts for counts, _ in told])[:, 0].tolist() == list(range(200))


@given(st.lists(st.integers(-(2**23) + 1, 2**23 - 1), min_size=1), st.floats(1e-4, 1e3))
def test_counts_of_24_bits_come_back(counts, scale_uv):
    info = SensorInfo(1, "file", "", "x", "", 1000.0, 1, "<i4", scale_uv, "known")
    sent = values(np.array(counts, dtype="<i4")[:, np.newaxis], info)
    assert sent.dtype == np.float32
    assert np.rint(sent[:, 0].astype(float) / scale_uv).tolist() == counts
