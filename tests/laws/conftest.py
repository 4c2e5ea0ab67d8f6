"""The registry of stages: whatever carries state from one piece of a stream to the next, one line each.

A test that takes ``stage`` runs for each of them. A new stage is a line in `STAGES`:

``Stage("name", carried(lambda x, state: dsp.my_stage(x, fs=FS, state=state)), delay_s=..., settle=...)``

where the function gives its outputs and, last, the state; outputs are ``(n_rows, n_channels)``. Its inputs
and its state are read-only here, so that whoever changes them fails in every law.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from emgsmr import dsp
from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.timeline import ExactTimeline
from emgsmr.recording import SampleBlock, SensorInfo

FS = 500.0
Pieces = Sequence[tuple[int, np.ndarray]]
"""Index of the first sample and the samples, piece by piece; where the index jumps there is a gap."""

Outputs = list[np.ndarray]


@dataclass(frozen=True)
class Stage:
    """A stage under its laws.

    ``run``: outputs of a stream in pieces. ``delay_s``: declared delay of a burst of 80 Hz, of a stage that
    gives a row per sample. ``settle``: declared number of samples after which a start is forgotten.
    """

    name: str
    run: Callable[[Pieces], Outputs]
    delay_s: float | None = None
    settle: int | None = None


def frozen(value: Any) -> Any:
    """A copy that cannot be written to, of an array or a tuple of them."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    elif isinstance(value, tuple):
        parts = [frozen(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def carried(step: Callable[[np.ndarray, Any], tuple[Any, ...]]) -> Callable[[Pieces], Outputs]:
    """A stage that is a function with state: ``step(x, state)`` gives outputs and the next state."""
    return indexed(lambda x, _first, state: step(x, state))


def indexed(step: Callable[[np.ndarray, int, Any], tuple[Any, ...]]) -> Callable[[Pieces], Outputs]:
    """The same for ``step(x, first_index, state)``."""

    def run(pieces: Pieces) -> Outputs:
        found, state, end = [], None, None
        for first, x in pieces:
            if end is not None and first != end:
                state = None
            *outputs, state = step(frozen(x), first, frozen(state))
            found.append(outputs)
            end = first + len(x)
        return [np.concatenate(output) for output in zip(*found, strict=True)]

    return run


def each_second(step: Callable[[np.ndarray, Any], tuple[Any, ...]], fs: float) -> Callable[[Pieces], Outputs]:
    """A stage that takes whole seconds on the grid of the index, and what a gap or the end leaves of one."""
    second = round(fs)

    def run(pieces: Pieces) -> Outputs:
        whole: list[tuple[int, np.ndarray]] = []
        for first, x in pieces:
            for index in range(first, first + len(x)):
                row = x[index - first : index - first + 1]
                if whole and whole[-1][0] + len(whole[-1][1]) == index and index % second:
                    whole[-1] = (whole[-1][0], np.concatenate([whole[-1][1], row]))
                else:
                    whole.append((index, row))
        return carried(step)(whole)

    return run


def hops(x: np.ndarray, first: int, state: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    power, number, state = dsp.hop_power(x, first_index=first, hop=10, state=state)
    numbers = np.arange(number, number + len(power))[:, np.newaxis]
    return power, numbers + 0 * power, state


def mains(x: np.ndarray, state: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, Any]:
    cleaned, state = dsp.remove_mains(x, fs=FS, mains_hz=(50.0, 60.0), high_hz=200, state=state)
    return cleaned, state.freq_hz[np.newaxis], state.removed_db[np.newaxis], state


def spikes(x: np.ndarray, state: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    count, level, state = dsp.count_spikes(x, fs=FS, threshold=2.5, state=state)
    return level[np.newaxis], count[np.newaxis], state


def least_and_most(x: np.ndarray, state: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    least, most, state = dsp.least_and_most(np.square(x), n_window=50, n_span=650, state=state)
    return least[np.newaxis], most[np.newaxis], state


def stream(pieces: Pieces) -> Outputs:
    """All that a sensor's stream measures (its verdicts rest on what is usual, which outlasts a gap)."""
    n_channels = pieces[0][1].shape[1]
    info = SensorInfo(1, "file", "", "sensor", "", FS, n_channels, "<i4", 0.01, "known")
    sensor = SensorStream(info, list(range(n_channels)), ExactTimeline(FS), Settings())
    for first, x in pieces:
        counts = np.round(x / 0.01).astype("<i4")
        counts.flags.writeable = False
        sensor.feed(SampleBlock(1, first, counts))
    sensor.finish()
    return [
        np.concatenate([segment.x for segment in sensor.segments]),
        np.concatenate([power for _, power in sensor.hops]),
        np.concatenate(
            [
                np.array(
                    [
                        *(s.mains_db, s.motion_ratio, s.power, s.peak_power, s.mains_removed_db),
                        *(s.least_power, s.most_power, s.level, s.spikes),
                    ]
                )
                for s in sensor.seconds
            ]
        ),
    ]


BANDPASS = dsp.design_bandpass(low_hz=30, high_hz=450, fs=FS)
LOWPASS = dsp.design_lowpass(cutoff_hz=10, fs=FS)


def delay_s(sos: np.ndarray, hz: float) -> float:
    return float(dsp.group_delay(sos, fs=FS, freqs=np.array(hz)))


STAGES = [
    Stage(
        "bandpass",
        carried(lambda x, state: dsp.bandpass(x, sos=BANDPASS, state=state)),
        delay_s=delay_s(BANDPASS, 80),
        settle=dsp.settling_samples(BANDPASS),
    ),
    Stage(
        "moving_rms",
        carried(lambda x, state: dsp.moving_rms(x, n_window=25, state=state)),
        delay_s=12 / FS,
        settle=24,
    ),
    Stage(
        "linear_envelope",
        carried(lambda x, state: dsp.linear_envelope(x, sos=LOWPASS, state=state)),
        delay_s=delay_s(LOWPASS, 0),
        settle=dsp.settling_samples(LOWPASS),
    ),
    Stage("hop_power", indexed(hops)),
    Stage("remove_mains", each_second(mains, FS)),
    Stage("count_spikes", each_second(spikes, FS)),
    Stage("least_and_most", each_second(least_and_most, FS)),
    Stage("SensorStream", stream, delay_s=delay_s(BANDPASS, 80), settle=dsp.settling_samples(BANDPASS)),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stage" in metafunc.fixturenames:
        metafunc.parametrize("stage", STAGES, ids=lambda stage: stage.name)


@pytest.fixture
def x() -> np.ndarray:
    """2.3 s of three channels that differ: an offset, bursts, and hum in one of them (µV)."""
    rng = np.random.default_rng(12)
    t = np.arange(1150)[:, np.newaxis] / FS
    bursts = 3 + np.array([40.0, 80.0, 120.0]) * np.exp(6 * (np.cos(2 * np.pi * t / 0.7) - 1))
    hum = np.array([0.0, 30.0, 0.0]) * np.sin(2 * np.pi * 50.1 * t)
    return np.asarray(rng.normal(size=(1150, 3)) * bursts + hum + np.array([0.0, 300.0, -20.0]))
