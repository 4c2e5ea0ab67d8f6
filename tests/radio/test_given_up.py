"""A cancellation that a library forgot still ends the task."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from emgsmr.radio.given_up import check_given_up


def test_a_forgotten_cancellation_is_remembered():
    async def forgetful():
        task = asyncio.current_task()
        task.get_loop().call_soon(task.cancel)
        with suppress(asyncio.CancelledError):  # as wait_for of Python 3.11 may do
            await asyncio.sleep(0)
        check_given_up()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(forgetful())


def test_nobody_gave_up():
    async def quiet():
        check_given_up()
        return "done"

    assert asyncio.run(quiet()) == "done"
