"""The picture of a pair before and after: each bout, the band of no detectable change, the interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from emgsmr.report.figure import COLORS

if TYPE_CHECKING:
    from emgsmr.analysis.comparison.judged import Judged
    from emgsmr.report.language import Language

FACTORS = (1 / 8, 1 / 4, 1 / 3, 1 / 2, 1 / 1.5, 1 / 1.2, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 8.0)
MOST_TICKS = 5
BETWEEN = 0.9
"""Room between sets of bouts, in bouts."""


def reach_of(rows: list[Judged]) -> float:
    """How far up and down the pictures of some rows go (log scale): all have one scale."""
    ends = [np.log(1.5)]
    for row in rows:
        if row.sdc is None:
            continue
        base = _base(row)
        ends += [abs(value.y - base) for value in (*row.of.before, *row.of.after)]
        ends += [abs(row.sdc.y), min(abs(row.change.low), 1.5), min(abs(row.change.high), 1.5)]
    return float(min(max(ends) * 1.12, np.log(9.0)))


def _base(row: Judged) -> float:
    return float(np.mean([value.y for value in row.of.before]))


def draw_bouts(axes: Axes, row: Judged, language: Language, *, reach: float, size: float = 11.0) -> None:
    """Draw a row that can be compared on axes.

    Parameters
    ----------
    axes : Axes
    row : Judged
    language : Language
    reach : float
        From `reach_of`.
    size : float
        Of text.
    """
    assert row.sdc is not None
    base = _base(row)
    places, sets = _places(row)
    end = places[-1] + 2.1
    axes.axhspan(-row.sdc.y, row.sdc.y, color=COLORS["muted"], alpha=0.14, lw=0)
    axes.axhline(0, color=COLORS["muted"], lw=0.9)
    n_before = len(row.of.before)
    looks = (
        (row.of.before, places[:n_before], "blue", "o"),
        (row.of.after, places[n_before:], "vermillion", "s"),
    )
    for values, at, color, marker in looks:
        y = np.array([value.y for value in values]) - base
        axes.plot(at, y, ls="", marker=marker, ms=5.0 * size / 11, color=COLORS[color], alpha=0.85)
        middle = float(y.mean())
        axes.plot([at[0] - 0.35, at[-1] + 0.35], [middle, middle], color=COLORS[color], lw=1.8)
    middle_x = places[-1] + 1.2
    low, high = (float(np.clip(v, -reach, reach)) for v in (row.change.low, row.change.high))
    axes.plot([middle_x, middle_x], [low, high], color=COLORS["ink"], lw=1.4, solid_capstyle="butt")
    for end_y, true in ((low, row.change.low), (high, row.change.high)):
        if end_y == true:
            axes.plot([middle_x - 0.18, middle_x + 0.18], [end_y, end_y], color=COLORS["ink"], lw=1.4)
    axes.plot([middle_x], [row.change.y], ls="", marker="D", ms=6.0 * size / 11, color=COLORS["ink"])
    between = 0.5 * (places[n_before - 1] + places[n_before])
    axes.axvline(between, color=COLORS["muted"], lw=0.9, ls=(0, (3, 3)))
    axes.set_xlim(0.2, end)
    axes.set_ylim(-reach, reach)
    _label(axes, row, language, sets, middle_x, reach=reach, size=size)


def _places(row: Judged) -> tuple[list[float], list[tuple[str, float]]]:
    """Where each bout stands, and the middle of each set with its label."""
    places: list[float] = []
    sets: list[tuple[str, list[float]]] = []
    x, last = 0.0, None
    for look, values in (("before", row.of.before), ("after", row.of.after)):
        for value in values:
            x += 1.0 if last in (None, (look, value.bout.label)) else 1.0 + BETWEEN
            if last != (look, value.bout.label):
                sets.append((value.bout.label, []))
            last = (look, value.bout.label)
            places.append(x)
            sets[-1][1].append(x)
    return places, [(label, float(np.mean(at))) for label, at in sets]


def _label(
    axes: Axes,
    row: Judged,
    language: Language,
    sets: list[tuple[str, float]],
    middle_x: float,
    *,
    reach: float,
    size: float,
) -> None:
    names = {"before": language("picture.before"), "after": language("picture.after")}
    ticks = [(names.get(label.casefold(), label[:10]), at) for label, at in sets]
    ticks.append((language.percent(100.0 * float(np.expm1(row.change.y))), middle_x))
    axes.set_xticks([at for _, at in ticks], [text for text, _ in ticks], parse_math=False)
    axes.tick_params(axis="x", length=0, colors=COLORS["ink"], labelsize=size)
    near = [factor for factor in FACTORS if abs(np.log(factor)) <= reach]
    if len(near) > MOST_TICKS:
        near = [factor for factor in near if factor == 1 or abs(np.log(factor)) > 0.5 * reach]
    labels = [language.percent(100.0 * (f - 1.0)).replace("\N{NO-BREAK SPACE}", "") for f in near]
    axes.set_yticks([float(np.log(f)) for f in near], labels)


def describe_bouts(row: Judged, language: Language) -> str:
    """What the picture shows, for who cannot see it."""
    assert row.sdc is not None
    base = _base(row)

    def said(values: tuple[object, ...]) -> str:
        ys = [getattr(value, "y") - base for value in values]  # noqa: B009
        return ", ".join(language.percent(100.0 * float(np.expm1(y))) for y in ys)

    change = [language.percent(100.0 * float(np.expm1(y))) for y in row.change[:3]]
    sdc = language.percent(100.0 * float(np.expm1(row.sdc.y)), signed=False)
    return language(
        "picture.bouts_desc",
        before=said(row.of.before),
        after=said(row.of.after),
        change=change[0],
        low=change[1],
        high=change[2],
        sdc=f"±{sdc}",
    )
