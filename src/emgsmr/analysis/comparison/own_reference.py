"""What levels are relative to where electrodes were placed anew: each session's own maxima or reference run.

Gains of two sets of electrodes differ as much as muscles do. A muscle's part of its own maximum, or of what
it does in a reference run, under the same electrode does not know of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from emgsmr.analysis.baseline import Baseline, fit_baseline
from emgsmr.analysis.comparison.condition import relative_to
from emgsmr.analysis.maxima import mean_maximum
from emgsmr.analysis.phases import labeled_spans
from emgsmr.analysis.reference import maximal_trials

if TYPE_CHECKING:
    from emgsmr.analysis.comparison.condition import Condition

NAMES = {
    "mvc": "its own maximal contractions of the same day",
    "reference": "its own reference run of the same day",
}
NO_REFERENCE = (
    "neither maximal contractions (phases labeled mvc) nor a reference run (a phase labeled reference) were "
    "recorded both times, without which two electrodes differ as much as two muscles"
)


class OwnLevels(NamedTuple):
    """Both looks with levels of their own, and what those are in words."""

    scales: tuple[Baseline, Baseline]
    name: str


def own_levels(
    looks: tuple[Condition, Condition], scales: tuple[Baseline, Baseline], sites: Sequence[str]
) -> OwnLevels | str:
    """Both looks relative to their own maxima, else to their own reference runs; else why not."""
    missing = ""
    for kind in ("mvc", "reference"):
        found = [_levels(look, scale, sites, kind) for look, scale in zip(looks, scales, strict=True)]
        if all(found):
            one, other = (relative_to(scale, level) for scale, level in zip(scales, found, strict=True))
            return OwnLevels((one, other), NAMES[kind])
        lacking = [look.name for look, level in zip(looks, found, strict=True) if not level]
        if len(lacking) == 1:
            what = "maximal contractions" if kind == "mvc" else "the reference run"
            missing = missing or f"{what} of {', '.join(sites)} are missing {lacking[0]}"
    return missing or NO_REFERENCE


def _levels(
    look: Condition, scale: Baseline, sites: Sequence[str], kind: str
) -> dict[tuple[str, str], float]:
    """µV of each (window, site); empty if one is not known."""
    windows = {window for window, site in scale.level if site in sites}
    if kind == "mvc":
        maxima = {site: mean_maximum(maximal_trials(look.pipeline, site)) for site in sites}
        known = all(value > 0 for value in maxima.values())
        return {(w, site): value for site, value in maxima.items() for w in windows} if known else {}
    side = sites[0][-1]
    spans = labeled_spans(look.pipeline.events, "reference")
    strides = [
        stride
        for stride in look.leg(side).strides
        if any(span.t0_s <= stride.t_start_s < span.t1_s for span in spans)
    ]
    rest = {s: power for s in sites if (power := look.pipeline.rest_power(s)) is not None}
    infinite = float("inf")
    fitted = fit_baseline(strides, t0_s=-infinite, t1_s=infinite, source="reference", rest=rest)
    if fitted is None or not all(fitted.level.get(("main", site), 0.0) > 0 for site in sites):
        return {}
    return fitted.level
