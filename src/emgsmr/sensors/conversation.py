"""What a host and a sensor say to each other over one connection, and who speaks each part.

A `Decoder` is the host's end: it knows which commands start the stream and what the notifications mean. A
`Unit` is the sensor's end, which an emulated twin speaks with. Both live for one connection and keep what
the protocol makes them remember; neither talks to a radio.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer[Any]]
Notification: TypeAlias = tuple[str, bytes]
"""Characteristic and payload."""
ScaleKnown: TypeAlias = Literal["known", "estimated", "unknown"]


@dataclass(frozen=True, slots=True)
class Write:
    """A command: bytes for a characteristic.

    ``is_reply(uuid, payload)`` recognizes the notification that answers it; None if none is to be awaited.
    """

    uuid: str
    data: bytes
    response: bool = True
    is_reply: Callable[[str, bytes], bool] | None = None


Dialog: TypeAlias = Generator[Write, bytes | None, None]
"""Yields commands one after the other, and is sent the reply to each (None if none came in time)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a unit once it is connected.

    Attributes
    ----------
    firmware, software : str
        As its device information service says (characteristics 2A26 and 2A28); empty if it does not.
    channels : int
        Highest EMG channel (from 1) that the montage places, 0 for none: a sensor whose channels can be
        switched sends that many.
    """

    firmware: str = ""
    software: str = ""
    channels: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """EMG samples that follow each other.

    ``counter`` is the sensor's own number of the first sample, before unwrapping (``counter_modulus`` of the
    family), None where the sensor does not number them. ``counts`` has shape (n_samples, n_channels),
    read-only. Where the numbers within one notification jump, its decoder returns a packet for each run.
    """

    counter: int | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that is no EMG: a heart rate, a speed, a battery level, a motion.

    ``quantity`` has its unit in its name; `emgsmr.recording` lists the quantities.
    """

    quantity: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The EMG of one unit, where the units of a family differ and each says what it sends.

    Attributes
    ----------
    rate_hz : float
        Nominal samples per second and channel.
    channels, bits : int
    rails : tuple of int
        Lowest and highest count.
    dtype : {"<i2", "<i4"}
    scale_uv : float, µV per count
        1 where it is not known.
    scale_known : {"known", "estimated", "unknown"}
    """

    rate_hz: float
    channels: int
    bits: int
    rails: tuple[int, int]
    dtype: Literal["<i2", "<i4"]
    scale_uv: float
    scale_known: ScaleKnown


class Decoder(Protocol):
    """The host's end of one connection.

    A decoder may have an attribute ``signal: Signal | None``, known after `start`; see `signal_of`.
    """

    def start(self) -> Dialog:
        """Commands that start the stream, sent once its notifications are subscribed.

        Raises
        ------
        emgsmr.errors.SensorError
            A reply says that the unit cannot do what was asked, or none came.
        """
        ...

    def feed(self, uuid: str, payload: bytes) -> Sequence[Packet | Reading]:
        """What a notification holds, nothing for one without data.

        Raises
        ------
        emgsmr.errors.PacketError
            The bytes are no packet of this sensor.
        """
        ...


def signal_of(decoder: Decoder) -> Signal | None:
    """What the unit itself said of its EMG; None where the family's declaration holds."""
    signal: Signal | None = getattr(decoder, "signal", None)
    return signal


@dataclass(frozen=True, slots=True)
class Answer:
    """What a written command does to the stream, what a read then gives, and what is notified."""

    action: Literal["start", "stop", ""] = ""
    value: bytes = b""
    notifications: tuple[Notification, ...] = ()


class Unit(Protocol):
    """The sensor's end of one connection."""

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey a command."""
        ...

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """Notifications for ``samples_per_packet`` samples, ``first_index`` counted as the sensor counts.

        Called for all samples in their order, also for those whose notifications the air will lose.
        """
        ...

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Notifications for something that is no EMG; none if this sensor does not measure it."""
        ...


class PlainDecoder:
    """A decoder for a protocol without memory: a function, and commands that need no reply.

    Parameters
    ----------
    decode : callable
        ``decode(uuid, payload)``.
    start : sequence of Write
    """

    def __init__(
        self,
        decode: Callable[[str, bytes], Sequence[Packet | Reading]],
        start: Sequence[Write] = (),
    ) -> None:
        self.feed = decode
        self._start = tuple(start)

    def start(self) -> Dialog:
        """The commands, one after the other."""
        yield from self._start
