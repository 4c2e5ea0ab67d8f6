"""Law: what is given is not changed; inputs and states are read-only in every run of a stage."""

from __future__ import annotations

from typing import Any

import numpy as np


def test_inputs_and_states_stay_as_they_are(stage: Any, x: np.ndarray) -> None:
    before = x.copy()
    stage.run([(0, x[:600]), (600, x[600:])])
    np.testing.assert_array_equal(x, before)


def test_outputs_are_no_views_of_the_input(stage: Any, x: np.ndarray) -> None:
    for output in stage.run([(0, x)]):
        assert not np.shares_memory(output, x)
