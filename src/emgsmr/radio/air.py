"""What the radio code needs from the air it works in: this computer's Bluetooth, or the virtual one."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from emgsmr.recording import Event, Montage


# The clock that goes on while the computer is suspended. Python's monotonic clock stands still on these two
# systems; on Windows it goes on, and a suspension is an outage like any other.
_GOES_ON = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}


@dataclass(frozen=True, slots=True)
class AirEvent:
    """An event that an air knows of, and when it happened on the air's clock (ns)."""

    t_ns: int
    event: Event


class Air(Protocol):
    """A place where sensors can be heard, with a clock of its own.

    Whatever talks to sensors does it through ``BleakScanner`` and ``BleakClient``; an air chooses their
    backend and the clock, and changes nothing else.

    Attributes
    ----------
    name : str
        Such as ``bluetooth`` or ``virtual:glute_inhibition``.
    speed : float or None
        Times life's pace at most; None = no limit.
    scanner_args, client_args : mapping
        Keyword arguments for every ``BleakScanner`` and ``BleakClient``.
    montage : Montage or None
        What the air's sensors measure, where it knows.
    facts : mapping
        What a recording's session table says about it (JSON).
    finished : asyncio.Event
        Set when there is nothing more to come (a virtual radio that has played everything).
    """

    name: str
    speed: float | None
    scanner_args: Mapping[str, Any]
    client_args: Mapping[str, Any]
    montage: Montage | None
    facts: Mapping[str, Any]
    finished: asyncio.Event

    def now_ns(self) -> int:
        """The clock that arrivals are stamped with, ns; it never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on that clock."""
        ...

    def slept_ns(self) -> int:
        """How long the computer was suspended in all while that clock stood still, ns."""
        ...

    def on_event(self, callback: Callable[[AirEvent], None]) -> None:
        """Call back with every event that the air knows of, when it happens."""
        ...

    def first_contacts(self, since_ns: int = 0) -> Sequence[AirEvent]:
        """The first foot contact from a time on, of each foot whose contacts will be among the events."""
        ...

    def again(self) -> Air:
        """Another one like this, not open yet: what was played is played anew."""
        ...

    async def __aenter__(self) -> Self:
        """Open it."""
        ...

    async def __aexit__(self, *error: object) -> None:
        """Close it."""
        ...


class BluetoothAir:
    """This computer's Bluetooth, through Bleak's own backend."""

    name = "bluetooth"
    speed: float | None = 1.0

    def __init__(self) -> None:
        self.scanner_args: Mapping[str, Any] = {}
        self.client_args: Mapping[str, Any] = {}
        self.montage: Montage | None = None
        self.facts: Mapping[str, Any] = {}
        self.finished = asyncio.Event()

    def now_ns(self) -> int:
        """The host's monotonic clock, ns."""
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def slept_ns(self) -> int:
        """Where a clock is known that goes on in suspension: how far it is ahead of the one that does not."""
        clock = getattr(time, _GOES_ON.get(sys.platform, ""), None)
        return 0 if clock is None else time.clock_gettime_ns(clock) - time.monotonic_ns()

    def on_event(self, callback: Callable[[AirEvent], None]) -> None:
        """No events come by radio."""
        del callback

    def first_contacts(self, since_ns: int = 0) -> Sequence[AirEvent]:
        """No foot contacts come by radio."""
        del since_ns
        return ()

    def again(self) -> BluetoothAir:
        """The same Bluetooth."""
        return BluetoothAir()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None
