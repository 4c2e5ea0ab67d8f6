"""The frames of a BITalino, and how they are found again in a stream of bytes from which pieces are missing.

A frame is one sample: from its last byte backward a number of 4 bits, a checksum of 4 bits, four digital
lines, and 10 bits for each channel. Nothing marks where a frame begins, and the radio cuts the stream into
chunks wherever it likes. A lost chunk leaves the head of one frame joined to the tail of another; the
checksum alone would take one in 16 of those for a frame.
"""

from __future__ import annotations

from emgsmr.errors import PacketError

LENGTHS = {1: 3, 2: 4, 3: 6, 4: 7}
"""Bytes of a frame by number of channels."""

_FOUND = 4  # frames in a row that make a new beginning: 28 bits that have to be right by chance
_CONTINUED = 3  # frames in a row that show that no chunk was lost before them: 24 bits
_STRANGE = 64  # bytes without a frame that are worth an error
_POLYNOMIAL = 0x13  # x^4 + x + 1


def _table() -> tuple[bytes, ...]:
    """The remainder after a byte, for each remainder before it."""

    def after(remainder: int, byte: int) -> int:
        value = remainder << 8 | byte
        for bit in range(11, 3, -1):
            if value >> bit & 1:
                value ^= _POLYNOMIAL << (bit - 4)
        return value

    return tuple(bytes(after(remainder, byte) for byte in range(256)) for remainder in range(16))


_REMAINDERS = _table()


def pack(number: int, values: list[int], digital: int = 0) -> bytes:
    """Make a frame.

    Examples
    --------
    >>> pack(0, [512]).hex(), pack(5, [600], digital=0b1100).hex(), pack(15, [512, 300]).hex()
    ('00080e', '60c95b', '2c0108f6')
    """
    length = LENGTHS[len(values)]
    whole = number % 16 << 8 * length - 4 | digital << 8 * length - 12
    for place, value in enumerate(values, start=1):
        whole |= value << 8 * length - 12 - 10 * place
    remainder = 0
    for byte in whole.to_bytes(length, "little"):
        remainder = _REMAINDERS[remainder][byte]
    return (whole | remainder << 8 * length - 8).to_bytes(length, "little")


class FrameStream:
    """Takes chunks, gives frames.

    Parameters
    ----------
    channels : int
        1 to 4.

    Notes
    -----
    What was received so far is divided by *marks*, the beginnings of chunks: only there can something be
    missing. Frames are given away as soon as three in a row, beginning with the one that the chunk cut or
    begins with, fit to each other and to what came before. Where one does not fit, those from the last mark
    on were made of two halves, or by chance; the search begins there. A run begins with four frames that fit,
    the first of them within one chunk or behind another one that fits.

    What is accepted by chance: at each place of a stream of random bytes, a run with the probability 2^-28;
    behind a lost chunk, the two halves of a frame and what follows with 2^-24 (2^-16 if the next chunk ends
    before the third frame). If a multiple of 16 frames is missing, the numbers fit: then the two halves of a
    frame pass with 2^-4, and only the clock can tell.
    """

    def __init__(self, channels: int) -> None:
        self._length = LENGTHS[channels]
        self._shifts = tuple(8 * self._length - 12 - 10 * place for place in range(1, channels + 1))
        self._top = 8 * self._length - 4
        self._data = bytearray()
        self._chunk = 0  # where the newest chunk begins
        self._marks: list[int] = []
        self._number: int | None = None  # of the frame that the data begin with; None = not known
        self._strange = 0

    def feed(self, chunk: bytes) -> list[tuple[int, list[list[int]]]]:
        """Runs of frames: the number of the first one, and the values of all.

        Raises
        ------
        PacketError
            64 bytes or more hold no frames.

        Examples
        --------
        >>> stream = FrameStream(1)
        >>> frames = [pack(n, [500 + n]) for n in range(8)]
        >>> stream.feed(b"".join(frames[:5]) + frames[5][:2])
        [(0, [[500], [501], [502], [503], [504]])]
        >>> stream.feed(frames[5][2:] + frames[6] + frames[7])
        [(5, [[505], [506], [507]])]
        """
        if not chunk:
            return []
        self._chunk = len(self._data)
        self._marks.append(self._chunk)
        self._data += chunk
        runs: list[tuple[int, list[list[int]]]] = []
        while self._number is not None or self._find():
            fitting, broken = self._fitting()
            settled, resume = self._settled(len(fitting), broken=broken)
            held = min(settled, max(0, self._chunk) // self._length)
            for part in (fitting[:held], fitting[held:settled]):  # what lies between them may be missing
                if part:
                    runs.append((part[0] >> self._top, [self._values(frame) for frame in part]))
            self._number = None if broken else (self._number or 0) + settled & 15
            self._drop(resume)
            if not broken:
                break
        if runs:
            self._strange = 0
        elif self._strange >= _STRANGE:
            self._strange = 0
            raise PacketError(f"a BITalino sends frames of {self._length} bytes: this stream holds none")
        return runs

    def _find(self) -> bool:
        """Look for a run, and drop what is before it; False if there is none yet."""
        start, length = 0, self._length
        while start + length <= len(self._data):
            first = self._frame(start)
            if first is not None:
                number = first >> self._top
                frames, broken = self._fitting(start, number)
                cut = any(start < mark < start + length for mark in self._marks)
                if len(frames) >= _FOUND + cut:
                    start += length * cut
                    self._number = number + cut & 15
                    break
                if not broken:
                    break  # it may become one
            start += 1
        self._strange += start
        self._drop(start)
        return self._number is not None

    def _fitting(self, start: int = 0, number: int | None = None) -> tuple[list[int], bool]:
        """Frames from a place on that fit to each other, and whether another one follows that does not."""
        frames: list[int] = []
        number = self._number if number is None else number
        assert number is not None
        while start + self._length <= len(self._data):
            frame = self._frame(start)
            if frame is None or frame >> self._top != number:
                return frames, True
            frames.append(frame)
            number = number + 1 & 15
            start += self._length
        return frames, False

    def _settled(self, fitting: int, *, broken: bool) -> tuple[int, int]:
        """How many of the first frames that fit are true, and where to go on."""
        marks, length = self._marks, self._length
        while marks and fitting - marks[0] // length >= _CONTINUED:
            marks.pop(0)
        if not broken:
            settled = min(fitting, marks[0] // length) if marks else fitting
            return settled, settled * length
        end = (fitting + 1) * length  # of the frame that does not fit
        marks = [mark for mark in marks if mark < end]
        if not marks:
            return fitting, fitting * length
        last = marks[-1]
        for mark in reversed(marks):
            if mark % length and last // length - mark // length < _CONTINUED - 1:
                last = mark  # too few fit behind a frame that is cut: it may be made of two
        return min(fitting, last // length), last

    def _frame(self, start: int) -> int | None:
        """The frame at a place as a number, None if its checksum is wrong."""
        piece = self._data[start : start + self._length]
        remainder = 0
        for byte in piece:
            remainder = _REMAINDERS[remainder][byte]
        return None if remainder else int.from_bytes(piece, "little")

    def _values(self, frame: int) -> list[int]:
        return [frame >> shift & 1023 for shift in self._shifts]

    def _drop(self, n_bytes: int) -> None:
        if n_bytes:
            del self._data[:n_bytes]
            self._chunk -= n_bytes
            self._marks = [mark - n_bytes for mark in self._marks if mark >= n_bytes]
