"""Simulated time: events in their order, as fast as they can be handled or at a multiple of life."""

from __future__ import annotations

import asyncio
import heapq
import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_YIELD_EVERY_NS = 10_000_000  # of simulated time: the rest of the program keeps up with what happens
_YIELDS_AFTER_WAKING = 8  # turns of the loop that a task gets, which waited, before time moves on
_NAP_S = 0.02  # longest sleep towards an event, since an earlier one may be scheduled meanwhile
_SLACK_S = 0.25  # further behind the wall clock than this is not caught up


class Timer:
    """Something scheduled; `cancel` takes it back."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Take it back; safe to call again, and after it ran."""
        self.callback = None


class SimulatedTime:
    """A clock that jumps from event to event.

    It stands still while nothing is scheduled and while it is `held`, so what a program does between two
    events takes no simulated time.

    Parameters
    ----------
    speed : float or None
        Seconds of simulated time that pass in one second at most; None = no limit.
    start_ns : int
        What `now_ns` says first.
    """

    def __init__(self, *, speed: float | None, start_ns: int = 0) -> None:
        if speed is not None and not speed > 0:
            raise ArgumentError(
                f"a speed of {speed} is none: give a number above 0, such as 1 for life's pace"
            )
        self._speed = math.inf if speed is None else speed
        self._now_ns = start_ns
        self._heap: list[tuple[int, int, Timer]] = []
        self._n_scheduled = 0
        self._holds = 0
        self._changed = asyncio.Event()
        self._anchor: tuple[int, float] | None = None
        self._woken = False
        self._yielded_ns = start_ns

    def now_ns(self) -> int:
        """Simulated time, ns."""
        return self._now_ns

    def call_at(self, t_ns: int, callback: Callable[[], None]) -> Timer:
        """Schedule a plain function."""
        timer = Timer(callback)
        self._n_scheduled += 1
        heapq.heappush(self._heap, (max(t_ns, self._now_ns), self._n_scheduled, timer))
        self._changed.set()
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds."""
        awake = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not awake.done():
                self._woken = True
                awake.set_result(None)

        timer = self.call_at(self._now_ns + round(seconds * 1e9), wake)
        try:
            await awake
        finally:
            timer.cancel()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Time stands still within."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self._woken = True
            self._changed.set()

    def pause(self) -> None:
        """Let tasks that were just created or woken run before the next event."""
        self._woken = True

    def limit(self, speed: float) -> None:
        """Go no faster than this from now on."""
        self._speed = min(self._speed, speed)
        self._anchor = None

    async def run(self) -> None:
        """Let time pass until this task is canceled."""
        while True:
            await self._let_others_run()
            while self._heap and self._heap[0][2].callback is None:
                heapq.heappop(self._heap)
            if self._holds or not self._heap:
                self._anchor = None
                self._changed.clear()
                await self._changed.wait()
                continue
            ahead_s = self._ahead_s(self._heap[0][0])
            if ahead_s > 0:
                await asyncio.sleep(min(ahead_s, _NAP_S))
                continue
            t_ns, _, timer = heapq.heappop(self._heap)
            self._now_ns = t_ns
            if timer.callback is not None:
                timer.callback()

    def _ahead_s(self, t_ns: int) -> float:
        """Wall-clock seconds until this event may happen."""
        if math.isinf(self._speed):
            return 0.0
        wall_s = time.monotonic()
        if self._anchor is None:
            self._anchor = (self._now_ns, wall_s)
        ahead_s = (t_ns - self._anchor[0]) / 1e9 / self._speed - (wall_s - self._anchor[1])
        if ahead_s < -_SLACK_S:
            self._anchor = (t_ns, wall_s + _SLACK_S)
        return ahead_s

    async def _let_others_run(self) -> None:
        turns = 0
        if self._woken:
            turns = _YIELDS_AFTER_WAKING
        elif self._now_ns - self._yielded_ns >= _YIELD_EVERY_NS:
            turns = 1
        if turns:
            self._woken = False
            self._yielded_ns = self._now_ns
            for _ in range(turns):
                await asyncio.sleep(0)
