"""Where a session's samples and events go: into the file first, then to listeners and into the pipeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from emgsmr.radio.channel import Channel
from emgsmr.recording import Event, Placement, Recorder, SampleBlock, TimedReading, Wiring
from emgsmr.session.new_file import new_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from emgsmr.analysis import Finding, PairStatus, Settings
    from emgsmr.radio.air import Air, AirEvent
    from emgsmr.radio.channel import Companion
    from emgsmr.radio.link import StateChange
    from emgsmr.recording import Montage
    from emgsmr.session.listener import Listener


class PipelineLike(Protocol):
    """What a session needs of `emgsmr.analysis.Pipeline`."""

    def push(self, block: SampleBlock) -> list[Finding]:
        """Take in a block; return what was found."""
        ...

    def push_event(self, event: Event) -> None:
        """Take in an event."""
        ...

    def push_reading(self, reading: TimedReading) -> None:
        """Take in what is no EMG."""
        ...

    def lost(self, sensor: int) -> None:
        """Do not wait for a sensor."""
        ...

    def finish(self) -> list[Finding]:
        """No more will come."""
        ...

    def status(self) -> list[PairStatus]:
        """Each pair, now."""
        ...

    def findings(self) -> list[Finding]:
        """All episodes so far."""
        ...


if TYPE_CHECKING:
    PipelineFactory = Callable[[Wiring, Settings | None, Sequence[Event]], PipelineLike | None]


def default_pipeline(
    wiring: Wiring, settings: Settings | None, events: Sequence[Event]
) -> PipelineLike | None:
    """The analysis; None where no channel has a site."""
    if not wiring.placements:
        return None
    from emgsmr.analysis import Pipeline

    return Pipeline(wiring, settings, events=events)


class Sinks:
    """The file, the listeners and the pipeline of a session; all get everything in the same order.

    Parameters
    ----------
    channels : sequence of Channel
        All of which have been heard.
    air : Air
    out : path-like, optional
        Without it nothing is recorded.
    montage : Montage, optional
    started_ns : int
        Time 0 of the recording, on the air's clock.
    facts : dict
        More for the recording's session table.
    settings : Settings, optional
    pipeline_factory : callable
    listeners : sequence of Listener
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        air: Air,
        *,
        out: Path | None,
        montage: Montage | None,
        started_ns: int,
        facts: dict[str, Any],
        settings: Settings | None,
        pipeline_factory: PipelineFactory,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._started_ns = started_ns
        self.recorder: Recorder | None = None
        if out is not None:
            self.recorder = new_file(out, channels, air, montage, started_ns, facts)
        self.wiring = wiring = Wiring(
            tuple(channel.info() for channel in channels),
            tuple(
                Placement(channel.id, index, site) for channel in channels for index, site in channel.sites
            ),
            started_ns=started_ns,
            mains_hz=montage.mains_hz if montage else None,
        )
        first = [self.timed(item) for item in air.first_contacts(started_ns)]
        try:
            self.pipeline = pipeline_factory(wiring, settings, first)
            for listener in listeners:
                listener.begin(wiring, air.now_ns)
        except BaseException:
            self.close()
            if out is not None:
                out.unlink(missing_ok=True)  # nothing was recorded yet
            raise
        from emgsmr.analysis.timeline import FittedTimeline

        self._clocks = {
            channel.id: FittedTimeline(channel.info().rate_hz, started_ns) for channel in channels
        }
        self._known = set(first)
        self._listeners = tuple(listeners)
        self._lost: dict[Channel | Companion, StateChange] = {}

    def timed(self, item: AirEvent) -> Event:
        """An event on the session's clock."""
        return replace(item.event, t_s=(item.t_ns - self._started_ns) / 1e9)

    def take_block(self, block: SampleBlock) -> list[Finding]:
        """Record, pass on, then analyze; return what was found."""
        if self.recorder is not None:
            self.recorder.write(block)
        for listener in self._listeners:
            listener.take_block(block)
        clock = self._clocks[block.sensor]
        clock.advance(block.arrivals, first_index=block.first_index, end_index=block.end_index)
        return self.pipeline.push(block) if self.pipeline is not None else []

    def take_event(self, item: AirEvent) -> None:
        """Record, pass on, then analyze."""
        event = self.timed(item)
        if self.recorder is not None:
            self.recorder.add_event(event)
        for listener in self._listeners:
            listener.take_event(event)
        if self.pipeline is not None and event not in self._known:
            self.pipeline.push_event(event)

    def take_reading(self, reading: TimedReading) -> None:
        """Record, then analyze what is no EMG."""
        if self.recorder is not None:
            self.recorder.add_reading(reading)
        if self.pipeline is not None:
            self.pipeline.push_reading(reading)

    def take_loss(self, source: Channel | Companion, change: StateChange) -> None:
        """A link was lost: nothing waits for its samples."""
        self._lost.setdefault(source, change)  # an attempt to reconnect that failed loses nothing more
        if self.pipeline is not None and isinstance(source, Channel):
            self.pipeline.lost(source.id)

    def take_return(self, source: Channel | Companion, t_ns: int | None) -> None:
        """A link streams again (at a time) or will not (None): note in the file how long it was away.

        How many samples that cost is in their numbers, as with every gap.
        """
        loss = self._lost.pop(source, None)
        if loss is None or self.recorder is None:
            return
        t_s = (loss.t_ns - self._started_ns) / 1e9
        away_s = None if t_ns is None else (t_ns - loss.t_ns) / 1e9
        self.recorder.add_event(Event(t_s, away_s, "gap", label=loss.sensor, note=loss.reason))

    def check(self) -> None:
        """Raise what ended the recording, if something did."""
        if self.recorder is not None and self.recorder.failure is not None:
            raise self.recorder.failure

    def finish(self) -> list[Finding]:
        """Nothing more comes; what the pipeline then finds. Closes the file in any case."""
        try:
            for source in list(self._lost):
                self.take_return(source, None)
            self._record_clocks()
            return self.pipeline.finish() if self.pipeline is not None else []
        finally:
            self.close()

    def clock_facts(self, sensor: int) -> dict[str, float | None]:
        """How a sensor's clock runs, with or without an analysis (`emgsmr.analysis.timeline.clock_facts`)."""
        from emgsmr.analysis.timeline import clock_facts

        return clock_facts(self._clocks[sensor])

    def _record_clocks(self) -> None:
        if self.recorder is None or self.recorder.failure is not None:
            return
        for sensor, clock in self._clocks.items():
            if clock.last_knot is not None:
                index, t_s = clock.last_knot
                self.recorder.set_clock(sensor, index, t_s, clock.rate_hz, clock.residual_ms, "fit")

    def close(self) -> None:
        """Close the file."""
        if self.recorder is not None:
            self.recorder.close()
