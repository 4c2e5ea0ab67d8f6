"""Gaps: where a sensor's sample index jumps, samples are missing. There is no other record of loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples of one sensor that are missing.

    Attributes
    ----------
    sensor : int
    t_start_s, t_end_s : float, s
        On the recording's clock: of the first missing sample, and of the first one after it.
    first_missing : int
        Sample index.
    n_missing : int
    cause : str
        As far as it is known.
    """

    sensor: int
    t_start_s: float
    t_end_s: float
    first_missing: int
    n_missing: int
    cause: str


def find_jumps(
    pieces: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> list[tuple[int, int]]:
    """Where one sensor's samples are missing, as (first missing index, index after the last missing).

    Parameters
    ----------
    pieces : iterable of (first_index, n), two int64 arrays of equal length
        Blocks in order, in pieces of any length.

    Raises
    ------
    ValueError
        Blocks overlap or go back.

    Examples
    --------
    >>> find_jumps([(np.array([0, 10]), np.array([10, 5])), (np.array([20]), np.array([5]))])
    [(15, 20)]
    """
    jumps: list[tuple[int, int]] = []
    end = 0
    for first, n in pieces:
        if not len(first):
            continue
        ends = first + n
        expected = np.concatenate([[end], ends[:-1]])
        if np.any(first < expected) or np.any(n < 0):
            raise ValueError("blocks overlap")
        jumps += [(int(expected[i]), int(first[i])) for i in np.flatnonzero(first > expected)]
        end = int(ends[-1])
    return jumps
