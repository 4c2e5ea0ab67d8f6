"""How well flags and index forecast the marked events of a folder, with the naive rules beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.validation.events import (
    EventScore,
    best_within,
    counts_by_threshold,
    free_hours,
    partial_area,
    score_flags,
)
from emgsmr.analysis.validation.hazard import fit_hazard
from emgsmr.analysis.validation.outcomes import Outcomes, outcomes
from emgsmr.analysis.validation.risk import Risk, assess_risk, minutes_at_risk
from emgsmr.analysis.validation.scores import average_precision, interval, roc_auc
from emgsmr.analysis.validation.session import RunnerSession, with_history

FloatArray = NDArray[np.float64]

INDEX = "overload index"

NAIVE = {
    "compensator RMS": "rms",
    "elapsed time": "elapsed",
    "fixed 20 % rule": "above_20_pct",
    "cadence drift": "cadence_drift",
    "history + pace": "history_pace",
}
"""What has to be beaten, and the predictor that it is."""

SHOWN = {INDEX: "overload", "chart statistic": "chart", "ratio of the last minute": "ratio", **NAIVE}
"""The index, two other readings of the same ratio, and what they have to beat."""

MIN_EVENTS = 5
"""Fewer events have no area worth an interval."""


class Area(NamedTuple):
    """One predictor, beside all others on the same minutes and events.

    ``partial`` is the mean sensitivity up to one false flag in two hours; ``at_flags_cost`` is that of the
    threshold that flags as much event-free time as the flags did; ``difference`` is the index's area less
    this one's.
    """

    name: str
    auc: float
    auc_ci: tuple[float, float]
    precision: float
    partial: float
    at_flags_cost: float
    difference: float
    difference_ci: tuple[float, float]
    naive: bool


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """Everything that was measured; made by `assess`.

    Attributes
    ----------
    horizon_s : float, s
    sessions : tuple of RunnerSession
        Those that could be judged, with the history of each runner.
    events : EventScore
        Of the flags as they were given (tier 1 and above).
    areas : tuple of Area
        The overload index first; empty where there are too few events.
    known : Outcomes
        The minutes whose outcome is known.
    scores : mapping of str to ndarray, shape (n_known,)
        What each predictor said in these, by the name of its area.
    prevalence : float
        Weighted part of these before an event: chance level of the precision, and PPV of a flag at random.
    risk : Risk
    """

    horizon_s: float
    sessions: tuple[RunnerSession, ...]
    events: EventScore
    areas: tuple[Area, ...]
    known: Outcomes
    scores: Mapping[str, FloatArray]
    prevalence: float
    risk: Risk

    @property
    def n_runners(self) -> int:
        """How many people there are."""
        return len({session.runner for session in self.sessions})

    @property
    def simulated(self) -> bool:
        """Whether any of the recordings was simulated."""
        return any(session.simulated for session in self.sessions)


def assess(
    sessions: Sequence[RunnerSession], *, horizon_s: float, n_resamples: int = dsp.N_RESAMPLES
) -> Validation:
    """Measure how well flags and index forecast the first event of each session.

    Parameters
    ----------
    sessions : sequence of RunnerSession
    horizon_s : float, s
        How long before an event a flag counts.
    n_resamples : int
        Of runners.

    Returns
    -------
    Validation
    """
    sessions = with_history(sessions)
    known = outcomes(sessions, horizon_s=horizon_s)
    runners, runner = np.unique([s.runner for s in sessions], return_inverse=True)
    flags = score_flags(sessions, [s.flags for s in sessions], horizon_s=horizon_s)
    drawn = (
        dsp.resample_counts(len(runners), block=1.0, n_resamples=n_resamples)
        if len(runners)
        else np.zeros((0, 0))
    )
    enough = flags.n_events >= MIN_EVENTS and known.positive.any() and not known.positive.all()
    predicted = _scores(sessions) if enough else {}
    areas = tuple(
        _areas(sessions, predicted, known, drawn[runner], flags, horizon_s=horizon_s) if enough else ()
    )
    total = float(known.weight.sum())
    return Validation(
        horizon_s=horizon_s,
        sessions=sessions,
        events=flags,
        areas=areas,
        known=known,
        scores={area.name: known.of(predicted[SHOWN[area.name]]) for area in areas},
        prevalence=float(known.weight[known.positive].sum()) / total if total else float("nan"),
        risk=assess_risk(sessions, known, drawn[runner], runner, horizon_s=horizon_s),
    )


def _scores(sessions: Sequence[RunnerSession]) -> dict[str, list[FloatArray]]:
    """Every predictor of every session.

    History and pace are weighed as fits these very sessions best: a flattering rival, and no unfair one.
    """
    names = [name for name in SHOWN.values() if name not in ("history_pace", "cadence_drift")]
    found = {name: [s.predictors[name] for s in sessions] for name in names}
    found["cadence_drift"] = [np.abs(s.predictors["cadence"]) for s in sessions]
    rows = minutes_at_risk(sessions, ("history", "pace"))
    said = fit_hazard(rows.x, rows.event).per_minute(rows.x)
    found["history_pace"] = np.split(said, np.cumsum([len(s.t_s) for s in sessions])[:-1])
    return found


def _areas(
    sessions: Sequence[RunnerSession],
    predicted: dict[str, list[FloatArray]],
    known: Outcomes,
    drawn: FloatArray,
    flags: EventScore,
    *,
    horizon_s: float,
) -> list[Area]:
    n_runners = len({session.runner for session in sessions})
    hours = sum(free_hours(session, horizon_s) for session in sessions)
    resampled = known.weight[:, None] * drawn[known.session]
    weight = np.column_stack([known.weight, resampled])
    auc = {
        name: roc_auc(known.of(predicted[key]), known.positive, weight=weight) for name, key in SHOWN.items()
    }
    out = []
    for name, key in SHOWN.items():
        precision = average_precision(known.of(predicted[key]), known.positive, weight=known.weight)
        counts = counts_by_threshold(sessions, predicted[key], horizon_s=horizon_s)
        difference = auc[INDEX] - auc[name]
        out.append(
            Area(
                name=name,
                auc=float(auc[name][0]),
                auc_ci=interval(auc[name][1:], n_groups=n_runners),
                precision=float(precision[0]),
                partial=partial_area(counts, hours=hours, n_events=flags.n_events),
                at_flags_cost=best_within(
                    counts, hours=hours, n_events=flags.n_events, most_on=flags.false_on
                ),
                difference=float(difference[0]),
                difference_ci=interval(difference[1:], n_groups=n_runners),
                naive=name in NAIVE,
            )
        )
    return out
