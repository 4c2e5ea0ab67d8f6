"""What the user chose so far in a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from emgsmr.gui.calibration import Calibration
from emgsmr.gui.placing import place, planned_sites
from emgsmr.gui.protocols import Chosen
from emgsmr.gui.screen import Step

if TYPE_CHECKING:
    from pathlib import Path

    from emgsmr.gui.activity import Key
    from emgsmr.gui.asking import Asked
    from emgsmr.gui.summary import SummaryMaker
    from emgsmr.session.snapshot import Snapshot


@dataclass(slots=True)
class State:
    """A session from its sensors to its summary.

    Attributes
    ----------
    step : Step
    asked : Asked, optional
        What the session's thread is waited for.
    placed : mapping of site to (sensor, channel from 0)
    sites : tuple of str
        The plan.
    seen : set of (sensor, channel)
        Channels that were heard: their montage's sites count once, and what the user does later wins.
    selected : str
        The site that is placed or contracted next.
    answered : mapping of site to site
        Which muscle answered when one was to be contracted.
    has_scanned : bool
        Sensors were looked for.
    companions : bool
        A strap and a pod come along.
    same : {"", "asking", "yes", "no"}
        Whether the electrodes of the last session are still on.
    calibration : Calibration
    out : Path, optional
        The recording.
    person : str
        The code of who is measured.
    protocol : Chosen
    error : str
        What went wrong last.
    summary : SummaryMaker, optional
    """

    step: Step = Step.FIND
    asked: Asked | None = None
    placed: dict[str, Key] = field(default_factory=dict)
    sites: tuple[str, ...] = ()
    seen: set[Key] = field(default_factory=set)
    selected: str = ""
    answered: dict[str, str] = field(default_factory=dict)
    has_scanned: bool = False
    companions: bool = False
    same: Literal["", "asking", "yes", "no"] = ""
    calibration: Calibration = field(default_factory=Calibration)
    out: Path | None = None
    person: str = ""
    protocol: Chosen = field(default_factory=Chosen)
    error: str = ""
    summary: SummaryMaker | None = None

    @property
    def site_of(self) -> dict[Key, str]:
        """Channel to site."""
        return {key: site for site, key in self.placed.items()}

    def hear(self, snapshot: Snapshot) -> None:
        """Take in channels that were not heard before, with the sites that their montage gives them."""
        keys = {(signal.sensor, signal.channel): signal.site for signal in snapshot.channels}
        new = {key: site for key, site in keys.items() if key not in self.seen}
        if not new:
            return
        self.seen |= new.keys()
        for key, site in new.items():
            if site is not None and site not in self.placed:
                self.placed = place(self.placed, site, key)
        if not self.person and snapshot.montage is not None:
            self.person = snapshot.montage.person or ""
        plan = planned_sites(snapshot.montage, len(self.seen))
        self.sites = tuple(dict.fromkeys([*plan, *self.placed]))

    def next_site(self) -> str:
        """The first site of the plan that is not placed yet, empty if all are."""
        return next((site for site in self.sites if site not in self.placed), "")


def new_file(folder: Path, day: datetime) -> Path:
    """Name a recording that does not exist, nor a page of it.

    Examples
    --------
    >>> from pathlib import Path
    >>> new_file(Path("nowhere"), datetime(2026, 3, 1, 7, 5)).name
    '2026-03-01_0705.emgsmr'
    """
    stem, number = f"{day:%Y-%m-%d_%H%M}", 1
    while True:
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}.emgsmr"
        if not (path.exists() or path.is_symlink() or path.with_suffix(".html").exists()):
            return path
        number += 1
