"""What a screen needs of a session, gathered on the session's loop, and put together when it is asked for."""

from __future__ import annotations

from math import isfinite
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.radio.link import LinkState
from emgsmr.session.block_queue import BlockQueue
from emgsmr.session.messages import Messages
from emgsmr.session.meter import SensorMeter
from emgsmr.session.snapshot import ChannelSignal, Message, PairView, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emgsmr.analysis import Pipeline, Settings
    from emgsmr.recording import Event, SampleBlock, SensorInfo, Wiring
    from emgsmr.session.listener import Update
    from emgsmr.session.live import Session
    from emgsmr.session.snapshot import Stage

SILENT_S = 1.0
"""Without samples for so long, a channel's level is not told; notifications come in bunches of 0.1 s."""

BEFORE_S = -1.0
"""Time of messages from before the recording."""

CADENCE_STRIDES, CADENCE_S = 6, 15.0
"""Cadence is told of so many strides, if the last of them is no older than this."""

SIZE_EVERY = 10
"""The size of the file is looked up with every tenth look."""


class SessionView:
    """Listens to a session that holds, and tells how things stand.

    What is told to it only waits here; `look` works on it. So nothing that is shown makes the session wait,
    and an error in it does not end the recording.

    Parameters
    ----------
    settings : Settings
    queue : BlockQueue
        For who draws the signals.
    """

    def __init__(self, settings: Settings, queue: BlockQueue) -> None:
        self.messages: list[Message] = []
        self._settings = settings
        self._queue = queue
        self._said = Messages()
        self._said.recording = False
        self._events: list[Event] = []
        self._wiring: Wiring | None = None
        self._meters: dict[int, SensorMeter] = {}
        self._file_bytes = 0
        self._looks = 0

    # -- listening ---

    def begin(self, wiring: Wiring, now_ns: Callable[[], int]) -> None:
        """Sensors have been heard; and again when the recording begins, with numbers that may be others."""
        del now_ns
        self._said.recording = self._wiring is not None
        self._wiring = wiring
        self._meters = {}
        self._events = []
        self._queue.take()

    def take_block(self, block: SampleBlock) -> None:
        """Keep it until somebody looks."""
        self._queue.put(block)
        if (meter := self._meters.get(block.sensor)) is not None:
            meter.take(block)

    def take_event(self, event: Event) -> None:
        """Keep marks and phases."""
        if event.kind not in ("foot_contact", "toe_off"):
            self._events.append(event)

    def take_update(self, update: Update) -> None:
        """Keep what happened as a sentence."""
        message = self._said.take(update)
        if message is not None:
            self.say(message.kind, message.text, sensor=message.sensor, t_s=update.t_s)

    def finish(self) -> None:
        """No more will come."""

    def say(self, kind: str, text: str, *, sensor: str = "", t_s: float = BEFORE_S) -> None:
        """Add a message."""
        self.messages.append(Message(t_s if self._said.recording else BEFORE_S, kind, sensor, text))

    # -- telling ---

    def look(self, session: Session, stage: Stage) -> Snapshot:
        """How a session stands."""
        pipeline = _analysis(session)
        begun = session.has_begun
        return Snapshot(
            stage=stage,
            montage=session.montage,
            wiring=session.wiring,
            sensors=session.status(),
            channels=self._channels(session, pipeline),
            pairs=_pairs(pipeline),
            findings=() if pipeline is None else tuple(pipeline.findings()),
            messages=tuple(self.messages),
            events=tuple(self._events) if begun else (),
            baseline_strides=_baseline_strides(pipeline),
            cadence_spm=_cadence_spm(pipeline),
            elapsed_s=session.elapsed_s if begun else 0.0,
            file_bytes=self._size(session.out),
            recording="" if session.out is None else str(session.out),
        )

    def _channels(self, session: Session, pipeline: Pipeline | None) -> tuple[ChannelSignal, ...]:
        wiring = self._wiring
        if wiring is None:
            return ()
        sites = {(p.sensor, p.channel): p.site for p in wiring.placements}
        states = {status.name: status.state for status in session.status()}
        now_ns = session.now_ns()
        found: list[ChannelSignal] = []
        for info in wiring.sensors:
            meter = self._meter(info, sites, judge_all=pipeline is None)
            levels = meter.look()
            late_s = SILENT_S + session.grain_s
            if states.get(info.name) is not LinkState.STREAMING or now_ns - meter.last_ns > 1e9 * late_s:
                levels = np.full(info.channels, np.nan)
            for channel, level in enumerate(levels.tolist()):
                site = sites.get((info.id, channel))
                state, reason = _quality(meter, pipeline, channel, site)
                if not isfinite(level) and meter.last_ns:
                    state, reason = "gap", "no data"
                found.append(ChannelSignal(info.name, channel, site, level, state, reason))
        return tuple(found)

    def _meter(self, info: SensorInfo, sites: dict[tuple[int, int], str], *, judge_all: bool) -> SensorMeter:
        meter = self._meters.get(info.id)
        if meter is None:
            # the analysis judges channels that have a site
            judged = [c for c in range(info.channels) if judge_all or (info.id, c) not in sites]
            meter = self._meters[info.id] = SensorMeter(info, judged, self._settings)
        return meter

    def _size(self, path: Path | None) -> int:
        """Bytes of the file and of what SQLite has not moved into it yet."""
        if path is not None and self._looks % SIZE_EVERY == 0:
            files = (path, path.with_name(f"{path.name}-wal"))
            self._file_bytes = sum(_bytes(file) for file in files)
        self._looks += 1
        return self._file_bytes if path is not None else 0


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _analysis(session: Session) -> Pipeline | None:
    """The pipeline, where it is the analysis (and not another's)."""
    from emgsmr.analysis import Pipeline

    return session.pipeline if isinstance(session.pipeline, Pipeline) else None


def _quality(
    meter: SensorMeter, pipeline: Pipeline | None, channel: int, site: str | None
) -> tuple[str, str]:
    """State and reason of the last whole second."""
    if pipeline is not None and site in pipeline.sites:
        stream, column = pipeline.sites[site]
        verdict = stream.seconds[-1].verdicts[column] if stream.seconds else None
    else:
        verdict = meter.verdicts.get(channel)
    return ("", "") if verdict is None else (verdict.state, verdict.reason)


def _pairs(pipeline: Pipeline | None) -> tuple[PairView, ...]:
    if pipeline is None:
        return ()
    return tuple(
        PairView(
            pair=pair.pair,
            side=pair.side,
            prime=pair.prime,
            compensator=pair.compensator,
            change_pct=pair.change_pct,
            band_pct=pair.band_pct,
            state=pair.state,
            t_s=pair.t_s,
            points_pct=pair.points_pct,
        )
        for pair in pipeline.status()
    )


def _baseline_strides(pipeline: Pipeline | None) -> dict[str, int]:
    if pipeline is None:
        return {}
    counts = {side: leg.baseline_strides for side, leg in pipeline.legs.items()}
    return {side: count for side, count in counts.items() if count is not None}


def _cadence_spm(pipeline: Pipeline | None) -> float | None:
    """Median of the latest strides of both legs; None if nobody steps now."""
    if pipeline is None:
        return None
    latest = [stride for leg in pipeline.legs.values() for stride in leg.strides[-CADENCE_STRIDES:]]
    known = [stream.measured_s for stream in pipeline.streams.values() if isfinite(stream.measured_s)]
    since_s = max(known, default=0.0) - CADENCE_S
    cadences = [s.cadence_spm for s in latest if s.valid and s.t_end_s >= since_s and isfinite(s.cadence_spm)]
    return median(cadences) if cadences else None
