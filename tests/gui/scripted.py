"""An engine that plays what a test says, and the small things that tests of the window's presenter need."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from emgsmr.analysis import Finding
from emgsmr.gui.memory import Memory
from emgsmr.gui.presenter import Presenter
from emgsmr.gui.summary import Summary
from emgsmr.radio.channel import SensorStatus
from emgsmr.radio.link import LinkState
from emgsmr.radio.scan import FoundSensor
from emgsmr.recording import Event, Montage, MontageSensor
from emgsmr.sensors import DEVICES
from emgsmr.session.guide import Cue
from emgsmr.session.snapshot import ChannelSignal, Message, PairView, Snapshot

MONTAGE = Montage(
    (
        MontageSensor("GL", family="umyo", channels={1: "GMAX_L"}),
        MontageSensor("GR", family="umyo", channels={1: "GMAX_R"}),
        MontageSensor("TL", family="npg_lite", channels={1: "BFLH_L", 2: "ST_L"}),
        MontageSensor("TR", family="npg_lite", channels={1: "BFLH_R", 2: "ST_R"}),
    )
)


def found(name="GL", family="umyo", rssi=-55, battery_pct=80):
    return FoundSensor(name, f"00:{name}", DEVICES[family], rssi, battery_pct, None)


def status(name="GL", state="streaming", battery_pct=80, **other):
    given: dict[str, Any] = {"samples": 1000, "missing": 0, "loss_known": "exact"} | other
    return SensorStatus(name, "uMyo", (), LinkState(state), 1.0, battery_pct=battery_pct, **given)


def channel(sensor="GL", number=0, site=None, rms_uv=5.0, state="good", reason=""):
    return ChannelSignal(sensor, number, site, rms_uv, state, reason)


def pair(points=(), *, change=None, band=(-15.0, 15.0), state="watching", t_end=100.0, side="R", pair="P1"):
    points = np.array(points, dtype=float)
    t_s = t_end - 7.0 * np.arange(len(points))[::-1]
    if change is None and len(points):
        change = float(points[-1])
    return PairView(pair, side, "GMAX", "HAM", change, band, state, t_s, points)


def finding(
    tier=1, *, change=30.0, pattern="compensation", name="F1", t_end=None, side="R", pair="P1", t_alarm=80.0
):
    return Finding(
        name, pair, side, "GMAX", "HAM", 60.0, t_alarm, None, None, t_end, tier,
        change, change - 10, change + 10, -10.0, 15.0, 4.0, pattern, None, 60, "Right hamstrings +30 %.",
    )  # fmt: skip


def message(kind="lost", sensor="GL", text="GL is lost.", t_s=10.0):
    return Message(t_s, kind, sensor, text)


def streaming(montage=MONTAGE, *, sites=True, **other) -> Snapshot:
    """A preview of all sensors of a montage, all quiet."""
    channels = tuple(
        channel(sensor.label, number - 1, site if sites else None)
        for sensor in montage.sensors
        for number, site in sorted(sensor.channels.items())
    )
    given: dict[str, Any] = {
        "stage": "preview",
        "montage": montage if sites else None,
        "sensors": tuple(status(sensor.label) for sensor in montage.sensors),
        "channels": channels,
    } | other
    return Snapshot(**given)


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@dataclass
class ScriptedEngine:
    """Shows what a test sets, and notes what it was asked; ``obeys`` = it does so at once."""

    shown: Snapshot = field(default_factory=Snapshot)
    obeys: bool = True
    in_range: tuple[FoundSensor, ...] = tuple(found(name) for name in ("GL", "GR", "TL", "TR"))
    own: Montage | None = MONTAGE
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def set(self, **changes) -> None:
        self.shown = replace(self.shown, **changes)

    def scan(self, seconds: float = 8.0) -> None:
        self.asked.append(("scan",))
        if self.obeys:
            self.set(found=self.in_range, stage="scanning")

    def connect(self, montage: Montage | None) -> None:
        self.asked.append(("connect", montage))
        if self.obeys:
            new = streaming(montage or self.own or MONTAGE, sites=(montage or self.own) is not None)
            self.shown = replace(new, found=self.shown.found)

    def begin(self, montage: Montage, out: Path) -> None:
        self.asked.append(("begin", montage, out))
        if self.obeys:
            self.set(stage="recording", recording=str(out), elapsed_s=0.0)

    def mark(self, kind, *, label=None, side=None, site=None, note=None, duration_s=None) -> None:
        self.asked.append(("mark", kind, label, side, site, note))
        event = Event(self.shown.elapsed_s, duration_s, kind, side, site, label, note)
        self.set(events=(*self.shown.events, event))

    def guide(self, protocol, sets) -> None:
        self.asked.append(("guide", protocol, sets))
        if self.obeys:
            self.cue(sets[0][0])

    def go_on(self) -> None:
        self.asked.append(("go_on",))

    def break_off(self) -> None:
        self.asked.append(("break_off",))
        if self.obeys:
            self.set(cue=None)

    def stop(self) -> None:
        self.asked.append(("stop",))
        if self.obeys:
            self.set(stage="ended")

    def snapshot(self) -> Snapshot:
        return self.shown

    def blocks(self):
        return ()

    def close(self) -> None:
        self.asked.append(("close",))

    # -- for tests ---

    def cue(self, step, left_s=None) -> None:
        """A protocol's step is due now."""
        now_s = self.shown.elapsed_s
        self.set(cue=Cue(step, now_s, step.duration_s if left_s is None else left_s))

    def levels(self, **by_site: float) -> None:
        """Let some channels be as active as that (µV), all others rest."""
        self.set(
            channels=tuple(
                replace(one, rms_uv=by_site.get(one.site or f"{one.sensor}_{one.channel}", 5.0))
                for one in self.shown.channels
            )
        )

    def marks(self) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.asked if call[0] == "mark"]

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [call for call in self.asked if call[0] == name]


class Desk:
    """A presenter with its scripted engine, clock and folder."""

    def __init__(self, folder: Path, *, montage=None, make=None, protocol="", **engine) -> None:
        self.engine = ScriptedEngine(**engine)
        self.clock = Clock()
        self.memory = Memory(folder / "config" / "window.json")
        if montage is not None:
            self.memory.remember(montage)
        self.folder = folder / "runs"
        self.presenter = Presenter(
            self.engine,
            folder=self.folder,
            memory=self.memory,
            now=self.clock,
            today=lambda: datetime(2026, 3, 1, 7, 5),
            make_summary=make or (lambda path: Summary(("Quiet.",), str(path.with_suffix(".html")))),
            protocol=protocol,
        )

    def do(self, name, value=""):
        self.presenter.do(name, value)
        return self.presenter.look()

    def wait(self, seconds: float, step: float = 0.1):
        """Let both clocks go on, looking ten times a second."""
        for _ in range(math.ceil(seconds / step)):
            self.clock.s += step
            if self.engine.shown.stage == "recording":
                self.engine.set(elapsed_s=self.engine.shown.elapsed_s + step)
            screen = self.presenter.look()
        return screen

    def contract(self, **by_site: float):
        """One second of rest, one of contraction, and rest again."""
        self.engine.levels()
        self.wait(1.0)
        self.engine.levels(**by_site)
        screen = self.wait(1.2)
        self.engine.levels()
        self.presenter.look()
        return screen

    def to_place(self):
        self.do("scan")
        self.engine.set(stage="idle")
        self.presenter.look()
        return self.do("connect")

    def to_check(self):
        self.to_place()
        return self.do("next")

    def to_calibrate(self):
        self.to_check()
        return self.do("next")

    def to_protocol(self, name="bridge"):
        """Led through a protocol."""
        self.to_calibrate()
        self.presenter.look()
        self.do("protocol")
        self.do("choose", name)
        return self.do("begin_protocol")

    def to_run(self):
        self.to_calibrate()
        self.presenter.look()
        return self.do("skip")
