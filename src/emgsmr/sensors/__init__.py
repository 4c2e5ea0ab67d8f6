"""Kinds of sensors: bytes in, counts out, and back. What a kind declares is `Family`; no I/O here."""

from __future__ import annotations

from emgsmr.sensors import (
    bitalino,
    counter,
    foot_pod,
    ganglion,
    gforce,
    heart_rate,
    myo,
    npg_lite,
    open_profile,
    shimmer,
    umyo,
)
from emgsmr.sensors.conversation import (
    Answer,
    Counts,
    Decoder,
    Dialog,
    Facts,
    Notification,
    Packet,
    Reading,
    ScaleKnown,
    Signal,
    Unit,
    Write,
    signal_of,
)
from emgsmr.sensors.family import Advertisement, Characteristic, Device, Family

__all__ = [
    "COMPANIONS",
    "DEVICES",
    "FAMILIES",
    "Advertisement",
    "Answer",
    "Characteristic",
    "Counts",
    "Decoder",
    "Device",
    "Dialog",
    "Facts",
    "Family",
    "Notification",
    "Packet",
    "Reading",
    "ScaleKnown",
    "Signal",
    "Unit",
    "Write",
    "counter",
    "find",
    "is_kind",
    "signal_of",
]

FAMILIES: dict[str, Family] = {
    family.key: family
    for family in (
        npg_lite.FAMILY,
        umyo.FAMILY,
        ganglion.FAMILY,
        myo.FAMILY,
        gforce.FAMILY,
        gforce.FAMILY_8BIT,
        gforce.FAMILY_IDS,
        bitalino.FAMILY,
        shimmer.SHIMMER3R,
        shimmer.SHIMMER3,
        open_profile.FAMILY,
    )
}
"""The EMG sensors that emgsmr can stream from, by key."""

COMPANIONS: dict[str, Device] = {device.key: device for device in (heart_rate.DEVICE, foot_pod.DEVICE)}
"""Devices without EMG that are recorded beside them, by key."""

DEVICES: dict[str, Device] = {**FAMILIES, **COMPANIONS}
"""All of them."""


def find(advertisement: Advertisement) -> Device | None:
    """Find the kind of device that an advertisement is (probably) of, None if of none.

    Examples
    --------
    >>> find(Advertisement("NPG-Lite-3CH:1A:2B")).key
    'npg_lite'
    >>> find(Advertisement("Kitchen scale")) is None
    True
    """
    for device in DEVICES.values():
        if not device.variant_of and device.matches(advertisement):
            return device
    return None


def is_kind(key: str, device: Device) -> bool:
    """Whether a device that was found may be what a montage calls ``key``.

    Examples
    --------
    >>> is_kind("umyo", FAMILIES["umyo"]), is_kind("npg_lite", FAMILIES["umyo"])
    (True, False)
    """
    return device.key in (key, DEVICES[key].variant_of if key in DEVICES else key)
