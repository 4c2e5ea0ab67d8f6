"""Long walks of a few real strides, drawn at random and joined where the muscles rest.

The public treadmill walk (Santuz et al. 2019) has six strides of raw EMG of one leg. Each stride of a long
walk is one of them, all muscles together, so that what happens between muscles is real. Six strides vary less
than six hundred do, so each muscle's bursts vary from stride to stride besides, as an AR(1) process. The
other leg is drawn from the same strides, half a stride later. A script's gains act on the bursts alone.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from emgsmr.anatomy import load_catalog
from emgsmr.simulate import Scenario
from emgsmr.simulate.gain import burst_gains
from emgsmr.simulate.gait import Leg, autoregressive
from emgsmr.simulate.scenario import Points

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COLUMNS = {"GMAX": "GMAX_R", "BFLH": "BF_R", "ST": "ST_R", "MGAS": "GM_R", "LGAS": "GL_R"}
CUT = 0.70
"""Of the stride after foot contact: gluteus, hamstrings and calf are all near their noise floor there."""
FADE_S = 0.04
OWN_SD, COMMON_SD, PHI = 0.08, 0.08, 0.2
"""Added to ln amplitude: with the 0.10 to 0.15 that the six strides have, it varies by 0.15 to 0.19 in all.

In the public envelopes of 54 to 72 strides (CEINMS-RT, walk and run) hamstrings and gastrocnemii vary
by 0.07 to 0.29 (robust), with a lag-1 correlation of -0.1 to 0.4.
"""
N_PHASES = 100


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """The recorded strides.

    Attributes
    ----------
    fs : float, Hz
    emg : dict of muscle to ndarray, shape (n_samples,), µV
    cuts : ndarray of int, shape (n_strides + 1,)
        First sample of each stride, and of the one after the last.
    contacts : ndarray of int, shape (n_strides,)
        Sample of the foot contact in each stride.
    muscle_part : dict of muscle to ndarray, shape (N_PHASES,)
        Which part of the power is the muscle's, over the stride from the foot contact; the rest is noise.
    """

    fs: float
    emg: dict[str, FloatArray]
    cuts: IntArray
    contacts: IntArray
    muscle_part: dict[str, FloatArray]


def load_walk(real_data: Path | None) -> Walk | None:
    """The walk, where the folder of real recordings has it."""
    found = sorted(real_data.glob("santuz*/*_gait_cycles.csv")) if real_data is not None else []
    if not found:
        return None
    with found[0].open(newline="") as file:
        contact_s = np.array([float(row["touchdown_s"]) for row in csv.DictReader(file)])
    with found[0].with_name(found[0].name.replace("_gait_cycles", "")).open(newline="") as file:
        head, *lines = list(csv.reader(file))
    x = np.array(lines, dtype=np.float64)
    names = [name.split(" ")[0] for name in head]
    return as_walk(
        {muscle: x[:, names.index(column)] for muscle, column in COLUMNS.items()},
        contact_s - x[0, 0],
        fs=float(np.rint(1.0 / np.median(np.diff(x[:, 0])))),
    )


def as_walk(emg: dict[str, FloatArray], contact_s: FloatArray, *, fs: float) -> Walk:
    """Cut a recording into strides.

    Parameters
    ----------
    emg : dict of muscle to ndarray, shape (n_samples,), µV
    contact_s : ndarray, s
        Foot contacts from the first sample on, more than one.
    fs : float, Hz
    """
    stride_s = np.diff(contact_s)
    lengths = np.append(stride_s, np.median(stride_s))
    ends = contact_s + CUT * lengths
    starts = np.append(contact_s[0] - (1.0 - CUT) * np.median(stride_s), ends)
    cuts = np.rint(starts * fs).astype(np.int64)
    contacts = np.rint(contact_s * fs).astype(np.int64)
    part = {muscle: _muscle_part(x, contacts, float(np.median(stride_s)), fs) for muscle, x in emg.items()}
    return Walk(fs, emg, cuts, contacts, part)


def _muscle_part(x: FloatArray, contacts: IntArray, stride_s: float, fs: float) -> FloatArray:
    """Part of the power above the noise floor (the lowest tenth of the mean profile), over the stride."""
    sos = signal.butter(4, (30.0, min(450.0, 0.45 * fs)), "bandpass", fs=fs, output="sos")
    power = np.square(signal.sosfiltfilt(sos, x))
    at = (np.arange(N_PHASES + 1) / N_PHASES - (1.0 - CUT)) * stride_s * fs
    edges = np.rint(contacts[:, None] + at).astype(np.int64)
    strides = [[power[a:b].mean() for a, b in itertools.pairwise(row)] for row in edges]
    profile = np.mean(strides, axis=0)
    profile = ndimage.gaussian_filter1d(np.roll(profile, -round((1.0 - CUT) * N_PHASES)), 1.0, mode="wrap")
    floor = np.sort(profile)[: N_PHASES // 10].mean()
    return np.asarray(np.clip(1.0 - floor / profile, 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class RealRun:
    """A long walk; looks like `emgsmr.simulate.Run` to whoever only wants signals, contacts and gains.

    Attributes
    ----------
    walk : Walk
    scenario : Scenario
        Of which the length, the shifts and the one-sided changes count; the gait is the walk's own.
    seed : int
    picks : dict of side to ndarray of int
        Which recorded stride each stride is.
    starts : dict of side to ndarray of int
        First sample of each stride, and of the one after the last.
    contacts : dict of side to ndarray, s
    gains : dict of site to points
        Factors on the bursts over time.
    """

    walk: Walk
    scenario: Scenario
    seed: int
    picks: dict[str, IntArray]
    starts: dict[str, IntArray]
    contacts: dict[str, FloatArray]
    gains: dict[str, Points]

    @property
    def duration_s(self) -> float:
        """Length, s."""
        return 60.0 * self.scenario.minutes

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites, left and right of each muscle."""
        return tuple(f"{muscle}_{side}" for muscle in self.walk.emg for side in "LR")

    @property
    def events(self) -> tuple[dict[str, object], ...]:
        """The script's phases as fields of `emgsmr.recording.Event`; nobody stands still here."""
        return tuple(
            {"t_s": p.start_s, "duration_s": p.stop_s - p.start_s, "kind": "phase", "label": p.label}
            for p in self.scenario.phases
            if p.label != "rest"
        )

    def emg(self, site: str, *, fs: float) -> FloatArray:
        """The voltage at one site, µV; only at the rate of the recording."""
        if fs != self.walk.fs:
            raise ValueError(f"the strides were recorded at {self.walk.fs:g} Hz, not at {fs:g} Hz")
        muscle, side = site.rsplit("_", 1)
        n = round(self.duration_s * fs)
        joined = _joined(self.walk, muscle, self.picks[side], self.starts[side], n)
        phase = Leg(self.contacts[side]).phase(np.arange(n) / fs)
        # a stride's amplitude holds from one place of rest to the next
        own = _rng(self.seed, "own", site)
        common = _rng(self.seed, "common", side)
        count = len(self.picks[side])
        ln = autoregressive(count, phi=PHI, sd=OWN_SD, rng=own)
        ln += autoregressive(count, phi=PHI, sd=COMMON_SD, rng=common)
        stride = np.clip(np.searchsorted(self.starts[side], np.arange(n), side="right") - 1, 0, count - 1)
        points = self.gains[site]
        gain = np.exp(ln)[stride] * np.interp(np.arange(n) / fs, *zip(*points, strict=True))
        part = self.walk.muscle_part[muscle]
        muscle_part = np.interp(
            phase % 1.0 * N_PHASES - 0.5, np.arange(-1, N_PHASES + 1), part[[-1, *range(N_PHASES), 0]]
        )
        # of the expected power, the muscle's part is multiplied by gain² and the noise stays
        return np.asarray(joined * np.sqrt(1.0 + (np.square(gain) - 1.0) * muscle_part))


def _joined(walk: Walk, muscle: str, picks: IntArray, starts: IntArray, n: int) -> FloatArray:
    """Strides one after the other, each fading into the next at equal power."""
    fade = round(FADE_S * walk.fs)
    ramp = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade)
    out = np.zeros(max(n, int(starts[-1])) + fade)
    for pick, start, stop in zip(picks, starts, starts[1:], strict=False):
        begin = walk.cuts[pick]
        piece = walk.emg[muscle][begin : begin + stop - start + fade].copy()
        piece[:fade] *= ramp
        piece[-fade:] *= ramp[::-1]
        out[start : start + len(piece)] += piece
    return out[:n]


def draw_walk(walk: Walk, scenario: Scenario, *, seed: int) -> RealRun:
    """Draw the strides of a long walk; the same seed gives the same walk, whatever is scripted into it."""
    rng = _rng(seed, "draw")
    natural = np.diff(walk.cuts)
    n = round(60.0 * scenario.minutes * walk.fs)
    count = int(n / natural.min()) + 3
    picks = {side: rng.integers(len(natural), size=count) for side in "RL"}
    right = np.concatenate([[0], np.cumsum(natural[picks["R"]])])
    left = (right[:-1] + right[1:]) // 2
    left = np.append(left, left[-1] + natural[picks["L"][-1]])
    starts = {"R": right, "L": left}
    inside = {side: np.flatnonzero(values[:-1] < n) for side, values in starts.items()}
    picks = {side: picks[side][inside[side]] for side in "LR"}
    starts = {side: starts[side][: len(picks[side]) + 1] for side in "LR"}
    into = walk.contacts - walk.cuts[:-1]
    contacts = {side: _times(starts[side], into[picks[side]], n, walk.fs) for side in "LR"}
    return RealRun(walk, scenario, seed, picks, starts, contacts, burst_gains(scenario, load_catalog().pairs))


def _times(starts: IntArray, into: Sequence[int] | IntArray, n: int, fs: float) -> FloatArray:
    at = starts[:-1] + np.asarray(into)
    return np.asarray(at[at < n] / fs)


def _rng(seed: int, *purpose: str) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple("/".join(purpose).encode())))
