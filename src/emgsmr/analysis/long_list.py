"""Lists that grow for hours and are looked at near their end: what is older lies in a file, not in memory.

A session needs all of its strides and seconds once more when it is over, and some of them when a baseline is
marked anew. Until then only the newest are asked for, so a long session needs no more memory than a short
one. What comes back from the file is what went into it, bit for bit.
"""

from __future__ import annotations

import logging
import pickle
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import IO, Generic, TypeVar, overload

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

PAGE = 256
"""Items that go to the file together; the newest of them, up to twice as many, stay in memory."""


class Shelf:
    """A temporary file without a name, in which bytes are laid aside; made when the first come.

    If it cannot be written (the disk is full), they stay in memory, and the session goes on.

    Examples
    --------
    >>> shelf = Shelf()
    >>> shelf.get(shelf.put(b"strides"))
    b'strides'
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0
        self._full = False

    def put(self, data: bytes) -> tuple[int, int] | bytes:
        """Lay bytes aside; gives what `get` needs to find them."""
        if not self._full:
            try:
                return self._write(data)
            except OSError as error:
                self._full = True  # what is in the file already can still be read
                logger.warning("no temporary file can be written (%s): memory is used instead", error)
        return data

    def get(self, place: tuple[int, int] | bytes) -> bytes:
        """The bytes that were laid aside."""
        if isinstance(place, bytes):
            return place
        assert self._file is not None
        begin, size = place
        self._file.seek(begin)
        return self._file.read(size)

    def _write(self, data: bytes) -> tuple[int, int]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="emgsmr-", buffering=0)  # noqa: SIM115 - closed below
            weakref.finalize(self, self._file.close)
        self._file.seek(self._end)
        written = 0
        while written < len(data):
            written += self._file.write(data[written:])
        place = (self._end, len(data))
        self._end += len(data)
        return place


class LongList(Sequence[Item], Generic[Item]):
    """A list to which items are only added; they must not be changed any more.

    Parameters
    ----------
    shelf : Shelf, optional
        Several lists may share one.
    page : int, optional
        Default: `PAGE`.

    Examples
    --------
    >>> numbers = LongList(page=10)
    >>> for number in range(1000):
    ...     numbers.append(number)
    >>> numbers[0], numbers[-1], numbers[500:503], len(numbers), numbers.n_in_memory
    (0, 999, [500, 501, 502], 1000, 20)
    """

    def __init__(self, shelf: Shelf | None = None, *, page: int | None = None) -> None:
        self._shelf = shelf or Shelf()
        self._page = page or PAGE
        self._places: list[tuple[int, int] | bytes] = []  # of whole pages, in their order
        self._newest: list[Item] = []
        self._first: list[Item] = []  # the very first: asked for again and again
        self._open: tuple[int, list[Item]] = (-1, [])  # the page that was read last
        self._stays = False

    def append(self, item: Item) -> None:
        """Add an item."""
        if len(self._newest) >= 2 * self._page and not self._stays:
            page, self._newest = self._newest[: self._page], self._newest[self._page :]
            # only this process reads it: there is nothing to be careful about
            self._places.append(self._shelf.put(pickle.dumps(page, protocol=5)))
            self._first = self._first or page[:1]
        self._newest.append(item)

    def recall(self) -> None:
        """Have all in memory from now on, for who goes through all of it many times."""
        if self._places:
            self._newest = list(self)
            self._places, self._first = [], []
        self._open = (-1, [])
        self._stays = True

    @property
    def n_in_memory(self) -> int:
        """How many items are kept in memory."""
        return len(self._newest)

    def __len__(self) -> int:
        return len(self._places) * self._page + len(self._newest)

    def __iter__(self) -> Iterator[Item]:
        for number in range(len(self._places)):
            yield from self._read(number)
        yield from self._newest

    def __reversed__(self) -> Iterator[Item]:
        yield from reversed(self._newest)
        for number in reversed(range(len(self._places))):
            yield from reversed(self._read(number))

    @overload
    def __getitem__(self, at: int) -> Item: ...

    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...

    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        if isinstance(at, slice):
            return self._part(at)
        place = at + len(self) if at < 0 else at
        aside = len(self._places) * self._page
        if place >= aside:
            return self._newest[place - aside]
        if place < 0:
            raise IndexError(at)
        if place == 0:
            return self._first[0]
        number, place = divmod(place, self._page)
        if self._open[0] != number:
            self._open = (number, self._read(number))
        return self._open[1][place]

    def _part(self, at: slice) -> list[Item]:
        start, stop, step = at.indices(len(self))
        if step != 1:
            return [self[place] for place in range(start, stop, step)]
        first, skipped = [], 0
        aside = len(self._places) * self._page
        if start < min(stop, aside):
            pages = range(start // self._page, -(-min(stop, aside) // self._page))
            skipped = pages.start * self._page
            first = [item for number in pages for item in self._read(number)]
        newest = self._newest[max(start - aside, 0) : max(stop - aside, 0)]
        return first[start - skipped : stop - skipped] + newest if first else newest

    def _read(self, number: int) -> list[Item]:
        page: list[Item] = pickle.loads(self._shelf.get(self._places[number]))
        return page
