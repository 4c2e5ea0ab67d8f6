"""Law: the delay and the settling that a stage declares are those that are measured."""

from __future__ import annotations

from typing import Any

import numpy as np

FS = 500.0


def test_a_burst_comes_as_late_as_declared(stage: Any) -> None:
    """An 80 Hz tone that swells once a second: where in the second is the output's power?"""
    if stage.delay_s is None:
        return
    t = np.arange(int(8 * FS))[:, np.newaxis] / FS
    swell = 1 + 0.5 * np.cos(2 * np.pi * t * np.ones(2))
    power = np.square(stage.run([(0, 50 * swell * np.sin(2 * np.pi * 80 * t))])[0])[int(4 * FS) :]
    turn = np.sum(power * np.exp(-2j * np.pi * t[int(4 * FS) :]), axis=0)
    np.testing.assert_allclose(-np.angle(turn) / (2 * np.pi), stage.delay_s, atol=2e-4, rtol=0.02)


def test_a_start_is_forgotten_when_it_is_declared_to_be(stage: Any) -> None:
    """Once from the beginning and once from the middle on, on a second of the grid."""
    if stage.settle is None:
        return
    x = np.random.default_rng(3).normal(40, 50, (2000, 1))
    whole, late = stage.run([(0, x)])[0][1000:], stage.run([(1000, x[1000:])])[0]
    left = np.abs(late - whole)[:, 0]
    scale = float(np.sqrt(np.mean(np.square(whole - whole.mean()))))
    assert left[stage.settle :].max() < 0.01 * scale
    assert left[: max(stage.settle // 8, 1)].max() > 0.01 * scale  # there was something to wait for
