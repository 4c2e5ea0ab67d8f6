"""What every sensor family declares: how it is found, started, read, and what it cannot measure.

A family is one module of this room that builds one `Family`. Both ends of the protocol stand in that module:
`Family.decode` is what the radio edge calls, `Family.encode` is what an emulated twin sends. Bytes in, counts
out; nothing here talks to a radio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer[Any]]
ScaleKnown = Literal["known", "estimated", "unknown"]


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a sensor says before it is connected.

    ``manufacturer`` is the manufacturer-specific field as sent (first the two bytes that Bluetooth calls the
    company id, low byte first).
    """

    name: str | None
    service_uuids: tuple[str, ...] = ()
    manufacturer: bytes = b""


@dataclass(frozen=True, slots=True)
class Write:
    """A command: bytes for a characteristic."""

    uuid: str
    data: bytes
    response: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """EMG samples of one notification.

    ``counter`` is the sensor's own number of the first sample, before unwrapping (``modulus`` of the family);
    ``counts`` has shape (n_samples, n_channels), read-only. Where a sensor numbers every sample and the
    numbers within one notification jump, its decoder returns one packet for each run.
    """

    counter: int | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One GATT characteristic of a twin; ``properties`` in the words of the Bluetooth specification."""

    uuid: str
    properties: tuple[str, ...]
    value: bytes = b""


class Answer(Protocol):
    """What a written command does, and the value that a read of that characteristic then gives."""

    def __call__(
        self, uuid: str, data: bytes, *, running: bool = False
    ) -> tuple[Literal["start", "stop", ""], bytes]:
        """Answer; ``running`` tells whether the sensor streams when the command comes."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """One sensor family.

    Attributes
    ----------
    key, name, maker : str
    rate_hz : float
        Nominal samples per second and channel; the clock fit finds the true one.
    channel_counts : tuple of int
        Numbers of EMG channels that units of this family have.
    bits : int
    rails : tuple of int
        Lowest and highest count the ADC can give (a sample there is clipped).
    dtype : {"<i2", "<i4"}
    scale_uv : float, µV per count
        At the electrode where the gain is known, else at the ADC (``scale_note`` says which).
    scale_known : {"known", "estimated", "unknown"}
    counter_modulus : int, samples
        The sample counter wraps here.
    loss_detection : str
        How loss shows, in a sentence.
    can, cannot : tuple of str
        What it measures, and what it does not, in plain words.
    services : mapping of service UUID to characteristics
        The whole GATT table, for the twin and for checking a unit after connecting.
    notify_uuids, required_uuids : tuple of str
        Characteristics to subscribe, in order; characteristics whose absence means "another device".
    start, stop : tuple of Write
        Sent after subscribing, and before unsubscribing.
    min_mtu : int
        Smallest ATT MTU that carries a whole packet of the unit with most channels.
    matches : callable
        Whether an advertisement is (probably) of this family.
    battery_pct : callable
        Battery level (0-100 %) from an advertisement, None if it does not say.
    decode : callable
        ``decode(uuid, payload)`` gives the packets in a notification (none for a notification without EMG);
        raises `emgsmr.errors.PacketError` for bytes that are no packet of this sensor.
    encode : callable
        ``encode(first_index, counts)`` gives ``(uuid, payload)`` for exactly ``samples_per_packet`` samples.
    advertise : callable
        ``advertise(name, channels, battery_pct)`` gives the twin's `Advertisement`.
    answer : callable
        ``answer(uuid, data, running=False)`` tells what a written command does: "start", "stop" or "", and
        the value that a read of that characteristic then gives.
    starts_on_subscribe : bool
        Whether enabling notifications starts the stream (there is no command for it).
    counter_restarts : bool
        Whether a (re)start of the stream sets the sample counter back to 0. If not, a counter that went on
        while the link was down tells exactly how many samples are missing.
    battery_uuid : str, optional
        A characteristic whose value is one byte, the battery's level in %; units with older firmware lack it.
    notes : str
        What a user has to know before a first use.
    """

    key: str
    name: str
    maker: str
    rate_hz: float
    channel_counts: tuple[int, ...]
    bits: int
    rails: tuple[int, int]
    dtype: Literal["<i2", "<i4"]
    scale_uv: float
    scale_known: ScaleKnown
    scale_note: str
    counter_modulus: int
    samples_per_packet: int
    loss_detection: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    services: Mapping[str, tuple[Characteristic, ...]]
    notify_uuids: tuple[str, ...]
    required_uuids: tuple[str, ...]
    min_mtu: int
    matches: Callable[[Advertisement], bool]
    decode: Callable[[str, bytes], list[Packet]]
    encode: Callable[[int, Counts], tuple[str, bytes]]
    advertise: Callable[[str, int, int], Advertisement]
    answer: Answer
    battery_pct: Callable[[Advertisement], int | None]
    start: tuple[Write, ...] = ()
    stop: tuple[Write, ...] = ()
    starts_on_subscribe: bool = False
    counter_restarts: bool = field(default=False, kw_only=True)
    battery_uuid: str | None = field(default=None, kw_only=True)
    notes: str = field(default="", kw_only=True)
