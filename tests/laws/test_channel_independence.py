"""Law: a channel's output is the same with and without the others."""

from __future__ import annotations

from typing import Any

import numpy as np


def test_joint_is_the_same_as_one_by_one(stage: Any, x: np.ndarray) -> None:
    joint = stage.run([(0, x)])
    for channel in range(3):
        alone = stage.run([(0, x[:, [channel]])])
        for together, single in zip(joint, alone, strict=True):
            np.testing.assert_allclose(single[:, 0], together[:, channel], rtol=1e-12)


def test_channels_differ(stage: Any, x: np.ndarray) -> None:
    """Else the law above says nothing."""
    first = stage.run([(0, x)])[0]
    assert not np.allclose(first[:, 0], first[:, 1])
    assert not np.allclose(first[:, 1], first[:, 2])


def test_the_stream_has_something_to_find(stage: Any, x: np.ndarray) -> None:
    """Hum in the second channel and in no other."""
    if stage.name == "remove_mains":
        _, freq_hz, removed_db = stage.run([(0, x)])
        np.testing.assert_allclose(freq_hz[:2, 1], 50.1, atol=0.1)
        assert np.isfinite(removed_db).tolist() == [[False, True, False]] * 3
