"""The picture of both legs from behind, on axes: the same drawing as on the page."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.transforms import Affine2D

from emgsmr.anatomy.leg_drawing import MUSCLES, OUTLINE
from emgsmr.report.facts import Change
from emgsmr.report.figure import COLORS
from emgsmr.report.language import Language
from emgsmr.report.legs import FULL, change_of, labels_of
from emgsmr.report.paper import dot, shape


def draw_legs(axes: Axes, changes: dict[str, Change], language: Language, *, size: float = 7.0) -> None:
    """Draw both legs with each measured muscle lit by its change."""
    axes.set_xlim(30, 450)
    axes.set_ylim(424, 0)
    axes.set_aspect("equal")
    for side in "LR":
        place = Affine2D().translate(80, 0) if side == "L" else Affine2D().scale(-1, 1).translate(400, 0)
        where = place + axes.transData
        axes.add_patch(shape(OUTLINE, fc="#f6f7f8", ec=COLORS["faint"], lw=0.7, transform=where))
        for code, path in MUSCLES.items():
            change = change_of(changes, code, side)
            if change is None:
                axes.add_patch(
                    shape(path, fc="none", ec=COLORS["faint"], lw=0.5, ls=(0, (3, 3)), transform=where)
                )
                continue
            log = math.log(max(1 + change.change_pct / 100, 1e-3))
            color = COLORS["vermillion" if log > 0 else "blue"]
            axes.add_patch(shape(path, fc="#e9edf0", ec=COLORS["muted"], lw=0.5, transform=where))
            axes.add_patch(shape(path, fc=color, alpha=min(abs(log) / FULL, 1.0), lw=0, transform=where))
        for code, change, x, y, level in labels_of(changes, side):
            sign = 1 if side == "L" else -1
            at = 80 + x if side == "L" else 400 - x
            edge = 110 if side == "L" else 370
            line = ([edge, edge + 14 * sign, at], [level, level, y])
            axes.plot(*line, color=COLORS["muted"], lw=0.4)
            axes.add_patch(dot(at, y, "ink"))
            anchor = "right" if side == "L" else "left"
            text = f"{code}\n{language.percent(change.change_pct)}"
            axes.text(
                edge - 5 * sign, level, text, ha=anchor, va="center", fontsize=size, color=COLORS["ink"],
                parse_math=False, linespacing=1.1,
            )  # fmt: skip
    for x, name in ((175, "picture.left"), (305, "picture.right")):
        axes.text(x, 421, language(name), ha="center", fontsize=size, color=COLORS["muted"])
