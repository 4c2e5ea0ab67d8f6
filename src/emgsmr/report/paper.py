"""Sheets of A4 for the PDF: text that is set in lines, pictures at their place, as vectors.

Matplotlib draws the page's pictures already, so its PDF needs no other package: letters stay letters that can
be searched and copied.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path as Curve
from matplotlib.textpath import text_to_path

from emgsmr.report.figure import COLORS, plain_axes

WIDTH, HEIGHT = 595.3, 841.9
"""A4 in points; Letter is 3 mm wider and 18 mm lower, so a bottom margin of 50 lets both printers fit it."""

MARGIN, BOTTOM = 34.0, 46.0
INNER = WIDTH - 2 * MARGIN
LINE = 1.36
"""Distance of lines, in sizes of the text."""

_FONTS = {weight: FontProperties(family="DejaVu Sans", weight=weight) for weight in ("normal", "bold")}


@lru_cache(maxsize=20000)
def _width(word: str, weight: str) -> float:
    """Width of a word in sizes of the text."""
    properties = FontProperties(family="DejaVu Sans", weight=weight, size=100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that the font does not have become boxes
        return float(text_to_path.get_text_width_height_descent(word, properties, ismath=False)[0]) / 100.0


def wrapped(text: str, width: float, size: float, *, weight: str = "normal") -> list[str]:
    """Lines of a text that are no wider than ``width``; a longer word is cut.

    Examples
    --------
    >>> wrapped("one two three", 50.0, 10.0)
    ['one two', 'three']
    """
    lines: list[str] = []
    line, room = "", width / size
    for word in text.split(" "):
        rest = word
        while _width(rest, weight) > room and len(rest) > 1:
            n = max(1, int(len(rest) * room / _width(rest, weight)))
            lines += [line] * bool(line)
            line = ""
            lines.append(rest[:n])
            rest = rest[n:]
        joined = f"{line} {rest}" if line else rest
        if line and _width(joined, weight) > room:
            lines.append(line)
            joined = rest
        line = joined
    return [*lines, line] if line else lines


class Paper:
    """Sheets that fill from top to bottom.

    Attributes
    ----------
    y : float
        Where the next thing begins, in points from the top.
    """

    def __init__(self, *, title: str, foot: str) -> None:
        self._title, self._foot = title, foot
        self._sheets: list[Figure] = []
        self.y = 0.0
        self.new_sheet()

    def new_sheet(self) -> None:
        """Go on at the top of another sheet."""
        self._sheets.append(Figure(figsize=(WIDTH / 72, HEIGHT / 72)))
        self.y = MARGIN

    def need(self, height: float) -> bool:
        """Go on on another sheet if this one has less room; whether it did."""
        if self.y + height <= HEIGHT - BOTTOM:
            return False
        self.new_sheet()
        return True

    def put(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        *,
        size: float = 8.0,
        color: str = "ink",
        weight: str = "normal",
    ) -> float:
        """Set a text at a place; gives where it ends."""
        for line in wrapped(text, width, size, weight=weight):
            self._sheets[-1].text(
                x / WIDTH, 1 - (y + size) / HEIGHT, line, fontsize=size, color=COLORS[color],
                fontproperties=_FONTS[weight].copy(), va="baseline", parse_math=False,
            ).set_fontsize(size)  # fmt: skip
            y += size * LINE
        return y

    def say(self, text: str, *, size: float = 8.0, color: str = "ink", weight: str = "normal") -> None:
        """Set a paragraph below what is there."""
        lines = wrapped(text, INNER, size, weight=weight)
        self.need(len(lines) * size * LINE)
        self.y = self.put(text, MARGIN, self.y, INNER, size=size, color=color, weight=weight) + 2

    def heading(self, text: str, *, room: float = 60.0) -> None:
        """Set a heading, with room for something below it on the same sheet."""
        self.y += 5
        self.need(room + 18)
        self.rule()
        self.y = self.put(text, MARGIN, self.y + 5, INNER, size=10.5, weight="bold") + 3

    def rule(self, color: str = "faint") -> None:
        """A line across the sheet."""
        y = 1 - self.y / HEIGHT
        ends = [MARGIN / WIDTH, 1 - MARGIN / WIDTH]
        sheet = self._sheets[-1]
        sheet.add_artist(Line2D(ends, [y, y], lw=0.6, color=COLORS[color], transform=sheet.transFigure))

    def bar(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle."""
        sheet = self._sheets[-1]
        corner = (x / WIDTH, 1 - (y + height) / HEIGHT)
        size = (width / WIDTH, height / HEIGHT)
        sheet.add_artist(Rectangle(corner, *size, lw=0, facecolor=COLORS[color], transform=sheet.transFigure))

    def axes(
        self, x: float, y: float, width: float, height: float, *, size: float = 6.5, plain: bool = True
    ) -> Axes:
        """Axes at a place, in points from the top left."""
        place = (x / WIDTH, 1 - (y + height) / HEIGHT, width / WIDTH, height / HEIGHT)
        axes = self._sheets[-1].add_axes(place)
        if plain:
            plain_axes(axes, size=size)
        else:
            axes.set_axis_off()
        return axes

    def table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], size: float = 7.0
    ) -> None:
        """Set a table; widths are parts of the sheet's width."""
        self._row(head, widths, size, color="muted")
        self.rows(rows, widths, size)

    def rows(self, rows: Sequence[Sequence[str]], widths: Sequence[float], size: float = 7.0) -> None:
        """Set rows of a table."""
        for row in rows:
            self._row(row, widths, size, color="ink")

    def _row(self, cells: Sequence[str], widths: Sequence[float], size: float, *, color: str) -> None:
        room = [INNER * width - 6 for width in widths]
        lines = max(len(wrapped(cell, w, size)) for cell, w in zip(cells, room, strict=True))
        self.need(lines * size * LINE + 2)
        x = MARGIN
        for cell, wide, width in zip(cells, room, widths, strict=True):
            self.put(cell, x, self.y, wide, size=size, color=color)
            x += INNER * width
        self.y += max(lines, 1) * size * LINE + 1.5

    def as_pdf(self) -> bytes:
        """The file."""
        buffer = io.BytesIO()
        about: dict[str, Any] = {"Title": self._title, "CreationDate": None, "Creator": "emgsmr"}
        n = len(self._sheets)
        for number, sheet in enumerate(self._sheets, start=1):
            foot = f"{self._foot} · {number}/{n}"
            sheet.text(
                MARGIN / WIDTH, 24 / HEIGHT, foot, fontsize=6.5, color=COLORS["muted"], parse_math=False
            )
        with (
            mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}),
            warnings.catch_warnings(),
            PdfPages(buffer, metadata=about) as pages,
        ):
            warnings.simplefilter("ignore", UserWarning)  # letters that the font does not have become boxes
            for sheet in self._sheets:
                pages.savefig(sheet)
        return buffer.getvalue()


def curve(path: str) -> Curve:
    """A path of the legs' drawing (M, L, C, Z with absolute numbers) for Matplotlib.

    Examples
    --------
    >>> curve("M0 0 L1 0 Z").codes.tolist()
    [1, 2, 79]
    """
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    tokens = path.replace(",", " ")
    for letter in "MLCZ":
        tokens = tokens.replace(letter, f" {letter} ")
    kind = "M"
    numbers: list[float] = []
    for token in [*tokens.split(), "M"]:
        if token not in "MLCZ":
            numbers.append(float(token))
            continue
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        points += pairs
        code = {"M": Curve.MOVETO, "L": Curve.LINETO, "C": Curve.CURVE4}.get(kind)
        codes += [int(code)] * len(pairs) if code is not None else []
        if token == "Z":
            points.append((0.0, 0.0))
            codes.append(int(Curve.CLOSEPOLY))
        kind, numbers = token, []
    return Curve(points, codes)


def shape(path: str, **style: Any) -> PathPatch:
    """A filled path."""
    return PathPatch(curve(path), **style)


def dot(x: float, y: float, color: str) -> Circle:
    """A small filled circle."""
    return Circle((x, y), 2.2, color=COLORS[color], lw=0)
