"""The sensor's end of a Shimmer's connection, for an emulated twin."""

from __future__ import annotations

from typing import Literal

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.sensors.conversation import Answer, Counts, Notification, Reading
from emgsmr.sensors.shimmer_stream import (
    ACK,
    CHANNELS,
    EXG_REPLY,
    GET_EXG,
    HIGH,
    INQUIRY,
    INQUIRY_REPLY,
    LAYOUT,
    LOW,
    SET_EXG,
    SET_RATE,
    SET_SENSORS,
    START,
    STOP,
    WRAP,
)

SAMPLES_PER_PACKET = 32
CHUNK_BYTES = 200  # in a notification: packets straddle them, as they do on air
SENSORS = bytes.fromhex("100000")  # chip 1, 24 bits
_ACTIONS: dict[int, Literal["start", "stop"]] = {START: "start", STOP: "stop"}


class ShimmerUnit:
    """The sensor's end of a connection.

    Parameters
    ----------
    write_uuid, notify_uuid : str
    config_bytes : int
    """

    def __init__(self, write_uuid: str, notify_uuid: str, config_bytes: int) -> None:
        self._write_uuid = write_uuid
        self._notify_uuid = notify_uuid
        self._config_bytes = config_bytes
        self._ticks = 640
        self._sensors = bytes(3)
        self._registers = [bytes.fromhex("00800000000000000201")] * 2  # something else than EMG

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Acknowledge and obey, as the firmware does; unknown commands pass without a word."""
        if uuid.lower() != self._write_uuid or not data:
            return Answer()
        command, argument = data[0], data[1:]
        more = b""
        if command == INQUIRY:
            channels = bytes(LAYOUT.channels) if self._sensors == SENSORS else bytes((0x12,))
            config = bytes.fromhex("01ff0109000000")[: self._config_bytes]
            more = bytes((INQUIRY_REPLY,)) + self._ticks.to_bytes(2, "little") + config
            more += bytes((len(channels), 1)) + channels
        elif command == SET_RATE and len(argument) == 2:
            self._ticks = int.from_bytes(argument, "little")
        elif command == SET_SENSORS and len(argument) == 3:
            self._sensors = argument
        elif command == SET_EXG and len(argument) == 13 and argument[0] < 2:
            self._registers[argument[0]] = argument[3:]
        elif command == GET_EXG and len(argument) == 3 and argument[0] < 2:
            more = bytes((EXG_REPLY, 10)) + self._registers[argument[0]]
        elif command not in (START, STOP):
            return Answer()
        reply = (self._notify_uuid, bytes((ACK,)) + more)
        return Answer(_ACTIONS.get(command, ""), notifications=(reply,))

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """32 samples, as two pieces of the stream."""
        counts = np.asarray(counts)
        if counts.shape != (SAMPLES_PER_PACKET, CHANNELS):
            raise ArgumentError(f"a Shimmer's twin holds 32 samples of 2 channels, not {counts.shape}")
        if counts.min() < LOW or counts.max() > HIGH:
            raise ArgumentError(f"a Shimmer sends counts from {LOW} to {HIGH}")
        packets = np.zeros((len(counts), LAYOUT.size), dtype=np.uint8)
        ticks = (first_index + np.arange(len(counts))) * LAYOUT.ticks % WRAP
        packets[:, 1:4] = ticks.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3]
        packets[:, 4] = 0x80  # status: a new sample, no electrode off
        big = np.ascontiguousarray(counts.astype(">i4")).view(np.uint8).reshape(-1, CHANNELS, 4)
        packets[:, 5:] = big[:, :, 1:].reshape(-1, 3 * CHANNELS)
        stream = packets.tobytes()
        return [(self._notify_uuid, stream[i : i + CHUNK_BYTES]) for i in range(0, len(stream), CHUNK_BYTES)]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Nothing: its motion sensors stay off."""
        del reading
        return []
