"""The smallest change that the bouts of a session could have told from error.

A bout's log-ratio scatters with an SD of ``s``. Two single bouts of an unchanged person differ by less than
``1.96 * sqrt(2) * s`` in 95 % of cases; means of several bouts by less in proportion to
``sqrt(1 / n_before + 1 / n_after)``. The change that counts is that of the means compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from emgsmr.analysis.shares import WITHIN_SESSION_CV
from emgsmr.analysis.standard_error import Error, log_sd

FloatArray = NDArray[np.float64]

MIN_OWN_BOUTS = 2
"""Bouts in each of two untreated sets, from which the own error is known."""

OWN = "the own bouts {} and {}"
PUBLISHED = (
    f"the within-session CV of {100 * WITHIN_SESSION_CV:.0f} % of one muscle, Colyer and McGuigan 2018"
)


class Detectable(NamedTuple):
    """The smallest detectable change (log scale), the SD of a bout behind it, and where that comes from.

    ``drift``: how far the untreated sets lie apart (log scale); NaN where there is only one.
    """

    y: float
    error: Error
    source: str
    drift: float = float("nan")

    @property
    def single_bouts(self) -> float:
        """The same for one bout before and one after."""
        return self.error.times(0.05) * float(np.sqrt(2.0))


def published_error() -> Error:
    """SD between bouts of a two-muscle log-ratio with independent errors, from other people.

    Examples
    --------
    >>> round(float(np.exp(published_error().times(0.05) * 2**0.5)), 2)  # one bout before, one after
    1.73
    """
    return Error(float(np.sqrt(2.0)) * log_sd(WITHIN_SESSION_CV), float("inf"))


def own_sdc(
    sets: Sequence[ArrayLike], *, n_before: int, n_after: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The smallest detectable change by a person's own untreated sets.

    Parameters
    ----------
    sets : sequence of array_like, shape (..., n_bouts)
    n_before, n_after : int

    Returns
    -------
    y, sd, drift : ndarray, shape (...)
        The change (log scale); the SD between bouts about their common mean, so what drifted from set to set
        counts; and how far the sets lie apart, which is the least that ``y`` can be.
    """
    arrays = [np.asarray(bouts, dtype=np.float64) for bouts in sets]
    values = np.concatenate(arrays, axis=-1)
    sd = values.std(axis=-1, ddof=1)
    means = np.stack([bouts.mean(axis=-1) for bouts in arrays])
    drift = means.max(axis=0) - means.min(axis=0)
    reach = detectable(Error(1.0, float(values.shape[-1] - 1)), n_before, n_after) * sd
    return np.maximum(reach, drift), sd, drift


def detectable(error: Error, n_before: int, n_after: int) -> float:
    """What the difference of two means must exceed, on the log scale.

    Examples
    --------
    >>> [round(float(np.exp(detectable(published_error(), n, n))), 2) for n in (1, 2, 3, 5)]
    [1.73, 1.47, 1.37, 1.28]
    """
    quantile = float(stats.norm.ppf(0.975)) if np.isinf(error.df) else float(stats.t.ppf(0.975, error.df))
    return quantile * error.sd * float(np.sqrt(1.0 / n_before + 1.0 / n_after))


def smallest_detectable(sets: Sequence[tuple[str, ArrayLike]], *, n_before: int, n_after: int) -> Detectable:
    """From the untreated sets where there are two of them, else from what is published.

    Parameters
    ----------
    sets : sequence of (label, array_like of shape (n_bouts,))
        Bouts before the treatment, set by set.
    n_before, n_after : int
        Bouts whose means are compared.

    Notes
    -----
    It is never less than what the person changed by from the first set to the second without treatment.

    Examples
    --------
    >>> found = smallest_detectable([("A1", [0.0, 0.1, 0.2]), ("A2", [0.1, 0.2, 0.0])], n_before=6, n_after=3)
    >>> round(found.y, 3), found.source
    (0.163, 'the own bouts A1 and A2')
    >>> round(smallest_detectable([("before", [0.0, 0.1, 0.2])], n_before=3, n_after=3).y, 3)
    0.315
    """
    arrays = [np.asarray(bouts, dtype=np.float64) for _, bouts in sets]
    if len(sets) < 2 or min(len(bouts) for bouts in arrays) < MIN_OWN_BOUTS:
        error = published_error()
        return Detectable(detectable(error, n_before, n_after), error, PUBLISHED)
    y, sd, drift = (float(part) for part in own_sdc(arrays, n_before=n_before, n_after=n_after))
    source = OWN.format(", ".join(label for label, _ in sets[:-1]), sets[-1][0])
    return Detectable(y, Error(sd, float(sum(map(len, arrays)) - 1)), source, drift)
