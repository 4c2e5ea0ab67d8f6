"""What every kind of sensor declares: how it is found, started, read, and what it cannot measure.

A family is one module of this room that builds one `Family`; a device without EMG (a heart rate strap, a foot
pod) is a `Device` of `emgsmr.sensors.COMPANIONS`. Bytes in, counts out; nothing here talks to a radio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from emgsmr.sensors.conversation import Decoder, Facts, ScaleKnown, Unit, Write
from emgsmr.sensors.counter import Numbering


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
class Characteristic:
    """One GATT characteristic of a twin; ``properties`` in the words of the Bluetooth specification."""

    uuid: str
    properties: tuple[str, ...]
    value: bytes = b""


def no_battery(advertisement: Advertisement) -> int | None:
    """Give None: the advertisement does not say."""
    del advertisement
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One kind of Bluetooth device.

    Attributes
    ----------
    key, name, maker : str
    can, cannot : tuple of str
        What it measures, and what it does not, in plain words.
    services : mapping of service UUID to characteristics
        The whole GATT table, for the twin and for checking a unit after connecting.
    notify_uuids, required_uuids : tuple of str
        Characteristics to subscribe, in order; characteristics whose absence means "another device".
    stop : tuple of Write
        Sent before unsubscribing.
    matches : callable
        Whether an advertisement is (probably) of this kind.
    advertise : callable
        ``advertise(name, channels, battery_pct)`` gives the twin's `Advertisement`.
    battery_pct : callable
        Battery level (0-100 %) from an advertisement, None if it does not say.
    battery_uuid : str, optional
        A characteristic whose value is one byte, the battery's level in %; units with older firmware lack it.
    decoder : callable
        ``decoder(facts)`` gives the host's end of a new connection.
    unit : callable
        ``unit(facts)`` gives the sensor's end of a new connection; ``facts.channels`` is how many it has.
    starts_on_subscribe : bool
        Whether enabling notifications starts the stream (there is no command for it).
    variant_of : str
        Key of the family which advertises just as this one does; the montage's ``family`` says which of the
        two is meant.
    notes : str
        What a user has to know before a first use.
    """

    key: str
    name: str
    maker: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    services: Mapping[str, tuple[Characteristic, ...]]
    notify_uuids: tuple[str, ...]
    required_uuids: tuple[str, ...]
    stop: tuple[Write, ...] = ()
    matches: Callable[[Advertisement], bool]
    advertise: Callable[[str, int, int], Advertisement]
    battery_pct: Callable[[Advertisement], int | None] = no_battery
    battery_uuid: str | None = None
    decoder: Callable[[Facts], Decoder]
    unit: Callable[[Facts], Unit]
    starts_on_subscribe: bool = False
    variant_of: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Device):
    """One EMG sensor family.

    Attributes
    ----------
    rate_hz : float
        Nominal samples per second and channel; the clock fit finds the true one.
    rate_tolerance : float
        By which part the true rate of a unit may differ from it.
    channel_counts : tuple of int
        Numbers of EMG channels that units of this family have.
    bits : int
    rails : tuple of int
        Lowest and highest count the ADC can give (a sample there is clipped).
    step : int
        Counts come in multiples of this: some sensors send fewer bits than their ADC has.
    dtype : {"<i2", "<i4"}
    scale_uv : float, µV per count
        At the electrode where the gain is known, else at the ADC (``scale_note`` says which).
    scale_known : {"known", "estimated", "unknown"}
    counter_modulus : int, samples; None
        The sample counter wraps here; None for a sensor that does not number its samples.
    counter_restarts : bool
        Whether a (re)start of the stream sets the sample counter back to 0. If not, a counter that went on
        while the link was down tells exactly how many samples are missing.
    counter_certain : bool
        Whether the counter is a number that the sensor sends. False: it is derived from a habit of the
        firmware, and a loss that it shows is a possible one.
    samples_per_packet : int
        What `Unit.encode` takes at once.
    loss_detection : str
        How loss shows, in a sentence.
    min_mtu : int
        Smallest ATT MTU that carries a whole packet of the unit with most channels.
    """

    rate_hz: float
    rate_tolerance: float = 0.03
    channel_counts: tuple[int, ...]
    bits: int
    rails: tuple[int, int]
    step: int = 1
    dtype: Literal["<i2", "<i4"]
    scale_uv: float
    scale_known: ScaleKnown
    scale_note: str
    counter_modulus: int | None
    counter_restarts: bool = False
    counter_certain: bool = True
    samples_per_packet: int
    loss_detection: str
    min_mtu: int = 23

    @property
    def loss_known(self) -> Literal["exact", "possible"]:
        """Whether a loss is counted by the sensor's own numbers, or only suspected."""
        return "exact" if self.counter_modulus is not None and self.counter_certain else "possible"

    def numbering(self, rate_hz: float | None = None) -> Numbering:
        """How its samples are numbered; ``rate_hz`` where a unit's nominal rate is its own."""
        return Numbering(
            self.rate_hz if rate_hz is None else rate_hz,
            self.counter_modulus,
            restarts=self.counter_restarts,
            certain=self.counter_certain,
            rate_tolerance=self.rate_tolerance,
        )
