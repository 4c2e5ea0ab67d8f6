"""The pipeline: blocks of samples in, findings out. Live, replay and offline are this class and nothing else.

Each sensor's stream, and each leg, is a function of the samples alone. The pipeline only decides how far
everything is known (the slowest sensor counts) and lets the legs go on up to there, so neither the cut of the
blocks nor the order in which sensors deliver them changes a bit of the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import EventContacts
from emgsmr.analysis.cramp_watch import CrampWatch
from emgsmr.analysis.detector import PairStatus
from emgsmr.analysis.exercises import ExerciseContacts
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.legs import legs_of
from emgsmr.analysis.limits import MIN_RATE_HZ
from emgsmr.analysis.long_list import LongList, Shelf
from emgsmr.analysis.motion_track import MotionTrack
from emgsmr.analysis.pace import PaceLog
from emgsmr.analysis.rest import rest_power
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.standing import StandingPatterns
from emgsmr.analysis.timeline import ExactTimeline, FittedTimeline, Timeline
from emgsmr.anatomy import Catalog, load_catalog
from emgsmr.errors import ArgumentError, NotEnoughDataError, SamplingRateError
from emgsmr.recording import Event, Montage, SampleBlock, SensorInfo, TimedReading, Wiring

if TYPE_CHECKING:
    from emgsmr.analysis.earlier import EarlierSession
    from emgsmr.analysis.reference import Reference
    from emgsmr.analysis.result import Analysis

CHUNK_S = 0.1
"""Samples are collected up to this long before they are filtered: fewer calls, same bits."""

NOT_WIRED = "This montage is not wired to sensors yet; take the montage of a recording or a session."


class Pipeline:
    """Computes a session's strides, ratios and findings from blocks, in whatever pieces they come.

    Parameters
    ----------
    wiring : Wiring or Montage
        Sensors, placements and clocks: of a recording or a session (``Recording.montage``).
    settings : Settings, optional
    events : sequence of Event
        Those known beforehand; others follow with `push_event`. Foot contacts of a side among them make that
        side's strides; without them the EMG's own rhythm does.
    catalog : Catalog, optional
        Default: what the settings say.
    reference : Reference, optional
        What activations are relative to, from another recording (`reference_of`); default: what the settings
        say, from this one.
    earlier : sequence of EarlierSession
        The same person's, that standing patterns are compared with.

    Raises
    ------
    SamplingRateError
        If a placed sensor samples below 200 Hz.
    NotEnoughDataError
        If no channel has a site.
    """

    def __init__(
        self,
        wiring: Wiring | Montage,
        settings: Settings | None = None,
        *,
        events: Sequence[Event] = (),
        catalog: Catalog | None = None,
        reference: Reference | None = None,
        earlier: Sequence[EarlierSession] = (),
    ) -> None:
        found = wiring.wiring if isinstance(wiring, Montage) else wiring
        if found is None:
            raise ArgumentError(NOT_WIRED)
        self.wiring = found
        self.settings = settings or Settings()
        if self.settings.mains_hz is None and found.mains_hz is not None:
            self.settings = replace(self.settings, mains_hz=found.mains_hz)
        own = self.settings.catalog
        self.catalog = catalog or load_catalog(Path(own) if own is not None else None)
        self.reference = reference
        self.standing = StandingPatterns(earlier)
        self._shelf = Shelf()
        self.streams: dict[int, SensorStream] = {}
        self.sites: dict[str, tuple[SensorStream, int]] = {}
        self._add_sensors(found.sensors)
        self.events: list[Event] = []
        self.readings: LongList[TimedReading] = LongList(self._shelf)
        self.paces = PaceLog(found.started_ns)
        self.motion: dict[int, MotionTrack] = {}
        self.watch = CrampWatch(self.sites, self.settings)
        self.legs = legs_of(
            self.sites,
            settings=self.settings,
            catalog=self.catalog,
            stepped={event.side for event in events if event.kind == "foot_contact"},
            tracks=self.motion,
            paces=self.paces,
            rest_power=self.rest_power,
            shelf=self._shelf,
        )
        for event in sorted(events, key=lambda event: event.t_s):
            self.push_event(event)
        self._pending: dict[int, list[SampleBlock]] = {}
        self._n_pending: dict[int, int] = {}  # how many samples those are
        self._known_s: float | None = None  # how far the legs went on; None: they have something new to see
        self._lost: set[int] = set()
        self._finished = False

    def push(self, block: SampleBlock) -> list[Finding]:
        """Take in a block; return findings that began, rose a tier, changed their pattern or ended."""
        stream = self.streams.get(block.sensor)
        if stream is None:
            return []  # a sensor without a placed channel is recorded, not analyzed
        self._lost.discard(block.sensor)
        if (held := self._pending.get(block.sensor)) and held[-1].end_index != block.first_index:
            self._flush(block.sensor)
        self._pending.setdefault(block.sensor, []).append(block)
        n_pending = self._n_pending[block.sensor] = self._n_pending.get(block.sensor, 0) + block.n
        if n_pending < CHUNK_S * stream.fs:
            return []
        before = stream.measured_index
        self._flush(block.sensor)
        # strides wait for the quality of whole seconds, so between seconds there is nothing to do
        return self._advance() if stream.measured_index != before else []

    def push_event(self, event: Event) -> None:
        """Take in an event; foot contacts in the order of time."""
        self._known_s = None
        self.events.append(event)
        if event.kind in ("foot_contact", "toe_off") and event.side in self.legs:
            contacts = self.legs[event.side].builder.contacts
            contacts = contacts.steps if isinstance(contacts, ExerciseContacts) else contacts
            if isinstance(contacts, EventContacts):
                contacts.add(event.t_s, toe_off=event.kind == "toe_off")
        elif event.kind == "phase":
            for leg in self.legs.values():
                if leg.add_phase(event):
                    self.standing.restart()
                if isinstance(leg.builder.contacts, ExerciseContacts):
                    leg.builder.contacts.add_phase(event)

    def push_reading(self, reading: TimedReading) -> None:
        """Take in what is no EMG; of vectors, only the motion that strides come from is analyzed.

        Single numbers come in the order of their arrival, each before any block that arrived later: speed and
        grade count for the strides that follow. Readings of an EMG sensor come in the order of their
        ``sample_index``, each before any block of it that ends later. They may come as much earlier as they
        like.
        """
        if len(reading.values) == 1:
            self.readings.append(reading)
            self.paces.add(reading)
        elif (track := self.motion.get(reading.sensor or 0)) is not None:
            self._known_s = None
            track.add(reading)

    def lost(self, sensor: int) -> None:
        """Do not wait for a sensor until its next block: its link is down and what it sends now is lost."""
        self._flush(sensor)
        self._lost.add(sensor)

    def finish(self) -> list[Finding]:
        """No more blocks will come: use what is left."""
        if self._finished:
            return []
        self._finished = True
        for sensor in list(self._pending):
            self._flush(sensor)
        for stream in self.streams.values():
            stream.finish()
        ends = [stream.measured_s for stream in self.streams.values() if np.isfinite(stream.measured_s)]
        changed = self._advance_to(max(ends), last=True) if ends else []
        for leg in self.legs.values():
            leg.finish()
        return changed + self.standing.look(self, last=True)

    def run(self, blocks: Iterable[SampleBlock]) -> list[Finding]:
        """Push all blocks, then finish."""
        changed = [finding for block in blocks for finding in self.push(block)]
        return changed + self.finish()

    def findings(self) -> list[Finding]:
        """All episodes so far, in the order of their alarms."""
        found = [finding for leg in self.legs.values() for finding in leg.findings()]
        return sorted(found + self.standing.findings, key=lambda f: (f.t_alarm_s, f.finding))

    def status(self) -> list[PairStatus]:
        """Each pair and side as it is now, for a live view."""
        return [monitor.status() for leg in self.legs.values() for monitor in leg.monitors]

    def rest_power(self, site: str, until_s: float = float("inf")) -> float | None:
        """Mean square (µV²) of a site in the phases labeled ``rest`` until then; None if it had none."""
        stream, column = self.sites[site]
        return rest_power(stream, column, site=site, events=self.events, until_s=until_s)

    def recall(self) -> None:
        """Have all strides and seconds in memory from now on, for who goes through them many times."""
        for leg in self.legs.values():
            leg.strides.recall()
            for blocks in leg.spectra.blocks.values():
                blocks.recall()
        for stream in self.streams.values():
            stream.recall()
        self.readings.recall()

    def analysis(self) -> Analysis:
        """Tables of what is known so far."""
        from emgsmr.analysis.result import build_analysis

        self.recall()
        return build_analysis(self)

    def _add_sensors(self, sensors: Iterable[SensorInfo]) -> None:
        for info in sensors:
            self._add_sensor(info)
        if not self.sites:
            raise NotEnoughDataError(
                "No channel has a site, so nothing can be analyzed; give sites in the montage or with --map."
            )

    def _add_sensor(self, info: SensorInfo) -> None:
        placed = [p for p in self.wiring.placements if p.sensor == info.id]
        if not placed:
            return
        if info.rate_hz < MIN_RATE_HZ:
            raise SamplingRateError(
                f"{info.name} samples at {info.rate_hz:g} Hz; EMG needs at least {MIN_RATE_HZ:g} Hz."
            )
        clock = self.wiring.clocks.get(info.id)
        timeline: Timeline = (
            ExactTimeline(clock.rate_hz, clock.index0, clock.t0_s)
            if clock is not None and clock.method == "file"
            else FittedTimeline(info.rate_hz, self.wiring.started_ns)
        )
        stream = SensorStream(info, [p.channel for p in placed], timeline, self.settings, self._shelf)
        self.streams[info.id] = stream
        for column, placement in enumerate(placed):
            self.sites[placement.site] = (stream, column)

    def _flush(self, sensor: int) -> None:
        pending = self._pending.pop(sensor, [])
        self._n_pending.pop(sensor, None)
        if pending:
            self.streams[sensor].feed(SampleBlock.join(pending))

    def _advance(self) -> list[Finding]:
        waiting = [stream for sensor, stream in self.streams.items() if sensor not in self._lost]
        if not waiting:
            return []
        known_s = min(stream.measured_s for stream in waiting)
        for stream in (self.streams[sensor] for sensor in self._lost if sensor in self.streams):
            if stream.timed and stream.measured_index < stream.end_index:
                if known_s < stream.ends_s:
                    known_s = min(known_s, stream.measured_s)  # some of its samples may still be on their way
                else:
                    stream.finish()  # a gap follows
                    self._known_s = None
        if known_s == self._known_s:  # another sensor is the slowest: nothing new since the last time
            return []
        self._known_s = known_s
        return self._advance_to(known_s)

    def _advance_to(self, known_s: float, *, last: bool = False) -> list[Finding]:
        if not np.isfinite(known_s):
            return []
        changed = [finding for leg in self.legs.values() for finding in leg.until(known_s, last=last)]
        self.watch.until(known_s, last=last)
        needed_s = min((known_s - 2.0, *(leg.builder.needed_from_s for leg in self.legs.values())))
        for stream in self.streams.values():
            if np.isfinite(needed_s) and stream.timed:
                stream.forget(int(stream.timeline.index(needed_s)))
        return changed + self.standing.look(self)
