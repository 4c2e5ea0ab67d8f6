"""Standard exercises against published values of gluteus maximus and biceps femoris, in % of the maximum.

Means of groups, with the electrode above and below on the gluteus maximus: they tell what was measured in
whom, and are no norm. For running nothing of the kind has been published.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emgsmr.analysis.exercises import exercise_of
from emgsmr.analysis.maxima import maximum_errors, mean_maximum
from emgsmr.analysis.phases import Span, labeled_spans
from emgsmr.analysis.reference import maximal_trials
from emgsmr.analysis.standard_error import Error, combined, pooled
from emgsmr.analysis.standing_difference import Difference

if TYPE_CHECKING:
    from emgsmr.analysis.leg import Leg
    from emgsmr.analysis.pipeline import Pipeline

MIN_REPETITIONS = 3


class Published(NamedTuple):
    """Mean EMG of one exercise in % of the maximal isometric contraction, and where it is from.

    ``gmax_pct``: upper and lower gluteus maximus. ``bf_pct``: biceps femoris.
    """

    exercise: str
    gmax_pct: tuple[float, float]
    bf_pct: float
    people: str
    source: str

    @property
    def ratio(self) -> tuple[float, float]:
        """Lowest and highest GMAX : BF.

        Examples
        --------
        >>> [round(ratio, 2) for ratio in PUBLISHED[0].ratio]
        [1.7, 2.13]
        """
        low, high = (level / self.bf_pct for level in self.gmax_pct)
        return low, high

    @property
    def words(self) -> str:
        """What was published, for people."""
        low, high = self.ratio
        return (
            f"a published ratio of gluteus maximus to biceps femoris of {low:.2f} to {high:.2f} in "
            f"{self.exercise.replace('_', ' ')}s ({self.people}; {self.source})"
        )


CONTRERAS = "Contreras 2015, J Appl Biomech 31:452"
PUBLISHED = (
    Published("hip_thrust", (69.5, 86.8), 40.8, "13 trained women, 10-repetition maximum", CONTRERAS),
    Published("squat", (29.4, 45.4), 14.9, "13 trained women, back squat, 10-repetition maximum", CONTRERAS),
)
"""Only exercises of which both muscles were published."""


def compare_with_published(pipeline: Pipeline, *, floor_pct: float) -> list[Difference]:
    """GMAX : BF in each phase that names a published exercise, against the nearer end of what was published.

    Notes
    -----
    Needs maxima of both muscles in this recording. Positive = further toward the biceps femoris than anything
    published. The error is that of the repetitions and of the maxima; how much people differ is not in it.
    """
    found, missing = [], []
    for row in PUBLISHED:
        spans = _spans(pipeline, row.exercise)
        for side, leg in pipeline.legs.items() if spans else ():
            sites = (f"GMAX_{side}", f"BFLH_{side}")
            if not set(sites) <= set(pipeline.sites):
                continue
            blank = Difference(
                "published",
                "P1",
                side,
                against=row.words,
                error_from="repetitions and repeated maxima",
            )
            own = [span for span in spans if span.side in (None, side)]
            measured = _ratio(leg, own, sites, _maxima(pipeline))
            if isinstance(measured, str):
                missing.append(replace(blank, reason=measured))
                continue
            y, error, n = measured
            low, high = row.ratio
            edge = np.log(low) if y < np.log(low) else min(y, float(np.log(high)))
            found.append((replace(blank, y=float(edge - y), n=n), error))
    return missing + [d.judged(error, n_comparisons=len(found), floor_pct=floor_pct) for d, error in found]


class Maximum(NamedTuple):
    """The mean of a site's maximal contractions (µV), and how well it repeats or why that is not known."""

    uv: float
    error: Error | str


def _maxima(pipeline: Pipeline) -> dict[str, Maximum]:
    trials = {site: maximal_trials(pipeline, site) for site in sorted(pipeline.sites)}
    errors = maximum_errors(trials, [(site,) for site in trials])
    return {site: Maximum(mean_maximum(found), errors[(site,)]) for site, found in trials.items()}


def _spans(pipeline: Pipeline, exercise: str) -> list[Span]:
    """Phases that name an exercise."""
    named = (replace(event, label=exercise_of(event)) for event in pipeline.events if event.kind == "phase")
    return labeled_spans(named, exercise)


def _ratio(
    leg: Leg, spans: list[Span], sites: tuple[str, str], maxima: dict[str, Maximum]
) -> tuple[float, Error, int] | str:
    """Logarithm of GMAX : BF over the repetitions, its error, and how many there were."""
    errors = []
    for site in sites:
        error = maxima[site].error
        if isinstance(error, str):
            return error
        errors.append(error)
    ratios = []
    for stride in leg.strides:
        if stride.valid and leg.baseline and any(span.t0_s <= stride.t_start_s < span.t1_s for span in spans):
            gmax, bf = (leg.baseline.rms(stride, site, "main") / maxima[site].uv for site in sites)
            ratios.append(np.log(gmax / bf) if gmax > 0 and bf > 0 else np.nan)
    known = np.array(ratios)[np.isfinite(ratios)]
    n = len(known)
    if n < MIN_REPETITIONS:
        return f"only {n} usable repetitions, {MIN_REPETITIONS} are needed"
    scatter = Error(float(np.std(known, ddof=1)) / np.sqrt(n), n - 1.0)
    return float(np.mean(known)), combined(scatter, pooled(errors)), n
