"""What is said of a comparison: changed, no detectable change, equivalent, or not comparable."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgsmr.analysis.comparison.effect import ALPHA

Verdict = Literal["changed", "no_detectable_change", "equivalent", "not_comparable"]


def changed(y: ArrayLike, p_corrected: ArrayLike, sdc: ArrayLike) -> NDArray[np.bool_]:
    """Beyond measurement error: not by chance, and larger than the smallest detectable change.

    Parameters
    ----------
    y : array_like
        Effects, log scale.
    p_corrected : array_like
        For all tests of the family; NaN = not tested.
    sdc : array_like
        Smallest detectable changes, log scale.

    Examples
    --------
    >>> changed([0.5, 0.1, 0.5], [0.01, 0.01, 0.06], 0.3).tolist()
    [True, False, False]
    """
    return np.asarray((np.asarray(p_corrected) <= ALPHA) & (np.abs(y) > np.asarray(sdc)))


def verdict(*, changed: bool, p_equivalent: float = float("nan")) -> Verdict:
    """Of one comparison; ``p_equivalent`` for all that were asked for, NaN = not asked.

    Examples
    --------
    >>> verdict(changed=False, p_equivalent=0.01), verdict(changed=False)
    ('equivalent', 'no_detectable_change')
    """
    if changed:
        return "changed"
    return "equivalent" if p_equivalent <= ALPHA else "no_detectable_change"
