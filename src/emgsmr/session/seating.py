"""Which of the sensors that are connected already a montage means, and what it puts on their channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from emgsmr.errors import MontageError, SensorNotFoundError
from emgsmr.radio.channel import Channel, Companion
from emgsmr.radio.gather import MissingSensor
from emgsmr.radio.scan import is_wanted

if TYPE_CHECKING:
    from emgsmr.recording import Montage, MontageSensor

Source = TypeVar("Source", Channel, Companion)


@dataclass(frozen=True, slots=True)
class Seating:
    """A montage's sensors among those that are connected.

    Attributes
    ----------
    channels : tuple of (Channel, MontageSensor)
        EMG sensors in the order in which they were connected, so that numbers change as little as possible.
    companions : tuple of (Companion, MontageSensor)
    missing : tuple of MissingSensor
        That the montage names and nobody has connected.
    dropped : tuple of Channel and Companion
        That the montage does not name.
    """

    channels: tuple[tuple[Channel, MontageSensor], ...]
    companions: tuple[tuple[Companion, MontageSensor], ...]
    missing: tuple[MissingSensor, ...]
    dropped: tuple[Channel | Companion, ...]

    def apply(self) -> None:
        """Give the sensors their numbers in the recording, and their sites."""
        for number, (channel, wanted) in enumerate(self.channels, start=1):
            channel.sit(number, wanted)
            channel.count_anew()
        for companion, wanted in self.companions:
            companion.wanted = wanted


def seat(montage: Montage, channels: Sequence[Channel], companions: Sequence[Companion]) -> Seating:
    """Find a montage's sensors among those that are connected.

    Raises
    ------
    MontageError
        It wants a channel that a sensor does not have, or a sensor to be another variant than it was
        connected as.
    SensorNotFoundError
        It names none of the EMG sensors.
    """
    seats = [(source, _wanted(montage, source)) for source in channels]
    aside = [(source, _wanted(montage, source)) for source in companions]
    seated = tuple((source, entry) for source, entry in seats if entry is not None)
    beside = tuple((source, entry) for source, entry in aside if entry is not None)
    if not seated:
        names = ", ".join(channel.link.label for channel in channels)
        raise SensorNotFoundError(f"the montage names none of the sensors that are connected ({names})")
    for channel, entry in seated:
        _check(channel, entry)
    named = [entry for _, entry in (*seated, *beside)]
    missing = tuple(
        MissingSensor(entry, "not connected")
        for entry in montage.sensors
        if not any(entry is other for other in named)
    )
    dropped = tuple(source for source, entry in (*seats, *aside) if entry is None)
    return Seating(seated, beside, missing, dropped)


def _wanted(montage: Montage, source: Channel | Companion) -> MontageSensor | None:
    """What a montage says of a sensor; an address counts more than a name."""
    found = [entry for entry in montage.sensors if is_wanted(entry, source.link.found)]
    found += [entry for entry in montage.sensors if entry.address is None and entry.name == source.link.label]
    return next(iter(sorted(found, key=lambda entry: entry.address is None)), None)


def _check(channel: Channel, entry: MontageSensor) -> None:
    label = channel.link.label
    if entry.family is not None and entry.family != channel.family.key:
        raise MontageError(
            f"{label} is connected as {channel.family.key} and the montage wants {entry.family}: connect anew"
        )
    there, highest = channel.info().channels, max(entry.channels, default=0)
    if highest > there:
        raise MontageError(
            f"{label} sends {there} channels and the montage places channel {highest}: correct the montage, or "
            "connect anew with it"
        )
