"""A trial of the links says what is wrong with them, and nothing of those that are good."""

from __future__ import annotations

import asyncio

import pytest

from emgsmr.errors import SensorNotFoundError
from emgsmr.radio.link_trial import try_links
from emgsmr.radio.virtual import Outage, VirtualAir


def tried(cast, *, seconds=10.0, outages=(), **options):
    async def main():
        async with VirtualAir(cast, speed=None, outages=outages) as air:
            return await try_links(air, cast.montage, seconds=seconds, **options)

    return {report.sensor: report for report in asyncio.run(main())}


def test_good_links_get_no_advice(make_cast):
    cast = make_cast("umyo", "npg_lite", seconds=30.0)
    progress, tapped = [], []
    reports = tried(cast, on_progress=progress.append, tap=lambda address, _: tapped.append(address))
    for sensor in cast.sensors:
        report = reports[sensor.name]
        assert report.advice == ()
        assert report.rate_hz == pytest.approx(sensor.rate_hz, rel=0.01)
        assert report.samples == pytest.approx(10 * sensor.rate_hz, rel=0.02)
        assert report.loss_pct == 0
        assert report.late_ms < 100
        assert report.battery_pct == sensor.battery_pct
    assert progress[-1] == 1.0
    assert progress == sorted(progress)
    assert set(tapped) == {sensor.address for sensor in cast.sensors}


def test_loss_a_broken_link_and_a_wrong_rate_are_named(make_cast, make_played):
    lost = tuple((i, i + 24) for i in range(0, 30_000, 480))  # 5 %
    cast = make_cast(
        make_played(1, "umyo", seconds=30.0, lost=lost),
        make_played(2, "umyo", seconds=30.0, rate_error=0.2),
        make_played(3, "npg_lite", seconds=30.0),
        seconds=30.0,
    )
    reports = tried(cast, outages=[Outage(cast.sensors[2].address, 3.0, 1.0)])
    lossy, fast, broken = (reports[sensor.name] for sensor in cast.sensors)
    assert lossy.loss_pct == pytest.approx(5, abs=0.5)
    assert "were lost" in lossy.advice[0]
    assert "1339 samples per second instead of 1116" in fast.advice[0]
    assert broken.drops == 1
    assert any("broke 1 time" in line for line in broken.advice)
    assert any("nothing came for" in line for line in broken.advice)


def test_nobody_there(make_cast):
    with pytest.raises(SensorNotFoundError):
        tried(make_cast())
