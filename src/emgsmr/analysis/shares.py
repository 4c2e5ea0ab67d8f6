"""How a leg shares its work, each muscle relative to its own maximum or reference run, and how sure that is.

Electrodes differ in gain; a muscle's part of its own maximum under the same electrode does not. So shares of
two legs, or of two days, can be compared where maxima were recorded, and only there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emgsmr.analysis.estimates import MIN_FOR_INTERVAL, Estimate, Estimator, Part
from emgsmr.analysis.maxima import maximum_errors, mean_maximum
from emgsmr.analysis.phases import labeled_spans
from emgsmr.analysis.reference import HERE, Reference, fit_reference, maximal_trials
from emgsmr.analysis.resampled import PeriodStrides
from emgsmr.analysis.standard_error import Error, combined, log_sd, pooled
from emgsmr.analysis.stride_arrays import Series, stride_arrays

if TYPE_CHECKING:
    from emgsmr.analysis.baseline import Members
    from emgsmr.analysis.pipeline import Pipeline

WITHIN_SESSION_CV, BETWEEN_DAYS_CV = 0.14, 0.41
"""Of one muscle's amplitude in running (Colyer and McGuigan 2018)."""

ONE_LEG = "only one leg was measured"
NO_REFERENCE = (
    "neither a maximal contraction (a phase labeled mvc) nor a reference run was recorded, and without one "
    "two electrodes differ as much as two muscles"
)


class Share(NamedTuple):
    """A pair's log-ratio compensator : prime on one leg, or the difference of both legs, and its two parts.

    ``error``: of the log-ratio. ``compensator_error``: of that part alone.
    """

    y: float
    prime: float
    compensator: float
    error: Error
    compensator_error: Error
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What is known at a moment.

    Attributes
    ----------
    reference : Reference or None
        What levels are relative to.
    legs : dict of (pair, side) to Share
    differences : dict of pair to Share
        Right less left.
    reasons : dict of pair to str
        Why right and left cannot be compared.
    unknown : dict of (pair, side) to str
        Why there is no share.
    """

    reference: Reference | None
    legs: dict[tuple[str, str], Share]
    differences: dict[str, Share]
    reasons: dict[str, str]
    unknown: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def normalization(self) -> str | None:
        """What levels are relative to, if that is of the same session; other sessions' do not count."""
        if self.reference is None or self.reference.source != HERE:
            return None
        return self.reference.normalization


def measure_shares(pipeline: Pipeline, until_s: float = float("inf")) -> Shares:
    """Shares of both legs in the strides of their baselines, by what was recorded until then.

    Notes
    -----
    Levels are medians over strides, and their error is that of a block bootstrap of both legs together. The
    error of a maximum comes from the spread between its trials, pooled over all muscle groups; what the
    members of a group have in common in a trial counts in full. A reference run repeats within 14 %, one of
    another session within 41 % (one muscle; Colyer and McGuigan 2018).
    """
    members = {
        (monitor.pair.id, side): monitor.members
        for side, leg in pipeline.legs.items()
        for monitor in leg.monitors
    }
    pairs = list(dict.fromkeys(pair for pair, _ in members))
    sides = {pair: [side for side in "LR" if (pair, side) in members] for pair in pairs}
    reference = _reference(pipeline, until_s)
    if reference is None:
        why = {pair: NO_REFERENCE if len(both) == 2 else ONE_LEG for pair, both in sides.items()}
        return Shares(None, {}, {}, why, dict.fromkeys(members, NO_REFERENCE))
    found = _Measured(pipeline, reference, members, until_s)
    legs: dict[tuple[str, str], Share] = {}
    differences: dict[str, Share] = {}
    reasons: dict[str, str] = {}
    unknown: dict[tuple[str, str], str] = {}
    for pair in pairs:
        for side in sides[pair]:
            share = found.share(pair, ((1.0, side),))
            if isinstance(share, Share):
                legs[pair, side] = share
            else:
                unknown[pair, side] = share
        both = found.share(pair, ((1.0, "R"), (-1.0, "L"))) if len(sides[pair]) == 2 else ONE_LEG
        if isinstance(both, Share):
            differences[pair] = both
        else:
            reasons[pair] = both
    return Shares(reference, legs, differences, reasons, unknown)


def _reference(pipeline: Pipeline, until_s: float) -> Reference | None:
    """That of another recording if there is one; else the maxima of this one, else its reference run."""
    given = pipeline.reference
    if given is not None and given.normalization in ("mvc", "reference"):
        return given
    for kind in ("mvc", "reference"):
        if any(span.t1_s <= until_s for span in labeled_spans(pipeline.events, kind)):
            return (
                _maxima(pipeline, until_s)
                if kind == "mvc"
                else fit_reference(pipeline, "reference", until_s=until_s)
            )
    return None


def _maxima(pipeline: Pipeline, until_s: float) -> Reference:
    """Means of each site's trials, which repeat better than the best one does."""
    found = fit_reference(pipeline, "mvc", until_s=until_s)
    levels = {
        site: level._replace(uv=mean_maximum(maximal_trials(pipeline, site, until_s)))
        for site, level in found.levels.items()
    }
    return replace(found, levels=levels)


class _Measured:
    """The strides of both legs' baselines, and the errors of what they are relative to."""

    def __init__(
        self,
        pipeline: Pipeline,
        reference: Reference,
        members: Mapping[tuple[str, str], Members],
        until_s: float,
    ) -> None:
        self._members = members
        self._reference = reference
        self._baselines = {side: b for side, leg in pipeline.legs.items() if (b := leg.baseline) is not None}
        arrays = {
            side: found
            for side, leg in pipeline.legs.items()
            if (found := stride_arrays(leg, center_snr_db=0.0)) is not None
        }
        self._estimator: Estimator | None = None
        if arrays:
            whole = (float("-inf"), float("inf"))
            spans = {
                side: (whole if b.source == "whole recording" else (b.t0_s, b.t1_s),)
                for side, b in self._baselines.items()
            }
            strides = PeriodStrides(arrays, spans, stream=0)
            own = frozenset(self._baselines)
            self._estimator = Estimator(strides, strides, self._baselines, own, reference)
        groups = dict.fromkeys(part for both in members.values() for part in both)
        self._reference_errors = _reference_errors(pipeline, reference, list(groups), until_s)

    def share(self, pair: str, signs: Sequence[tuple[float, str]]) -> Share | str:
        """The signed sum over legs of a pair's log-ratio; a sentence where it is not known."""
        sides = [side for _, side in signs]
        if self._estimator is None or not set(sides) <= set(self._baselines):
            return "no usable strides"
        gaits = {self._baselines[side].gait for side in sides}
        if len(gaits) > 1:
            return "the legs' strides come from different tasks"
        for side in sides:
            missing = {*self._members[pair, side].prime, *self._members[pair, side].compensator}
            if missing - set(self._baselines[side].noise):
                return f"no usable strides of {', '.join(sorted(missing))}"
        window = pair if gaits == {"run"} else "main"
        parts: dict[str, tuple[Estimate, list[Error]]] = {}
        for name in ("prime", "compensator"):
            groups = [getattr(self._members[pair, side], name) for side in sides]
            found = self._level(signs, groups, window)
            if found.why_not:
                return found.why_not
            known = [self._reference_errors[group] for group in groups]
            if why := next((error for error in known if isinstance(error, str)), ""):
                return why
            parts[name] = (found, [error for error in known if isinstance(error, Error)])
        (prime, prime_errors), (compensator, errors) = parts["prime"], parts["compensator"]
        n = min(prime.n, compensator.n)
        if n < MIN_FOR_INTERVAL:
            return f"only {n} usable strides, {MIN_FOR_INTERVAL} are needed"
        scatter = _scatter(compensator.resampled - prime.resampled, min(prime.n_blocks, compensator.n_blocks))
        alone = _scatter(compensator.resampled, compensator.n_blocks)
        return Share(
            compensator.value - prime.value,
            prime.value,
            compensator.value,
            combined(scatter, pooled([*prime_errors, *errors])),
            combined(alone, pooled(errors)),
            n,
        )

    def _level(
        self, signs: Sequence[tuple[float, str]], groups: Sequence[Sequence[str]], window: str
    ) -> Estimate:
        """Logarithm of a group's geometric mean relative to the reference, summed over legs."""
        assert self._estimator is not None
        parts = []
        for (sign, side), sites in zip(signs, groups, strict=True):
            series: Series = tuple((1.0 / len(sites), site, window) for site in sites)
            parts.append(Part(sign, side, series))
        return self._estimator.level(parts, "reference")


def _scatter(resampled: np.ndarray, n_blocks: float) -> Error:
    return Error(float(np.std(resampled)), max(n_blocks - 1.0, 1.0))


def _reference_errors(
    pipeline: Pipeline, reference: Reference, groups: Sequence[tuple[str, ...]], until_s: float
) -> dict[tuple[str, ...], Error | str]:
    """The error of each group's level in the reference; a sentence where nothing tells."""
    if reference.source != HERE:
        return dict.fromkeys(groups, Error(log_sd(BETWEEN_DAYS_CV), float("inf")))
    if reference.normalization == "reference":
        return dict.fromkeys(groups, Error(log_sd(WITHIN_SESSION_CV), float("inf")))
    return maximum_errors(
        {site: maximal_trials(pipeline, site, until_s) for group in groups for site in group}, groups
    )
