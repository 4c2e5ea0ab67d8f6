"""The picture of signal quality: one line per site, colored, hatched and lettered by state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from emgsmr.report import words
from emgsmr.report.facts import good_share, quality_runs
from emgsmr.report.figure import COLORS, WIDTH, inline_svg, label_time, new_figure
from emgsmr.report.language import Language, load_language

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

# color, opacity, hatch, letter
STYLES = {
    "good": ("green", 0.55, "", ""),
    "noisy": ("sky", 0.75, "....", "N"),
    "motion": ("orange", 0.9, "////", "M"),
    "clipped": ("vermillion", 0.9, "xxxx", "C"),
    "flat": ("purple", 0.8, "----", "F"),
    "off": ("purple", 0.8, "\\\\\\\\", "O"),
    "gap": ("paper", 1.0, "////", "G"),
}
ROW = 22.0


def quality_strip(analysis: Analysis, side: str, say: Language | None = None) -> str:
    """The strip of all sites of a side as inline SVG."""
    say = say or load_language()
    found = {site for site in analysis.quality["site"].astype(str) if site.endswith(f"_{side}")}
    sites = sorted(found, key=words.muscle_rank)
    end_s = analysis.duration_s
    axes = new_figure(ROW * len(sites) + 40, left=58, right=46, top=4)
    axes.spines["left"].set_visible(False)
    facts = []
    for row, site in enumerate(sites):
        runs = quality_runs(analysis.quality, site, end_s)
        for run in runs:
            draw_bar(axes, row, run.t_start_s, run.t_end_s, run.state, end_s)
        share = good_share(runs)
        digits = 1 if share is not None and 99 < share < 100 else 0  # 100 % is not said of less
        text = words.percent(share, signed=False, digits=digits)
        axes.text(
            1.015,
            row,
            text,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=11,
            color=COLORS["ink"],
        )
        others = sorted({run.state for run in runs} - {"good"})
        fact = say("session.desc_usable", site=say.site(site), share=text)
        facts.append(fact + (f" ({', '.join(map(say.said, others))})" if others else ""))
    axes.set_ylim(len(sites) - 0.5, -0.5)
    axes.set_yticks(
        range(len(sites)), [site.rpartition("_")[0] for site in sites], color=COLORS["ink"], parse_math=False
    )
    axes.tick_params(axis="y", length=0)
    label_time(axes, end_s, name=say("session.time"))
    title = say("session.quality_title", leg=say(f"leg.{side}"))
    return inline_svg(axes, key=f"quality-{side}", title=title, description="; ".join(facts) + ".")


def draw_bar(
    axes: Axes, row: int, begin_s: float, end_s: float, state: str, duration_s: float, *, size: float = 11.0
) -> None:
    """Draw a stretch of one state on axes of ``duration_s`` seconds, in minutes."""
    color, alpha, hatch, letter = STYLES.get(state, STYLES["off"])
    width = end_s - begin_s
    shown = max(width, duration_s / WIDTH)  # a second of trouble in an hour must still be seen
    axes.barh(
        row, shown / 60, left=begin_s / 60, height=0.66, color=COLORS[color], alpha=alpha, lw=0,
        zorder=2 if state == "good" else 3,
    )  # fmt: skip
    if hatch:
        axes.barh(
            row, shown / 60, left=begin_s / 60, height=0.66, facecolor="none", edgecolor=COLORS["ink"],
            hatch=hatch, lw=0.4, alpha=0.55, zorder=4,
        )  # fmt: skip
    if letter and width > 0.025 * duration_s:
        axes.text(
            (begin_s + end_s) / 120, row, letter, ha="center", va="center", fontsize=size, fontweight="bold",
            color=COLORS["ink"], zorder=5,
        )  # fmt: skip
