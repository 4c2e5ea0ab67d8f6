"""A live session as seen at one moment: plain values that another thread may keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.radio.channel import SensorStatus
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.recording import Event, Montage, Wiring
    from emgsmr.session.guide import Cue

FloatArray = NDArray[np.float64]

Stage = Literal["idle", "scanning", "connecting", "preview", "recording", "ended"]
"""``preview``: sensors stream and are looked at, and nothing is recorded yet."""


@dataclass(frozen=True, slots=True)
class ChannelSignal:
    """What one channel of a sensor does, now.

    Attributes
    ----------
    sensor : str
        Name of the sensor.
    channel : int
        From 0.
    site : str, optional
        Where it is placed, such as ``GMAX_R``.
    rms_uv : float, µV
        Of the band-passed signal in the last quarter of a second; NaN = nothing came. In the sensor's own
        units where its scale is not known.
    state, reason : str
        Of the last whole second, as in ``quality.csv`` (good, noisy, motion, clipped, flat, off, gap);
        empty before.
    """

    sensor: str
    channel: int
    site: str | None
    rms_uv: float
    state: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class PairView:
    """One pair on one side: where it stands against its own baseline.

    Attributes
    ----------
    pair, side, prime, compensator : str
        As in `emgsmr.analysis.PairStatus`.
    change_pct : float, optional, %
        Of the ratio, the latest point; None until there is one.
    band_pct : tuple of float, optional, %
        The baseline's own band around 0: what a point leaves by chance in one of twenty.
    state : str
        In words, as in `emgsmr.analysis.PairStatus`.
    t_s, points_pct : ndarray, shape (n_points,), s and %
        Every point so far (ten-stride medians): the end of its last stride, and the change of the ratio.
    """

    pair: str
    side: str
    prime: str
    compensator: str
    change_pct: float | None
    band_pct: tuple[float, float] | None
    state: str
    t_s: FloatArray
    points_pct: FloatArray


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence about what happened, for people.

    Attributes
    ----------
    t_s : float, s
        On the session's clock; negative before it began.
    kind : str
        ``absent``, ``lost``, ``resumed``, ``battery``, ``loss``, ``end``, or ``error`` (a request failed).
    sensor : str
        Whom it is about; empty = all.
    text : str
    """

    t_s: float
    kind: str
    sensor: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A live session at one moment.

    Attributes
    ----------
    stage : {"idle", "scanning", "connecting", "preview", "recording", "ended"}
    found : tuple of FoundSensor
        Of the last scan, the strongest signal first.
    montage : Montage, optional
        That sensors were connected with; a virtual radio brings its own.
    wiring : Wiring, optional
        Sensors, rates and channels, once all have been heard.
    sensors : tuple of SensorStatus
    channels : tuple of ChannelSignal
        Of every EMG channel, placed or not.
    pairs : tuple of PairView
    findings : tuple of Finding
        All so far, as they stand.
    messages : tuple of Message
        What happened, oldest first.
    events : tuple of Event
        Marks and phases of the recording so far (no foot contacts).
    baseline_strides : mapping of side to int
        Usable strides since the baseline began; empty before.
    cadence_spm : float, optional, 1/min
        Of the latest strides.
    elapsed_s : float, s
        Since the recording began, on the session's clock.
    file_bytes : int
    recording : str
        Path of the file; empty before.
    cue : Cue, optional
        What a protocol asks for now; None while nobody is guided.
    sets_done : tuple of str
        Labels of the protocol's sets that were finished.
    error : str
        The sentence that ended the session or the last request, empty if none did.
    """

    stage: Stage = "idle"
    found: tuple[FoundSensor, ...] = ()
    montage: Montage | None = None
    wiring: Wiring | None = None
    sensors: tuple[SensorStatus, ...] = ()
    channels: tuple[ChannelSignal, ...] = ()
    pairs: tuple[PairView, ...] = ()
    findings: tuple[Finding, ...] = ()
    messages: tuple[Message, ...] = ()
    events: tuple[Event, ...] = ()
    baseline_strides: dict[str, int] = field(default_factory=dict)
    cadence_spm: float | None = None
    elapsed_s: float = 0.0
    file_bytes: int = 0
    recording: str = ""
    cue: Cue | None = None
    sets_done: tuple[str, ...] = ()
    error: str = ""
