from __future__ import annotations

import numpy as np
import pytest

from emgsmr import dsp
from emgsmr.errors import DamagedRecordingError
from emgsmr.gui.review.overview import Pyramid
from emgsmr.gui.review.picture import envelope, traces
from emgsmr.gui.review.sample_time import sample_time
from emgsmr.gui.review.signal import BAND_HZ, TILE, Signal, channels_of
from emgsmr.gui.review.span import Span
from emgsmr.recording import Recorder, Recording, SampleBlock


def test_band_passed_tiles_agree_with_one_pass_of_the_filter(make):
    with Recording(make(seconds=12.0, offset=3000)) as recording:
        signal = Signal(recording)
        whole = recording.counts(2, 0, 12_000) * 0.5
        sos = dsp.design_bandpass(low_hz=BAND_HZ[0], high_hz=BAND_HZ[1], fs=1000.0)
        expected = dsp.bandpass(whole, sos=sos)[0]
        _, found = signal.values(2, 0, 12_000, filtered=True)
        settle = signal.sensors[2].settle
        assert np.isnan(found[:settle]).all()  # the start-up of the filter is no signal
        error = np.abs(found[settle:12_000] - expected[settle:])
        assert error.max() < 0.01 * expected.std()


def test_after_a_gap_the_filter_settles_first(make):
    with Recording(make(seconds=12.0, gaps=((6000, 7000),))) as recording:
        signal = Signal(recording)
        _, found = signal.values(1, 0, 12_000, filtered=True)
        missing = np.isnan(found[:12_000, 0])
        settle = signal.sensors[1].settle
        assert missing.sum() == 2 * settle + 1000
        assert missing[6000 : 7000 + settle].all()


def test_the_last_used_tiles_are_kept_within_a_budget(make):
    with Recording(make(seconds=40.0)) as recording:
        signal = Signal(recording, budget_bytes=5 * TILE * 4)
        first = signal.tile(1, 0, filtered=False)
        assert signal.tile(1, 0, filtered=False) is first
        signal.values(1, 0, 40_000, filtered=False)
        assert signal.kept_bytes <= 5 * TILE * 4
        assert signal.tile(1, 0, filtered=False) is not first


def test_a_sensor_too_slow_for_the_band_shows_raw_samples(make):
    with Recording(make(rate_hz=50.0)) as recording:
        signal = Signal(recording)
        assert signal.sensors[1].sos is None
        np.testing.assert_array_equal(signal.tile(1, 0, filtered=True), signal.tile(1, 0, filtered=False))
        pyramids = {(s, f): Pyramid(2000, 1) for s in signal.sensors for f in (False, True)}
        found = traces(signal, pyramids, Span(0.0, 10.0), columns=800, filtered=True)
        assert not found[0].filtered


def test_placed_channels_come_first_and_alone(make, tmp_path):
    with Recording(make()) as recording:
        assert [c.name for c in channels_of(recording)] == ["GMAX_L", "BFLH_L", "GMAX_R", "BFLH_R"]
    with Recorder(tmp_path / "bare.emgsmr") as recorder:
        recorder.add_sensor(
            family="file", address="", name="", firmware="", rate_hz=1000.0, channels=2, dtype="<i2",
            scale_uv=0.5, scale_known="unknown", placements=[],
        )  # fmt: skip
    with Recording(tmp_path / "bare.emgsmr") as recording:
        assert [(c.name, c.unit) for c in channels_of(recording)] == [
            ("1 1", "units"),
            ("1 2", "units"),
        ]


def test_a_block_that_claims_to_last_for_years_is_refused(tmp_path):
    with Recorder(tmp_path / "lie.emgsmr") as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="x", firmware="", rate_hz=1.0, channels=1, dtype="<i2",
            scale_uv=0.5, scale_known="known", placements=[],
        )  # fmt: skip
        recorder.write(SampleBlock(info.id, 1 << 40, np.zeros((1, 1), dtype=np.int16)))
    with (
        Recording(tmp_path / "lie.emgsmr") as recording,
        pytest.raises(DamagedRecordingError, match="a year"),
    ):
        Signal(recording)


def test_times_of_a_radio_follow_its_clock(tmp_path):
    rate = 1000.0 * (1 + 2e-4)  # a sensor that is 200 ppm fast
    with Recorder(tmp_path / "fast.emgsmr", started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="umyo", address="", name="x", firmware="", rate_hz=1000.0, channels=1, dtype="<i2",
            scale_uv=0.5, scale_known="known", placements=[],
        )  # fmt: skip
        for first in range(0, 300_000, 50):
            end = first + 50
            came = np.array([[end, round((0.5 + end / rate) * 1e9)]])
            recorder.write(SampleBlock(info.id, first, np.zeros((50, 1), dtype=np.int16), came))
    with Recording(tmp_path / "fast.emgsmr") as recording:
        times = sample_time(recording, info)
    index = np.array([0, 123_456, 240_000])
    np.testing.assert_allclose(times.time(index), 0.5 + index / rate, atol=1e-3)
    np.testing.assert_allclose(times.index(times.time(index)), index, atol=1e-3)


@pytest.mark.parametrize("clock", [None, (100, 2.0, "fit"), (100, 2.0, "file")])
def test_without_arrivals_the_clock_or_the_rate_tells_the_time(tmp_path, clock):
    with Recorder(tmp_path / "x.emgsmr") as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="x", firmware="", rate_hz=100.0, channels=1, dtype="<i2",
            scale_uv=0.5, scale_known="known", placements=[],
        )  # fmt: skip
        recorder.write(SampleBlock(info.id, 0, np.zeros((500, 1), dtype=np.int16)))
        if clock:
            recorder.set_clock(info.id, clock[0], clock[1], 100.0, None, clock[2])
    with Recording(tmp_path / "x.emgsmr") as recording:
        times = sample_time(recording, info)
    assert float(times.time(100)) == (2.0 if clock else 1.0)
    assert float(times.index(times.time(300))) == 300


def pictures(signal, span, **options):
    pyramids = {
        (key, kind): Pyramid(known.n_samples, 1)
        for key, known in signal.sensors.items()
        for kind in (False, True)
    }
    return traces(signal, pyramids, span, columns=500, filtered=False, **options)


def test_a_short_stretch_shows_every_sample(make):
    with Recording(make()) as recording:
        signal = Signal(recording)
        [trace, *_] = pictures(signal, Span(10.0, 11.0))
        assert trace.binned == 1
        first = round(float(signal.sensors[1].times.index(trace.t_s[0])))
        expected = recording.counts(1, first, first + len(trace.t_s)) * 0.5
        np.testing.assert_array_equal(trace.values, expected[:, 0].astype(np.float32))


def test_a_longer_stretch_shows_both_ends_of_its_bins(make):
    with Recording(make()) as recording:
        signal = Signal(recording)
        a = pictures(signal, Span(10.0, 20.0))[0]
        b = pictures(signal, Span(10.5, 20.5))[0]
        assert a.binned > 1
        assert a.binned & (a.binned - 1) == 0
        common = np.intersect1d(a.t_s, b.t_s)  # scrolling does not make bins flicker
        assert len(common) > 0.9 * len(a.t_s) / 2
        index = np.searchsorted(a.t_s, common), np.searchsorted(b.t_s, common)
        np.testing.assert_array_equal(a.values[index[0]], b.values[index[1]])


def test_while_the_overview_is_built_samples_are_read_where_they_are_not_too_many(make):
    with Recording(make()) as recording:
        signal = Signal(recording)
        assert np.isfinite(pictures(signal, Span(0.0, 40.0), complete=False)[0].values).any()
        assert not np.isfinite(pictures(signal, Span(0.0, 40.0), complete=True)[0].values).any()
        known = signal.sensors[1]
        pyramid = Pyramid(known.n_samples, 1)
        pyramid.add(signal.values(1, 0, 40_000, filtered=False)[1], 0)
        t_s, half = envelope(pyramid, known, 100)
        assert len(t_s) == len(half)
        assert np.nanmin(half) > 0


def test_where_a_sensor_had_ended_there_is_nothing(make):
    with Recording(make(seconds=5.0)) as recording:
        assert [len(trace.t_s) for trace in pictures(Signal(recording), Span(100.0, 110.0))] == [0] * 4
