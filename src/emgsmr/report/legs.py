"""The picture of both legs from behind, each measured muscle lit by its change against its own reference."""

from __future__ import annotations

import html
import math

from emgsmr.anatomy.leg_drawing import DOTS, MUSCLES, OUTLINE
from emgsmr.report import words
from emgsmr.report.facts import Change

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
