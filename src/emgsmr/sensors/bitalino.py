"""BITalino (r)evolution with Bluetooth LE (PLUX): one to four channels at 1000 Hz, a stream of tiny frames.

How far a loss is known: each sample has a number of 4 bits, so up to 15 lost samples in a row are counted by
the number alone; a longer gap is known up to a multiple of 16, and which one it is only the arrival time can
say (`emgsmr.radio` does that). Frames that a lost chunk cut in two are lost with it.

Bytes, commands and quirks with their sources: ``firmware_notes/bitalino.md``.
"""

from __future__ import annotations

import numpy as np

from emgsmr.errors import ArgumentError, PacketError, SensorError
from emgsmr.sensors.bitalino_frames import LENGTHS, FrameStream, pack
from emgsmr.sensors.conversation import (
    Answer,
    Counts,
    Dialog,
    Facts,
    Notification,
    Packet,
    Reading,
    Write,
)
from emgsmr.sensors.family import Advertisement, Characteristic, Family

SERVICE = "c566488a-0882-4e1b-a6d0-0b717e652234"
COMMANDS = "4051eb11-bf0a-4c74-8730-a48f4193fcea"
FRAMES = "40fdba6b-672e-47c4-808a-e529adff3633"
_BASE = "-0000-1000-8000-00805f9b34fb"

RATE_HZ = 1000.0
FULL_SCALE = 1023  # 10 bit
SAMPLES_PER_PACKET = 20  # of a twin: with 1 to 4 channels these fill 3, 4, 6 and 7 chunks to the last byte
CHANNEL_COUNTS = tuple(LENGTHS)
_USUAL_CHANNELS = 2  # if the montage places none
_MODULUS = 16
_CHUNK_BYTES = 20
_STOP, _RATE_1000, _FORCE_IDLE = 0x00, 0xC3, 0xFF
_LIVE = 1
_VERSION = b"BITalino_v5.2\n"


class Decoder:
    """The host's end of a connection."""

    def __init__(self, facts: Facts) -> None:
        self._channels = facts.channels or _USUAL_CHANNELS
        self._stream = FrameStream(min(self._channels, max(LENGTHS)))

    def start(self) -> Dialog:
        """Set the rate and start; the first command stops a stream that nobody stopped."""
        if self._channels not in LENGTHS:
            raise SensorError(
                f"channel {self._channels} of a BITalino has only 6 bits: put the electrodes on A1 to A4"
            )
        mask = (1 << self._channels) - 1
        for command in (_STOP, _RATE_1000, _LIVE | mask << 2):
            yield Write(COMMANDS, bytes([command]))

    def feed(self, uuid: str, payload: bytes) -> list[Packet | Reading]:
        """Read what a chunk completes; a new packet begins where samples are missing, or may be."""
        uuid = uuid.lower()
        if uuid == COMMANDS:
            return []
        if uuid != FRAMES:
            raise PacketError(f"a BITalino sends no EMG on the characteristic {uuid}")
        packets: list[Packet | Reading] = []
        for number, values in self._stream.feed(payload):
            counts = np.array(values, dtype="<i2")
            counts.flags.writeable = False
            packets.append(Packet(number, counts))
        return packets


class Unit:
    """The board's end of a connection; an input that was switched on without anything in it rests at 512."""

    def __init__(self, facts: Facts) -> None:
        self._inputs = tuple(range(facts.channels or _USUAL_CHANNELS))
        self._running = False

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey the bytes of a command one by one, as they come out of the bridge's serial port."""
        action: Answer = Answer()
        if uuid.lower() == COMMANDS:
            for command in data:
                action = self._obey(command)
        return action

    def _obey(self, command: int) -> Answer:
        if self._running:
            if command not in (_STOP, _FORCE_IDLE):
                return Answer()
            self._running = False
            return Answer("stop")
        if command & 3 in (1, 2):
            self._inputs = tuple(place for place in range(6) if command >> 2 + place & 1)
            self._running = 1 <= len(self._inputs) <= max(LENGTHS)
            return Answer("start" if self._running else "")
        if command in (0x07, 0x0F):
            return Answer(notifications=((FRAMES, _VERSION),))
        return Answer()

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """Twenty frames in chunks of 20 bytes."""
        counts = np.asarray(counts)
        if counts.ndim != 2 or len(counts) != SAMPLES_PER_PACKET or counts.shape[1] not in LENGTHS:
            raise ArgumentError(
                f"a BITalino twin's packet holds 20 samples of 1 to 4 channels, not {counts.shape}"
            )
        if counts.min() < 0 or counts.max() > FULL_SCALE:
            raise ArgumentError(f"a BITalino sends counts from 0 to {FULL_SCALE}")
        rest = (FULL_SCALE + 1) // 2
        stream = b"".join(
            pack(
                (first_index + i) % _MODULUS,
                [row[place] if place < len(row) else rest for place in self._inputs],
            )
            for i, row in enumerate(counts.tolist())
        )
        return [(FRAMES, stream[i : i + _CHUNK_BYTES]) for i in range(0, len(stream), _CHUNK_BYTES)]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Nothing: its frames hold no motion, and its battery is a lamp on the board."""
        del reading
        return []


def matches(advertisement: Advertisement) -> bool:
    """Recognize by service, or by name: the bridge calls itself "BiTalino BLE"."""
    name = (advertisement.name or "").lower()
    return SERVICE in advertisement.service_uuids or name.startswith("bitalino")


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise name and service; the battery is not in it."""
    del channels, battery_pct
    return Advertisement(name or "BiTalino BLE", (SERVICE,))


FAMILY = Family(
    key="bitalino",
    name="BITalino (r)evolution BLE",
    maker="PLUX",
    rate_hz=RATE_HZ,
    rate_tolerance=5e-4,  # a 12 MHz crystal: the counter is too short for more
    channel_counts=CHANNEL_COUNTS,
    bits=10,
    rails=(0, FULL_SCALE),
    dtype="<i2",
    scale_uv=3.3e6 / (FULL_SCALE + 1) / 1009,
    scale_known="known",
    scale_note="3.19 µV per count at the electrode, by the data sheet of its EMG sensor (3.3 V, gain 1009).",
    counter_modulus=_MODULUS,
    counter_restarts=True,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Every sample is numbered 0-15 and has a checksum: up to 15 lost samples in a row (15 ms) are "
        "counted exactly by the number alone. A longer gap is known up to a multiple of 16 ms; how many of "
        "them the host's clock says, which can be wrong by one."
    ),
    can=(
        "raw EMG of one to four muscles with one box and leads, in µV",
        "activation, ratios, bursts and their timing within the stride",
        "spectral fatigue indices: 1000 Hz hold the whole band of its EMG sensor (25-480 Hz)",
    ),
    cannot=(
        "EMG on the inputs A5 and A6: they have 6 bits only (51 µV per count), and are left switched off",
        "very weak contractions: one count is 3 µV",
        "motion of the limb: its frames hold no motion sensor",
        "three or four channels over a weak link: they need 300 to 350 notifications a second",
    ),
    services={
        SERVICE: (
            Characteristic(COMMANDS, ("read", "write", "indicate")),
            Characteristic(FRAMES, ("read", "notify")),
        ),
        f"0000180a{_BASE}": (
            Characteristic(f"00002a29{_BASE}", ("read",), b"Plux"),
            Characteristic(f"00002a26{_BASE}", ("read",), b"Firmware v1.0"),
            Characteristic(f"00002a27{_BASE}", ("read",), b"PCB v1.0"),
        ),
    },
    notify_uuids=(FRAMES,),
    required_uuids=(COMMANDS, FRAMES),
    stop=(Write(COMMANDS, bytes([_STOP])),),
    matches=matches,
    advertise=advertise,
    decoder=Decoder,
    unit=Unit,
    notes=(
        "It has to be the model with Bluetooth LE (emgsmr cannot use the one with Bluetooth Classic). "
        "Put the EMG sensors on A1 to A4, from A1 on; two are a safe number."
    ),
)
