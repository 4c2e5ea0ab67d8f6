"""Law: after a gap comes what comes after a fresh start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize(("stop", "again"), [(430, 431), (500, 520), (733, 1400)])
def test_after_a_gap_it_is_as_if_it_had_just_begun(stage: Any, x: np.ndarray, stop: int, again: int) -> None:
    with_gap = stage.run([(0, x[:stop]), (again, x[stop:])])
    before = stage.run([(0, x[:stop])])
    fresh = stage.run([(again, x[stop:])])
    for whole, first, then in zip(with_gap, before, fresh, strict=True):
        np.testing.assert_array_equal(whole, np.concatenate([first, then]))
