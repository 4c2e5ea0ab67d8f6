"""The operating characteristic as a picture: found, when, and how well, over the size of a change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from validation.detector_changes import Outcome
from validation.detector_statistics import share

# Okabe and Ito's colors: told apart by color-blind readers, too
COLORS = {"surrogate": "#0072b2", "pool": "#009e73", "real strides": "#d55e00"}
INK, GRAY = "#1f2933", "#9aa5ad"
STYLE = {"svg.hashsalt": "emgsmr", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}


def draw(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the picture of the compensations (SVG)."""
    compensations = [o for o in outcomes if o.change.kind == "compensation"]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.5, 3.2), layout="constrained")
        found, delay, size = figure.subplots(1, 3)
        names = [name for name in COLORS if any(o.engine == name for o in compensations)]
        for k, name in enumerate(names):
            ours = [o for o in compensations if o.engine == name]
            shift = 0.4 * (k - (len(names) - 1) / 2)
            _found(found, ours, name, shift)
            _delay(delay, ours, name, shift)
            _size(size, ours, name, shift)
        _axes(found, "found, % (95 % CI; dotted: naive rule)")
        found.set_ylim(-3, 103)
        _axes(delay, "alarm after reaching it, s (IQR)")
        delay.axhline(0, color=GRAY, lw=0.8)
        _axes(size, "error of the ratio, % (IQR)")
        size.axhline(0, color=GRAY, lw=0.8)
        found.legend(frameon=False, loc="lower right")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _by_size(outcomes: Sequence[Outcome]) -> dict[float, list[Outcome]]:
    sizes = sorted({o.change.size_pct for o in outcomes})
    return {size: [o for o in outcomes if o.change.size_pct == size] for size in sizes}


def _found(axes: Axes, outcomes: Sequence[Outcome], name: str, shift: float) -> None:
    groups = _by_size(outcomes)
    x = np.array(list(groups))
    at = np.array([share(sum(o.found for o in group), len(group)) for group in groups.values()])
    axes.errorbar(
        x + shift,
        at[:, 0],
        yerr=np.abs(at[:, 1:].T - at[:, 0]),
        color=COLORS[name],
        marker="o",
        ms=4,
        lw=1.4,
        elinewidth=0.9,
        label=name,
    )
    naive = [100.0 * np.mean([o.naive_s is not None for o in group]) for group in groups.values()]
    axes.plot(x + shift, naive, color=COLORS[name], ls=":", lw=1.0)


def _quartiles(axes: Axes, groups: dict[float, list[float]], name: str, shift: float) -> None:
    kept = {size: values for size, values in groups.items() if len(values) >= 3}
    if not kept:
        return
    q = np.array([np.quantile(values, (0.25, 0.5, 0.75)) for values in kept.values()])
    axes.errorbar(
        np.array(list(kept)) + shift,
        q[:, 1],
        yerr=np.abs(q[:, (0, 2)].T - q[:, 1]),
        color=COLORS[name],
        marker="o",
        ms=4,
        lw=1.4,
        elinewidth=0.9,
    )


def _delay(axes: Axes, outcomes: Sequence[Outcome], name: str, shift: float) -> None:
    groups = {size: [o.delay_s for o in group if o.found] for size, group in _by_size(outcomes).items()}
    _quartiles(axes, groups, name, shift)


def _size(axes: Axes, outcomes: Sequence[Outcome], name: str, shift: float) -> None:
    groups = {size: [o.error_pct for o in group if o.found] for size, group in _by_size(outcomes).items()}
    _quartiles(axes, groups, name, shift)


def _axes(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=9, color=INK)
    axes.set_xlabel("scripted compensation, %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
