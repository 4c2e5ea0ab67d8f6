"""Whether left and right were exchanged between two looks: what each electrode shows says so.

In gait legs work half a stride apart. Where foot contacts do not come from the muscles themselves, exchanged
sensors show most muscles half a stride later than before, which no treatment does.

Under electrodes that stay on, one leg's channel is louder than the other's by what skin, fat and gain make of
it. A treatment moves a muscle or two by some percent; exchanged sensors turn the asymmetry of every muscle
around at once. Both stories are held against the error of the levels, and only a turned asymmetry that is a
thousand times more likely is called suspicious.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.shares import WITHIN_SESSION_CV
from emgsmr.analysis.standard_error import log_sd

LIKELIER = float(np.log(1000.0))
"""Exchanges are rare, and a refused comparison is dear: one in a thousand."""

MIN_MUSCLES = 2
"""A single muscle whose sides turn around may be the muscle."""

HALF_STRIDE_PCT = 30.0
"""From here on a burst is nearer to where it would be with sides exchanged."""

Levels = Mapping[str, NDArray[np.float64]]


def half_a_stride_off(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[str, ...]:
    """The sites that work half a stride away from before, if most of them do; else none.

    Parameters
    ----------
    before, after : mapping of site to float, % of the stride
        When each works.

    Examples
    --------
    >>> half_a_stride_off({"GMAX_R": 5, "BFLH_R": 95}, {"GMAX_R": 55, "BFLH_R": 46})
    ('BFLH_R', 'GMAX_R')
    """
    sites = sorted(before.keys() & after.keys())
    off = [
        site for site in sites if abs((after[site] - before[site] + 50.0) % 100.0 - 50.0) > HALF_STRIDE_PCT
    ]
    return tuple(off) if len(off) >= MIN_MUSCLES and len(off) > 0.7 * len(sites) else ()


def sides_exchanged(before: Levels, after: Levels) -> tuple[str, ...]:
    """The muscles whose sides look exchanged; empty if they do not.

    Parameters
    ----------
    before, after : mapping of site to ndarray, shape (n_bouts,)
        Logarithm of the amplitude in each bout, the same unit for a site before and after.

    Examples
    --------
    >>> level = lambda left, right: {
    ...     "GMAX_L": np.full(3, left), "GMAX_R": np.full(3, left + 0.5),
    ...     "BFLH_L": np.full(3, right), "BFLH_R": np.full(3, right - 0.6),
    ... }
    >>> turned = {site[:-1] + {"L": "R", "R": "L"}[site[-1]]: x for site, x in level(3.0, 4.0).items()}
    >>> sides_exchanged(level(3.0, 4.0), level(3.0, 4.0)), sides_exchanged(level(3.0, 4.0), turned)
    ((), ('BFLH', 'GMAX'))
    """
    sites = before.keys() & after.keys()
    muscles = sorted({site[:-2] for site in sites if {f"{site[:-2]}_L", f"{site[:-2]}_R"} <= sites})
    if len(muscles) < MIN_MUSCLES:
        return ()
    gain = 0.0
    turned = []
    for muscle in muscles:
        left, right = f"{muscle}_L", f"{muscle}_R"
        one, other = (look[right].mean() - look[left].mean() for look in (before, after))
        variance = sum(
            max(
                log_sd(WITHIN_SESSION_CV) ** 2,
                float(np.var(look[site], ddof=1)) if len(look[site]) > 1 else 0.0,
            )
            / len(look[site])
            for look in (before, after)
            for site in (left, right)
        )
        # (other - one)² is what is left if sides are as named, (other + one)² if they were exchanged
        gain += ((other - one) ** 2 - (other + one) ** 2) / (2.0 * variance)
        if one * other < 0:
            turned.append(muscle)
    enough = len(turned) >= MIN_MUSCLES and len(turned) > len(muscles) / 2
    return tuple(turned) if gain > LIKELIER and enough else ()
