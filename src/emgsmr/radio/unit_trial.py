"""A trial of one sensor: whether it keeps the rules of its protocol."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from emgsmr.errors import SensorError, SensorNotFoundError
from emgsmr.radio.connection import Arrived, Connection
from emgsmr.radio.scan import FoundSensor, scan
from emgsmr.sensors.conformance import Finding, Trial, check
from emgsmr.sensors.open_description import DESCRIPTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.air import Air
    from emgsmr.sensors import Decoder

_SCAN_S = 10.0
_STOPPED_S = 1.0  # how long a stopped stream is listened to
_RESTARTED_S = 2.0


async def try_unit(
    air: Air, address: str, *, seconds: float, on_progress: Callable[[float], None] | None = None
) -> tuple[FoundSensor, list[Finding]]:
    """Connect to a sensor, let it stream, stop, start again; then judge what was seen.

    Parameters
    ----------
    air : Air
        Opened.
    address : str
        Or the sensor's name.
    seconds : float, s
        Of streaming before the stop.
    on_progress : callable, optional
        Told the part (0 to 1) that is done.

    Raises
    ------
    SensorNotFoundError
    SensorError
        It cannot be connected or started at all.
    """
    found = await _find(air, address)
    return found, check(found.family, *(await _stream(air, found, seconds, on_progress)))


async def _stream(
    air: Air, found: FoundSensor, seconds: float, on_progress: Callable[[float], None] | None
) -> tuple[Decoder, Trial]:
    """Let it stream, stop, start again; what came, and who can read it."""
    arrived: list[Arrived] = []
    lost: list[str] = []
    connection = _new_connection(air, found, arrived, lost)
    begun_ns = air.now_ns()
    marks: list[int] = []
    try:
        await connection.open(asyncio.Lock())
        description = await connection.read(DESCRIPTION)
        await connection.subscribe()
        await connection.start()
        await _wait(air, seconds, on_progress)
        marks.append(air.now_ns())
        await connection.pause()
        await air.sleep(_STOPPED_S)
        marks.append(air.now_ns())
        await connection.resume()
        await air.sleep(_RESTARTED_S)
        table = connection.table
    finally:
        await connection.close()
    if lost:
        raise SensorError(f"the link to {found.name} broke: charge it, and bring it nearer")

    def between(first_ns: int, end_ns: int) -> list[tuple[float, str, bytes]]:
        return [
            ((item.arrival_ns - begun_ns) / 1e9, item.uuid, item.payload)
            for item in arrived
            if item.decoder is not None and first_ns <= item.arrival_ns < end_ns
        ]

    stopped_ns, restarted_ns = marks
    return connection.decoder, Trial(
        table=table,
        stream=between(begun_ns, stopped_ns),
        stopped_s=(stopped_ns - begun_ns) / 1e9,
        after_stop=between(stopped_ns, restarted_ns),
        restarted=between(restarted_ns, air.now_ns() + 1),
        description=description,
        battery_pct=connection.battery_pct,
    )


def _new_connection(air: Air, found: FoundSensor, arrived: list[Arrived], lost: list[str]) -> Connection:
    """A connection that notes what comes and whether it breaks."""
    return Connection(
        air,
        found,
        device=found.family,
        label=found.name,
        channels=0,
        on_data=arrived.append,
        on_lost=lambda _: lost.append("lost"),
    )


async def _find(air: Air, address: str) -> FoundSensor:
    def is_it(sensor: FoundSensor) -> bool:
        return address.lower() in (sensor.address.lower(), sensor.name.lower())

    def seen(found: Sequence[FoundSensor]) -> bool:
        return any(is_it(sensor) for sensor in found)

    found = await scan(air, _SCAN_S, until=seen)
    for sensor in found:
        if is_it(sensor):
            return sensor
    names = ", ".join(f"{sensor.name} {sensor.address}" for sensor in found) or "none"
    raise SensorNotFoundError(
        f"no sensor {address} is in range, or it is of no kind that emgsmr knows (in range: {names})"
    )


async def _wait(air: Air, seconds: float, on_progress: Callable[[float], None] | None) -> None:
    steps = max(1, round(seconds / 0.5))
    for step in range(steps):
        await air.sleep(seconds / steps)
        if on_progress is not None:
            on_progress((step + 1) / steps)
