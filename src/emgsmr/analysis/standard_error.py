"""Standard errors on the log scale, how they add up, and how far they reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats


def log_sd(cv: float) -> float:
    """Standard deviation on the log scale of a coefficient of variation.

    Examples
    --------
    >>> round(float(np.exp(1.96 * 2 * log_sd(0.41))), 1)  # ratios of two days: four muscles' errors
    4.7
    """
    return float(np.sqrt(np.log1p(cv**2)))


class Error(NamedTuple):
    """Standard deviation (log scale), and the degrees of freedom it is known with."""

    sd: float
    df: float

    def times(self, alpha: float) -> float:
        """Half width of the interval that misses with probability ``alpha``."""
        return float(stats.t.ppf(1.0 - alpha / 2.0, max(self.df, 1.0))) * self.sd


def combined(*errors: Error) -> Error:
    """Independent errors together, with the degrees of freedom of Welch and Satterthwaite.

    Examples
    --------
    >>> combined(Error(3.0, 4.0), Error(4.0, float("inf")))
    Error(sd=5.0, df=30.864...)
    """
    power = [error.sd**2 for error in errors]
    spread = sum(p**2 / error.df for p, error in zip(power, errors, strict=True))
    return Error(float(np.sqrt(sum(power))), sum(power) ** 2 / spread if spread > 0 else float("inf"))


def pooled(errors: Sequence[Error]) -> Error:
    """Independent errors whose size was estimated together."""
    return Error(float(np.sqrt(sum(error.sd**2 for error in errors))), min(error.df for error in errors))
