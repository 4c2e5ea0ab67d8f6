"""OpenBCI Ganglion: four channels at 200 Hz, a packet number, two firmwares that pack samples differently.

Firmware 3 sends the upper bits of each sample, firmware 2 the differences between samples. Bytes, commands
and what the counter of the firmware does wrong, with their sources: ``firmware_notes/ganglion.md``.
"""

from __future__ import annotations

import numpy as np

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors.conversation import Answer, Counts, Dialog, Notification, Packet, Reading, Write
from emgsmr.sensors.family import Advertisement, Characteristic, Family
from emgsmr.sensors.ganglion_packets import (
    ADC,
    BYTES,
    CHANNELS,
    PACKETS_PER_CYCLE,
    PADDING,
    SAMPLES_PER_PACKET,
    Absolutes,
    Differences,
    pack,
    sends_differences,
)

SERVICE = "0000fe84-0000-1000-8000-00805f9b34fb"  # of every board with a Simblee radio
RECEIVE = "2d30c082-f39f-4ce6-923f-3484ea480596"
SEND = "2d30c083-f39f-4ce6-923f-3484ea480596"
DISCONNECT = "2d30c084-f39f-4ce6-923f-3484ea480596"
INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
MANUFACTURER = "00002a29-0000-1000-8000-00805f9b34fb"
MODEL = "00002a24-0000-1000-8000-00805f9b34fb"
HARDWARE = "00002a27-0000-1000-8000-00805f9b34fb"
SOFTWARE = "00002a28-0000-1000-8000-00805f9b34fb"

RATE_HZ = 200.0
STEP = 64  # firmware 3 sends the upper 19 bits of 24, and the last of these holds the sign once more
RAILS = (-(2**23), 2**23 - STEP)

_TEXT = range(201, 208)  # impedances (201-205) and answers to commands (206, 207)


class Decoder:
    """The host's end of a connection.

    Parameters
    ----------
    software : str
        The unit's software revision.

    Examples
    --------
    >>> decoder = Decoder("3.0.2")
    >>> payload = bytes.fromhex("6b0003dfff85ffff4000100001ffffc03437f979")
    >>> [packet] = decoder.feed(RECEIVE, payload)
    >>> packet.counter, packet.counts.tolist()
    (14, [[960, -1024, 8388544, -8388608], [0, -64, 53440, -53504]])
    """

    def __init__(self, software: str = "") -> None:
        self._stream: Absolutes | Differences = (
            Differences() if sends_differences(software) else Absolutes(software)
        )

    def start(self) -> Dialog:
        """One letter; nothing answers it."""
        yield Write(SEND, b"b", response=False)

    def feed(self, uuid: str, payload: bytes) -> list[Packet]:
        """The samples of a notification, if it holds any and they can be known."""
        if uuid.lower() != RECEIVE:
            raise PacketError(f"a Ganglion sends no EMG on the characteristic {uuid}")
        if payload and payload[0] in _TEXT:
            return []
        if len(payload) != BYTES:
            raise PacketError(f"a packet of a Ganglion has {BYTES} bytes, not {len(payload)}")
        if payload[0] == 0 and payload.endswith(PADDING) and isinstance(self._stream, Absolutes):
            self._stream = Differences()  # its software revision could not be read
        return self._stream.take(payload)


class Unit:
    """The board's end of a connection.

    Parameters
    ----------
    software : str
        3.0.1 and 3.0.2: numbers the packets of its first cycle one too low, as they do. Empty: does not.
    """

    def __init__(self, software: str = "") -> None:
        self._differences = sends_differences(software)
        self._astray = software in ("3.0.1", "3.0.2")
        self._running = self._accelerometer = False
        self._last: list[int] | None = None

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey the first byte of a write, as the firmware does."""
        command = data[:1] if uuid.lower() == SEND else b""
        if command == b"b" and not self._running:
            self._running = True
            return Answer("start")
        if command == b"s":
            self._running = False
            return Answer("stop", notifications=((RECEIVE, b"\xcfstop running\n"),))
        if command in (b"n", b"N"):
            self._accelerometer = command == b"n"
        return Answer()

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """Two samples; firmware 2 sends packet 0 before the first of a cycle."""
        counts = np.asarray(counts)
        if counts.shape != (SAMPLES_PER_PACKET, CHANNELS):
            raise ArgumentError(f"a Ganglion packet holds 2 samples of 4 channels, not {counts.shape}")
        if counts.min() < ADC[0] or counts.max() > RAILS[1]:
            raise ArgumentError(f"a Ganglion sends counts from {RAILS[0]} to {RAILS[1]}")
        cycle, place = divmod(first_index // SAMPLES_PER_PACKET, PACKETS_PER_CYCLE)
        samples = [[int(value) for value in row] for row in counts]
        payloads = (
            self._differing(place, samples) if self._differences else self._whole(cycle, place, samples)
        )
        return [(RECEIVE, payload) for payload in payloads]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Nothing: it tells of no battery, and its accelerometer stays off."""
        del reading
        return []

    def _whole(self, cycle: int, place: int, samples: list[list[int]]) -> list[bytes]:
        bits = 18 if self._accelerometer else 19
        fields = [value >> 24 - bits & ~1 | (value < 0) for row in samples for value in row]
        number = place + (0 if self._accelerometer else PACKETS_PER_CYCLE)
        if self._astray and cycle == 0:
            number = (number - 1) % 256
        return [pack(number, fields, bits)]

    def _differing(self, place: int, samples: list[list[int]]) -> list[bytes]:
        payloads = []
        last = samples[0] if self._last is None else self._last
        if place == 0:
            # of the sample between two cycles nothing is known here but what was before it
            packed = b"".join(value.to_bytes(3, "big", signed=True) for value in last)
            payloads.append(b"\0" + packed + PADDING)
        bits = 18 if self._accelerometer else 19
        fields = []
        for sample in samples:
            steps = [before - now for before, now in zip(last, sample, strict=True)]
            fields += [step & ~1 | (step < 0) for step in steps]
            last = sample
        self._last = last
        number = place + 1 + (0 if self._accelerometer else PACKETS_PER_CYCLE)
        return [*payloads, pack(number, fields, bits)]


def matches(advertisement: Advertisement) -> bool:
    """Recognize by name; some hosts show that of its radio module, which other boards have too."""
    name = advertisement.name or ""
    return name.startswith("Ganglion") or (
        name.startswith("Simblee") and SERVICE in advertisement.service_uuids
    )


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise a name and nothing else."""
    del channels, battery_pct
    return Advertisement(name or "Ganglion 1.3 (1a2b)")


FAMILY = Family(
    key="ganglion",
    name="Ganglion",
    maker="OpenBCI",
    rate_hz=RATE_HZ,
    rate_tolerance=0.01,
    channel_counts=(CHANNELS,),
    bits=24,
    rails=RAILS,
    step=STEP,
    dtype="<i4",
    scale_uv=1.2e6 / (8388607 * 1.5 * 51),  # 1.2 V reference, gain 1 of the ADC behind 1.5 × 51
    scale_known="known",
    scale_note=(
        "0.00187 µV per count at the electrode, by the reference and the gain that the maker publishes; "
        "firmware 3 sends every 64th count (0.12 µV)."
    ),
    counter_modulus=SAMPLES_PER_PACKET * PACKETS_PER_CYCLE,
    counter_restarts=True,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Packets are numbered within a second, so lost samples are counted exactly: by the number alone in "
        "short gaps, with the host's clock in longer ones. One sample in 201 is never delivered, with any "
        "radio, and is not counted as lost. With firmware 2 a lost packet takes the rest of its second "
        "with it: samples come as differences, and those after a gap cannot be known."
    ),
    can=(
        "raw EMG of four muscles with one box and leads",
        "activation in µV, and the ratio of two muscles",
        "bursts and their timing within the stride, to about 5 ms",
    ),
    cannot=(
        "spectral fatigue: 200 Hz keeps the EMG spectrum up to 100 Hz only, its indices are not trustworthy",
        "an even grid of samples: one in 201 is missing, so times are right to half a sample (2.5 ms)",
        "motion: the accelerometer stays off, since its axes and its scale are not certain",
        "its battery: it does not tell",
    ),
    services={
        SERVICE: (
            Characteristic(RECEIVE, ("read", "notify")),
            Characteristic(SEND, ("write", "write-without-response")),
            Characteristic(DISCONNECT, ("write", "write-without-response")),
        ),
        INFORMATION: (
            Characteristic(MANUFACTURER, ("read",), b"openbci.com"),
            Characteristic(MODEL, ("read",), b"Ganglion"),
            Characteristic(HARDWARE, ("read",), b"1.0.1"),
            Characteristic(SOFTWARE, ("read",), b"3.0.2"),
        ),
    },
    notify_uuids=(RECEIVE,),
    required_uuids=(RECEIVE, SEND),
    matches=matches,
    advertise=advertise,
    decoder=lambda facts: Decoder(facts.software),
    unit=lambda facts: Unit(facts.software),
    stop=(Write(SEND, b"s", response=False),),
    notes=(
        "Update it to firmware 3: with firmware 2 every lost packet costs up to a second. It sends 100 small "
        "packets a second: keep the receiver close. The first second after a start may be discarded."
    ),
)
