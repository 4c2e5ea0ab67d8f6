"""The virtual radio: twins of sensors in an `Ether`, with simulated time, behind Bleak's own classes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from emgsmr.radio.air import AirEvent
from emgsmr.radio.bumble_backend import BumbleClient, BumbleScanner
from emgsmr.radio.ether import Ether, EtherDevice
from emgsmr.radio.simulated_time import SimulatedTime
from emgsmr.radio.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emgsmr.radio.cast import Cast
    from emgsmr.recording import Event, Montage

_START_NS = 1_000_000_000
_ADVERTISING_NS = 100_000_000
_CENTRAL = "F0:00:00:00:00:01"


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that goes wrong on purpose.

    Attributes
    ----------
    address : str
        Of the sensor; empty for what happens to the computer.
    start_s, duration_s : float, s
        On the play's clock (0 = its first sample).
    kind : {"away", "silent", "no_adapter", "asleep"}
        ``away``: out of range, the link drops and it cannot be found; ``silent``: the link stays up and
        nothing comes; ``no_adapter``: the computer's Bluetooth is gone, and all links with it; ``asleep``:
        the computer was suspended for that long, without its clock going on.
    """

    address: str
    start_s: float
    duration_s: float
    kind: Literal["away", "silent", "no_adapter", "asleep"] = "away"


class VirtualAir:
    """An `emgsmr.radio.air.Air` in which the sensors of a cast play.

    The play begins when all sensors that are connected stream, so that a session which connects first and
    starts then receives every sample from the first one on. It ends, and `finished` is set, when all was sent
    and the cast's duration is over.

    Parameters
    ----------
    cast : Cast
    speed : float or None
        Times life's pace at most; None = as fast as it goes.
    seed : int
        Of connection intervals and interference.
    outages : sequence of Outage
    name : str
    """

    def __init__(
        self,
        cast: Cast,
        *,
        speed: float | None = 1.0,
        seed: int = 0,
        outages: Sequence[Outage] = (),
        name: str = "virtual",
    ) -> None:
        self.name = name
        self.speed = speed
        self.cast = cast
        self.montage: Montage | None = cast.montage
        self.finished = asyncio.Event()
        self.time = SimulatedTime(speed=speed, start_ns=_START_NS)
        self.play_started_ns: int | None = None
        self.scanner_args: Mapping[str, Any] = {"backend": BumbleScanner, "air": self}
        self.client_args: Mapping[str, Any] = {"backend": BumbleClient, "air": self}
        self._seed = seed
        self._outages = tuple(outages)
        self._listeners = 0
        self.facts: Mapping[str, Any] = {
            "description": cast.description,
            "scenario": cast.truth.get("scenario"),
            "seed": seed,
            "speed": speed,
        }
        self._on_event: list[Callable[[AirEvent], None]] = []
        self._slept_ns = 0
        self._adapter = True

    def now_ns(self) -> int:
        """Simulated time, ns."""
        return self.time.now_ns()

    async def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds."""
        await self.time.sleep(seconds)

    def slept_ns(self) -> int:
        """As outages say."""
        return self._slept_ns

    def on_event(self, callback: Callable[[AirEvent], None]) -> None:
        """Call back with every event of the cast when it happens."""
        self._on_event.append(callback)

    def first_contacts(self, since_ns: int = 0) -> Sequence[AirEvent]:
        """The first foot contact of each side in the cast from then on; none before the play has begun."""
        if self.play_started_ns is None:
            return []
        contacts = [self._timed(event) for event in self.cast.events if event.kind == "foot_contact"]
        coming = sorted((c for c in contacts if c.t_ns >= since_ns), key=lambda c: c.t_ns, reverse=True)
        return list({contact.event.side: contact for contact in coming}.values())

    def again(self) -> VirtualAir:
        """The same cast, to be played from its beginning."""
        return VirtualAir(self.cast, speed=self.speed, seed=self._seed, outages=self._outages, name=self.name)

    async def __aenter__(self) -> Self:
        self._ether = Ether()
        self.central = EtherDevice(self._ether, "central", _CENTRAL)
        self.twins = {
            sensor.address: Twin(sensor, self._ether, self.time, seed=self._seed, on_change=self._on_change)
            for sensor in self.cast.sensors
        }
        await self.central.power_on()
        for twin in self.twins.values():
            await twin.switch_on()
        self._pacer = asyncio.create_task(self.time.run(), name="simulated time")
        return self

    async def __aexit__(self, *error: object) -> None:
        self._pacer.cancel()
        with suppress(asyncio.CancelledError):
            await self._pacer
        for twin in self.twins.values():
            await twin.switch_off()
        await self.central.switch_off()

    # -- for the backends ---

    def check_adapter(self) -> None:
        """Raise what Bleak raises where there is no Bluetooth adapter."""
        if not self._adapter:
            raise BleakBluetoothNotAvailableError(
                "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            )

    def listen(self, change: int) -> int:
        """Count a scan in (+1) or out (-1); while there is one, the twins advertise."""
        self._listeners += change
        if change > 0 and self._listeners == change:
            self._advertise()
        return self._listeners

    async def hears(self, address: str, *, within_s: float) -> bool:
        """Wait until a twin advertises."""
        twin = self.twins.get(address)
        if twin is not None and twin.on_air.is_set():
            return True
        waits = [asyncio.create_task(self.sleep(within_s))]
        if twin is not None:
            waits.append(asyncio.create_task(twin.on_air.wait()))  # type: ignore[arg-type]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return twin is not None and twin.on_air.is_set()

    def _advertise(self) -> None:
        if self._listeners:
            for twin in self.twins.values():
                twin.advertise()
            self.time.call_at(self.now_ns() + _ADVERTISING_NS, self._advertise)

    # -- the play ---

    def _on_change(self) -> None:
        connected = [twin for twin in self.twins.values() if twin.connected]
        if self.play_started_ns is None:
            if connected and all(twin.running for twin in connected):
                self._begin()
        elif not self.finished.is_set() and self._over():
            self.finished.set()
            self.time.limit(1.0)  # what is still waited for now is waited for in earnest

    def _over(self) -> bool:
        assert self.play_started_ns is not None
        played_s = (self.now_ns() - self.play_started_ns) / 1e9
        return played_s >= self.cast.duration_s and all(
            twin.exhausted for twin in self.twins.values() if twin.running
        )

    def _begin(self) -> None:
        start_ns = self.play_started_ns = self.now_ns()
        for event in self.cast.events:
            timed = self._timed(event)
            self.time.call_at(timed.t_ns, partial(self._tell, timed))
        for outage in self._outages:
            self._plan(outage, start_ns + round(outage.start_s * 1e9))
        self.time.call_at(start_ns + round(self.cast.duration_s * 1e9), self._on_change)
        for twin in self.twins.values():
            twin.play(start_ns)

    def _plan(self, outage: Outage, at_ns: int) -> None:
        until_ns = at_ns + round(outage.duration_s * 1e9)
        if outage.kind == "asleep":
            self.time.call_at(at_ns, partial(self._sleep_through, round(outage.duration_s * 1e9)))
            return
        if outage.kind == "no_adapter":
            self.time.call_at(at_ns, partial(self._set_adapter, there=False))
            self.time.call_at(until_ns, partial(self._set_adapter, there=True))
            return
        twin = self.twins[outage.address]
        if outage.kind == "away":
            self.time.call_at(at_ns, twin.leave)
            self.time.call_at(until_ns, twin.come_back)
        else:
            self.time.call_at(at_ns, partial(twin.fall_silent, until_ns))

    def _sleep_through(self, ns: int) -> None:
        self._slept_ns += ns

    def _set_adapter(self, *, there: bool) -> None:
        self._adapter = there
        for twin in self.twins.values():
            (twin.come_back if there else twin.leave)()

    def _timed(self, event: Event) -> AirEvent:
        assert self.play_started_ns is not None
        return AirEvent(self.play_started_ns + round(event.t_s * 1e9), event)

    def _tell(self, event: AirEvent) -> None:
        for callback in self._on_event:
            callback(event)
