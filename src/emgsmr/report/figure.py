"""Matplotlib figures as inline SVG: text stays text, colors follow the page's light and dark themes."""

from __future__ import annotations

import html
import io
import re

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

WIDTH = 480.0
"""Width of every picture, in the units of its text (11): two fit side by side on a screen, one on a phone."""

# Okabe and Ito's colors, told apart by color-blind readers too; the style sheet gives each a dark twin.
COLORS = {
    "ink": "#1f2933",
    "muted": "#5b6771",
    "faint": "#c9d0d6",
    "paper": "#fffffe",
    "blue": "#0072b2",
    "sky": "#56b4e9",
    "green": "#009e73",
    "orange": "#e69f00",
    "vermillion": "#d55e00",
    "purple": "#aa4499",
}


def new_figure(
    height: float,
    *,
    width: float = WIDTH,
    left: float = 44,
    right: float = 8,
    top: float = 8,
    bottom: float = 34,
) -> Axes:
    """An empty picture of ``width`` by ``height`` with one pair of axes; margins in the same units."""
    figure = Figure(figsize=(width / 72, height / 72))
    figure.patch.set_visible(False)
    axes = figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )
    plain_axes(axes)
    return axes


def plain_axes(axes: Axes, *, size: float = 11.0) -> None:
    """Make axes look as on the page: two thin lines, muted ticks with text of a size."""
    axes.patch.set_visible(False)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(COLORS["faint"])
    axes.tick_params(colors=COLORS["muted"], labelsize=size, length=3, width=0.8)


def label_time(axes: Axes, end_s: float, *, name: str = "time") -> None:
    """Make the horizontal axis time, from 0 to the end: minutes, labeled in seconds where they are few."""
    end = max(end_s, 1.0) / 60
    axes.set_xlim(0, end)
    per_minute, unit = (60, "s") if end < 1.5 else (1, "min")
    shown = end * per_minute
    step = next(s for s in (0.2, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240, 1e9) if shown / s <= 8)
    ticks = [i * step for i in range(int(shown / step) + 1)]
    axes.set_xticks([tick / per_minute for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.set_xlabel(f"{name} ({unit})", color=COLORS["muted"], fontsize=11, labelpad=2)


def inline_svg(axes: Axes, *, key: str, title: str, description: str) -> str:
    """The picture as an ``<svg>`` element that a screen reader can name.

    Parameters
    ----------
    axes : Axes
    key : str
        Makes the element's ids unique on the page.
    title, description : str
        Plain text.
    """
    key = re.sub(
        r"[^A-Za-z0-9_-]", lambda match: f".{ord(match[0]):x}.", key
    )  # sites may come from a stranger
    figure = axes.figure
    assert isinstance(figure, Figure)  # as `new_figure` makes it; not a part of another
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": key, "path.simplify_threshold": 0.25}):
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = buffer.getvalue()
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    head, rest = body.split(">", 1)
    view_box = re.search(r'viewBox="[^"]*"', head)
    assert view_box is not None
    for name, color in COLORS.items():
        rest = rest.replace(color, f"var(--{name})")
    return (
        f'<svg {view_box.group()} role="img" aria-labelledby="{key}-title {key}-desc" class="plot">'
        f'<title id="{key}-title">{html.escape(title)}</title>'
        f'<desc id="{key}-desc">{html.escape(description)}</desc>{rest}'
    )
