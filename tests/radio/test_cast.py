"""What the emulated sensors play; oracles: the simulated runner itself, sines, and counts written by hand."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import welch

from emgsmr.errors import ArgumentError, NotARecordingError, NotEnoughDataError, RecordingExistsError
from emgsmr.radio.cast import Cast, PlayedSensor, cast_recording, cast_scenario, sent_ranges, whole_packets
from emgsmr.radio.write_cast import LATENCY_S, write_cast
from emgsmr.recording import Event, Recorder, Recording, SampleBlock
from emgsmr.sensors import FAMILIES, find
from emgsmr.simulate import simulate_runner


@cache
def demo(seed: int = 1, minutes: float = 1.0) -> Cast:
    return cast_scenario("demo", seed=seed, minutes=minutes)


def by_name(cast: Cast, name: str) -> PlayedSensor:
    return next(sensor for sensor in cast.sensors if sensor.name == name)


def test_six_sensors_on_ten_sites() -> None:
    cast = demo()
    assert [sensor.family.key for sensor in cast.sensors] == ["umyo"] * 2 + ["npg_lite"] * 4
    assert len(set(cast.montage.sites)) == 10
    assert len({sensor.address for sensor in cast.sensors}) == 6
    for played, placed in zip(cast.sensors, cast.montage.sensors, strict=True):
        assert (played.name, played.address) == (placed.name, placed.address)
        assert {channel - 1: site for channel, site in placed.channels.items()} == dict(played.sites)
        assert played.counts.shape[1] in played.family.channel_counts
        assert played.counts.dtype == np.int16
        low, high = played.family.rails
        assert low <= played.counts.min()
        assert played.counts.max() <= high
        assert not played.counts.flags.writeable


def test_advertised_names_tell_the_sensors_apart() -> None:
    said = [s.family.advertise(s.name, s.counts.shape[1], s.battery_pct) for s in demo().sensors]
    assert len({advertisement.name for advertisement in said}) == 6
    found = [find(advertisement) for advertisement in said]
    assert [family.key for family in found if family] == [s.family.key for s in demo().sensors]


def test_its_montage_survives_a_file(tmp_path: Path) -> None:
    with write_cast(demo(), tmp_path / "demo.emgsmr") as recording:
        assert recording.montage == demo().montage


def test_every_clock_runs_its_own_way_within_50_ppm() -> None:
    ppm = [1e6 * (s.rate_hz / s.family.rate_hz - 1) for c in (demo(1), demo(2)) for s in c.sensors]
    assert max(map(abs, ppm)) <= 50.0
    assert len(set(ppm)) == 12
    assert np.std(ppm) > 10.0


def test_counts_are_the_runners_microvolts() -> None:
    cast = demo()
    run = simulate_runner("demo", seed=1, minutes=1.0)
    for name, channel, site, uv, middle in (
        ("uMyo-GR", 0, "GMAX_R", 3.6e6 / 2**14 / 80, 8192),
        ("NPG-THL", 1, "ST_L", 3.3e6 / 4096 / 2420, 2048),
    ):
        sensor = by_name(cast, name)
        ppm = 1e6 * (sensor.rate_hz / sensor.family.rate_hz - 1)
        emg = run.emg(site, fs=sensor.family.rate_hz, rate_error_ppm=ppm, t0_s=sensor.t0_s)
        played = (sensor.counts[:, channel].astype(float) - middle) * uv
        inside = np.abs(emg) < 600.0
        assert len(emg) == len(played)
        assert np.abs(played - emg)[inside].max() < 0.51 * uv


def test_a_strong_signal_clips_at_the_rails() -> None:
    counts = by_name(demo(), "NPG-CAL").counts
    assert np.mean((counts == 0) | (counts == 4095)) < 0.001  # a rare peak, not a clipped channel


def test_the_third_channel_of_an_npg_is_only_noise() -> None:
    sensor = by_name(demo(), "NPG-CAR")
    assert set(sensor.sites) == {0, 1}
    f, p = welch(sensor.counts[:, 2] * 0.333, 500.0, nperseg=500)
    assert np.sqrt(np.sum(p) * f[1]) == pytest.approx(4.0, rel=0.05)
    assert p[10:200].max() / p[10:200].min() < 2.5


def test_a_drop_out_takes_all_channels_of_its_sensor_and_only_those() -> None:
    cast = cast_scenario("demo", seed=1, minutes=6.0)
    for name, t0, t1 in (("NPG-CAL", 130.0, 130.8), ("uMyo-GR", 275.0, 276.2)):
        sensor = by_name(cast, name)
        ((first, stop),) = sensor.lost
        packet = sensor.family.samples_per_packet
        assert first % packet == 0
        assert stop % packet == 0
        times = [sensor.t0_s + i / sensor.rate_hz for i in (first, stop)]
        assert t0 - packet / sensor.rate_hz <= times[0] <= t0
        assert t1 <= times[1] <= t1 + packet / sensor.rate_hz
    assert sum(len(sensor.lost) for sensor in cast.sensors) == 2
    assert [entry["lost"] for entry in cast.truth["sensors"] if entry["name"] == "NPG-CAL"] == [
        [list(by_name(cast, "NPG-CAL").lost[0])]
    ]


def test_same_seed_same_counts() -> None:
    again, other = cast_scenario("demo", seed=1, minutes=1.0), demo(2)
    assert all(np.array_equal(a.counts, b.counts) for a, b in zip(demo().sensors, again.sensors, strict=True))
    assert not np.array_equal(demo().sensors[0].counts, other.sensors[0].counts)


@given(
    st.lists(
        st.tuples(st.floats(-50, 500), st.floats(0, 100)).map(lambda p: (p[0], p[0] + p[1])), max_size=6
    ),
    st.integers(0, 400),
    st.integers(1, 30),
)
def test_whole_packets_cover_what_they_widen(
    ranges: list[tuple[float, float]], n_samples: int, packet: int
) -> None:
    lost = np.zeros(n_samples, dtype=bool)
    merged = whole_packets(ranges, n_samples=n_samples, packet=packet)
    for first, stop in merged:
        assert 0 <= first < stop <= n_samples
        assert first % packet == 0
        assert stop % packet == 0 or stop == n_samples
        lost[first:stop] = True
    assert all(a[1] < b[0] for a, b in pairwise(merged))
    for first, stop in ranges:
        assert lost[max(0, int(np.ceil(first))) : max(0, int(np.ceil(stop)))].all()


def test_progress_reaches_the_end() -> None:
    seen: list[float] = []
    cast_scenario("healthy", seed=1, minutes=0.1, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


# written into a file


def test_a_written_cast_is_what_the_radio_would_have_brought(tmp_path: Path) -> None:
    cast = cast_scenario("demo", seed=3, minutes=1.0)
    seen: list[float] = []
    with write_cast(
        cast, tmp_path / "run.emgsmr", session={"scenario": "demo"}, progress=seen.append
    ) as recording:
        assert seen[-1] == 1.0
        assert recording.session["scenario"] == "demo"
        assert recording.montage == cast.montage
        assert recording.events() == tuple(sorted(cast.events))
        assert set(recording.sites) == set(cast.montage.sites)
        gaps = {(gap.sensor, gap.first_missing, gap.n_missing) for gap in recording.gaps()}
        assert gaps == {
            (number, first, stop - first)
            for number, sensor in enumerate(cast.sensors, start=1)
            for first, stop in sensor.lost
        }
        for info, sensor in zip(recording.sensors, cast.sensors, strict=True):
            packet = sensor.family.samples_per_packet
            assert (info.name, info.family, info.rate_hz) == (
                sensor.name,
                sensor.family.key,
                sensor.family.rate_hz,
            )
            pieces = list(recording.pieces(info.id))
            assert sum(block.n for block in pieces) == sum(b - a for a, b in sent_ranges(sensor))
            for block in pieces:
                assert np.array_equal(block.counts, sensor.counts[block.first_index : block.end_index])
                assert (block.arrivals[:, 0] % packet == 0).all()
                assert len(block.arrivals) == block.n // packet
                due = sensor.t0_s + (block.arrivals[:, 0] - 1) / sensor.rate_hz + LATENCY_S
                seconds = (block.arrivals[:, 1] - recording.started_ns) / 1e9
                assert np.abs(seconds - due).max() < 1e-8


def test_blocks_of_all_sensors_come_in_step(tmp_path: Path) -> None:
    with write_cast(demo(), tmp_path / "run.emgsmr") as recording:
        last = -np.inf
        for block in recording.blocks(seconds=0.0):
            time_s = (int(block.arrivals[-1, 1]) - recording.started_ns) / 1e9
            assert time_s > last - 1.0  # within the second that is written together
            last = max(last, time_s)


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.emgsmr"
    path.write_bytes(b"precious")
    with pytest.raises(RecordingExistsError):
        write_cast(demo(), path)
    assert path.read_bytes() == b"precious"


def test_what_could_not_be_finished_is_taken_away(tmp_path: Path) -> None:
    def stop(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_cast(demo(), tmp_path / "run.emgsmr", progress=stop)
    assert list(tmp_path.iterdir()) == []


# a recording as cast

FS = 1000.0


def recorded(
    path: Path,
    counts: np.ndarray,
    *,
    rows: list[tuple[int, int]],
    scale_known: str = "known",
    scale_uv: float = 0.5,
    t0_s: float = 0.0,
    fs: float = FS,
    placements: tuple[tuple[int, str], ...] = ((0, "GMAX_L"),),
) -> Path:
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="x", firmware="", rate_hz=fs, channels=counts.shape[1],
            dtype="<i4", scale_uv=scale_uv, scale_known=scale_known, placements=placements,
        )  # fmt: skip
        recorder.set_clock(info.id, 0, t0_s, fs, None, "file")
        for first, stop in rows:
            recorder.write(SampleBlock(info.id, first, counts[first:stop]))
        recorder.add_event(Event(t0_s + 2.0, 5.0, "phase", label="baseline"))
        recorder.add_event(Event(t0_s + 3.0, kind="flag", note="from software"))
    return path


def sine(n: int, hz: float, amplitude: float, fs: float = FS) -> np.ndarray:
    return np.rint(1000 + amplitude * np.sin(2 * np.pi * hz * np.arange(n) / fs)).astype(np.int32)[:, None]


def amplitude_at(x: np.ndarray, hz: float, fs: float) -> float:
    t = np.arange(len(x)) / fs
    return float(2 * abs(np.mean(x * np.exp(-2j * np.pi * hz * t))))


@pytest.mark.parametrize("fs", [500.0, 1000.0, 1259.259, 2148.148])
def test_a_sine_keeps_frequency_level_and_length(tmp_path: Path, fs: float) -> None:
    n = int(20 * fs)
    path = recorded(tmp_path / "sine.emgsmr", sine(n, 80.0, 2000.0, fs), rows=[(0, n)], fs=fs)
    (twin,) = cast_recording(path).sensors
    assert twin.family is FAMILIES["umyo"]
    assert twin.rate_hz == pytest.approx(1116.0, rel=1e-5)
    assert len(twin.counts) / twin.rate_hz == pytest.approx(n / fs, abs=0.002)
    played = (twin.counts[1116:-1116, 0] - 8192) * twin.family.scale_uv
    assert amplitude_at(played, 80.0, twin.rate_hz) == pytest.approx(1000.0, rel=0.01)
    assert twin.counts.mean() == pytest.approx(8192, abs=1.0)  # the source's offset of 1000 counts is gone


def test_a_gap_is_never_sent_and_the_rest_stays_in_place(tmp_path: Path) -> None:
    n = 30_000
    wave = sine(n, 50.0, 2000.0)
    path = recorded(tmp_path / "gap.emgsmr", wave, rows=[(0, 10_000), (12_500, 20_000), (20_000, n)])
    (twin,) = cast_recording(path).sensors
    ((first, stop),) = twin.lost
    assert first % 24 == 0
    assert stop % 24 == 0
    assert 0 <= 10.0 - first / twin.rate_hz < 24 / 1116
    assert 0 <= stop / twin.rate_hz - 12.5 < 24 / 1116
    t = np.arange(len(twin.counts)) / twin.rate_hz
    expected = 1000.0 * np.sin(2 * np.pi * 50.0 * t)
    for part in (slice(200, first - 200), slice(stop + 200, len(t) - 200)):
        played = (twin.counts[part, 0] - 8192) * twin.family.scale_uv
        assert np.corrcoef(played, expected[part])[0, 1] > 0.98  # within half a sample


def test_time_and_events_count_from_the_first_moment(tmp_path: Path) -> None:
    path = recorded(tmp_path / "late.emgsmr", sine(5000, 50.0, 100.0), rows=[(0, 5000)], t0_s=100.0)
    cast = cast_recording(path)
    assert cast.sensors[0].t0_s == pytest.approx(0.0)
    assert cast.events == (Event(2.0, 5.0, "phase", label="baseline"),)  # and no flag of an earlier analysis
    assert cast.duration_s == pytest.approx(5.0, abs=0.01)
    assert cast.truth == {"recording": "late.emgsmr", "origin_s": 100.0}


def test_an_unknown_scale_is_played_at_100_microvolts(tmp_path: Path) -> None:
    counts = np.column_stack([sine(9000, 60.0, 30.0)[:, 0], np.full(9000, 7)]).astype(np.int32)
    path = recorded(
        tmp_path / "au.emgsmr",
        counts,
        rows=[(0, 9000)],
        scale_known="unknown",
        scale_uv=806.0,
        placements=((0, "ST_L"), (1, "ST_R")),
    )
    active, flat = cast_recording(path).sensors
    assert active.counts.std() * active.family.scale_uv == pytest.approx(100.0, rel=0.02)
    assert (flat.counts == 8192).all()
    assert [s.name for s in (active, flat)] == ["uMyo-01", "uMyo-02"]


def test_a_radio_recording_plays_at_its_sensors_true_rates(tmp_path: Path) -> None:
    original = cast_scenario("demo", seed=5, minutes=2.0)
    write_cast(original, tmp_path / "run.emgsmr").close()
    again = cast_recording(tmp_path / "run.emgsmr")
    assert [s.sites[0] for s in again.sensors] == list(original.montage.sites)
    for site, name, nominal in (("GMAX_L", "uMyo-GL", 1116.0), ("LGAS_R", "NPG-CAR", 500.0)):
        source = by_name(original, name)
        twin = next(s for s in again.sensors if s.sites[0] == site)
        assert twin.rate_hz / 1116.0 == pytest.approx(source.rate_hz / nominal, abs=1e-7)
        assert twin.t0_s == pytest.approx(source.t0_s + LATENCY_S, abs=1e-5)
    ((first, stop),) = by_name(original, "uMyo-GR").lost
    ((again_first, again_stop),) = next(s for s in again.sensors if s.sites[0] == "GMAX_R").lost
    assert (again_first, again_stop) == (first, stop)  # the same grid: nothing to widen


def test_nothing_to_play_is_said(tmp_path: Path) -> None:
    none = recorded(tmp_path / "none.emgsmr", sine(100, 50.0, 10.0), rows=[(0, 100)], placements=())
    with pytest.raises(NotEnoughDataError, match="no channel on a muscle"):
        cast_recording(none)
    with pytest.raises(NotEnoughDataError, match="no samples"):
        cast_recording(recorded(tmp_path / "empty.emgsmr", sine(100, 50.0, 10.0), rows=[]))
    (tmp_path / "text.emgsmr").write_text("no recording")
    with pytest.raises(NotARecordingError):
        cast_recording(tmp_path / "text.emgsmr")
    with pytest.raises(ArgumentError, match="scenario"):
        cast_scenario("nothing", seed=1)


def test_one_sample_plays(tmp_path: Path) -> None:
    (twin,) = cast_recording(recorded(tmp_path / "one.emgsmr", sine(1, 50.0, 10.0), rows=[(0, 1)])).sensors
    assert len(twin.counts) in {1, 2}


def test_recording_opens_where_it_was_written(tmp_path: Path) -> None:
    write_cast(demo(), tmp_path / "sub" / "run.emgsmr").close()
    with Recording(tmp_path / "sub" / "run.emgsmr") as recording:
        assert recording.duration_s == pytest.approx(60.0, abs=0.1)
