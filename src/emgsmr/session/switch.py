"""From looking on to recording: the sinks of a session, and the moment in which they are changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emgsmr.radio.link import LinkState, StateChange
from emgsmr.radio.watch import RECORDED
from emgsmr.session.sinks import Sinks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emgsmr.analysis import Settings
    from emgsmr.radio.air import Air
    from emgsmr.radio.channel import Channel, Companion
    from emgsmr.radio.receiver import Receiver
    from emgsmr.recording import Montage
    from emgsmr.session.intake import Intake
    from emgsmr.session.listener import Listener
    from emgsmr.session.seating import Seating
    from emgsmr.session.sinks import PipelineFactory


@dataclass(frozen=True, slots=True)
class SinkOpener:
    """Opens a session's file and builds its pipeline, once it is known what the sensors are."""

    settings: Settings | None
    pipeline_factory: PipelineFactory
    listeners: Sequence[Listener]

    def open(
        self,
        channels: Sequence[Channel],
        air: Air,
        *,
        montage: Montage | None,
        out: Path | None,
        started_ns: int,
        absent: Sequence[str] = (),
        analyze: bool = True,
    ) -> Sinks:
        """Sinks for sensors that have been heard."""
        facts: dict[str, Any] = {"absent": list(absent)} if absent else {}
        return Sinks(
            channels,
            air,
            out=out,
            montage=montage,
            started_ns=started_ns,
            facts=facts,
            settings=self.settings,
            pipeline_factory=self.pipeline_factory if analyze else lambda *_: None,
            listeners=self.listeners,
        )


def switch(
    seating: Seating,
    receiver: Receiver,
    intake: Intake,
    air: Air,
    opener: SinkOpener,
    *,
    montage: Montage,
    out: Path,
) -> None:
    """Tell the listeners what came so far; what comes next is recorded.

    All in one step, between two notifications. Where it fails, all is as before.
    """
    intake.take(receiver.take_waiting())
    intake.flush(receiver.channels)
    seats = [(channel, channel.id, channel.wanted) for channel in receiver.channels]
    seating.apply()
    now_ns = air.now_ns()
    try:
        intake.sinks = opener.open(
            [channel for channel, _ in seating.channels],
            air,
            montage=montage,
            out=out,
            started_ns=now_ns,
            absent=seating.absent,
        )
    except BaseException:
        for channel, id_, wanted in seats:
            channel.sit(id_, wanted)
        raise
    intake.started_ns, receiver.meaning = now_ns, RECORDED
    receiver.forget(seating.dropped)
    for channel, _ in seating.channels:
        channel.count_anew()
    for sensor in seating.missing:
        intake.tell_change(StateChange(now_ns, sensor.wanted.label, LinkState.ABSENT, sensor.reason))
    sources: list[Channel | Companion] = [*receiver.channels, *receiver.companions]
    for source in sources:
        if source.link.state is LinkState.LOST:
            reason = "it was lost when the recording began"
            intake.sinks.take_loss(source, StateChange(now_ns, source.link.label, LinkState.LOST, reason))
