"""The picture of a pair on one side over the session: strides, medians, baseline, flagged episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from emgsmr.report import words
from emgsmr.report.facts import BREAK_S, block_medians, lines
from emgsmr.report.figure import COLORS, inline_svg, label_time, new_figure
from emgsmr.report.language import Language, load_language

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

FACTORS = (1 / 4, 1 / 3, 1 / 2, 1 / 1.5, 1 / 1.2, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0)
FEW_STRIDES = 60
MOST_STRIDES = 4000
"""Of a longer session every second, third ... stride is drawn, so that the page stays small."""


def time_course(
    analysis: Analysis, pair: str, side: str, *, floor_pct: float, say: Language | None = None
) -> str:
    """The picture as inline SVG; what it shows stands in its description too."""
    say = say or load_language()
    ratios = analysis.ratios
    own = ratios[(ratios["pair"] == pair) & (ratios["side"] == side)].sort_values("t_s")
    valid = own[own["valid"].astype(bool) & own["log_ratio"].notna()]
    found = analysis.findings[(analysis.findings["pair"] == pair) & (analysis.findings["side"] == side)]
    found = found[found["pattern"] != "standing"]  # no change, so nothing begins
    t_s, y = valid["t_s"].to_numpy(dtype=float), valid["log_ratio"].to_numpy(dtype=float)
    axes = new_figure(222, top=20)
    _scale(axes, y, analysis.duration_s, say)
    _background(axes, analysis, t_s, floor_pct, say)
    for row in found.to_dict("records"):
        _episode(axes, row, analysis.duration_s, say)
    if len(t_s):
        step = -(-len(t_s) // MOST_STRIDES)
        thin_t, thin_y = lines(t_s[::step], y[::step])
        few = len(t_s) < FEW_STRIDES
        style = {"lw": 0.8, "marker": "o", "ms": 3} if few else {"lw": 0.4, "alpha": 0.5}
        axes.plot(thin_t / 60, thin_y, color=COLORS["muted"], **style)
        mid_t, mid_y = lines(*block_medians(valid))
        axes.plot(mid_t / 60, mid_y, color=COLORS["ink"], lw=1.7, solid_capstyle="round")
    _marks(axes, analysis.events, side, say)
    title = say("session.course", leg=say(f"leg.{side}"), pair=_pair_name(own, say))
    return inline_svg(
        axes,
        key=f"course-{pair}-{side}",
        title=title,
        description=_describe(found, y, analysis.duration_s, say),
    )


def _pair_name(rows: pd.DataFrame, say: Language) -> str:
    if not len(rows):
        return "no ratio"
    return say.pair(str(rows["prime"].iloc[0]), str(rows["compensator"].iloc[0]))


def _scale(axes: Axes, y: np.ndarray[Any, Any], duration_s: float, say: Language) -> None:
    label_time(axes, duration_s, name=say("session.time"))
    reach = np.log(1.6)
    if len(y):
        reach = float(np.clip(np.quantile(np.abs(y), 0.99) * 1.1, reach, np.log(4.2)))
    axes.set_ylim(-reach, reach)
    near = [factor for factor in FACTORS if abs(np.log(factor)) <= reach]
    if len(near) > 7:
        near = [factor for factor in near if abs(np.log(factor)) > np.log(1.3) or factor == 1]
    axes.set_yticks([np.log(f) for f in near], [words.percent(100 * (f - 1)).replace(" ", "") for f in near])


def _background(
    axes: Axes, analysis: Analysis, t_s: np.ndarray[Any, Any], floor_pct: float, say: Language
) -> None:
    """Zero, the floor, the baseline, and times without a valid stride."""
    axes.axhline(0, color=COLORS["muted"], lw=0.8)
    for sign in (1, -1):
        axes.axhline(sign * np.log1p(floor_pct / 100), color=COLORS["muted"], lw=0.8, ls=(0, (4, 3)))
    top = axes.get_ylim()[1]
    if analysis.baseline:
        begin, end = (t / 60 for t in analysis.baseline)
        axes.axvspan(begin, end, color=COLORS["blue"], alpha=0.13, lw=0)
        axes.text(
            (begin + end) / 2,
            -0.97 * top,
            say("session.baseline"),
            color=COLORS["blue"],
            fontsize=11,
            ha="center",
        )
    for i in np.flatnonzero(np.diff(t_s) > BREAK_S):
        axes.axvspan(
            t_s[i] / 60,
            t_s[i + 1] / 60,
            facecolor="none",
            edgecolor=COLORS["muted"],
            hatch="////",
            lw=0,
            alpha=0.5,
        )


def _episode(axes: Axes, row: dict[Any, Any], duration_s: float, say: Language) -> None:
    tier = int(row["tier"])
    onset = row["t_alarm_s"] if pd.isna(row["t_onset_s"]) else row["t_onset_s"]
    end = duration_s if pd.isna(row["t_end_s"]) else row["t_end_s"]
    color = COLORS["vermillion"] if tier else COLORS["muted"]
    axes.axvspan(onset / 60, end / 60, color=color, alpha=0.17 if tier else 0.13, lw=0)
    axes.axvline(row["t_alarm_s"] / 60, color=color, lw=1.1, ls="-" if tier else ":")
    text = say.said(f"tier {tier}: {words.TIERS[tier]}" if tier else "notice")
    if tier == 3:
        text = say("session.tier3")
    late = onset > 0.6 * duration_s
    axes.text(
        (end if late else onset) / 60,
        1.02,
        text,
        transform=axes.get_xaxis_transform(),
        color=color,
        fontsize=11,
        fontweight="bold" if tier else "normal",
        ha="right" if late else "left",
        va="bottom",
    )


def _marks(axes: Axes, events: pd.DataFrame, side: str, say: Language) -> None:
    """What the runner felt."""
    felt = events[events["kind"].isin(["cramp", "fatigue"])]
    for row in felt.to_dict("records"):
        if row["side"] in ("L", "R") and row["side"] != side:
            continue
        at = row["t_s"] / 60
        late = at > 0.8 * axes.get_xlim()[1]
        axes.axvline(at, color=COLORS["purple"], lw=1.2, ls=(0, (1, 1.5)))
        axes.text(
            at,
            axes.get_ylim()[0] * 0.97,
            f"{say.said(row['kind'])} " if late else f" {say.said(row['kind'])}",
            color=COLORS["purple"],
            fontsize=11,
            ha="right" if late else "left",
        )


def _describe(found: pd.DataFrame, y: np.ndarray[Any, Any], duration_s: float, say: Language) -> str:
    if not len(y):
        return say("session.desc_none")
    parts = [say("session.desc_strides", n=len(y), t=words.clock(duration_s))]
    for row in found.to_dict("records"):
        end = duration_s if pd.isna(row["t_end_s"]) else row["t_end_s"]
        tier = int(row["tier"])
        parts.append(
            say(
                "session.desc_tier",
                tier=tier,
                what=say.said(words.TIERS[tier]),
                alarm=words.clock(row["t_alarm_s"]),
                end=words.clock(end),
                change=say.percent(row["change_pct"]),
            )
        )
    return " ".join(parts) if len(found) else f"{parts[0]} {say('session.desc_quiet')}"
