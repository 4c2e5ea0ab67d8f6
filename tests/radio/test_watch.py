"""The watch over the links: what it takes for silence, and what it does not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from emgsmr.radio.link import Link, LinkState
from emgsmr.radio.watch import WATCH_S, Watch
from emgsmr.sensors import FAMILIES


class Clock:
    """An air of which only the clock is asked."""

    def __init__(self) -> None:
        self.s = 0.0

    def now_ns(self) -> int:
        return round(self.s * 1e9)

    def slept_ns(self) -> int:
        return 0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def link(clock):
    found = SimpleNamespace(battery_pct=None)
    made = Link(
        clock,
        None,
        found,
        device=FAMILIES["umyo"],
        label="uMyo 1",
        channels=1,
        on_data=lambda link, arrived: None,
        on_state=lambda link, change: None,
    )
    made.state = LinkState.STREAMING
    return made


@pytest.fixture
def watch(clock, link) -> Watch:
    channel = SimpleNamespace(link=link, missing=0, assembler=SimpleNamespace(samples=0))
    return Watch(clock, [channel], [])


def test_a_silent_stream_is_lost(clock, link, watch):
    for _ in range(5):
        clock.s += WATCH_S
        watch.look()
    assert link.state is LinkState.LOST


def test_a_program_that_was_held_up_does_not_blame_its_sensors(clock, link, watch):
    clock.s += 3.0
    watch.look()
    assert link.state is LinkState.STREAMING
    link.last_ns = clock.now_ns()  # what came meanwhile is read at the loop's next turn
    for _ in range(3):
        clock.s += WATCH_S
        watch.look()
    assert link.state is LinkState.STREAMING


def test_silence_after_being_held_up_is_noticed_at_the_next_look(clock, link, watch):
    clock.s += 3.0
    watch.look()
    clock.s += WATCH_S
    watch.look()
    assert link.state is LinkState.LOST


def test_what_an_old_connection_still_sends_is_not_taken_for_the_new_one(clock, link):
    taken = []
    link._on_data = lambda link, arrived: taken.append(arrived)
    link.lose("no data for 2 s")
    link._take(SimpleNamespace(decoder=object(), arrival_ns=1, payload=b""))
    assert taken == []
