"""The open profile's names and numbers, and how a sensor of it describes itself.

Specification: ``firmware_notes/open_profile.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

from emgsmr.errors import PacketError
from emgsmr.sensors.conversation import ScaleKnown, Signal

_UUID = "825d000{}-cde1-4833-a3da-68ae310575fb".format
SERVICE, DESCRIPTION, DATA, CONTROL, MOTION = (_UUID(i) for i in range(1, 6))
BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
NAME_PREFIX = "OpenEMG-"

DESCRIBE, START, STOP, IDENTIFY = 1, 2, 3, 4
REPLY = 0x80  # added to the command in its reply; then a status, 0 for done
VERSION = 1
MODULUS = 2**32
CHANNEL_COUNTS = tuple(range(1, 9))
HAS_MOTION, HAS_BATTERY, UNSIGNED, CALIBRATED = 1, 2, 4, 8
G_COUNTS, DPS_COUNTS = 2048, 16  # per g, per °/s
INDEX_BYTES = 4
_HEADER_BYTES = 14


@dataclass(frozen=True, slots=True)
class Description:
    """What a unit says of itself.

    Attributes
    ----------
    channels, bits : int
    value_bytes : int
        2 or 3, of one value.
    flags : int
        1 motion sensor, 2 battery level, 4 counts begin at 0, 8 the scale was measured.
    rate_mhz : int, mHz
    scale_pv : int, pV per count
        At the electrode; 0 = not known.
    label : str
    """

    channels: int
    rate_mhz: int = 1_000_000
    bits: int = 16
    value_bytes: int = 2
    flags: int = 0
    scale_pv: int = 0
    label: str = ""

    def pack(self) -> bytes:
        """The bytes of the description characteristic."""
        head = bytes((VERSION, _HEADER_BYTES, self.channels, self.bits, self.value_bytes, self.flags))
        numbers = self.rate_mhz.to_bytes(4, "little") + self.scale_pv.to_bytes(4, "little")
        return head + numbers + self.label.encode()

    @property
    def signal(self) -> Signal:
        """The same as every sensor's declaration has it."""
        n, unsigned = 2 ** (self.bits - 1), bool(self.flags & UNSIGNED)
        known: ScaleKnown = "known" if self.flags & CALIBRATED else "estimated"
        return Signal(
            rate_hz=self.rate_mhz / 1000,
            channels=self.channels,
            bits=self.bits,
            rails=(0, 2 * n - 1) if unsigned else (-n, n - 1),
            dtype="<i2" if self.value_bytes == 2 else "<i4",
            scale_uv=self.scale_pv * 1e-6 if self.scale_pv else 1.0,
            scale_known=known if self.scale_pv else "unknown",
        )


def parse(description: bytes) -> Description:
    """Read a description.

    Raises
    ------
    PacketError
        It breaks a rule of the specification; the message says which.

    Examples
    --------
    >>> text = parse(bytes.fromhex("01 0e 02 0c 02 04 20a10700 40420f00") + b"calf")
    >>> text.channels, text.rate_mhz, text.label
    (2, 500000, 'calf')
    >>> text.signal.rails, text.signal.scale_uv, text.signal.scale_known
    ((0, 4095), 1.0, 'estimated')
    """
    if len(description) < _HEADER_BYTES:
        raise PacketError(f"a description has at least {_HEADER_BYTES} bytes, not {len(description)}")
    version, header, channels, bits, value_bytes, flags = description[:6]
    rate_mhz = int.from_bytes(description[6:10], "little")
    unsigned = bool(flags & UNSIGNED)
    rules = (
        (version == VERSION, f"its version is {version}, and emgsmr knows version {VERSION}"),
        (_HEADER_BYTES <= header <= len(description), f"its header length {header} is not that of its bytes"),
        (channels in CHANNEL_COUNTS, f"it has {channels} channels, and 1 to 8 are possible"),
        (value_bytes in (2, 3), f"a value has {value_bytes} bytes, and 2 or 3 are possible"),
        (
            8 <= bits <= 8 * value_bytes - unsigned,
            f"{bits} bits do not fit its values of {value_bytes} bytes",
        ),
        (10**5 <= rate_mhz <= 10**7, f"its rate is {rate_mhz / 1000} Hz, and 100 to 10000 are possible"),
    )
    for holds, broken in rules:
        if not holds:
            raise PacketError(f"the sensor's description cannot be used: {broken}")
    scale_pv = int.from_bytes(description[10:14], "little")
    label = description[header:].decode("utf-8", errors="replace")
    return Description(channels, rate_mhz, bits, value_bytes, flags, scale_pv, label)
