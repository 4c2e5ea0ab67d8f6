"""The byte stream of a Shimmer: replies and data packets without any frame, found again when bytes are lost.

Nothing marks where a packet begins. What tells is its layout (from the reply to an inquiry), the zero byte in
front, and the time stamp, which grows by the same number of ticks from packet to packet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

TICKS_HZ = 32768
WRAP = 2**24  # of the time stamp

DATA, INQUIRY_REPLY, EXG_REPLY, NACK, ACK = 0x00, 0x02, 0x62, 0xFE, 0xFF
STOP, START, INQUIRY, SET_RATE, SET_SENSORS, SET_EXG, GET_EXG = 0x20, 0x07, 0x01, 0x05, 0x08, 0x61, 0x63
CONFIG_BYTES, CONFIG_BYTES_3R = 4, 7  # in the reply to an inquiry
_HEAD_BYTES = 4  # zero byte, time stamp
_IN_STREAM, _STATUS, _BATTERY = 0x8A, 0x71, 0x94  # unasked, between packets
_STATUS_HEAD = bytes((_IN_STREAM, _STATUS))
# 0x00-0x19 are 16-bit channels of the ADCs and motion sensors
_CHANNEL_BYTES = {**dict.fromkeys(range(0x1A), 2), 0x1D: 1, 0x1E: 3, 0x1F: 3, 0x20: 1, 0x21: 3, 0x22: 3}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a unit says its data packets hold: ticks from sample to sample, and channels in their order.

    Examples
    --------
    >>> Layout(64, (0x12,)).size
    6
    """

    ticks: int
    channels: tuple[int, ...]
    size: int = field(init=False, repr=False, compare=False)
    """Bytes of a data packet."""

    def __post_init__(self) -> None:
        size = _HEAD_BYTES + sum(_CHANNEL_BYTES[channel] for channel in self.channels)
        object.__setattr__(self, "size", size)


LAYOUT = Layout(32, (0x1D, 0x1E, 0x1F))
"""What emgsmr asks for: 1024 Hz, chip 1's status and its two channels of 24 bits."""
CHANNELS, LOW, HIGH = 2, -(2**23), 2**23 - 1


@dataclass(frozen=True, slots=True)
class Run:
    """Data packets that follow each other without a gap: time stamp of the first, bytes of all."""

    ticks: int
    data: bytes


def inquiry(reply: bytes, config_bytes: int) -> tuple[Layout | None, int]:
    """Read a reply to an inquiry, and how long it is.

    Parameters
    ----------
    reply : bytes
        From its first byte (0x02) on; more may follow.
    config_bytes : int
        4 for a Shimmer3, 7 for a Shimmer3R.

    Returns
    -------
    layout : Layout or None
        None if the reply is not whole yet, or has a channel that is not known here.
    length : int
        0 if it is not whole yet.

    Examples
    --------
    >>> inquiry(bytes.fromhex("024000 01ff0109 01 01 12"), 4)
    (Layout(ticks=64, channels=(18,)), 10)
    """
    head = 5 + config_bytes
    if len(reply) < head or len(reply) < head + reply[head - 2]:
        return None, 0
    channels = tuple(reply[head : head + reply[head - 2]])
    ticks = int.from_bytes(reply[1:3], "little")
    if not ticks or not channels or any(channel not in _CHANNEL_BYTES for channel in channels):
        return None, head + len(channels)
    return Layout(ticks, channels), head + len(channels)


def _ticks(stream: bytes, at: int) -> int:
    return stream[at + 1] | stream[at + 2] << 8 | stream[at + 3] << 16


def _is_step(ticks: int, step: int) -> bool:
    """Whether it is the next sample: the clock may be read a little late."""
    return abs(ticks % WRAP - step) <= max(1, step // 4)


class Frames:
    """Finds the data packets in what a Shimmer sends.

    Parameters
    ----------
    config_bytes : int
        In the reply to an inquiry: 4 for a Shimmer3, 7 for a Shimmer3R.
    wanted : callable
        Whether packets of a layout are to be read; until such an inquiry reply came, all is skipped.

    Attributes
    ----------
    layout : Layout or None
        Of the packets now.
    skipped : int, bytes
        Since the last packet, with a layout known.

    Examples
    --------
    >>> frames = Frames(4, lambda layout: True)
    >>> frames.feed(bytes.fromhex("ff 02400001ff0109010112 ff 00ded0b226")), frames.layout.size
    ([], 6)
    >>> [(run.ticks, run.data.hex()) for run in frames.feed(bytes.fromhex("07 001ed1b2fc06"))]
    [(11718878, '00ded0b22607001ed1b2fc06')]
    """

    def __init__(self, config_bytes: int, wanted: Callable[[Layout], bool]) -> None:
        self.layout: Layout | None = None
        self.skipped = 0
        self._config_bytes = config_bytes
        self._in_stream_bytes = {_STATUS: 4 if config_bytes == CONFIG_BYTES_3R else 3, _BATTERY: 5}
        self._wanted = wanted
        self._rest = b""
        self._aligned = False
        self._last: int | None = None  # time stamp of the last packet

    def feed(self, payload: bytes) -> list[Run]:
        """Packets that are whole now; what is left over waits for more."""
        stream = self._rest + payload
        at, end, runs = 0, len(stream), list[Run]()
        while at < end:
            if not self._aligned:
                at = self._search(stream, at)
                if not self._aligned:
                    break
            layout = self.layout
            if stream[at] == DATA and layout is not None:
                stop, ticks = self._packets(stream, at, layout)
                if stop > at:
                    runs.append(Run(ticks, stream[at:stop]))
                    self.skipped = 0
                    at = stop
                    continue
                if end - at < layout.size:
                    break
            length = self._reply_length(stream, at)
            if length < 0:
                self._aligned = False
            elif length == 0 or at + length > end:
                break
            else:
                at += length
        self._rest = stream[at:]
        return runs

    def _packets(self, stream: bytes, at: int, layout: Layout) -> tuple[int, int]:
        """Where the packets that follow each other end, and the time stamp of the first.

        What stands behind a packet must look right, too: the next sample, or two that follow each other after
        a gap. Behind a packet that lost bytes cut off it does not.
        """
        size, last, end = layout.size, self._last, len(stream)
        if at + size > end:
            return at, 0
        ticks = first = _ticks(stream, at)
        while True:
            if last is not None and not _is_step(ticks - last, layout.ticks):
                break
            behind = at + size
            follows = _ticks(stream, behind) if behind + _HEAD_BYTES <= end else None
            if behind < end and stream[behind] != DATA:
                if stream[behind : behind + 2] != _STATUS_HEAD:
                    break
            elif (
                follows is not None
                and not _is_step(follows - ticks, layout.ticks)
                and not self._is_pair(stream, behind, layout)
            ):
                break
            last, at = ticks, behind
            if follows is None or at + size > end or stream[at] != DATA:
                break
            ticks = follows
        self._last = last
        return at, first

    @staticmethod
    def _is_pair(stream: bytes, at: int, layout: Layout) -> bool:
        """Whether two packets that follow each other begin here."""
        second = at + layout.size
        if second + _HEAD_BYTES > len(stream) or stream[second] != DATA:
            return False
        return _is_step(_ticks(stream, second) - _ticks(stream, at), layout.ticks)

    def _reply_length(self, stream: bytes, at: int) -> int:
        """Bytes of the reply that begins here: 0 if that cannot be said yet, -1 if it is none."""
        kind = stream[at]
        if kind in (ACK, NACK):
            return 1
        if kind == _IN_STREAM and at + 1 < len(stream):
            return self._in_stream_bytes.get(stream[at + 1], -1)
        if self._last is not None and kind != _IN_STREAM:
            return -1  # nothing else comes between packets: this is the middle of one
        if kind == INQUIRY_REPLY:
            layout, length = inquiry(stream[at:], self._config_bytes)
            if length:
                self._last = None
                self.layout = layout if layout is not None and self._wanted(layout) else None
            return length
        if kind not in (EXG_REPLY, _IN_STREAM):
            return -1
        return stream[at + 1] + 2 if at + 1 < len(stream) else 0

    def _search(self, stream: bytes, at: int) -> int:
        """Where it can be read from again; if nowhere, where what may still become readable begins."""
        begin, layout = at, self.layout
        if layout is None:
            while (at := stream.find(bytes((ACK, INQUIRY_REPLY)), at)) >= 0:
                found, length = inquiry(stream[at + 1 :], self._config_bytes)
                self._aligned = found is not None and self._wanted(found)
                if self._aligned:
                    return at
                if not length:
                    return at if len(stream) - at <= 64 else len(stream)
                at += 1
            return len(stream) - 1 if stream.endswith(bytes((ACK,))) else len(stream)
        checkable = len(stream) - layout.size - _HEAD_BYTES
        while (at := stream.find(DATA, at)) >= 0 and at <= checkable:
            if self._is_pair(stream, at, layout):
                self._aligned, self._last = True, None
                return at
            at += 1
        kept = max(begin, checkable + 1)
        self.skipped += kept - begin
        return kept
