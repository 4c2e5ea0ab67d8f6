"""What the window shows at one moment: plain values that the presenter makes and the window draws."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgsmr.gui.protocol_rows import BoutSet, Choice

FloatArray = NDArray[np.float64]


class Step(StrEnum):
    """Where the user is on the way from sensors to summary."""

    FIND = "find"
    PLACE = "place"
    CHECK = "check"
    CALIBRATE = "calibrate"
    PROTOCOL = "protocol"
    RUN = "run"
    AFTER = "after"


class Status(StrEnum):
    """How something is; always shown as shape and word beside its color."""

    GOOD = "good"
    WAIT = "wait"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Light:
    """A light with its reason: ``word`` is one or two words, ``reason`` one sentence that says what to do."""

    status: Status
    word: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SensorRow:
    """One sensor: found, connected or recording.

    Attributes
    ----------
    name, family, address : str
    light : Light
    n_channels : int
        0 = a device without EMG.
    rssi_dbm, battery_pct : int, optional
    required : bool
    sites : tuple of str
        Per channel, empty = not placed.
    said : str
        What a heart rate strap or a foot pod says, such as "152 bpm".
    loss_text : str
        Such as "0.2 % lost, 1 gap"; empty = nothing is missing.
    """

    name: str
    family: str
    address: str
    light: Light
    n_channels: int
    rssi_dbm: int | None = None
    battery_pct: int | None = None
    required: bool = True
    sites: tuple[str, ...] = ()
    said: str = ""
    loss_text: str = ""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One muscle of the plan: which channel it is on, and how its signal is.

    Attributes
    ----------
    site, name : str
        ``GMAX_R``, "right gluteus maximus".
    sensor : str
        Empty = not placed yet.
    channel : int
        From 0.
    light : Light
    level : float
        Activation now, 0 to 1 (of what is usual for it; of a contraction while checking).
    contracted : bool
        The "contract now" test was passed: a contraction stood out from rest.
    times_rest : float, optional
        The strongest contraction so far as a multiple of rest.
    landmarks, cue : str
        Where to place it in words (SENIAM), and how to contract it.
    """

    site: str
    name: str
    sensor: str
    channel: int
    light: Light
    level: float = 0.0
    contracted: bool = False
    times_rest: float | None = None
    landmarks: str = ""
    cue: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """Which channel is being contracted or tapped just now."""

    sensor: str
    channel: int
    sure: bool
    text: str


@dataclass(frozen=True, slots=True)
class Countdown:
    """A task with its time: rest, baseline or a maximal contraction.

    Attributes
    ----------
    title, cue : str
        "Stand still", "Both feet on the floor, muscles loose".
    left_s, of_s : float, s
    progress : float
        0 to 1; may be slower than the clock (strides that count).
    enough : bool
        May go on.
    text : str
        Such as "84 of 120 strides on each leg".
    """

    title: str
    cue: str
    left_s: float
    of_s: float
    progress: float
    enough: bool
    text: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """The share of one pair on one side against its own baseline.

    Attributes
    ----------
    pair, side : str
    title : str
        "Right hamstrings : gluteus maximus".
    value_pct : float, optional, %
        Change of the ratio; None = nothing to show, and ``text`` says why.
    band_pct : tuple of float, optional, %
        Own baseline band.
    status : Status
    word : str
        One or two words, readable from two meters: "usual", "hamstrings do more", "no signal".
    text : str
        One sentence.
    """

    pair: str
    side: str
    title: str
    value_pct: float | None
    band_pct: tuple[float, float] | None
    status: Status
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Muscle:
    """A muscle in the picture of the legs: its activation (0 to 1), and whether it is flagged or unusable."""

    site: str
    level: float
    status: Status
    word: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One pair and side in the time line: its points, and when it was flagged."""

    pair: str
    side: str
    title: str
    t_s: FloatArray
    change_pct: FloatArray
    episodes: tuple[tuple[float, float, int], ...] = ()
    """Begin, end (the present while it lasts) and tier."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark in the time line."""

    t_s: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Banner:
    """What has to be seen at once: a flag, or something wrong with a sensor."""

    kind: Literal["flag", "no_data", "notice", "error"]
    title: str
    text: str
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A small fact with its name, such as ("recorded", "12:40")."""

    name: str
    value: str
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do now: a button, its key and whether it may be pressed.

    ``key`` is a Qt key sequence in portable text ("Space", "C", "Ctrl+O"), empty = none. ``why_not`` is shown
    where ``enabled`` is false.
    """

    name: str
    label: str
    key: str = ""
    enabled: bool = True
    main: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """Everything that is shown.

    Attributes
    ----------
    step : Step
    title, cue : str
        What this step is, and what to do now.
    actions : tuple of Action
        In the order in which they are shown; at most one is the main one.
    sensors, sites, guess, countdown, gauges, muscles, lines, marks, banner, facts, choices, sets :
        Where they belong to the step; empty or None elsewhere.
    now_s : float, s
        The present on the session's clock, for the time line.
    muted : bool
    traces : bool
        Whether the traces are asked for.
    summary : tuple of str
        Sentences of the summary.
    report : str
        Path of the summary page, empty while there is none.
    recording : str
        Path of the recording.
    """

    step: Step
    title: str
    cue: str = ""
    actions: tuple[Action, ...] = ()
    sensors: tuple[SensorRow, ...] = ()
    sites: tuple[SiteRow, ...] = ()
    guess: Guess | None = None
    selected_site: str = ""
    countdown: Countdown | None = None
    gauges: tuple[Gauge, ...] = ()
    muscles: tuple[Muscle, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    banner: Banner | None = None
    facts: tuple[Fact, ...] = ()
    choices: tuple[Choice, ...] = ()
    sets: tuple[BoutSet, ...] = ()
    now_s: float = 0.0
    muted: bool = False
    traces: bool = False
    summary: tuple[str, ...] = ()
    report: str = ""
    recording: str = ""
    busy: str = ""
    """What is being waited for, empty if nothing is."""
