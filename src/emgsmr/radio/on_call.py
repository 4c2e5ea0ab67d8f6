"""A virtual runner who does what is asked: stands, contracts the muscle that is named, and then runs.

What a scenario plays begins when its runner is told to run; until then the sensors measure quiet standing and
what was asked for. So a person without sensors can walk the whole way of the live window at any pace.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgsmr.radio.played import PlayedSensor, whole_packets
from emgsmr.radio.virtual import VirtualAir
from emgsmr.sensors import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.air import AirEvent
    from emgsmr.radio.played import Ranges
    from emgsmr.radio.repertoire import Counts, Repertoire
    from emgsmr.radio.simulated_time import Timer
    from emgsmr.radio.virtual import Outage

_SOON_S = 0.15  # what is asked for begins so much later: no packet of any sensor has left for that time


class OnCallAir(VirtualAir):
    """A `VirtualAir` whose runner stands until told to run (`run`), and contracts when asked (`contract`).

    Parameters
    ----------
    repertoire : Repertoire
    longest_s : float, s
        After so long the runner runs unasked.
    outages : sequence of Outage
        On the clock of the run.
    **options
        Of `VirtualAir`.
    """

    def __init__(
        self,
        repertoire: Repertoire,
        *,
        longest_s: float = 900.0,
        outages: Sequence[Outage] = (),
        **options: Any,
    ) -> None:
        self._repertoire = repertoire
        self._script = repertoire.cast
        self._longest_s = longest_s
        self._run_outages, self._options = tuple(outages), options
        self._buffers: dict[str, Counts] = {}
        waiting = tuple(self._stretched(sensor) for sensor in self._script.sensors)
        duration_s = longest_s + self._script.duration_s
        super().__init__(replace(self._script, sensors=waiting, events=(), duration_s=duration_s), **options)
        self.run_started_s: float | None = None  # on the play's clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unasked: Timer | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return await super().__aenter__()

    def contract(self, site: str) -> None:
        """Contract the muscle of a site for some seconds, from any thread; nothing once the run began."""
        if self._loop is not None and site in self._repertoire.contractions:
            self._loop.call_soon_threadsafe(self._contract, site)

    def run(self) -> None:
        """Begin what the scenario plays, from any thread; safe to call again."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._run)

    def again(self) -> OnCallAir:
        """Another one, not open yet: the runner stands once more."""
        return OnCallAir(
            self._repertoire, longest_s=self._longest_s, outages=self._run_outages, **self._options
        )

    def first_contacts(self, since_ns: int = 0) -> Sequence[AirEvent]:
        """None: nobody knows when the runner will be told to run."""
        del since_ns
        return ()

    # -- in the loop ---

    def _begin(self) -> None:
        super()._begin()
        assert self.play_started_ns is not None
        due_ns = self.play_started_ns + round(self._longest_s * 1e9)
        self._unasked = self.time.call_at(due_ns, self._run)

    def _soon_s(self) -> float | None:
        """When what is asked for now begins, on the play's clock; None before it plays."""
        if self.play_started_ns is None:
            return None
        return (self.now_ns() - self.play_started_ns) / 1e9 + _SOON_S

    def _contract(self, site: str) -> None:
        at_s = self._soon_s()
        if at_s is None or self.run_started_s is not None:
            return
        for address, more in self._repertoire.contractions[site].items():
            first = round(at_s * self.twins[address].played.rate_hz)
            buffer = self._buffers[address]
            buffer[first : first + len(more)] = more[: max(0, len(buffer) - first)]

    def _run(self) -> None:
        at_s = self._soon_s()
        if at_s is None or self.run_started_s is not None:
            return
        at_s = self.run_started_s = min(at_s, self._longest_s)
        if self._unasked is not None:
            self._unasked.cancel()
        for sensor in self._script.sensors:
            self.twins[sensor.address].rewrite(self._joined(sensor, at_s))
        assert self.play_started_ns is not None
        start_ns = self.play_started_ns + round(at_s * 1e9)
        self.cast = replace(self.cast, duration_s=at_s + self._script.duration_s)
        self.time.call_at(start_ns + round(self._script.duration_s * 1e9), self._on_change)
        for event in self._script.events:
            timed = self._timed(replace(event, t_s=event.t_s + at_s))
            self.time.call_at(timed.t_ns, partial(self._tell, timed))
        for outage in self._run_outages:
            self._plan(outage, start_ns + round(outage.start_s * 1e9))

    # -- what sensors play ---

    def _stretched(self, sensor: PlayedSensor) -> PlayedSensor:
        """Put standing before what a sensor plays, as long as the runner waits at most."""
        if not isinstance(sensor.family, Family):
            return replace(sensor, readings=_before(sensor.readings, self._longest_s))
        standing = self._repertoire.standing[sensor.address]
        ahead = round(self._longest_s * sensor.rate_hz)
        buffer = np.empty((ahead + len(sensor.counts), sensor.counts.shape[1]), dtype=sensor.counts.dtype)
        for first in range(0, ahead, len(standing)):
            stop = min(first + len(standing), ahead)
            buffer[first:stop] = standing[: stop - first]
        buffer[ahead:] = sensor.counts
        self._buffers[sensor.address] = buffer
        return replace(sensor, counts=buffer, lost=_moved(sensor, ahead))

    def _joined(self, sensor: PlayedSensor, at_s: float) -> PlayedSensor:
        """Let the run of a sensor follow at once on what it has sent."""
        if not isinstance(sensor.family, Family):
            return replace(sensor, readings=_before(sensor.readings, at_s))
        ahead, buffer = round(at_s * sensor.rate_hz), self._buffers[sensor.address]
        buffer[ahead : ahead + len(sensor.counts)] = sensor.counts
        return replace(sensor, counts=buffer[: ahead + len(sensor.counts)], lost=_moved(sensor, ahead))


class RunnerOnCall:
    """The airs of one runner, one for each scan and session, and orders for the newest of them.

    Parameters
    ----------
    learn : callable
        Gives the `Repertoire`; called once, when the first air is needed, for it may take seconds.
    knows_montage : bool
        Whether the air says which channel sits where; if not, each muscle has to be found by contracting it.
    **options
        Of `OnCallAir`.
    """

    def __init__(
        self, learn: Callable[[], Repertoire], *, knows_montage: bool = True, **options: Any
    ) -> None:
        self._learn, self._knows_montage, self._options = learn, knows_montage, options
        self._repertoire: Repertoire | None = None
        self.air: OnCallAir | None = None

    def new_air(self) -> OnCallAir:
        """Make the next air."""
        if self._repertoire is None:
            self._repertoire = self._learn()
        self.air = OnCallAir(self._repertoire, **self._options)
        if not self._knows_montage:
            self.air.montage = None
        return self.air

    def contract(self, site: str) -> None:
        """Contract a muscle, from any thread."""
        if self.air is not None:
            self.air.contract(site)

    def run(self) -> None:
        """Run, from any thread."""
        if self.air is not None:
            self.air.run()


def _moved(sensor: PlayedSensor, ahead: int) -> Ranges:
    """The ranges that are never sent, behind so many samples."""
    ranges = [(float(first + ahead), float(stop + ahead)) for first, stop in sensor.lost]
    return whole_packets(ranges, n_samples=ahead + len(sensor.counts), packet=sensor.emg.samples_per_packet)


def _before(readings: Sequence[tuple[float, Any]], ahead_s: float) -> tuple[tuple[float, Any], ...]:
    """Readings, after those of the first moment have been repeated once a second for so long."""
    first = [reading for t_s, reading in readings if t_s == readings[0][0]]
    waiting = [(float(second), reading) for second in range(1, int(ahead_s)) for reading in first]
    return (*waiting, *((ahead_s + t_s, reading) for t_s, reading in readings))
