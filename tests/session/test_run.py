from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from emgsmr.errors import SensorNotFoundError
from emgsmr.session import run_session

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="asyncio takes no signals there")


class Stub:
    """A session that waits until it is stopped; ``where`` says when somebody presses Ctrl-C."""

    def __init__(self, where):
        self.where = where
        self.stop = asyncio.Event()
        self.left = False

    async def __aenter__(self):
        if self.where == "connecting":
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
        if self.where == "nowhere":
            raise SensorNotFoundError("uMyo-01 is not in range")
        return self

    async def __aexit__(self, *error):
        self.left = True

    def request_stop(self):
        self.stop.set()

    async def updates(self):
        yield "first"
        signal.raise_signal(signal.SIGINT)
        await self.stop.wait()
        yield "last"


def test_ctrl_c_while_streaming_ends_it_and_loses_no_news():
    told = []
    session = Stub("streaming")
    run_session(session, on_update=told.append, on_start=lambda: told.append("start"))
    assert told == ["start", "first", "last"]
    assert session.left


def test_ctrl_c_while_connecting_gives_up():
    with pytest.raises(KeyboardInterrupt):
        run_session(Stub("connecting"))


def test_errors_come_out():
    with pytest.raises(SensorNotFoundError):
        run_session(Stub("nowhere"))


def test_ctrl_c_is_ours_again_afterwards():
    before = signal.getsignal(signal.SIGINT)
    run_session(Stub("streaming"))
    assert signal.getsignal(signal.SIGINT) is before
