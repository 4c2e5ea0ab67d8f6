"""Find the sensors of a montage and connect them, one after the other; ask before going on without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from emgsmr.errors import SensorError, SensorNotFoundError, UnsupportedFirmwareError
from emgsmr.radio.given_up import check_given_up
from emgsmr.radio.scan import FoundSensor, is_wanted, scan
from emgsmr.recording import Montage, MontageSensor
from emgsmr.sensors import Family

if TYPE_CHECKING:
    import asyncio

    from emgsmr.radio.air import Air
    from emgsmr.radio.link import Link

SCAN_S = 10.0
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class MissingSensor:
    """A sensor of the montage that is not there, and why."""

    wanted: MontageSensor
    reason: str

    @property
    def label(self) -> str:
        """What the user calls it, and where it sits."""
        sites = ", ".join(site for _, site in sorted(self.wanted.channels.items()))
        return f"{self.wanted.label} ({sites})" if sites else self.wanted.label


Choice: TypeAlias = Literal["retry", "without", "stop"]
Ask: TypeAlias = Callable[[Sequence[MissingSensor]], Awaitable[Choice]]
"""Told which required sensors are missing; answers whether to look again, go on without them, or stop."""


@dataclass(slots=True)
class Gathered:
    """What a roll call brought: connected links, and who is absent."""

    links: list[tuple[MontageSensor, Link]] = field(default_factory=list)
    absent: list[MissingSensor] = field(default_factory=list)


async def gather(
    air: Air,
    lock: asyncio.Lock,
    montage: Montage | None,
    new_link: Callable[[MontageSensor, FoundSensor], Link],
    *,
    ask: Ask | None = None,
) -> Gathered:
    """Scan once, connect one sensor after the other, then subscribe to all.

    Parameters
    ----------
    air : Air
    lock : asyncio.Lock
        The session's: BlueZ scans and connects one at a time.
    montage : Montage or None
        None = every EMG sensor in range, none of them required.
    new_link : callable
        ``new_link(wanted, found)``.
    ask : callable, optional
        Asked when required sensors are missing; if not given, that is an error.

    Raises
    ------
    BluetoothUnavailableError
    SensorNotFoundError
        A required sensor is missing, or there is no EMG sensor at all.
    """
    gathered = Gathered()
    try:
        wanted = None if montage is None else montage.sensors
        while True:
            missing = await _call_roll(air, lock, wanted, new_link, gathered)
            gathered.absent += [sensor for sensor in missing if not sensor.wanted.required]
            required = [sensor for sensor in missing if sensor.wanted.required]
            if not required:
                break
            choice: Choice = "stop" if ask is None else await ask(required)
            if choice == "stop":
                raise SensorNotFoundError(missing_sentence(required))
            if choice == "without":
                gathered.absent += required
                break
            wanted = tuple(sensor.wanted for sensor in required)
        if not any(isinstance(link.device, Family) for _, link in gathered.links):
            raise SensorNotFoundError(
                "no EMG sensor that emgsmr knows is in range: switch one on (emgsmr sensors lists them)"
            )
        if montage is not None:  # in the order of the montage, also of those that were found later
            gathered.links.sort(key=lambda entry: montage.sensors.index(entry[0]))
        for _, link in gathered.links:
            check_given_up()
            await link.subscribe()
    except BaseException:
        for _, link in gathered.links:
            await link.stop()
        raise
    return gathered


async def _call_roll(
    air: Air,
    lock: asyncio.Lock,
    wanted: Sequence[MontageSensor] | None,
    new_link: Callable[[MontageSensor, FoundSensor], Link],
    gathered: Gathered,
) -> list[MissingSensor]:
    """Connect who is there; tell who is not."""

    def complete(found: Sequence[FoundSensor]) -> bool:
        return wanted is not None and all(
            any(is_wanted(entry, sensor) for sensor in found) for entry in wanted
        )

    async with lock:
        found = await scan(air, SCAN_S, until=complete)
    names = ", ".join(sensor.name for sensor in found) or "none"
    missing = []
    for entry in wanted if wanted is not None else _all_of(found):
        sensor = next((sensor for sensor in found if is_wanted(entry, sensor)), None)
        if sensor is None:
            missing.append(MissingSensor(entry, f"not in range (sensors in range: {names})"))
            continue
        check_given_up()
        link = new_link(entry, sensor)
        try:
            await _connect(air, link)
        except SensorError as error:
            missing.append(MissingSensor(entry, str(error)))
        else:
            gathered.links.append((entry, link))
    return missing


def _all_of(found: Sequence[FoundSensor]) -> list[MontageSensor]:
    """Every EMG sensor; no strap, which may be a stranger's, and tells about health."""
    return [
        MontageSensor(sensor.name, sensor.address, sensor.family.key, required=False)
        for sensor in sorted(found, key=lambda sensor: sensor.name)
        if isinstance(sensor.family, Family)
    ]


async def _connect(air: Air, link: Link) -> None:
    """Connect; a first attempt often fails on a busy radio, a wrong firmware does at each."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await link.connect()
        except SensorError as error:
            await link.stop()
            if attempt == _ATTEMPTS or isinstance(error, UnsupportedFirmwareError):
                raise
            await air.sleep(0.5 * attempt)
        else:
            return


def missing_sentence(missing: Sequence[MissingSensor]) -> str:
    """What to say of required sensors that are not there."""
    if len(missing) == 1:
        [sensor] = missing
        return (
            f"{sensor.label}: {sensor.reason}; switch it on and bring it near, or write required = false in "
            "the montage"
        )
    names = ", ".join(sensor.label for sensor in missing)
    return (
        f"{len(missing)} required sensors are missing ({names}); {missing[0].reason}: switch them on and "
        "bring them near, or write required = false in the montage"
    )
