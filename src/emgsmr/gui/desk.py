"""What the presenter's parts share: the session's thread, the clocks, what the user chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.gui.activity import Activities
from emgsmr.gui.alerts import Alerts, Sound
from emgsmr.gui.asking import Asked, Request
from emgsmr.gui.calibration import Phase
from emgsmr.gui.outages import Outages
from emgsmr.gui.screen import Step
from emgsmr.gui.state import State, new_file
from emgsmr.gui.summary import Make, SummaryMaker

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.gui.engine import Engine
    from emgsmr.gui.memory import Memory
    from emgsmr.recording import Montage
    from emgsmr.session.snapshot import Snapshot

RECORDING = (Step.CALIBRATE, Step.PROTOCOL, Step.RUN)
STREAMING = (Step.PLACE, Step.CHECK)


@dataclass(slots=True)
class Desk:
    """One window's; `emgsmr.gui.presenter.Presenter` explains the first six.

    Attributes
    ----------
    engine, folder, memory, now, today, make_summary :
    snapshot : Snapshot
        The newest that was looked at.
    state : State
    activities : Activities
    policy : Alerts
    outages : Outages
    muted, traces : bool
    sounds, alerts : list
        Since they were fetched.
    montage : Montage, optional
        That sensors are connected with, where the user brought one.
    out : Path, optional
        The next recording, where the user named it.
    protocol : str
        Which one is begun after the check; empty = the user decides.
    """

    engine: Engine
    folder: Path
    memory: Memory
    now: Callable[[], float]
    today: Callable[[], datetime]
    make_summary: Make
    snapshot: Snapshot
    state: State = field(default_factory=State)
    activities: Activities = field(default_factory=Activities)
    policy: Alerts = field(default_factory=Alerts)
    outages: Outages = field(default_factory=Outages)
    muted: bool = False
    traces: bool = False
    sounds: list[Sound] = field(default_factory=list)
    alerts: list[Finding] = field(default_factory=list)
    montage: Montage | None = None
    out: Path | None = None
    protocol: str = ""

    def __post_init__(self) -> None:
        self.start_over()

    def next_file(self) -> Path:
        """The recording to make: as the user named it, once, or by date and time."""
        named, self.out = self.out, None
        return named or new_file(self.folder, self.today())

    def ask(self, request: Request) -> None:
        """Wait for the session's thread from now on."""
        self.state.error = ""
        self.state.asked = Asked(request, self.now(), self.snapshot)

    def put(self, phases: list[Phase]) -> None:
        """Let phases begin, in the recording and for the ear."""
        for phase in phases:
            self.state.error = ""
            self.engine.mark("phase", label=phase.label, site=phase.site)
            self.sounds.append("step")
            if phase.label == "run":
                self.state.step = Step.RUN

    def summarize(self, path: Path) -> None:
        """Show what became of a recording."""
        self.state.step, self.state.out = Step.AFTER, path
        self.state.summary = SummaryMaker(path, self.make_summary)

    def start_over(self, error: str = "") -> None:
        """Forget this session's choices; recordings are files and stay."""
        self.state = State(error=error)
        if self.protocol:
            self.state.protocol.choose(self.protocol)
        self.activities = Activities()
        self.policy = Alerts()
        self.outages = Outages()

    def offered(self) -> Montage | None:
        """The last montage of the sensors that are in range."""
        return self.memory.montage_for(self.snapshot.found)
