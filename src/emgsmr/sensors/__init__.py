"""Sensor families: bytes in, counts out, and back. What a family declares is `Family`; no I/O here."""

from __future__ import annotations

from emgsmr.sensors import counter, npg_lite, umyo
from emgsmr.sensors.family import (
    Advertisement,
    Answer,
    Characteristic,
    Counts,
    Family,
    Packet,
    ScaleKnown,
    Write,
)

__all__ = [
    "FAMILIES",
    "Advertisement",
    "Answer",
    "Characteristic",
    "Counts",
    "Family",
    "Packet",
    "ScaleKnown",
    "Write",
    "counter",
    "find",
]

FAMILIES: dict[str, Family] = {family.key: family for family in (npg_lite.FAMILY, umyo.FAMILY)}
"""The families that emgsmr can stream from, by key."""


def find(advertisement: Advertisement) -> Family | None:
    """Find the family that an advertisement is (probably) of, None if of none.

    Examples
    --------
    >>> find(Advertisement("NPG-Lite-3CH:1A:2B")).key
    'npg_lite'
    >>> find(Advertisement("Kitchen scale")) is None
    True
    """
    for family in FAMILIES.values():
        if family.matches(advertisement):
            return family
    return None
