"""Which of the sensors that are connected already a montage means, and what it puts on their channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgsmr.errors import MontageError, SensorNotFoundError
from emgsmr.radio.gather import MissingSensor, missing_sentence
from emgsmr.radio.scan import is_wanted

if TYPE_CHECKING:
    from emgsmr.radio.channel import Channel, Companion
    from emgsmr.radio.gather import Ask
    from emgsmr.recording import Montage, MontageSensor


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

    @property
    def absent(self) -> tuple[str, ...]:
        """What those that are missing are called."""
        return tuple(sensor.wanted.label for sensor in self.missing)

    async def ask_about_missing(self, ask: Ask | None) -> None:
        """Ask whether to go on without required sensors that are missing.

        Raises
        ------
        SensorNotFoundError
            Nobody says so.
        """
        required = [sensor for sensor in self.missing if sensor.wanted.required]
        if required and (ask is None or await ask(required) != "without"):
            raise SensorNotFoundError(missing_sentence(required))

    def apply(self) -> None:
        """Give the sensors their numbers in the recording, and their sites."""
        for number, (channel, wanted) in enumerate(self.channels, start=1):
            channel.sit(number, wanted)
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
    seated = tuple((c, entry) for c in channels if (entry := _wanted(montage, c)) is not None)
    beside = tuple((c, entry) for c in companions if (entry := _wanted(montage, c)) is not None)
    if not seated:
        names = ", ".join(channel.link.label for channel in channels)
        raise SensorNotFoundError(f"the montage names none of the sensors that are connected ({names})")
    for channel, entry in seated:
        _check(channel, entry)
    named = [entry for _, entry in seated] + [entry for _, entry in beside]
    missing = tuple(
        MissingSensor(entry, "not connected")
        for entry in montage.sensors
        if not any(entry is other for other in named)
    )
    kept: list[Channel | Companion] = [*(c for c, _ in seated), *(c for c, _ in beside)]
    everyone: list[Channel | Companion] = [*channels, *companions]
    dropped = tuple(source for source in everyone if source not in kept)
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
            f"{label} sends {there} channels and the montage places channel {highest}: correct the montage, "
            "or connect anew with it"
        )
