"""The stride of one leg from the motion sensors in its EMG sensors: what repeats, and where it shakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.contacts import GOES_ON, MEMORY_S, MIN_STRENGTH, Pace
from emgsmr.analysis.motion_track import QUANTITIES, MotionTrack, MotionWindow
from emgsmr.analysis.seconds import HOPS_PER_S
from emgsmr.anatomy import parse_site
from emgsmr.dsp.impacts import NEAR
from emgsmr.dsp.taper import hann

FloatArray = NDArray[np.float64]

N_BINS = 50
"""Parts of the stride in which its motion is remembered."""

MATCHES = 0.7
"""Correlation of a window with the remembered stride, from which it is learned from."""

STRANGE = 8
"""Windows one after the other that do not match: the sensor was moved or the gait changed, so begin anew."""

LEARN = 0.04
"""Part of what is new that is learned from a window, once some have been: the memory is 12 s."""

SETTLED = 24
"""Windows after which a contact is looked for where it was."""

TRUSTED = 60
"""Each so many windows that are learned make it harder for another shock to be taken for the contact."""

SHOCK_LAG_S = 0.02
"""Distance of the neighbors between which a shock stands out."""

SLOW_S = 0.03
"""Readings further apart than this cannot show a shock by their neighbors."""

_RANK = {"calf": 0, "thigh": 1, "glute": 2}
_THIGH = ("BFLH", "ST", "HAM", "VL", "VM", "RF", "ADDL", "ADDM")
_CALF = ("MGAS", "LGAS", "CALF", "SOL", "TA", "PL")


def segment_of(site: str) -> str | None:
    """Part of the leg on which a sensor at a site sits: calf, thigh or glute; None on the trunk.

    Examples
    --------
    >>> segment_of("MGAS_L"), segment_of("HAM_R"), segment_of("GMAX_R"), segment_of("LD_R")
    ('calf', 'thigh', 'glute', None)
    """
    code = str(parse_site(site)).rsplit("_", 1)[0]
    if code in _CALF:
        return "calf"
    if code in _THIGH:
        return "thigh"
    return "glute" if code in ("GMAX", "GMED", "TFL") else None


class _SensorRhythm:
    """The rhythm of one sensor's motion, and where in its stride the foot touches the ground."""

    def __init__(self, segment: str, track: MotionTrack) -> None:
        self.track = track
        self.window: MotionWindow | None = None
        self._segment = segment
        self._seen_s = float("-inf")
        self._freq_hz: float | None = None
        self._template: FloatArray | None = None
        self._names: tuple[str, ...] = ()
        self._n_learned = self._n_strange = 0

    def covers(self, begin_s: float, end_s: float) -> bool:
        """Whether a window was measured. Rotation alone tells the contact only at the calf."""
        self.track.forget(begin_s - 1.0)
        self.window = self.track.window(begin_s, end_s)
        if self.window is not None and self._segment != "calf" and self.window.acceleration is None:
            self.window = None
        return self.window is not None

    def pace(self, begin_s: float, end_s: float) -> Pace | None:
        """Of the window that was asked for last."""
        if self.window is None:
            return None
        if end_s - self._seen_s > MEMORY_S:
            self._freq_hz, self._template = None, None
        names, signals = _standard(self.window)
        near = self._freq_hz
        freq, strength, _ = dsp.stride_frequency(
            signals, fs=HOPS_PER_S, harmonics=(1.0, 1.0, 1.0), near_hz=near
        )
        if strength < (MIN_STRENGTH if near is None else GOES_ON):
            return None
        middle = (begin_s + end_s) / 2
        strides = freq * (np.arange(len(signals)) - (len(signals) - 1) / 2) / HOPS_PER_S
        x = _limited(np.column_stack([self.window.on_grid[name] for name in names]))
        folded = dsp.fold(x, strides, n_bins=N_BINS, weights=hann(len(x)))
        shock = self._shock(freq, middle)
        late = self._placed(names, folded, shock)
        if late is None:
            return None
        self._seen_s, self._freq_hz = end_s, freq
        return Pace(freq, -late % 1.0, None)

    def _shock(self, freq: float, middle: float) -> FloatArray:
        """Folded shock power, relative to its mean; zeros without acceleration."""
        read = None if self.window is None else self.window.acceleration
        if read is None or len(read[0]) < 8:
            return np.zeros((N_BINS, 1))
        times, acceleration = read
        spacing_s = max(float(np.median(np.diff(times))), 1e-3)
        if spacing_s > SLOW_S:
            # a shock that is caught in few strides looks like a knock, so only whole strides are left out
            power, usual = dsp.aperiodic_power(acceleration, freq * (times - middle))
            calm, at = power[usual], times[usual]
        else:
            lag = max(round(SHOCK_LAG_S / spacing_s), 1)
            near = (
                times[2 * lag :] - times[: -2 * lag] < 2 * lag * spacing_s + 0.01
            )  # none is missing between
            power, at = dsp.shock_power(acceleration, lag=lag)[near], times[lag:-lag][near]
            shock = np.sqrt(power)[:, np.newaxis]
            calm = dsp.without_knocks(shock, fs=1.0 / spacing_s, period_s=1.0 / freq)[:, 0] ** 2
        if len(calm) < N_BINS:
            return np.zeros((N_BINS, 1))
        folded = dsp.fold(calm[:, np.newaxis], freq * (at - middle), n_bins=N_BINS)
        mean = float(np.add.reduce(folded[:, 0])) / N_BINS
        return folded / mean if mean > 0.0 else folded  # a loud window counts as much as any other

    def _placed(self, names: tuple[str, ...], folded: FloatArray, shock: FloatArray) -> float | None:
        """Where in this fold the contact is (strides); learns the stride. None if it cannot be told."""
        shift, match = 0.0, 0.0
        if self._template is not None and names == self._names:
            weights = _weights(names, folded)
            shift, match = dsp.shift_between(self._template[:, :-1] * weights, folded * weights)
            self._n_strange = 0 if match >= MATCHES else self._n_strange + 1
            if 0 < self._n_strange < STRANGE:  # spoiled: placed by what is known, not learned from
                return shift
        if match < MATCHES:
            found = self._contact(names, folded, shock, trust=1.0)
            if found is None:
                return None
            shift, self._names, self._n_learned, self._n_strange = found, names, 0, 0
            self._template = np.zeros((N_BINS, folded.shape[1] + 1))
        assert self._template is not None
        self._n_learned += 1
        new = dsp.rolled(np.column_stack([folded, shock]), shift)
        self._template += max(1.0 / self._n_learned, LEARN) * (new - self._template)
        # the contact in the stride as remembered; moved there little by little
        known = self._n_learned > SETTLED
        trust = min(1.0 + self._n_learned / TRUSTED, 4.0) if known else 1.0
        found = self._contact(names, self._template[:, :-1], self._template[:, -1:], trust=trust)
        if found is not None:
            off = (found + 0.5) % 1.0 - 0.5
            move = off if abs(off) > NEAR or not known else 0.1 * off
            self._template = dsp.rolled(self._template, move)
            shift += move
        return shift

    @staticmethod
    def _contact(
        names: tuple[str, ...], folded: FloatArray, shock: FloatArray, *, trust: float
    ) -> float | None:
        at = names.index("rotation_dps") if "rotation_dps" in names else None
        rotation = None if at is None else folded[:, 3 * at : 3 * at + 3]
        return dsp.contact_phase(
            rotation=rotation, shock=shock if "acceleration_g" in names else None, trust=trust
        )


def _limited(x: FloatArray) -> FloatArray:
    """Each axis cut off at its own 3 and 97 %: a knock counts no more than a step."""
    ordered = np.sort(x, axis=0)
    low, high = ordered[int(0.03 * (len(x) - 1))], ordered[int(0.97 * (len(x) - 1))]
    return np.asarray(np.clip(x, low, high))


def _standard(window: MotionWindow) -> tuple[tuple[str, ...], FloatArray]:
    """Signals of a window without their means, each vector with the same power whatever its mounting."""
    names = tuple(name for name in QUANTITIES if name in window.on_grid)
    parts = []
    for name in names:
        x = _limited(window.on_grid[name])
        x = x - x.mean(axis=0)
        power = float(np.mean(np.sum(x * x, axis=1)))
        parts.append(x * np.sqrt(3.0 / power) if power > 1e-12 else np.zeros_like(x))
    return names, np.column_stack(parts)


def _weights(names: tuple[str, ...], folded: FloatArray) -> FloatArray:
    """Factors that give each quantity the same say."""
    factors = []
    for k in range(len(names)):
        part = folded[:, 3 * k : 3 * k + 3]
        power = float(np.mean(np.sum(np.square(part - part.mean(axis=0)), axis=1)))
        factors += [1.0 / np.sqrt(power) if power > 1e-12 else 0.0] * 3
    return np.array(factors)


class MotionRhythm:
    """The stride of one leg from the motion of its sensors: of the calf's if it can, else thigh's or glute's.

    Parameters
    ----------
    tracks : sequence of (segment, MotionTrack)
    """

    source = "imu"

    def __init__(self, tracks: Sequence[tuple[str, MotionTrack]]) -> None:
        ordered = sorted(tracks, key=lambda item: _RANK[item[0]])
        self._sensors = [_SensorRhythm(segment, track) for segment, track in ordered]
        self._first = 0  # of them that covers the window

    def first_s(self) -> float | None:
        """When the first of the sensors began."""
        starts = [start for s in self._sensors if (start := s.track.first_s()) is not None]
        return min(starts, default=None)

    def next_s(self, t_s: float) -> float:
        """When one of them tells it after ``t_s``."""
        return min((sensor.track.next_s(t_s) for sensor in self._sensors), default=float("inf"))

    def covers(self, begin_s: float, end_s: float) -> bool:
        """Whether one of them told its motion all along."""
        for sensor in self._sensors:
            sensor.track.forget(begin_s - 1.0)
        self._first = 0
        while self._first < len(self._sensors):
            if self._sensors[self._first].covers(begin_s, end_s):
                return True
            self._first += 1
        return False

    def pace(self, begin_s: float, end_s: float) -> Pace | None:
        """Of the best sensor whose motion repeats, in the window that was asked for last."""
        for k, sensor in enumerate(self._sensors[self._first :]):
            found = sensor.pace(begin_s, end_s) if k == 0 or sensor.covers(begin_s, end_s) else None
            if found is not None:
                return found
        return None
