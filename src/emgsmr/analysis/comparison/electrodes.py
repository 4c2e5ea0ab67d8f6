"""Whether two looks were taken through the same electrodes, and at rates that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from emgsmr.analysis.comparison.plan import SAME_SESSION_H, ComparisonPlan, Electrodes
from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from emgsmr.recording import Recording, SensorInfo, Wiring

FULL_BAND_HZ = 500.0
"""From this rate on, more than nine tenths of the power of EMG are below half of it (92 % at 500 Hz)."""

REPLACED = "electrodes were placed anew"


class Channel(NamedTuple):
    """Where a site is measured: the sensor, its channel, and its scale."""

    sensor: str
    channel: int
    scale_uv: float
    rate_hz: float


class ElectrodesFound(NamedTuple):
    """Kept or replaced, and how that is known (words)."""

    state: Electrodes
    why: str


def channels(wiring: Wiring) -> dict[str, Channel]:
    """Each placed site's channel. Files have no address, and their names say nothing about sensors."""
    infos: dict[int, SensorInfo] = {info.id: info for info in wiring.sensors}
    return {
        place.site: Channel(
            "a file" if (info := infos[place.sensor]).family == "file" else info.address or info.name,
            place.channel,
            info.scale_uv,
            info.rate_hz,
        )
        for place in wiring.placements
    }


def moved(site: str, before: Wiring, after: Wiring) -> str:
    """Why a site was not measured by the same channel; empty if it was."""
    one, other = channels(before)[site], channels(after)[site]
    if one[:3] == other[:3]:
        return ""
    if one.sensor != other.sensor:
        return f"{site} was measured by another sensor after than before"
    what = "channel" if one.channel != other.channel else "gain"
    return f"{site} was measured with another {what} after than before"


def rates_differ(sites: Iterable[str], before: Wiring, after: Wiring) -> str:
    """Why rates make amplitudes differ, whatever the muscle does; empty if they do not."""
    one, other = channels(before), channels(after)
    for site in sites:
        rates = one[site].rate_hz, other[site].rate_hz
        if abs(rates[0] - rates[1]) > 0.01 * max(rates) and min(rates) < FULL_BAND_HZ:
            return (
                f"{site} was sampled at {rates[0]:g} Hz before and {rates[1]:g} Hz after, and below "
                f"{FULL_BAND_HZ:g} Hz a part of the EMG is missing that depends on the rate"
            )
    return ""


def common_high_hz(before: Wiring, after: Wiring, high_hz: float) -> float:
    """The upper corner that all sensors of both can have: 0.45 of the lowest rate, where rates differ.

    A site in both that was sampled at one rate needs no other corner than before.
    """
    one, other = channels(before), channels(after)
    differing = [
        min(one[site].rate_hz, other[site].rate_hz)
        for site in one.keys() & other.keys()
        if abs(one[site].rate_hz - other[site].rate_hz) > 0.01 * one[site].rate_hz
    ]
    usable = [0.45 * rate for rate in differing if rate >= FULL_BAND_HZ]
    return min([high_hz, *usable])


def electrodes_of(before: Recording, after: Recording, plan: ComparisonPlan) -> ElectrodesFound:
    """Whether the electrodes stayed on, by what was said or else by what the recordings say.

    Raises
    ------
    ArgumentError
        They are of two persons, or the electrodes of one recording are said to be replaced.
    """
    if before.path == after.path:
        if plan.electrodes == "replaced":
            raise ArgumentError(
                "Electrodes cannot have been placed anew within one recording: record before and after in "
                "two."
            )
        return ElectrodesFound("kept", "one recording")
    persons = before.montage.person, after.montage.person
    if None not in persons and persons[0] != persons[1]:
        raise ArgumentError(
            f"The recordings are of two persons ({persons[0]} and {persons[1]}): compare one person's with "
            "each other."
        )
    if plan.electrodes is not None:
        return ElectrodesFound(plan.electrodes, "as told")
    hours = _hours_between(before, after)
    if hours is None:
        return ElectrodesFound("replaced", "when they were recorded is not known")
    if hours > SAME_SESSION_H:
        return ElectrodesFound("replaced", f"recorded {_how_long(hours)} apart")
    one, other = channels(before.wiring), channels(after.wiring)
    if any(one[site][:3] != other[site][:3] for site in one.keys() & other.keys()):
        return ElectrodesFound("replaced", "other sensors or channels on the same muscles")
    return ElectrodesFound("kept", f"the same sensors on the same muscles, {_how_long(hours)} apart")


def _hours_between(before: Recording, after: Recording) -> float | None:
    """From start to start; None for imported files, which say when they were imported."""
    if any(info.family == "file" for recording in (before, after) for info in recording.sensors):
        return None
    try:
        start, later = (
            datetime.fromisoformat(recording.session["started_utc"]) for recording in (before, after)
        )
        return abs((later - start).total_seconds()) / 3600.0
    except (KeyError, TypeError, ValueError):
        return None


def _how_long(hours: float) -> str:
    if hours < 1.5:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
