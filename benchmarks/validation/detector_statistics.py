"""Proportions and rates with exact intervals, and quartiles, as text and as numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import stats


def share(k: int, n: int) -> tuple[float, float, float]:
    """A proportion and its exact 95 % interval (Clopper and Pearson), in %.

    Examples
    --------
    >>> [round(p, 1) for p in share(10, 10)]
    [100.0, 69.2, 100.0]
    """
    if n == 0:
        return np.nan, 0.0, 100.0
    low = stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return 100.0 * k / n, 100.0 * float(low), 100.0 * float(high)


def rate(k: int, hours: float) -> tuple[float, float, float]:
    """Alarms per hour and the exact 95 % interval (Poisson).

    Examples
    --------
    >>> [round(r, 3) for r in rate(0, 20.0)], [round(r, 2) for r in rate(2, 20.0)]
    ([0.0, 0.0, 0.184], [0.1, 0.01, 0.36])
    """
    low = stats.chi2.ppf(0.025, 2 * k) / 2.0 if k else 0.0
    return k / hours, float(low) / hours, float(stats.chi2.ppf(0.975, 2 * k + 2)) / 2.0 / hours


def share_text(k: int, n: int) -> str:
    at, low, high = share(k, n)
    return f"{at:.0f} ({low:.0f}–{high:.0f})" if n else ""


def middle_text(values: Iterable[float], digits: int = 0) -> str:
    x = np.array([v for v in values if np.isfinite(v)])
    if not len(x):
        return ""
    low, at, high = np.quantile(x, (0.25, 0.5, 0.75))
    return f"{at:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"
