"""The picture of one muscle's mean activation over the stride, before and after on the same scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from emgsmr.report.figure import COLORS

if TYPE_CHECKING:
    from emgsmr.report.language import Language

STYLES = {"before": ("blue", "-"), "after": ("vermillion", "--")}


def draw_profiles(axes: Axes, rows: pd.DataFrame, *, size: float = 11.0) -> None:
    """Draw both curves of a site, with one standard deviation.

    Parameters
    ----------
    axes : Axes
    rows : DataFrame
        Of one site, as `emgsmr.analysis.comparison.pictured.bout_profiles` gives them.
    size : float
        Of text.
    """
    top = 0.0
    for condition, (color, line) in STYLES.items():
        part = rows[rows["condition"] == condition].sort_values("pct")
        x = part["pct"].to_numpy(dtype=float) + 50.0 / max(len(part), 1)
        mean = part["mean"].to_numpy(dtype=float)
        sd = part["sd"].fillna(0.0).to_numpy(dtype=float)
        axes.fill_between(x, (mean - sd).clip(min=0), mean + sd, color=COLORS[color], alpha=0.15, lw=0)
        axes.plot(x, mean, color=COLORS[color], lw=1.7 * size / 11, ls=line)
        top = max(top, float(pd.Series(mean + sd).max()))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, top * 1.05 if top > 0 else 1)
    axes.set_xticks([0, 50, 100], ["0", "50", "100"])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter("{x:g}")


def describe_profiles(rows: pd.DataFrame, language: Language, unit: str) -> str:
    """What the picture shows, for who cannot see it."""
    values: dict[str, str] = {}
    for condition in STYLES:
        part = rows[rows["condition"] == condition]
        values[f"n_{condition}"] = str(int(part["n"].max()))
        values[f"peak_{condition}"] = language.number(float(part["mean"].max()), ".0f")
    return language("picture.profile_desc", unit=unit, **values)
