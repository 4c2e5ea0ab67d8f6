"""How a session stands: what may be asked of it at any time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from emgsmr.radio.air import Air
    from emgsmr.radio.channel import Channel, Companion, SensorStatus
    from emgsmr.recording import Montage, Wiring
    from emgsmr.session.intake import Intake
    from emgsmr.session.sinks import PipelineLike


class SessionState:
    """What is known of a session.

    Attributes
    ----------
    montage : Montage or None
    out : Path or None
        The recording; None while nothing is recorded.
    air : Air
        Once it is open.
    absent : tuple of str
        Sensors of the montage that are not there.
    """

    air: Air

    def __init__(self, montage: Montage | None, out: Path | None, intake: Intake) -> None:
        self.montage = montage
        self.out = out
        self.absent: tuple[str, ...] = ()
        self._intake = intake
        self._channels: list[Channel] = []
        self._companions: list[Companion] = []
        self._begun = asyncio.Event()
        self._ended_ns = 0

    def status(self) -> tuple[SensorStatus, ...]:
        """All sensors, now; none before they are connected."""
        if not self._channels:
            return ()
        now_ns = self.now_ns()
        sources: list[Channel | Companion] = [*self._channels, *self._companions]
        return tuple(source.status(now_ns) for source in sources)

    def clocks(self) -> dict[str, dict[str, float | None]]:
        """How each sensor's clock ran so far, by its name; none before all sensors have been heard."""
        sinks = self._intake.sinks
        if sinks is None:
            return {}
        return {channel.link.label: sinks.clock_facts(channel.id) for channel in self._channels}

    @property
    def pipeline(self) -> PipelineLike | None:
        """The pipeline, once all sensors have been heard; none before a session that holds begins."""
        return self._intake.sinks.pipeline if self._intake.sinks is not None else None

    @property
    def wiring(self) -> Wiring | None:
        """Sensors, channels and sites, once all sensors have been heard."""
        return self._intake.sinks.wiring if self._intake.sinks is not None else None

    @property
    def started_ns(self) -> int:
        """Time 0, on the air's clock: when the streams were started, or a session that held began."""
        return self._intake.started_ns

    @property
    def has_begun(self) -> bool:
        """Whether what comes is recorded and analyzed, or will be when all sensors have been heard."""
        return self._begun.is_set()

    def now_ns(self) -> int:
        """The air's clock; stands still once the session has ended."""
        return self._ended_ns or self.air.now_ns()

    @property
    def grain_s(self) -> float:
        """How long blocks last at least, s; 0 = as notifications bring them."""
        return self._intake.grain_s

    @property
    def elapsed_s(self) -> float:
        """Time since the start, until the end (s)."""
        if not self.started_ns:
            return 0.0
        return (self.now_ns() - self.started_ns) / 1e9
