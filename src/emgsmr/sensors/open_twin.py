"""The sensor's end of a connection of the open profile, for an emulated twin."""

from __future__ import annotations

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.sensors.conversation import Answer, Counts, Notification, Reading
from emgsmr.sensors.open_description import (
    BATTERY,
    CONTROL,
    DATA,
    DESCRIBE,
    DPS_COUNTS,
    G_COUNTS,
    IDENTIFY,
    INDEX_BYTES,
    MODULUS,
    MOTION,
    REPLY,
    START,
    STOP,
    Description,
)

SAMPLES_PER_PACKET = 15  # eight channels fill a notification of 244 bytes


class OpenUnit:
    """The sensor's end of a connection.

    Parameters
    ----------
    description : Description
    """

    def __init__(self, description: Description) -> None:
        self._description = description
        self._index = 0
        self._acceleration = bytes(6)

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey a command, and reply to it on the same characteristic."""
        if uuid.lower() != CONTROL or not data:
            return Answer()
        command = data[0]
        known = DESCRIBE <= command <= IDENTIFY
        reply = bytes((command | REPLY, 0 if known else 1))
        if command == DESCRIBE:
            reply += self._description.pack()
        told = ((CONTROL, reply),)
        if command in (START, STOP):
            return Answer("start" if command == START else "stop", notifications=told)
        return Answer(notifications=told)

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """Samples that follow each other; as many as fit a notification, here 15."""
        counts, signal = np.asarray(counts), self._description.signal
        if counts.shape != (SAMPLES_PER_PACKET, signal.channels):
            raise ArgumentError(
                f"a packet of this twin holds 15 samples of {signal.channels} channels, not {counts.shape}"
            )
        if counts.min() < signal.rails[0] or counts.max() > signal.rails[1]:
            raise ArgumentError(f"this twin sends counts from {signal.rails[0]} to {signal.rails[1]}")
        self._index = (first_index + len(counts)) % MODULUS
        if signal.dtype == "<i2":
            values = counts.astype("<i2").tobytes()
        else:
            wide = np.ascontiguousarray(counts.astype("<i4"))
            values = wide.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        return [(DATA, (first_index % MODULUS).to_bytes(INDEX_BYTES, "little") + values)]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Acceleration and then rotation make one notification; a battery level is one of its own."""
        if reading.quantity == "battery_pct":
            return [(BATTERY, bytes([round(reading.values[0])]))]
        if reading.quantity == "acceleration_g":
            self._acceleration = _int16(reading.values, G_COUNTS)
        if reading.quantity != "rotation_dps":
            return []
        index = self._index.to_bytes(INDEX_BYTES, "little")
        return [(MOTION, index + self._acceleration + _int16(reading.values, DPS_COUNTS))]


def _int16(values: tuple[float, ...], scale: int) -> bytes:
    counts = [max(-32768, min(32767, round(value * scale))) for value in values]
    return np.array(counts, dtype="<i2").tobytes()
