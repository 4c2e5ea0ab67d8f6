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
    from collections.abc import Sequence

    from emgsmr.radio.air import AirEvent
    from emgsmr.radio.played import Ranges
    from emgsmr.radio.rehearsal import Act
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
        self._acts = 0

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

    def perform(self, act: Act, *, skip_s: float = 0.0) -> None:
        """Begin an act, from any thread, but for so much of its beginning; then stand again."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._perform, act, skip_s)

    def stand(self) -> None:
        """Break off an act, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stand)

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

    def _perform(self, act: Act, skip_s: float) -> None:
        at_s = self._soon_s()
        if at_s is None or self.run_started_s is not None:
            return
        rates_hz = {address: self.twins[address].played.rate_hz for address in act.counts}
        act = act.after(skip_s + _SOON_S, rates_hz)
        for address, counts in act.counts.items():
            self._write(address, at_s, counts)
        if act.counts:
            longest_s = max(len(counts) / rates_hz[address] for address, counts in act.counts.items())
            self._wait_until(at_s + longest_s + self._longest_s)
        self._acts += 1
        for event in act.events:
            timed = self._timed(replace(event, t_s=event.t_s + at_s))
            self.time.call_at(timed.t_ns, partial(self._tell_of_act, self._acts, timed))

    def _stand(self) -> None:
        at_s = self._soon_s()
        if at_s is None or self.run_started_s is not None:
            return
        self._acts += 1  # what the last one would have told is not told any more
        for address, buffer in self._buffers.items():
            left = len(buffer) - round(at_s * self.twins[address].played.rate_hz)
            self._write(address, at_s, _repeated(self._repertoire.standing[address], max(left, 0)))

    def _tell_of_act(self, act: int, event: AirEvent) -> None:
        if act == self._acts:
            self._tell(event)

    def _write(self, address: str, at_s: float, counts: Counts) -> None:
        """Let a sensor measure something from a time on, and standing after it."""
        played = self.twins[address].played
        first = round(at_s * played.rate_hz)
        buffer = self._buffers[address]
        more = first + len(counts) + round(self._longest_s * played.rate_hz) - len(buffer)
        if more > 0:
            standing = _repeated(self._repertoire.standing[address], more)
            buffer = self._buffers[address] = np.concatenate([buffer, standing])
        buffer[first : first + len(counts)] = counts
        self.twins[address].rewrite(replace(played, counts=buffer))

    def _wait_until(self, end_s: float) -> None:
        """Nobody runs unasked any more, and the sensors stay on."""
        assert self.play_started_ns is not None
        if self._unasked is not None:
            self._unasked.cancel()
        for sensor in self._script.sensors:
            if not isinstance(sensor.family, Family):
                self.twins[sensor.address].rewrite(
                    replace(sensor, readings=_before(sensor.readings, end_s)[: -len(sensor.readings)])
                )
        self.cast = replace(self.cast, duration_s=end_s)
        self.time.call_at(self.play_started_ns + round(end_s * 1e9), self._on_change)

    # -- what sensors play ---

    def _stretched(self, sensor: PlayedSensor) -> PlayedSensor:
        """Put standing before what a sensor plays, as long as the runner waits at most."""
        if not isinstance(sensor.family, Family):
            return replace(sensor, readings=_before(sensor.readings, self._longest_s))
        standing = self._repertoire.standing[sensor.address]
        ahead = round(self._longest_s * sensor.rate_hz)
        buffer = np.empty((ahead + len(sensor.counts), sensor.counts.shape[1]), dtype=sensor.counts.dtype)
        buffer[:ahead] = _repeated(standing, ahead)
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


def _repeated(counts: Counts, n: int) -> Counts:
    """The same again and again."""
    return np.resize(counts, (n, counts.shape[1]))


def _moved(sensor: PlayedSensor, ahead: int) -> Ranges:
    """The ranges that are never sent, behind so many samples."""
    ranges = [(float(first + ahead), float(stop + ahead)) for first, stop in sensor.lost]
    return whole_packets(ranges, n_samples=ahead + len(sensor.counts), packet=sensor.emg.samples_per_packet)


def _before(readings: Sequence[tuple[float, Any]], ahead_s: float) -> tuple[tuple[float, Any], ...]:
    """Readings, after those of the first moment have been repeated once a second for so long."""
    first = [reading for t_s, reading in readings if t_s == readings[0][0]]
    waiting = [(float(second), reading) for second in range(1, int(ahead_s)) for reading in first]
    return (*waiting, *((ahead_s + t_s, reading) for t_s, reading in readings))
