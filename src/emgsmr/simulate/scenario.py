"""What happens to a simulated runner: the words of a script, as frozen dataclasses.

All times are seconds from the start of the recording. A script is written once, at its own length;
`Scenario.fitted` stretches the end, or compresses a script that does not fit.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from emgsmr.errors import ArgumentError
from emgsmr.simulate.incident import Cramp, CrossTalk, Hum, LooseCable, Pause, Repetitions
from emgsmr.simulate.profile import Gait

Points = tuple[tuple[float, float], ...]
"""(t_s, value) pairs: straight lines between them, level outside."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Load moves from a pair's prime mover to its compensator: the one falls, the other rises, by ``size``.

    The log-ratio of the pair moves by ``ln((1 + size) / (1 - size))``. A negative size is a shift the other
    way. Only bursts change; what the channel shows between bursts does not.
    """

    pair: str
    side: str
    size: float
    onset_s: float
    ramp_s: float

    @property
    def points(self) -> Points:
        """The part (0 to 1) of the size that is reached."""
        return ((self.onset_s, 0.0), (self.onset_s + self.ramp_s, 1.0))

    @property
    def reached(self) -> Points:
        """The same as `points`; an `Inhibition` has it too."""
        return self.points

    @property
    def change_pct(self) -> float:
        """Change of the ratio compensator : prime mover, percent."""
        return 100.0 * ((1.0 + self.size) / (1.0 - self.size) - 1.0)


@dataclass(frozen=True, slots=True)
class Inhibition:
    """A pair's prime mover leaves out a part of its force; the compensator supplies ``takeover`` of that.

    ``points`` say which part (0 to 1) over time. What EMG follows is up to the muscles.
    """

    pair: str
    side: str
    points: Points
    takeover: float = 1.0

    @property
    def most(self) -> float:
        """The largest part that is left out."""
        return max((value for _, value in self.points), default=0.0)

    @property
    def reached(self) -> Points:
        """The part (0 to 1) of `most` that is reached."""
        return tuple((t, value / self.most if self.most else 0.0) for t, value in self.points)


@dataclass(frozen=True, slots=True)
class MuscleChange:
    """The bursts of one site become stronger or weaker, and nothing else changes."""

    site: str
    points: Points


@dataclass(frozen=True, slots=True)
class Fatigue:
    """Muscle fibers conduct more slowly: frequencies fall to ``scale``, the amplitude rises to ``gain``."""

    sites: tuple[str, ...]
    start_s: float
    stop_s: float
    scale: float = 0.85
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class ChannelGain:
    """One channel, its noise included, is multiplied: sweat, a drying electrode, a moved cable."""

    site: str
    points: Points


@dataclass(frozen=True, slots=True)
class ElectrodeOff:
    """One electrode hangs in the air: no muscle, much hum and noise."""

    site: str
    start_s: float
    stop_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Clip:
    """One channel's amplifier reaches its limit at ``limit_uv``."""

    site: str
    limit_uv: float
    start_s: float
    stop_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class DropOut:
    """The radio of the sensor that carries ``site`` is lost."""

    site: str
    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True)
class Phase:
    """A marked stretch of the session."""

    label: str
    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True)
class Contraction:
    """One maximal trial of some muscles; the runner stands meanwhile.

    A muscle is meant on both legs, a site on its own (``GMAX_L``); none named = all.
    """

    start_s: float
    stop_s: float
    muscles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a detector should say about the script: a finding (an alarm), or a notice (tier 0)."""

    kind: str
    pattern: str
    t_onset_s: float
    side: str | None = None
    pair: str | None = None
    site: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A script for `emgsmr.simulate.simulate_runner`.

    Attributes
    ----------
    name, description : str
    minutes : float
        Length, if nobody asks for another.
    start_s : float, s
        Standing still until then.
    phases : tuple of Phase
        Become ``phase`` events.
    gait : {"run", "walk"}
    cadence : float or None
        Strides per minute and leg; None = drawn between 84 and 88 (walking: 54 and 57).
    speed : Points
        Relative to the beginning; amplitude and cadence follow.
    shifts, changes, fatigue, gains, off, clips, dropouts : tuples of what happens
    cramps, pauses, cross_talk, hums, loose, repetitions : tuples of what happens
    flicker_uv : float, µV rms
        Noise of each electrode whose power falls as 1/f, from 0.5 Hz on.
    motion_uv : float, µV peak
        Impact-locked motion artifact.
    hum_uv, hum_hz : float
        Mains hum, µV rms at ``hum_hz`` (a third harmonic comes with it).
    stride_sd, common_sd : float
        SD of ln amplitude from stride to stride: the muscle's own part and the part that all muscles of a
        leg share.
    inhibitions : tuple of Inhibition
        What `shifts` are as forces; where there is one, muscles tire as `emgsmr.simulate.pool` says.
    load : float
        Force at the top of the burst in easy running, relative to the muscle's maximum; says how soon muscles
        that can tire do so.
    expected : tuple of Expected
        Beyond the findings that ``shifts`` and ``gains`` imply.
    contractions : tuple of Contraction
        Maximal trials; mark them with phases labeled mvc.
    electrode_gain : float
        Each channel's gain, its noise included, differs by up to this part from 1.
    bout_sd : float
        SD of ln amplitude from one phase to the next, of each muscle by itself.
    """

    name: str
    description: str
    minutes: float
    start_s: float = 20.0
    phases: tuple[Phase, ...] = ()
    gait: Gait = "run"
    cadence: float | None = None
    speed: Points = ((0.0, 1.0),)
    shifts: tuple[Shift, ...] = ()
    changes: tuple[MuscleChange, ...] = ()
    fatigue: tuple[Fatigue, ...] = ()
    gains: tuple[ChannelGain, ...] = ()
    off: tuple[ElectrodeOff, ...] = ()
    clips: tuple[Clip, ...] = ()
    dropouts: tuple[DropOut, ...] = ()
    motion_uv: float = 15.0
    hum_uv: float = 0.0
    hum_hz: float = 50.0
    stride_sd: float = 0.13
    common_sd: float = 0.10
    expected: tuple[Expected, ...] = ()
    muscles: tuple[str, ...] = field(default=("GMAX", "BFLH", "ST", "MGAS", "LGAS"), kw_only=True)
    cramps: tuple[Cramp, ...] = field(default=(), kw_only=True)
    pauses: tuple[Pause, ...] = field(default=(), kw_only=True)
    cross_talk: tuple[CrossTalk, ...] = field(default=(), kw_only=True)
    hums: tuple[Hum, ...] = field(default=(), kw_only=True)
    loose: tuple[LooseCable, ...] = field(default=(), kw_only=True)
    flicker_uv: float = field(default=0.0, kw_only=True)
    inhibitions: tuple[Inhibition, ...] = field(default=(), kw_only=True)
    load: float = field(default=0.3, kw_only=True)
    contractions: tuple[Contraction, ...] = field(default=(), kw_only=True)
    electrode_gain: float = field(default=0.0, kw_only=True)
    bout_sd: float = field(default=0.0, kw_only=True)
    repetitions: tuple[Repetitions, ...] = field(default=(), kw_only=True)

    @property
    def needs_s(self) -> float:
        """How long the script takes: to two minutes after its last change, at most its own length."""
        last = max(_times(self), default=0.0)
        return min(60.0 * self.minutes, last + 120.0)

    def fitted(self, minutes: float) -> Scenario:
        """Fit the scenario to another length.

        Longer: what was reached holds on to the end. Shorter than the script needs: all its times are
        compressed by one factor, so that it still tells its story.

        Examples
        --------
        >>> from emgsmr.simulate import SCENARIOS
        >>> [s.onset_s for s in SCENARIOS["glute_inhibition"].fitted(30).shifts]
        [480.0]
        >>> [s.onset_s for s in SCENARIOS["glute_inhibition"].fitted(5.5).shifts]
        [240.0]
        """
        if not 0.0 < minutes < float("inf"):
            raise ArgumentError(f"a simulated run must be longer than 0 minutes, not {minutes:g}")
        factor = min(1.0, 60.0 * minutes / self.needs_s)
        scenario: Scenario = self if factor == 1.0 else _compressed(self, factor)
        return dataclasses.replace(scenario, minutes=minutes)


def _is_time(name: str) -> bool:
    return name.endswith("_s")


def _times(item: Any) -> list[float]:
    """All finite times that a piece of a script names."""
    found: list[float] = []
    for f in dataclasses.fields(item):
        value = getattr(item, f.name)
        if f.name == "ramp_s":
            found.append(item.onset_s + value)
        elif _is_time(f.name):
            found.append(value)
        elif f.name in {"points", "speed"}:
            found.extend(t for t, _ in value)
        elif isinstance(value, tuple):
            found.extend(t for part in value if dataclasses.is_dataclass(part) for t in _times(part))
    return [t for t in found if t != float("inf")]


def _compressed(item: Any, factor: float) -> Any:
    """Copy a piece of a script with every time multiplied by ``factor``."""
    changed: dict[str, Any] = {}
    for f in dataclasses.fields(item):
        value = getattr(item, f.name)
        if _is_time(f.name):
            changed[f.name] = value * factor
        elif f.name in {"points", "speed"}:
            changed[f.name] = tuple((t * factor, v) for t, v in value)
        elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            changed[f.name] = tuple(_compressed(part, factor) for part in value)
    return dataclasses.replace(item, **changed)
