"""The cast of a virtual radio: from a scenario, or from a recording.

A scenario brings six sensors on ten sites, and on request what else its runner wears (`cast_companions`); a
recording brings one uMyo for each placed channel.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgsmr.errors import ArgumentError, NotEnoughDataError
from emgsmr.radio.cast_companions import companions
from emgsmr.radio.played import (
    Cast,
    PlayedSensor,
    address,
    montage_of,
    quantized,
    sent_ranges,
    whole_packets,
)
from emgsmr.radio.write_cast import write_cast
from emgsmr.recording import Event, Placement, Recording, SensorInfo
from emgsmr.sensors import FAMILIES
from emgsmr.simulate import Engine, Run, Scenario, simulate_runner
from emgsmr.simulate.person import generator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "Cast",
    "PlayedSensor",
    "cast_recording",
    "cast_scenario",
    "scenario_sensor",
    "sent_ranges",
    "whole_packets",
    "write_cast",
]

FloatArray = NDArray[np.float64]

_RATE_ERROR_PPM = 50.0
_NPG_GAIN = 2420.0  # of the maker's muscle boards; the gain of the NPG Lite is not published
_NPG_UV = 3.3e6 / 4096 / _NPG_GAIN
_OPEN_CHANNEL_UV = 4.0
_UNSCALED_RMS_UV = 100.0
_MAX_DENOMINATOR = 1000
_MAX_TWINS = 99
_SOFTWARE_EVENTS = ("gap", "flag")

SCENARIO_SENSORS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # A uMyo advertises the first seven characters of its name, so they must tell them apart.
    ("umyo", "uMyo-GL", ("GMAX_L",)),
    ("umyo", "uMyo-GR", ("GMAX_R",)),
    ("npg_lite", "NPG-THL", ("BFLH_L", "ST_L")),
    ("npg_lite", "NPG-THR", ("BFLH_R", "ST_R")),
    ("npg_lite", "NPG-CAL", ("MGAS_L", "LGAS_L")),
    ("npg_lite", "NPG-CAR", ("MGAS_R", "LGAS_R")),
)


def cast_scenario(
    name: str | Scenario,
    *,
    seed: int,
    minutes: float | None = None,
    progress: Callable[[float], None] | None = None,
    with_companions: bool = False,
    engine: Engine = "surrogate",
) -> Cast:
    """Cast the simulated runner: a uMyo on each glute, an NPG Lite on each thigh and each calf.

    Parameters
    ----------
    name : str or Scenario
    seed : int
        Of the runner and of the sensors' clocks (each within 50 ppm of its nominal rate).
    minutes : float, optional
    progress : callable, optional
        Called with the part that is done (0 to 1).
    with_companions : bool
        Whether there are a heart rate strap and a foot pod as well.
    engine : {"surrogate", "pool"}
        Of `emgsmr.simulate.simulate_runner`.

    Returns
    -------
    Cast

    Notes
    -----
    The µV of the uMyo are those its family states. The NPG Lite's gain is not published: an amplifier of
    2420 (as on the maker's muscle boards) before 12 bits of 3.3 V is assumed, 0.33 µV per count at the skin
    and clipping beyond ±0.68 mV. Its third channel has no electrode: noise.

    Examples
    --------
    >>> cast = cast_scenario("demo", seed=1, minutes=0.2)
    >>> [sensor.name for sensor in cast.sensors][:3], len(cast.montage.sites)
    (['uMyo-GL', 'uMyo-GR', 'NPG-THL'], 10)
    """
    run = simulate_runner(name, seed=seed, minutes=minutes, engine=engine)
    sensors = []
    for number, entry in enumerate(SCENARIO_SENSORS, start=1):
        sensors.append(scenario_sensor(run, number, *entry))
        if progress is not None:
            progress(number / len(SCENARIO_SENSORS))
    clocks = [
        {"name": s.name, "rate_hz": s.rate_hz, "t0_s": s.t0_s, "lost": [list(r) for r in s.lost]}
        for s in sensors
    ]
    if with_companions:
        sensors += companions(run, first_number=len(sensors) + 1)
    return Cast(
        sensors=tuple(sensors),
        montage=montage_of(sensors),
        events=tuple(Event(**event) for event in run.events),
        duration_s=run.duration_s,
        truth={**run.truth, "sensors": clocks},
        description=run.scenario.description,
    )


def scenario_sensor(run: Run, number: int, key: str, name: str, sites: tuple[str, ...]) -> PlayedSensor:
    """Let one sensor measure some sites of a simulated run; channels without a site are noise."""
    family = FAMILIES[key]
    rng = generator(run.seed, "sensor", name)
    ppm = float(rng.uniform(-_RATE_ERROR_PPM, _RATE_ERROR_PPM))
    t0_s, battery = float(rng.uniform(0.0, 0.05)), int(rng.integers(60, 100))
    rate_hz = family.rate_hz * (1.0 + 1e-6 * ppm)
    # for maximal contractions the amplifier is turned down to a half
    uv_per_count = family.scale_uv if key == "umyo" else _NPG_UV * (2.0 if run.scenario.contractions else 1.0)
    columns = []
    for site in sites:
        emg = run.emg(site, fs=family.rate_hz, rate_error_ppm=ppm, t0_s=t0_s)
        columns.append(quantized(emg, uv_per_count=uv_per_count, family=family))
    for _ in range(family.channel_counts[0] - len(sites)):
        noise = _OPEN_CHANNEL_UV * rng.standard_normal(len(columns[0]))
        columns.append(quantized(noise, uv_per_count=uv_per_count, family=family))
    n, packet = len(columns[0]), family.samples_per_packet
    ranges = [((a - t0_s) * rate_hz, (b - t0_s) * rate_hz) for site, a, b in run.dropouts if site in sites]
    return PlayedSensor(
        family=family,
        address=address(number),
        name=name,
        battery_pct=battery,
        sites=dict(enumerate(sites)),
        rate_hz=rate_hz,
        counts=np.column_stack(columns),
        lost=whole_packets(ranges, n_samples=n, packet=packet),
        t0_s=t0_s,
    )


def cast_recording(path: str | Path) -> Cast:
    """Cast a recording: one uMyo for each placed channel.

    Parameters
    ----------
    path : path-like
        A recording of any sensors or an imported file.

    Returns
    -------
    Cast
        Names are ``uMyo-01``, ``uMyo-02``, ... in the order of the recording's placements; its events come
        along, but for the gaps and flags that software added. Time 0 is the recording's first moment.

    Raises
    ------
    NotEnoughDataError
        No channel is placed, or none of them has a sample.

    Notes
    -----
    Each piece between two gaps is taken at the uMyo's rate (`scipy.signal.resample_poly`, with its
    anti-aliasing filter) without its mean and quantized to 14 bits of 2.75 µV: rounding adds 0.8 µV rms, and
    ±22 mV fit. A piece begins at the nearest sample, so it moves by up to 0.45 ms. Where the recording's
    scale is unknown, a channel is played at 100 µV rms. A gap becomes samples that are never sent, widened to
    whole packets of 24 samples.
    """
    with Recording(path) as recording:
        if not recording.placements:
            raise NotEnoughDataError(f"{recording.path} has no channel on a muscle: nothing can be played")
        if len(recording.placements) > _MAX_TWINS:
            raise ArgumentError(f"{recording.path} has more than {_MAX_TWINS} sites: too many to play")
        infos = {info.id: info for info in recording.sensors}
        clocks = {info.id: _clock(recording, info) for info in recording.sensors}
        origin = recording.start_s
        sensors = []
        for number, placement in enumerate(recording.placements, start=1):
            t0_s, rate_hz = clocks[placement.sensor]
            twin = _twin(recording, infos[placement.sensor], placement, number, t0_s - origin, rate_hz)
            if twin is not None:
                sensors.append(twin)
        events = [
            dataclasses.replace(event, t_s=event.t_s - origin)
            for event in recording.events()
            if event.kind not in _SOFTWARE_EVENTS
        ]
        end_s = recording.end_s - origin
        name = recording.path.name
    if not sensors:
        raise NotEnoughDataError(f"{name} has no samples on any muscle: nothing can be played")
    return Cast(
        sensors=tuple(sensors),
        montage=montage_of(sensors),
        events=tuple(events),
        duration_s=max([end_s, *(s.t0_s + len(s.counts) / s.rate_hz for s in sensors)]),
        truth={"recording": name, "origin_s": origin},
        description=f"{name}, played by {len(sensors)} uMyo",
    )


def _clock(recording: Recording, info: SensorInfo) -> tuple[float, float]:
    """Find the time of sample 0 and the true rate: as recorded, else a line through the earliest arrivals."""
    row = recording.clock(info.id)
    if row is not None:
        return row.time_s(0), row.rate_hz
    parts = [block.arrivals for block in recording.pieces(info.id) if len(block.arrivals)]
    arrivals = np.concatenate([np.empty((0, 2), dtype=np.int64), *parts])
    if not len(arrivals):
        return 0.0, info.rate_hz
    index = arrivals[:, 0].astype(np.float64) - 1.0  # an arrival belongs to the notification's last sample
    late = (arrivals[:, 1] - recording.started_ns) / 1e9 - index / info.rate_hz
    # A notification comes late, never early: of each ten seconds the earliest counts.
    group = np.floor(index / (10.0 * info.rate_hz)).astype(np.int64)
    order = np.lexsort((late, group))
    earliest = order[np.unique(group[order], return_index=True)[1]]
    if len(earliest) < 3:
        return float(late.min()), info.rate_hz
    slope, offset = np.polyfit(index[earliest], late[earliest], 1)
    return float(offset), float(1.0 / (1.0 / info.rate_hz + slope))


def _twin(
    recording: Recording, info: SensorInfo, placement: Placement, number: int, t0_s: float, rate_hz: float
) -> PlayedSensor | None:
    """Play one channel with a uMyo; None if it has no samples."""
    from scipy.signal import resample_poly

    family = FAMILIES["umyo"]
    pieces = _pieces(recording, info, placement.channel)
    if not pieces:
        return None
    # From the nominal rate: an error of the source's clock stays one of the twin's.
    ratio = Fraction(family.rate_hz / info.rate_hz).limit_denominator(_MAX_DENOMINATOR)
    total = np.concatenate([values for _, values in pieces])
    mean, spread = float(total.mean()), float(total.std())
    scale_uv = info.scale_uv
    if info.scale_known == "unknown":
        scale_uv = _UNSCALED_RMS_UV / spread if spread > 0.0 else 1.0
    last, values = pieces[-1]
    n = round(float(last * ratio)) + -(-len(values) * ratio.numerator // ratio.denominator)
    counts = np.full((n, 1), (family.rails[1] + 1) // 2, dtype=np.int16)
    sent = []
    for first, values in pieces:
        played = resample_poly((values - mean) * scale_uv, ratio.numerator, ratio.denominator)
        start = round(float(first * ratio))
        stop = min(start + len(played), n)
        counts[start:stop, 0] = quantized(played[: stop - start], uv_per_count=family.scale_uv, family=family)
        sent.append((start, stop))
    edges = [0, *(edge for piece in sent for edge in piece), n]
    silent = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    return PlayedSensor(
        family=family,
        address=address(number),
        name=f"uMyo-{number:02d}",
        battery_pct=100,
        sites={0: placement.site},
        rate_hz=rate_hz * float(ratio),
        counts=counts,
        lost=whole_packets(silent, n_samples=n, packet=family.samples_per_packet),
        t0_s=t0_s,
    )


def _pieces(recording: Recording, info: SensorInfo, channel: int) -> list[tuple[int, FloatArray]]:
    """Read a channel's counts between gaps, each with the index of its first sample."""
    runs: list[tuple[int, list[FloatArray]]] = []
    end = -1
    for block in recording.pieces(info.id):
        if not block.n:
            continue
        values = block.counts[:, channel].astype(np.float64)
        if block.first_index == end:
            runs[-1][1].append(values)
        else:
            runs.append((block.first_index, [values]))
        end = block.end_index
    return [(first, np.concatenate(parts)) for first, parts in runs]
