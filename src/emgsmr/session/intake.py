"""What the receiver hands on, in its order: to the file, the listeners and the pipeline, and as news."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from emgsmr.radio.air import AirEvent
from emgsmr.radio.channel import Channel
from emgsmr.radio.link import LinkState, StateChange
from emgsmr.radio.watch import Notice
from emgsmr.recording import SampleBlock, TimedReading
from emgsmr.session.listener import Update

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from emgsmr.analysis import Finding
    from emgsmr.radio.receiver import Item
    from emgsmr.session.listener import Listener
    from emgsmr.session.sinks import Sinks


class Intake:
    """Takes in what a session receives.

    Parameters
    ----------
    listeners : sequence of Listener
        Told the updates; all else they get from the sinks.

    Attributes
    ----------
    sinks : Sinks or None
        None until all sensors have been heard.
    started_ns : int
        Time 0 of the updates.
    grain_s : float, s
        Blocks are joined until they last so long.
    """

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self.sinks: Sinks | None = None
        self.started_ns = 0
        self.grain_s = 0.0
        self._listeners = tuple(listeners)
        self._updates: deque[Update] = deque()
        self._news = asyncio.Event()

    def take(self, batch: Iterable[Item]) -> None:
        """Take in what came; there are sinks by now."""
        sinks = self.sinks
        assert sinks is not None
        for source, item in batch:
            if isinstance(item, SampleBlock):
                assert isinstance(source, Channel)
                for block in source.collect(item, seconds=self.grain_s):
                    self._tell_findings(sinks.take_block(block))
            elif isinstance(item, TimedReading):
                sinks.take_reading(item)
            elif isinstance(item, AirEvent):
                if item.t_ns >= self.started_ns:
                    sinks.take_event(item)
            elif isinstance(item, Notice):
                self.tell(Update((item.t_ns - self.started_ns) / 1e9, notice=item))
            else:
                if item.state is LinkState.LOST and source is not None:
                    self.flush([source] if isinstance(source, Channel) else ())
                    sinks.take_loss(source, item)
                elif item.state is LinkState.STREAMING and source is not None:
                    sinks.take_return(source, item.t_ns)
                self.tell_change(item)
        sinks.check()

    def flush(self, channels: Iterable[Channel]) -> None:
        """Use what was kept to be joined."""
        assert self.sinks is not None
        for channel in channels:
            for block in channel.collected():
                self._tell_findings(self.sinks.take_block(block))

    def finish(self, channels: Iterable[Channel]) -> None:
        """Nothing more comes."""
        if self.sinks is not None:
            self.flush(channels)
            self._tell_findings(self.sinks.finish())
            self.sinks.check()

    def end(self) -> None:
        """Wake whoever waits for news, and tell the listeners."""
        self._news.set()
        for listener in self._listeners:
            listener.finish()

    def tell(self, update: Update) -> None:
        """Tell the listeners, and whoever reads the news."""
        for listener in self._listeners:
            listener.take_update(update)
        self._updates.append(update)
        self._news.set()

    def tell_change(self, change: StateChange) -> None:
        """A link's state changed."""
        self.tell(Update((change.t_ns - self.started_ns) / 1e9, change=change))

    async def news(self, running: asyncio.Task[None]) -> AsyncIterator[Update]:
        """All updates, until the session that runs ends; ends with the error that ended it, if any."""
        while True:
            while self._updates:
                yield self._updates.popleft()
            if running.done():
                await running
                return
            self._news.clear()
            await self._news.wait()

    def _tell_findings(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.tell(Update(finding.t_alarm_s, finding=finding))
