"""Rows of a broken SQLite file, found by looking at each page: no tree, header or index is needed.

https://www.sqlite.org/fileformat2.html, sections 1.6 (pages), 2.1 (records) and 4.2 (the write-ahead log).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emgsmr.recording import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_LEAF = 0x0D
_INT_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_WAL_HEADER = 32
_FRAME_HEADER = 24
_WAL_MAGICS = (0x377F0682, 0x377F0683)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as found: its number and values, whatever table it is of."""

    rowid: int
    values: tuple[Any, ...]


class Pages:
    """All pages of a file and of the write-ahead log beside it, by their place; later versions come later."""

    def __init__(self, file: BinaryIO, log: BinaryIO | None) -> None:
        self._file, self._log = file, log
        self.size = _page_size(file)
        self._in_file = _length(file) // self.size
        self._frames = _frames(log, self.size) if log else []
        self._newest = {number: place for place, number in enumerate(self._frames, start=self._in_file)}

    def __len__(self) -> int:
        return self._in_file + len(self._frames)

    def read(self, place: int) -> bytes:
        """One page."""
        if place < self._in_file:
            self._file.seek(place * self.size)
            return self._file.read(self.size)
        assert self._log is not None
        frame = place - self._in_file
        self._log.seek(_WAL_HEADER + frame * (_FRAME_HEADER + self.size) + _FRAME_HEADER)
        return self._log.read(self.size)

    def rows(self, place: int) -> Iterator[Row]:
        """What can be read of the rows on a page (none, if it holds something else)."""
        page = self.read(place)
        start = 100 if page.startswith(schema.MAGIC) else 0
        if len(page) < self.size or page[start] != _LEAF:
            return
        count = int.from_bytes(page[start + 3 : start + 5], "big")
        for pointer in range(start + 8, min(start + 8 + 2 * count, self.size - 1), 2):
            try:
                row = self._cell(page, int.from_bytes(page[pointer : pointer + 2], "big"))
            except (IndexError, ValueError, struct.error):  # this cell is broken; the next may not be
                continue
            if row is not None:
                yield row

    def _cell(self, page: bytes, offset: int) -> Row | None:
        length, offset = _varint(page, offset)
        rowid, offset = _varint(page, offset)
        if length > schema.MAX_ROW_BYTES:
            return None
        local = length
        if length > self.size - 35:
            least = (self.size - 12) * 32 // 255 - 23
            local = least + (length - least) % (self.size - 4)
            local = local if local <= self.size - 35 else least
        payload = page[offset : offset + local]
        if length > local:
            payload += self._overflow(
                int.from_bytes(page[offset + local : offset + local + 4], "big"), length - local
            )
        if len(payload) != length:
            return None
        return Row(rowid - (1 << 64) if rowid >= 1 << 63 else rowid, _record(payload))

    def _overflow(self, number: int, length: int) -> bytes:
        parts: list[bytes] = []
        while length > 0:  # ends: every step takes from length
            place = self._newest.get(number, number - 1)
            if not 0 <= place < len(self):
                break
            page = self.read(place)
            parts.append(page[4 : 4 + min(length, self.size - 4)])
            length -= self.size - 4
            number = int.from_bytes(page[:4], "big")
        return b"".join(parts)


def log_path(path: Path) -> Path:
    """The write-ahead log that belongs to a file."""
    return path.with_name(path.name + "-wal")


def _record(payload: bytes) -> tuple[Any, ...]:
    """Values of a record; raises ValueError or IndexError for what is none."""
    header, offset = _varint(payload, 0)
    kinds = []
    while offset < header:
        kind, offset = _varint(payload, offset)
        kinds.append(kind)
        if len(kinds) > 16:
            raise ValueError("no table of a recording has so many columns")
    values: list[Any] = []
    offset = header
    for kind in kinds:
        if kind in _INT_BYTES:
            size = _INT_BYTES[kind]
            values.append(int.from_bytes(payload[offset : offset + size], "big", signed=True))
        elif kind == 7:
            size = 8
            values.append(struct.unpack_from(">d", payload, offset)[0])
        elif kind >= 12:
            size = (kind - 12) // 2
            raw = payload[offset : offset + size]
            if len(raw) != size:
                raise ValueError("a value ends early")
            values.append(raw.decode() if kind % 2 else raw)
        elif kind in (0, 8, 9):
            size = 0
            values.append({0: None, 8: 0, 9: 1}[kind])
        else:
            raise ValueError("no such type")
        offset += size
    if offset != len(payload):
        raise ValueError("a record has the wrong length")
    return tuple(values)


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for k in range(9):
        byte = data[offset + k]
        if k == 8:
            return value << 8 | byte, offset + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + k + 1
    raise AssertionError


def _page_size(file: BinaryIO) -> int:
    file.seek(0)
    head = file.read(18)
    size = int.from_bytes(head[16:18], "big") if head.startswith(schema.MAGIC) else 0
    return size if size in (512, 1024, 2048, 4096, 8192, 16384, 32768) else schema.PAGE_BYTES


def _length(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _frames(log: BinaryIO, page_size: int) -> list[int]:
    """Page numbers of the log's frames, as far as they belong to its last run."""
    log.seek(0)
    head = log.read(_WAL_HEADER)
    if len(head) < _WAL_HEADER or int.from_bytes(head[:4], "big") not in _WAL_MAGICS:
        return []
    frames = []
    for place in range((_length(log) - _WAL_HEADER) // (_FRAME_HEADER + page_size)):
        log.seek(_WAL_HEADER + place * (_FRAME_HEADER + page_size))
        frame = log.read(_FRAME_HEADER)
        if frame[8:16] != head[16:24]:  # left over from an earlier run
            break
        frames.append(int.from_bytes(frame[:4], "big"))
    return frames
