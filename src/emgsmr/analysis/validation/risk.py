"""Whether the index may be read as a risk: the hazard model, judged on runners that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.validation.hazard import (
    EVENTS_PER_COEFFICIENT,
    MIN_EVENTS,
    Hazard,
    calibration,
    fit_hazard,
    left_out,
    within_horizon,
)
from emgsmr.analysis.validation.outcomes import Outcomes
from emgsmr.analysis.validation.scores import interval
from emgsmr.analysis.validation.session import MINUTE_S, RunnerSession

FloatArray = NDArray[np.float64]

COVARIATES = ("chart", "jasa", "excess", "history", "pace", "elapsed")
"""Of the full model: chart statistic, fatigue of the compensator, accumulated excess, and the plain three."""

PLAIN = ("history", "pace", "elapsed")
"""Of the model that it has to beat."""

BINS = 5
"""Of the reliability table."""

UNCALIBRATED = "uncalibrated research index"


class Risk(NamedTuple):
    """What the hazard model came to; NaN and None where there were too few events to fit or judge it.

    ``model`` is fitted to all runners; everything else is of the predictions for runners left out.
    ``reliability`` has rows of (number of minutes, mean risk said, part with an event within the horizon).
    """

    n_events: int
    model: Hazard | None
    intercept: float
    intercept_ci: tuple[float, float]
    slope: float
    slope_ci: tuple[float, float]
    brier: float
    brier_plain: float
    skill: float
    skill_ci: tuple[float, float]
    reliability: tuple[tuple[int, float, float], ...]
    calibrated: bool
    why_not: str

    @property
    def label(self) -> str:
        """What the numbers may be called."""
        return "probability, calibrated on other runners" if self.calibrated else UNCALIBRATED


class AtRisk(NamedTuple):
    """All watched minutes: covariates at the beginning, and whether the event came in it."""

    x: FloatArray
    event: NDArray[np.bool_]
    session: NDArray[np.int64]
    runner: NDArray[np.int64]


def minutes_at_risk(sessions: Sequence[RunnerSession], names: Sequence[str]) -> AtRisk:
    """Covariates of each watched minute of all sessions, in their order."""
    _, runner = np.unique([s.runner for s in sessions], return_inverse=True)
    x = [np.column_stack([s.predictors[name] for name in names]) for s in sessions]
    event = []
    for s in sessions:
        own = np.zeros(len(s.t_s), dtype=bool)
        if s.event_s is not None and len(own):
            own[-1] = s.t_s[-1] < s.event_s <= s.t_s[-1] + MINUTE_S + 1e-6
        event.append(own)
    sizes = [len(s.t_s) for s in sessions]
    number = np.repeat(np.arange(len(sessions)), sizes)
    return AtRisk(
        np.concatenate([*x, np.empty((0, len(names)))]),
        np.concatenate([*event, np.empty(0, dtype=bool)]),
        number,
        np.asarray(runner, dtype=np.int64)[number],
    )


def assess_risk(
    sessions: Sequence[RunnerSession],
    known: Outcomes,
    drawn: FloatArray,
    runner: NDArray[np.int64],
    *,
    horizon_s: float,
) -> Risk:
    """Fit the hazard, and judge it where there are enough events.

    Parameters
    ----------
    sessions : sequence of RunnerSession
    known : Outcomes
    drawn : ndarray, shape (n_sessions, n_resamples)
        How often each session's runner was drawn.
    runner : ndarray of int, shape (n_sessions,)
    horizon_s : float, s
    """
    rows = minutes_at_risk(sessions, COVARIATES)
    n = int(rows.event.sum())
    needed = EVENTS_PER_COEFFICIENT * len(COVARIATES)
    if n < needed or len(np.unique(runner)) < 2:
        return _unfitted(
            n, f"{n} events; the model is fitted from {needed} and called calibrated from {MIN_EVENTS}"
        )
    said = left_out(rows.x, rows.event, rows.runner)
    plain_rows = minutes_at_risk(sessions, PLAIN)
    plain = left_out(plain_rows.x, plain_rows.event, plain_rows.runner)
    offset, slope = calibration(said, rows.event)
    ends = [calibration(said, rows.event, column[rows.session]) for column in drawn.T[:RESAMPLES]]
    n_runners = len(np.unique(runner))
    offset_ci, slope_ci = (interval(np.array([end[k] for end in ends]), n_groups=n_runners) for k in (0, 1))
    minutes = horizon_s / MINUTE_S
    by_session = np.cumsum([len(s.t_s) for s in sessions])[:-1]
    risk, risk_plain = (
        known.of(np.split(within_horizon(hazard, minutes), by_session)) for hazard in (said, plain)
    )
    weight = np.column_stack([known.weight, known.weight[:, None] * drawn[known.session]])
    brier, brier_plain = (_brier(r, known.positive, weight) for r in (risk, risk_plain))
    skill = 1.0 - brier / np.where(brier_plain > 0, brier_plain, np.nan)
    skill_ci = interval(skill[1:], n_groups=n_runners)
    why_not = _why_not(n, offset_ci, slope_ci, skill_ci)
    return Risk(
        n, fit_hazard(rows.x, rows.event), offset, offset_ci, slope, slope_ci, float(brier[0]),
        float(brier_plain[0]), float(skill[0]), skill_ci, reliability(risk, known.positive, known.weight),
        not why_not, why_not,
    )  # fmt: skip


RESAMPLES = 200
"""Refits for the intervals of intercept and slope."""


def _why_not(
    n: int, offset_ci: tuple[float, float], slope_ci: tuple[float, float], skill_ci: tuple[float, float]
) -> str:
    if n < MIN_EVENTS:
        return f"{n} events; {MIN_EVENTS} are needed"
    if not slope_ci[0] <= 1.0 <= slope_ci[1] or not slope_ci[0] > 0.0:
        return f"the calibration slope is {slope_ci[0]:.2f} to {slope_ci[1]:.2f} on other runners, not 1"
    if not offset_ci[0] <= 0.0 <= offset_ci[1]:
        return (
            f"the calibration intercept is {offset_ci[0]:.2f} to {offset_ci[1]:.2f} on other runners, not 0"
        )
    if not skill_ci[0] > 0.0:
        return "no better than history, pace and elapsed time on other runners"
    return ""


def _unfitted(n: int, why_not: str) -> Risk:
    nan, pair = float("nan"), (float("nan"), float("nan"))
    return Risk(n, None, nan, pair, nan, pair, nan, nan, nan, pair, (), calibrated=False, why_not=why_not)


def _brier(risk: FloatArray, positive: NDArray[np.bool_], weight: FloatArray) -> FloatArray:
    use = np.isfinite(risk)
    error = (risk[use] - positive[use]) ** 2
    total = weight[use].sum(axis=0)
    score: FloatArray = np.divide(
        error @ weight[use], total, out=np.full(len(total), np.nan), where=total > 0
    )
    return score


def reliability(
    risk: FloatArray, positive: NDArray[np.bool_], weight: FloatArray, *, bins: int = BINS
) -> tuple[tuple[int, float, float], ...]:
    """Mean risk said and part with an event, in groups of equal size from low to high risk."""
    order = np.argsort(risk, kind="stable")
    order = order[np.isfinite(risk[order])]
    rows = []
    for part in np.array_split(order, bins):
        if len(part) and weight[part].sum() > 0:
            rows.append(
                (
                    len(part),
                    float(np.average(risk[part], weights=weight[part])),
                    float(np.average(positive[part], weights=weight[part])),
                )
            )
    return tuple(rows)
