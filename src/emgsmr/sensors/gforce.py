"""gForcePro, gForcePro+ and gForceOct (OYMotion): eight channels, three ways to send them.

Which one is a matter of configuration and firmware, and cannot be seen before connecting: the montage's
``family`` says it. 12 bit at 500 Hz and 8 bit at 1000 Hz are not numbered, so that losses can only be
suspected; newer firmware can number its packets. Sources and vectors: ``firmware_notes/gforce.md``.
"""

from __future__ import annotations

import struct

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.sensors.conversation import Answer, Counts, Notification, Reading, Write
from emgsmr.sensors.family import Advertisement, Characteristic, Family
from emgsmr.sensors.gforce_protocol import (
    ACCELERATION,
    BAD_PARAMETER,
    BITS_8,
    BITS_12,
    CHANNELS,
    COMMAND,
    DATA,
    DATA_SWITCH,
    EMG,
    GET_CONFIG,
    MOTION_SCALE,
    NO_DATA,
    NUMBERED,
    OK,
    ORIENTATION,
    PACKAGE_IDS,
    ROTATION,
    SERVICE,
    SET_CONFIG,
    TYPE_ACCELERATION,
    TYPE_EMG,
    TYPE_ORIENTATION,
    TYPE_ROTATION,
    UNSUPPORTED,
    Decoder,
    Mode,
    to_train_data,
)


class Unit:
    """The armband's end of a connection: it takes the one configuration that its mode is."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._flags = NO_DATA

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey a command and notify what came of it."""
        if uuid.lower() != COMMAND or not data:
            return Answer()
        command, body = data[0], data[1:]
        code, told = OK, b""
        if command == DATA_SWITCH and len(body) == 4:
            self._flags = int.from_bytes(body, "little")
        elif command == SET_CONFIG:
            code = OK if body == self._mode.config else BAD_PARAMETER
        elif command == GET_CONFIG:
            told = self._mode.config
        elif command != PACKAGE_IDS or not self._mode.numbered:
            code = UNSUPPORTED
        reply = ((COMMAND, bytes([code, command]) + told),)
        if command != DATA_SWITCH:
            return Answer(notifications=reply)
        return Answer("start" if self._flags & EMG else "stop", notifications=reply)

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """One packet."""
        mode, counts = self._mode, np.asarray(counts)
        if counts.shape != (mode.samples, CHANNELS):
            raise ArgumentError(
                f"a gForce packet holds {mode.samples} samples of 8 channels, not {counts.shape}"
            )
        if counts.min() < mode.rails[0] or counts.max() > mode.rails[1]:
            raise ArgumentError(f"a gForce sends counts from {mode.rails[0]} to {mode.rails[1]}")
        if mode.numbered:
            number = (first_index // mode.samples % 65536).to_bytes(2, "little")
            return [(DATA, bytes([TYPE_EMG]) + number + to_train_data(counts).tobytes())]
        return [(DATA, bytes([TYPE_EMG]) + counts.astype("<i2" if mode.bits > 8 else np.uint8).tobytes())]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """A motion, if it was switched on."""
        if reading.quantity == "orientation" and self._flags & ORIENTATION:
            return [(DATA, struct.pack("<B4f", TYPE_ORIENTATION, *reading.values))]
        for quantity, flag, kind in (
            ("acceleration_g", ACCELERATION, TYPE_ACCELERATION),
            ("rotation_dps", ROTATION, TYPE_ROTATION),
        ):
            if reading.quantity == quantity and self._flags & flag:
                values = (max(-(2**31), min(2**31 - 1, round(v * MOTION_SCALE))) for v in reading.values)
                return [(DATA, struct.pack("<B3i", kind, *values))]
        return []


def matches(advertisement: Advertisement) -> bool:
    """Recognize by name, or by service if it has none."""
    if advertisement.name:
        return advertisement.name.startswith("gForce")
    return SERVICE in advertisement.service_uuids


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise name and service; the battery is not in it."""
    del channels, battery_pct
    return Advertisement(name or "gForcePro+(0000)", (SERVICE,))


_CAN = (
    "raw EMG of eight neighboring places around a limb with one band",
    "activation relative to the own baseline, and the ratio of two muscles, within a session",
    "bursts and their timing within the stride",
)
_CANNOT = (
    "muscles far apart: the eight electrodes sit on one band, made for the forearm (the calf may do); only "
    "the gForceOct has leads",
    "motion of the limb while EMG streams: only raw EMG is switched on",
)
_UNNUMBERED = (
    "Packets carry neither number nor time: a loss shows only as a pause, is counted with the host's clock, "
    "and is reported as possible."
)
_GAIN = (
    "computed from the maker's figures: gain 1200, and the converter's span of 2.5 V, which is stated for "
    "the model before; another program takes twice the value"
)


def _family(
    mode: Mode,
    *,
    key: str,
    name: str,
    bits: int,
    scale_uv: float,
    scale_note: str,
    loss_detection: str,
    cannot: tuple[str, ...],
    notes: str,
) -> Family:
    return Family(
        key=key,
        name=name,
        maker="OYMotion",
        variant_of="" if mode is BITS_12 else "gforce",
        rate_hz=float(mode.rate_hz),
        rate_tolerance=0.01,
        channel_counts=(CHANNELS,),
        bits=bits,
        rails=mode.rails,
        dtype="<i4" if mode.numbered else "<i2",
        scale_uv=scale_uv,
        scale_known="estimated",
        scale_note=scale_note,
        counter_modulus=65536 * mode.samples if mode.numbered else None,
        samples_per_packet=mode.samples,
        loss_detection=loss_detection,
        can=_CAN,
        cannot=(*cannot, *_CANNOT),
        services={
            SERVICE: (
                Characteristic(COMMAND, ("write", "notify")),
                Characteristic(DATA, ("notify",)),
            )
        },
        notify_uuids=(COMMAND, DATA),
        required_uuids=(COMMAND, DATA),
        stop=(Write(COMMAND, bytes([DATA_SWITCH, 0, 0, 0, 0])),),
        min_mtu=mode.packet_bytes + 3,
        matches=matches,
        advertise=advertise,
        decoder=lambda facts: Decoder(mode),  # noqa: ARG005
        unit=lambda facts: Unit(mode),  # noqa: ARG005
        notes=notes,
    )


FAMILY = _family(
    BITS_12,
    key="gforce",
    name="gForcePro+ (12 bit, 500 Hz)",
    bits=12,
    scale_uv=2.5e6 / 1200 / 2**12,
    scale_note=f"0.51 µV per count, {_GAIN}.",
    loss_detection=_UNNUMBERED,
    cannot=(
        "the upper half of the EMG spectrum: its filter passes 20-500 Hz, but at 500 Hz all above 250 Hz "
        "folds back, and spectral indices are marked degraded",
        "an exact count of lost samples",
    ),
    notes=(
        "This is how a gForce is taken if the montage says nothing else; gforce_8bit (1000 Hz, coarse) and "
        "gforce_ids (numbered packets, newer firmware) are the same armband asked for something else."
    ),
)
FAMILY_8BIT = _family(
    BITS_8,
    key="gforce_8bit",
    name="gForcePro+ (8 bit, 1000 Hz)",
    bits=8,
    scale_uv=2.5e6 / 1200 / 2**8,
    scale_note=f"8.1 µV per count, {_GAIN}.",
    loss_detection=_UNNUMBERED,
    cannot=(
        "weak contractions: a step of 8 µV is more than the EMG of many of them",
        "an exact count of lost samples",
    ),
    notes='Write family = "gforce_8bit" in the montage: the whole EMG spectrum, in coarse steps.',
)
FAMILY_IDS = _family(
    NUMBERED,
    key="gforce_ids",
    name="gForce with numbered packets (500 Hz)",
    bits=24,
    scale_uv=4e6 / 8388607,
    scale_note=(
        "0.48 µV per count, as the maker's own program has it; of the 24 bits, the 12 highest that are not "
        "empty are sent."
    ),
    loss_detection=(
        "Every packet of eight samples is numbered (16 bit, wraps after 17 minutes): lost samples are "
        "counted exactly."
    ),
    cannot=(
        "the upper half of the EMG spectrum: at 500 Hz all above 250 Hz folds back, and spectral indices are "
        "marked degraded",
        "anything with older firmware, which refuses to number its packets",
    ),
    notes=(
        'Write family = "gforce_ids" in the montage. Known from the maker\'s program only, never seen: if '
        'the armband refuses, write "gforce".'
    ),
)
