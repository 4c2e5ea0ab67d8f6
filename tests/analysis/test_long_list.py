"""Lists whose older items lie in a file: to whoever reads them they are lists."""

from __future__ import annotations

import gc
import tempfile
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis import long_list
from emgsmr.analysis.long_list import LongList, Shelf

PLACES = st.one_of(st.none(), st.integers(-70, 70))


def filled(n: int, **options) -> LongList:
    numbers = LongList(page=7, **options)
    for number in range(n):
        numbers.append(number)
    return numbers


@given(st.integers(0, 60), PLACES, PLACES, st.sampled_from([None, 1, 2, -1, -3]))
def test_it_is_read_like_a_list(n: int, start: int | None, stop: int | None, step: int | None) -> None:
    numbers, wanted = filled(n), list(range(n))
    assert list(numbers) == wanted
    assert list(reversed(numbers)) == wanted[::-1]
    assert len(numbers) == n
    assert bool(numbers) == bool(n)
    assert [numbers[at] for at in range(-n, n)] == wanted + wanted
    assert numbers[start:stop:step] == wanted[start:stop:step]
    for at in (n, -n - 1):
        with pytest.raises(IndexError):
            numbers[at]


def test_only_the_newest_are_in_memory_until_all_are_recalled() -> None:
    numbers = filled(1000)
    assert numbers.n_in_memory <= 14
    numbers.recall()
    assert numbers.n_in_memory == 1000
    for number in range(1000, 1100):
        numbers.append(number)
    assert numbers.n_in_memory == 1100
    assert list(numbers) == list(range(1100))


def test_not_a_bit_changes(make: SimpleNamespace) -> None:
    """NaN with its sign and payload, zeros with their sign, columns of other arrays."""
    strange = np.array([0x7FF8000000000123, 0xFFF8000000000000, 0x8000000000000000, 1], dtype=np.uint64)
    table = np.column_stack([strange.view(np.float64), np.arange(4.0)])
    items = LongList(page=1)
    for _ in range(4):
        items.append((table[:, 0], *table[:, 0].tolist(), make.facts(3.0)))
    assert items.n_in_memory == 2
    array, *floats, facts = items[1]
    assert array.tobytes() == strange.tobytes()
    assert np.array(floats).tobytes() == strange.tobytes()
    assert facts.power == make.facts(3.0).power
    assert facts.bins.tobytes() == make.facts(3.0).bins.tobytes()


def test_several_lists_share_a_file() -> None:
    shelf = Shelf()
    lists = [LongList(shelf, page=3) for _ in range(3)]
    for number in range(50):
        for k, numbers in enumerate(lists):
            numbers.append((k, number))
    for k, numbers in enumerate(lists):
        assert list(numbers) == [(k, number) for number in range(50)]


class Full:
    """A file on a disk that is full after so many writes."""

    def __init__(self, writes: int) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._left = writes
        self.seek, self.read, self.close = self._file.seek, self._file.read, self._file.close

    def write(self, data: bytes) -> int:
        if not self._left:
            raise OSError(28, "No space left on device")
        self._left -= 1
        return self._file.write(data)


@pytest.mark.parametrize("writes", [0, 3])
def test_where_nothing_can_be_written_memory_is_used(writes, caplog) -> None:
    numbers = LongList(page=7)
    numbers._shelf._file = disk = Full(writes)
    for number in range(200):
        numbers.append(number)
    assert list(numbers) == list(range(200))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "memory is used instead" in caplog.text
    disk.close()


def test_where_no_file_can_be_made_memory_is_used(monkeypatch, caplog) -> None:
    def refuse(**_):
        raise PermissionError("no")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert list(filled(100)) == list(range(100))
    assert "no temporary file can be written" in caplog.text


def test_a_short_list_makes_no_file_and_a_long_one_closes_its_own() -> None:
    assert filled(14)._shelf._file is None
    numbers = filled(15)
    file = numbers._shelf._file
    assert not file.closed
    del numbers
    gc.collect()
    assert file.closed


def test_the_size_of_a_page_is_looked_up_when_a_list_is_made(monkeypatch) -> None:
    monkeypatch.setattr(long_list, "PAGE", 2)
    numbers = LongList()
    for number in range(9):
        numbers.append(number)
    assert numbers.n_in_memory <= 4
    assert list(islice(numbers, 3)) == [0, 1, 2]
