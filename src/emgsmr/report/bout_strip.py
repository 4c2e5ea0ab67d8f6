"""The picture of signal quality in the bouts, one after the other: one line per site."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from emgsmr.report import words
from emgsmr.report.facts import Run, good_share
from emgsmr.report.figure import COLORS
from emgsmr.report.quality_strip import draw_bar

if TYPE_CHECKING:
    from emgsmr.report.language import Language


class Strip(NamedTuple):
    """Stretches of each site on the time of the bouts alone, their ends, and the bouts' labels."""

    runs: dict[str, list[Run]]
    ends: list[tuple[float, str, str]]
    """End (s), label and condition of each bout."""


def bouts_in_a_row(quality: pd.DataFrame, side: str) -> Strip:
    """The bouts of a leg, one after the other without what lies between them.

    Parameters
    ----------
    quality : DataFrame
        From `emgsmr.analysis.comparison.pictured.bout_quality`.
    side : {"L", "R"}
    """
    own = quality[quality["site"].astype(str).str.endswith(f"_{side}")] if len(quality) else quality
    runs: dict[str, list[Run]] = {}
    ends: list[tuple[float, str, str]] = []
    now = 0.0
    for (condition, label, _), rows in own.groupby(["condition", "label", "bout"], sort=False):
        begin, end = float(rows["t_s"].min()), float(rows["t_end_s"].max())
        for site, part in rows.sort_values("t_s").groupby("site"):
            found = runs.setdefault(str(site), [])
            states = part["state"].astype(str)
            block = (states != states.shift()).cumsum()
            for _, piece in part.groupby(block):
                start, stop = float(piece["t_s"].min()), float(piece["t_end_s"].max())
                found.append(Run(now + start - begin, now + stop - begin, str(piece["state"].iloc[0])))
        now += end - begin
        ends.append((now, str(label), str(condition)))
    order = sorted(runs, key=words.muscle_rank)
    return Strip({site: runs[site] for site in order}, ends)


def draw_strip(axes: Axes, strip: Strip, language: Language, *, size: float = 11.0) -> list[str]:
    """Draw the strip; gives the part of the time in which each site was usable, in words."""
    end_s = strip.ends[-1][0]
    shares = []
    axes.spines["left"].set_visible(False)
    for row, (site, runs) in enumerate(strip.runs.items()):
        for run in runs:
            draw_bar(axes, row, run.t_start_s, run.t_end_s, run.state, end_s, size=size)
        share = good_share(runs)
        digits = 1 if share is not None and 99 < share < 100 else 0  # 100 % is not said of less
        text = language.percent(share, signed=False, digits=digits)
        axes.text(
            1.015, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize=size,
            color=COLORS["ink"],
        )  # fmt: skip
        shares.append(f"{language.site(site)} {text}")
    axes.set_ylim(len(strip.runs) - 0.5, -0.5)
    names = [site.rpartition("_")[0] for site in strip.runs]
    axes.set_yticks(range(len(names)), names, color=COLORS["ink"], parse_math=False)
    axes.tick_params(axis="y", length=0, labelsize=size)
    _label_bouts(axes, strip, language, size=size)
    return shares


def _label_bouts(axes: Axes, strip: Strip, language: Language, *, size: float) -> None:
    """Lines between bouts, and the name of each set below."""
    axes.set_xlim(0, strip.ends[-1][0] / 60)
    begins = [0.0, *(end for end, _, _ in strip.ends[:-1])]
    sets: dict[tuple[str, str], list[float]] = {}
    for begin, (end, label, condition) in zip(begins, strip.ends, strict=True):
        sets.setdefault((condition, label), []).extend((begin, end))
        axes.axvline(end / 60, color=COLORS["paper"], lw=1.2, zorder=6)
    names = {"before": language("picture.before"), "after": language("picture.after")}
    ticks = [(min(ends) + max(ends)) / 120 for ends in sets.values()]
    labels = [names.get(label.casefold(), label[:10]) for _, label in sets]
    axes.set_xticks(ticks, labels, parse_math=False)
    axes.tick_params(axis="x", length=0, colors=COLORS["ink"], labelsize=size)
