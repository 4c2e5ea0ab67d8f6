"""The level and quality of a channel, whatever the pieces in which its samples come."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgsmr import dsp
from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.timeline import ExactTimeline
from emgsmr.recording import SampleBlock, SensorInfo
from emgsmr.session.block_queue import BlockQueue
from emgsmr.session.meter import LEVEL_S, SensorMeter

FS = 500.0
INFO = SensorInfo(1, "npg_lite", "", "NPG", "", FS, 3, "<i2", 2.0, "known")
HOW = Settings(remove_mains=False)
RNG = np.random.default_rng(2)
COUNTS = np.rint(2048 + RNG.normal(0, [20, 60, 5], (2300, 3))).astype("<i2")
COUNTS[1000:1500, 1] = 4095  # a second at the end of the range


def block(first, stop, shift=0):
    return SampleBlock(1, first + shift, COUNTS[first:stop], np.array([[stop + shift, 1_000_000 * stop]]))


def wanted(until):
    sos = dsp.design_bandpass(low_hz=HOW.low_hz, high_hz=HOW.high_hz, fs=FS, order=HOW.filter_order)
    x, _ = dsp.bandpass(COUNTS[:until] * 2.0, sos=sos)
    return np.sqrt(np.mean(np.square(x[-round(LEVEL_S * FS) :]), axis=0))


@settings(max_examples=15)
@given(cuts=st.lists(st.tuples(st.integers(1, 2299), st.booleans()), max_size=12))
def test_any_cut_and_any_moments_of_looking_give_the_same(cuts):
    meter = SensorMeter(INFO, [0, 1, 2], HOW)
    edges = dict(cuts)
    places = [0, *sorted(edges), 2300]
    for first, stop in pairwise(places):
        meter.take(block(first, stop))
        if edges.get(stop):
            meter.look()
    np.testing.assert_allclose(meter.look(), wanted(2300), rtol=1e-12)
    assert meter.last_ns == 2_300_000_000


def test_the_quality_is_that_of_an_analysis_without_removal_of_hum():
    stream = SensorStream(INFO, [0, 1, 2], ExactTimeline(FS), HOW)
    meter = SensorMeter(INFO, [0, 1, 2], Settings())
    for first in range(0, 2300, 50):
        stream.feed(block(first, first + 50))
        meter.take(block(first, first + 50))
        meter.look()
        if stream.seconds:
            assert tuple(meter.verdicts[channel] for channel in range(3)) == stream.seconds[-1].verdicts
    states = [second.verdicts[1].state for second in stream.seconds]
    assert states[2] != states[0] == "good"


def test_only_what_is_asked_for_is_judged():
    meter = SensorMeter(INFO, [2], HOW)
    meter.take(block(0, 600))
    meter.look()
    assert set(meter.verdicts) == {2}
    nothing = SensorMeter(INFO, [], HOW)
    nothing.take(block(0, 600))
    assert nothing.look().shape == (3,)
    assert nothing.verdicts == {}


def test_a_gap_begins_anew_and_a_start_is_not_told():
    meter = SensorMeter(INFO, [0], HOW)
    assert np.isnan(meter.look()).all()
    meter.take(block(0, 600))
    assert np.isfinite(meter.look()).all()
    meter.take(block(600, 620, shift=1000))
    assert np.isnan(meter.look()).all()
    meter.take(block(620, 1200, shift=1000))
    assert np.isfinite(meter.look()).all()


def test_who_is_not_looked_at_keeps_the_newest_only():
    meter = SensorMeter(INFO, [0], HOW)
    for first in range(5000):
        meter.take(SampleBlock(1, first, COUNTS[first % 2000 : first % 2000 + 1]))
    assert len(meter._pending) < 5000
    assert np.isfinite(meter.look()).all()
    assert len(meter._pending) == 0


def test_the_queue_is_bounded_in_blocks_too():
    queue = BlockQueue(most_values=1 << 40)
    for first in range(10_100):
        queue.put(SampleBlock(1, first, COUNTS[:1]))
    blocks = queue.take()
    assert [blocks[0].first_index, blocks[-1].first_index, len(blocks)] == [100, 10_099, 10_000]


def test_a_block_that_is_larger_than_the_queue_is_kept():
    queue = BlockQueue(most_values=10)
    queue.put(block(0, 100))
    queue.put(block(100, 300))
    assert [b.first_index for b in queue.take()] == [100]


@pytest.mark.parametrize("readers", [4])
def test_nothing_is_given_twice_to_several_readers(readers):
    import threading

    queue = BlockQueue()
    got, over = [], threading.Event()

    def read():
        while not over.is_set():
            got.extend(block.first_index for block in queue.take())

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for first in range(2000):
        queue.put(SampleBlock(1, first, COUNTS[:1]))
    over.set()
    for thread in threads:
        thread.join()
    got.extend(block.first_index for block in queue.take())
    assert sorted(got) == list(range(2000))
