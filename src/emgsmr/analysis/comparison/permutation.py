"""Permutation of bouts: how often chance alone would put the bouts so far apart."""

from __future__ import annotations

import itertools
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

MAX_SPLITS = 20_000
"""With more ways to divide the bouts than this, so many of them are drawn."""


class Permutation(NamedTuple):
    """Two-sided ``p``, the ``smallest`` that so many bouts allow, and whether every division was tried."""

    p: float
    smallest: float
    exact: bool


def permute_bouts(before: ArrayLike, after: ArrayLike, *, seed: int = 0) -> Permutation:
    """Permutation test of the difference of two means.

    Parameters
    ----------
    before, after : array_like, shape (n_bouts,)
        Bouts, never strides: neighboring strides are alike and cannot be exchanged.
    seed : int
        Of the divisions that are drawn, where there are too many to try all.

    Examples
    --------
    >>> permute_bouts([0.0, 0.1, 0.2], [1.0, 1.1, 1.2])
    Permutation(p=0.1, smallest=0.1, exact=True)
    """
    x, y = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    values = np.concatenate([x, y])
    n, n_after = len(values), len(y)
    total = comb(n, n_after)
    # with as many before as after, exchanging them gives the same distance
    smallest = (2.0 if len(x) == n_after else 1.0) / total
    exact = total <= MAX_SPLITS
    if exact:
        chosen = np.array(list(itertools.combinations(range(n), n_after)))
    else:
        rng = np.random.default_rng(seed)
        chosen = np.argsort(rng.random((MAX_SPLITS, n)), axis=1)[:, :n_after]
    means = values[chosen].mean(axis=1)
    rest = (values.sum() - n_after * means) / len(x)
    seen = abs(y.mean() - x.mean())
    as_far = int(np.count_nonzero(np.abs(means - rest) >= seen - 1e-12 * max(1.0, seen)))
    if exact:
        return Permutation(as_far / total, smallest, exact)
    return Permutation((as_far + 1) / (MAX_SPLITS + 1), max(smallest, 1.0 / (MAX_SPLITS + 1)), exact)
