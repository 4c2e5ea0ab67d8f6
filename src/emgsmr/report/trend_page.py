"""The page of a client's sessions over weeks: each pair's normalized ratio with the error between days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from emgsmr.anatomy import load_catalog
from emgsmr.report.figure import COLORS, inline_svg, new_figure
from emgsmr.report.language import Language, load_language
from emgsmr.report.template import filled, write_file

if TYPE_CHECKING:
    from emgsmr.recording.library import ClientSession

TICKS = (0.1, 0.2, 0.33, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0)


def write_trend_page(
    code: str, sessions: Sequence[ClientSession], table: pd.DataFrame, path: Path | str, *, lang: str = "en"
) -> Path:
    """Write one self-contained page about a client's sessions.

    Parameters
    ----------
    code : str
        Of the client.
    sessions : sequence of ClientSession
    table : DataFrame
        From `emgsmr.analysis.trend.trend_table`.
    path : path
    lang : str
        en or de.
    """
    return write_file(Path(path), render_trend(code, sessions, table, lang=lang))


def render_trend(
    code: str, sessions: Sequence[ClientSession], table: pd.DataFrame, *, lang: str = "en"
) -> str:
    """The page as text."""
    say = load_language(lang)
    known = table[table["log_ratio"].notna()]
    days = [session.day for session in sessions if session.started_utc]
    first, last = (days[0], days[-1]) if days else ("?", "?")
    usable = known["recording"].nunique()
    lead = [*_last(known, say), say("trend.lead", n=len(sessions), first=first, last=last, usable=usable)]
    lead.append(say("trend.cause" if usable else "trend.none"))
    return filled(
        "trend.html.j2",
        say,
        title=say("trend.title", code=code),
        lead=lead,
        pictures=list(_pictures(known, say)),
        rows=[_row(row, say) for row in known.to_dict("records")],
        sessions=[(s.day, s.path.name, _phases(s, table, say)) for s in sessions],
    )


def _last(known: pd.DataFrame, say: Language) -> Iterator[str]:
    """What the last session with a ratio came to against those before it."""
    if not len(known):
        return
    rows = known[known["recording"] == known["recording"].iloc[-1]]
    compared = rows[rows["expected_low"].notna()]
    day = str(rows["started_utc"].iloc[0] or "?")[:10]
    out = [_name(row["pair"], row["side"], say) for row in _dicts(compared) if row["beyond_days"] is True]
    if not len(compared):
        yield say("trend.last_first", day=day)
    elif out:
        yield say("trend.last_outside", day=day, pairs="; ".join(out))
    else:
        yield say("trend.last_inside", day=day)


def _name(pair: str, side: str, say: Language) -> str:
    """A pair on a leg."""
    about = load_catalog().pairs.get(pair)
    name = say.pair(about.prime_name, about.compensator_name) if about else pair
    return say("trend.picture", leg=say(f"leg.{side}"), pair=name)


def _phases(session: ClientSession, table: pd.DataFrame, say: Language) -> str:
    """What a session holds, and why it has no ratio if that is so."""
    if session.error:
        return session.error
    reasons = table.loc[table["recording"] == session.path.name, "reason"].dropna()
    why = [say("trend.left_out", reason=say.said(str(reason))) for reason in reasons if reason]
    return "; ".join([", ".join(session.phases), *why]).removeprefix("; ")


def _task(task: str, say: Language) -> str:
    return " + ".join(
        say.either(f"trend.{part}", say.either(f"exercise.{part}", part))
        for part in task.split(" + ")
        if part
    )


def _pictures(known: pd.DataFrame, say: Language) -> Iterator[tuple[str, Markup]]:
    ends = np.abs(np.log(known[["ci_low", "ci_high"]].to_numpy(dtype=float)))
    reach = float(np.clip(1.15 * ends.max(initial=0.0), np.log(1.6), np.log(12.0)))
    tasks = sorted(set(known["task"].astype(str)))
    for (pair, side, task), rows in known.groupby(["pair", "side", "task"]):
        title = _name(str(pair), str(side), say)
        if len(tasks) > 1:
            title += f" ({_task(str(task), say)})"
        values = "; ".join(
            f"{str(r['started_utc'])[:10]} {say.number(r['ratio'], '.2f')}" for r in _dicts(rows)
        )
        key = f"trend-{pair}-{side}" + (f"-{tasks.index(str(task))}" if len(tasks) > 1 else "")
        axes = new_figure(190, width=430, left=40, bottom=34)
        draw_trend(axes, rows, say, reach=reach)
        text = say("trend.picture_desc", n=len(rows), values=values)
        yield title, Markup(inline_svg(axes, key=key, title=title, description=text))


def draw_trend(axes: Axes, rows: pd.DataFrame, say: Language, *, reach: float) -> None:
    """Draw the sessions of a pair on one leg, with the band of those before; ``reach`` up and down (log)."""
    x = _days(rows)
    y, low, high = (np.log(rows[name].to_numpy(dtype=float)) for name in ("ratio", "ci_low", "ci_high"))
    for k, row in enumerate(_dicts(rows)):
        if pd.notna(row["expected_low"]):
            half = 0.5 * min(np.diff(x).min(initial=np.inf), 0.12 * max(np.ptp(x), 1.0))
            bottom, top = np.log(row["expected_low"]), np.log(row["expected_high"])
            axes.fill_between(
                [x[k] - half, x[k] + half], bottom, top, color=COLORS["muted"], alpha=0.18, lw=0
            )
        out = row["beyond_days"] is True
        axes.plot([x[k], x[k]], [low[k], high[k]], color=COLORS["ink"], lw=1.2)
        color = COLORS["vermillion" if out else "blue"]
        axes.plot([x[k]], [y[k]], ls="", marker="D" if out else "o", ms=6, color=color)
    axes.plot(x, y, color=COLORS["blue"], lw=0.8, alpha=0.6)
    axes.set_ylim(-reach, reach)
    axes.axhline(0, color=COLORS["muted"], lw=0.8)
    ticks = [tick for tick in TICKS if abs(np.log(tick)) <= reach]
    axes.set_yticks([np.log(tick) for tick in ticks], [say.number(tick) for tick in ticks])
    room = 0.06 * max(np.ptp(x), 1.0) + 0.5
    axes.set_xlim(x.min() - room, x.max() + room)
    axes.set_xlabel(say("trend.days"), color=COLORS["muted"], fontsize=11, labelpad=2)


def _days(rows: pd.DataFrame) -> np.ndarray:
    """Days since the first session; numbers of sessions where a date is missing."""
    try:
        times = [datetime.fromisoformat(str(started)).timestamp() / 86400 for started in rows["started_utc"]]
    except ValueError:
        return np.arange(len(rows), dtype=float)
    return np.array(times) - min(times)


def _dicts(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(rows.to_dict("records"))


def _row(row: dict[Any, Any], say: Language) -> tuple[str, ...]:
    def span(low: float, high: float) -> str:
        return f"{say.number(low, '.2f')} – {say.number(high, '.2f')}"

    ratio = f"{say.number(row['ratio'], '.2f')} ({span(row['ci_low'], row['ci_high'])})"
    if pd.isna(row["expected_low"]):
        expected, verdict = "–", say("trend.first")
    else:
        expected = span(row["expected_low"], row["expected_high"])
        verdict = say("trend.outside" if row["beyond_days"] is True else "trend.inside")
    when = f"{str(row['started_utc'] or '?')[:10]} {row['recording']}"
    pair = f"{row['pair']} {row['side']}, {_task(str(row['task']), say)}".removesuffix(", ")
    return (when, pair, ratio, expected, verdict)
