"""The picture of what a device told beside the EMG: heart rate or speed over the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgsmr.analysis.covariates import of_one_device
from emgsmr.report import words
from emgsmr.report.facts import lines
from emgsmr.report.figure import COLORS, inline_svg, label_time, new_figure
from emgsmr.report.language import Language, load_language

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

SHOWN = {"heart_rate_bpm": ("Heart rate", "1/min", 0), "speed_mps": ("Speed", "m/s", 1)}
"""Quantity: its name, its unit and the decimals of its numbers."""

MOST_POINTS = 2000


def reading_strips(analysis: Analysis, say: Language | None = None) -> list[tuple[str, str]]:
    """Name and unit, and the picture as inline SVG, of each quantity that was told."""
    say = say or load_language()
    found = []
    for quantity, (name, unit, digits) in SHOWN.items():
        rows = of_one_device(analysis.readings, quantity)
        inside = rows[(rows["t_s"] >= 0) & (rows["t_s"] <= analysis.duration_s)]
        if len(inside):
            t_s, value = inside["t_s"].to_numpy(dtype=float), inside["value"].to_numpy(dtype=float)
            title = say(f"session.{quantity}")
            picture = _strip(t_s, value, analysis.duration_s, quantity, title, unit, digits, say)
            found.append((f"{name} ({unit}), {inside['source'].iloc[0]}", picture))
    return found


def _strip(
    t_s: np.ndarray, value: np.ndarray, duration_s: float, quantity: str, title: str, unit: str, digits: int,
    say: Language,
) -> str:  # fmt: skip
    axes = new_figure(110)
    step = -(-len(t_s) // MOST_POINTS)
    line_t, line_y = lines(t_s[::step], value[::step])
    single = len(t_s) == 1
    axes.plot(line_t / 60, line_y, color=COLORS["ink"], lw=1.2, marker="o" if single else None, ms=3)
    low, high = float(value.min()), float(value.max())
    margin = max(0.1 * (high - low), 2 * 10.0**-digits)
    axes.set_ylim(low - margin, high + margin)
    axes.locator_params(axis="y", nbins=4)
    label_time(axes, duration_s, name=say("session.time"))
    median = float(np.median(value))
    numbers = {
        name: say.number(number, f".{digits}f")
        for name, number in (("median", median), ("low", low), ("high", high))
    }
    until = words.clock(float(t_s[-1]))
    said = say("session.desc_reading", n=len(t_s), t=until, unit=unit, **numbers)
    return inline_svg(axes, key=f"reading-{quantity}", title=title, description=said)
