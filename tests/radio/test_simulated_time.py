from __future__ import annotations

import asyncio

import pytest

from emgsmr.errors import ArgumentError
from emgsmr.radio.simulated_time import SimulatedTime


def run(scenario, *, speed=None):
    """Let time pass while ``scenario(time)`` runs."""

    async def main():
        time = SimulatedTime(speed=speed, start_ns=5)
        pacer = asyncio.create_task(time.run())
        try:
            return await scenario(time)
        finally:
            pacer.cancel()
            await asyncio.gather(pacer, return_exceptions=True)

    return asyncio.run(main())


def test_events_happen_in_their_order_at_their_time():
    async def scenario(time):
        happened = []
        for t_ns in (300, 100, 200, 100):
            time.call_at(t_ns, lambda t_ns=t_ns: happened.append((t_ns, time.now_ns())))
        await time.sleep(1e-6)
        return happened

    assert run(scenario) == [(100, 100), (100, 100), (200, 200), (300, 300)]


def test_a_sleeper_wakes_after_simulated_seconds_not_real_ones():
    async def scenario(time):
        await time.sleep(3600.0)
        return time.now_ns()

    assert run(scenario) == 5 + 3600 * 10**9


def test_many_sleepers_wake_in_order():
    async def scenario(time):
        woken = []

        async def one(seconds):
            await time.sleep(seconds)
            woken.append((seconds, time.now_ns()))

        await asyncio.gather(*(one(s) for s in (0.3, 0.1, 0.2)))
        return woken

    assert run(scenario) == [(s, 5 + round(s * 1e9)) for s in (0.1, 0.2, 0.3)]


def test_time_stands_still_while_it_is_held():
    async def scenario(time):
        rang = []
        time.call_at(10, lambda: rang.append(time.now_ns()))
        with time.held():
            for _ in range(100):
                await asyncio.sleep(0)
            assert rang == []
        await time.sleep(1e-6)
        return rang

    assert run(scenario) == [10]


def test_what_is_canceled_neither_happens_nor_moves_time():
    async def scenario(time):
        timer = time.call_at(10**12, lambda: pytest.fail("it was canceled"))
        timer.cancel()
        timer.cancel()
        with time.held():
            sleeper = asyncio.create_task(time.sleep(1000.0))
            await asyncio.sleep(0)
            sleeper.cancel()
            await asyncio.gather(sleeper, return_exceptions=True)
        for _ in range(50):
            await asyncio.sleep(0)
        return time.now_ns()

    assert run(scenario) == 5


def test_the_past_is_now():
    async def scenario(time):
        await time.sleep(1.0)
        rang = []
        time.call_at(0, lambda: rang.append(time.now_ns()))
        await time.sleep(0.0)
        return rang

    assert run(scenario) == [5 + 10**9]


def test_speed_is_an_upper_bound():
    async def scenario(time):
        loop = asyncio.get_running_loop()
        before = loop.time()
        for _ in range(10):
            await time.sleep(0.1)
        return loop.time() - before

    assert run(scenario, speed=10.0) >= 0.095


def test_a_limit_that_comes_later_holds_from_then_on():
    async def scenario(time):
        await time.sleep(100.0)
        time.limit(2.0)
        loop = asyncio.get_running_loop()
        before = loop.time()
        await time.sleep(0.1)
        return loop.time() - before

    assert run(scenario) >= 0.045


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_is_none_is_refused(speed):
    with pytest.raises(ArgumentError, match="above 0"):
        SimulatedTime(speed=speed)
