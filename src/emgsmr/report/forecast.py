"""A picture of a validation: how each predictor ranks minutes before events, and every session in time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emgsmr.analysis.validation import INDEX, RunnerSession, Validation
from emgsmr.report.figure import COLORS

WIDTH_IN, ROC_IN, ROW_IN = 8.0, 4.2, 0.11
LINES = ("vermillion", "orange", "blue", "sky", "green", "purple", "muted", "ink", "faint")


def roc_curve(
    score: NDArray[np.float64], positive: NDArray[np.bool_], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rate at every threshold, from (0, 0) to (1, 1); NaN scores are left out.

    Examples
    --------
    >>> score, positive = np.array([3.0, 2.0, 1.0]), np.array([True, False, True])
    >>> [rate.tolist() for rate in roc_curve(score, positive, np.ones(3))]
    [[0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 0.5, 1.0]]
    """
    known = np.isfinite(score)
    score, positive, weight = score[known], positive[known], weight[known]
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.concatenate([np.diff(score[order]) < 0, [True]])) if len(order) else order
    rates = []
    for of in (~positive, positive):
        total = np.cumsum(np.where(of, weight, 0.0)[order])
        part = total[last] / total[-1] if len(total) and total[-1] > 0 else np.zeros(len(last))
        rates.append(np.concatenate([[0.0], part]))
    return rates[0], rates[1]


def draw_validation(validation: Validation, path: Path) -> Path:
    """Write the picture as an SVG file.

    Parameters
    ----------
    validation : Validation
    path : Path

    Returns
    -------
    Path
    """
    with_roc = bool(validation.areas)
    rows_in = ROW_IN * len(validation.sessions) + 1.1
    figure = Figure(figsize=(WIDTH_IN, rows_in + (ROC_IN if with_roc else 0.0)), layout="constrained")
    if with_roc:
        upper, lower = figure.subplots(2, 1, height_ratios=[ROC_IN, rows_in])
        _draw_roc(upper, validation)
    else:
        lower = figure.subplots()
    _draw_sessions(lower, validation.sessions)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "validation"}):
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            path, metadata={"Date": None, "Creator": None}
        )
    return path


def _draw_roc(axes: Axes, validation: Validation) -> None:
    axes.plot([0, 1], [0, 1], color=COLORS["faint"], linestyle=":", label="chance: 0.50")
    for area, color in zip(validation.areas, LINES, strict=False):
        false, true = roc_curve(
            validation.scores[area.name], validation.known.positive, validation.known.weight
        )
        width = 2.5 if area.name == INDEX else 1.2
        style = "--" if area.naive else "-"
        axes.plot(
            false, true, style, color=COLORS[color], linewidth=width, label=f"{area.name}: {area.auc:.2f}"
        )
    axes.set_xlabel("minutes without an event that are above the threshold (part)")
    axes.set_ylabel("minutes before an event (part)")
    axes.set_title(f"An event within {validation.horizon_s / 60:g} min? Area under each curve", fontsize=11)
    axes.set_aspect("equal")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)


def _draw_sessions(axes: Axes, sessions: Sequence[RunnerSession]) -> None:
    """One row for each session: how long it was watched, flags, and the event."""
    ordered = sorted(sessions, key=lambda s: (s.runner, s.started, s.name))
    for row, session in enumerate(ordered):
        axes.plot([session.start_s / 60, session.end_s / 60], [row, row], color=COLORS["faint"], linewidth=1)
        for start, end in session.flags:
            axes.plot([start / 60, end / 60], [row, row], color=COLORS["orange"], linewidth=4)
        if session.event_s is not None:
            axes.plot(session.event_s / 60, row, "X", color=COLORS["vermillion"], markersize=5)
    names = [f"{s.runner}  {s.name}" if len(ordered) <= 40 else s.name for s in ordered]
    axes.set_yticks(range(len(ordered)), names, fontsize=6)
    axes.set_ylim(len(ordered) - 0.5, -0.5)
    axes.set_xlabel("time (min): gray = watched after the baseline, orange = flagged, cross = marked event")
