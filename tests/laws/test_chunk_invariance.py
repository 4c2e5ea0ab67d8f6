"""Law: however a stream is cut, with empty and one-sample pieces, not a bit of the output changes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, 1150), max_size=9), first=st.sampled_from([0, 1, 499, 731]))
def test_no_cut_changes_a_bit(stage: Any, x: np.ndarray, cuts: list[int], first: int) -> None:
    # a cut drawn twice gives an empty piece, each one more a piece of one sample
    edges = sorted([0, 1150, *cuts, *cuts[:2], *(min(c + 1, 1150) for c in cuts)])
    pieces = [(first + a, x[a:b]) for a, b in pairwise(edges)]
    for got, whole in zip(stage.run(pieces), stage.run([(first, x)]), strict=True):
        np.testing.assert_array_equal(got, whole)


def test_sample_by_sample(stage: Any, x: np.ndarray) -> None:
    pieces = [(0, x[:0]), *((k, x[k : k + 1]) for k in range(700))]
    for got, whole in zip(stage.run(pieces), stage.run([(0, x[:700])]), strict=True):
        np.testing.assert_array_equal(got, whole)
