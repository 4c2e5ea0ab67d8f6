"""The picture of both legs from behind, each measured muscle lit by its change against its own reference."""

from __future__ import annotations

import html
import math

from emgsmr.report import words
from emgsmr.report.facts import Change

# Left leg, seen from behind: outline and muscles on a grid of 170 by 420; the right leg is its mirror image.
OUTLINE = (
    "M150 14 C118 12 84 26 74 62 C66 92 70 140 80 190 C84 214 88 226 86 246 C78 274 80 306 92 338 "
    "C98 358 100 372 98 388 C96 398 92 404 96 408 L128 408 C132 402 128 394 126 384 C126 360 134 330 138 300 "
    "C142 274 136 258 134 240 C138 200 150 150 158 112 L158 14 Z"
)
MUSCLES = {
    "GMAX": "M152 34 C122 30 92 46 84 76 C80 98 90 112 108 116 C130 118 150 104 154 84 Z",
    "BFLH": "M92 126 C84 150 88 190 94 226 C96 232 102 232 104 226 C110 196 114 156 114 126 "
    "C108 120 98 120 92 126 Z",
    "ST": "M122 126 C120 156 114 196 112 226 C114 232 120 232 122 226 C132 192 144 156 146 124 "
    "C140 118 128 120 122 126 Z",
    "LGAS": "M92 250 C84 270 86 296 96 308 C104 312 110 306 110 296 L109 252 C104 244 96 244 92 250 Z",
    "MGAS": "M113 252 L114 300 C116 312 126 314 130 304 C138 284 138 266 130 250 C124 244 116 246 113 252 Z",
    "SOL": "M97 316 C98 336 104 352 110 356 C118 352 126 336 128 318 C122 316 114 312 111 306 "
    "C108 314 102 318 97 316 Z",
}
DOTS = {
    "GMAX": (84, 74),
    "BFLH": (100, 162),
    "ST": (134, 186),
    "LGAS": (98, 266),
    "MGAS": (124, 284),
    "SOL": (104, 334),
}
"""Where the line from a muscle's label ends."""

GROUPS = {"HAM": ("BFLH", "ST"), "CALF": ("LGAS", "MGAS")}
FULL = math.log(1.5)
"""Change (log scale) at full color."""


def legs_picture(changes: dict[str, Change]) -> str:
    """The picture as inline SVG; empty where none of its muscles was measured.

    Parameters
    ----------
    changes : dict of str to Change
        By site, from `emgsmr.report.facts.muscle_changes`.
    """
    shown = {site: change for site, change in changes.items() if _codes(site.rpartition("_")[0])}
    if not shown:
        return ""
    facts = [
        f"{words.site_name(site)} {words.percent(change.change_pct)}"
        for site, change in sorted(shown.items())
    ]
    parts = [
        '<svg viewBox="40 0 400 424" role="img" aria-labelledby="legs-title legs-desc" class="legs">',
        '<title id="legs-title">Change of each muscle against its own reference, seen from behind</title>',
        f'<desc id="legs-desc">{html.escape("; ".join(facts))}.</desc>',
    ]
    for side in "LR":
        parts.append(f'<g transform="{_placed(side)}"><path class="outline" d="{OUTLINE}"/>')
        for code, path in MUSCLES.items():
            parts.append(_muscle(path, _of(shown, code, side)))
        parts.append("</g>")
        parts += _labels(shown, side)
    parts.append('<text x="190" y="421" text-anchor="end" class="side">left</text>')
    parts.append('<text x="290" y="421" text-anchor="start" class="side">right</text></svg>')
    return "".join(parts)


def _codes(code: str) -> tuple[str, ...]:
    return GROUPS.get(code, (code,) if code in MUSCLES else ())


def _of(changes: dict[str, Change], code: str, side: str) -> Change | None:
    group = next((name for name, members in GROUPS.items() if code in members), "")
    return changes.get(f"{code}_{side}") or changes.get(f"{group}_{side}")


def _placed(side: str) -> str:
    return "translate(80 0)" if side == "L" else "translate(400 0) scale(-1 1)"


def _muscle(path: str, change: Change | None) -> str:
    if change is None:
        return f'<path class="unmeasured" d="{path}"/>'
    log_change = math.log(max(1 + change.change_pct / 100, 1e-3))
    strength = min(abs(log_change) / FULL, 1.0)
    color = "vermillion" if log_change > 0 else "blue"
    return (
        f'<path class="muscle" d="{path}"/>'
        f'<path class="lit" d="{path}" style="fill:var(--{color});fill-opacity:{strength:.2f}"/>'
    )


def _labels(changes: dict[str, Change], side: str) -> list[str]:
    """Label and leader of each measured muscle, outside the leg."""
    found = []
    for code, (x, y) in DOTS.items():
        if f"{code}_{side}" in changes:
            found.append((code, changes[f"{code}_{side}"], x, y))
    for group, members in GROUPS.items():
        if f"{group}_{side}" in changes:
            x, y = DOTS[members[0]]
            found.append((group, changes[f"{group}_{side}"], x, y))
    parts, last = [], -100.0
    for code, change, x, y in sorted(found, key=lambda entry: entry[3]):
        level = max(float(y), last + 34)
        last = level
        sign = 1 if side == "L" else -1
        at = (80 + x) if side == "L" else (400 - x)
        edge = 110 if side == "L" else 370
        anchor = "end" if side == "L" else "start"
        text = f'<text x="{edge - 5 * sign}" text-anchor="{anchor}"'
        parts.append(
            f'<path class="leader" d="M{edge} {level:.0f} L{edge + 14 * sign} {level:.0f} L{at} {y}"/>'
            f'<circle class="dot" cx="{at}" cy="{y}" r="2.2"/>'
            f'{text} y="{level - 2:.0f}" class="code">{html.escape(code)}</text>'
            f'{text} y="{level + 14:.0f}" class="value">{words.percent(change.change_pct)}</text>'
        )
    return parts
