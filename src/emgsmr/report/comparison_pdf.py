"""Before and after on paper: the page's texts and pictures as PDF, on two sheets of A4 as a rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.report.bout_strip import bouts_in_a_row, draw_strip
from emgsmr.report.bouts_picture import draw_bouts, reach_of
from emgsmr.report.comparison_page import change_rows, who_and_when
from emgsmr.report.comparison_view import ComparisonView, comparison_view
from emgsmr.report.language import load_language
from emgsmr.report.legs_paper import draw_legs
from emgsmr.report.pair_view import PairView
from emgsmr.report.paper import INNER, LINE, MARGIN, Paper, wrapped
from emgsmr.report.pdf_language import with_language
from emgsmr.report.profile_pair import draw_profiles
from emgsmr.report.quality_strip import STYLES
from emgsmr.report.template import write_file

if TYPE_CHECKING:
    from emgsmr.analysis.comparison import Comparison
    from emgsmr.recording import Recording

GAP = 16.0
HALF = (INNER - GAP) / 2
PICTURE = 80.0
COLORS = {"alarm": "vermillion", "steady": "green", "untested": "muted"}
TONES = {"found": "vermillion", "quiet": "green", "none": "muted"}


def write_comparison_pdf(
    comparison: Comparison,
    path: Path | str,
    *,
    lang: str = "en",
    before: Recording | None = None,
    after: Recording | None = None,
) -> Path:
    """Write before and after as PDF; parameters as for `emgsmr.report.write_comparison_page`."""
    view = comparison_view(comparison, load_language(lang))
    return write_file(Path(path), comparison_pdf(view, before=before, after=after))


def comparison_pdf(
    view: ComparisonView, *, before: Recording | None = None, after: Recording | None = None
) -> bytes:
    """The file."""
    say = view.language
    person, when = who_and_when(before, after)
    software = view.comparison.session["software"]
    name = f"{software.get('name', 'emgsmr')} {software.get('version', '')}".strip()
    foot = " · ".join(filter(None, [name, say("compare.title"), person, *when]))
    paper = Paper(title=f"{say('compare.title')}: {view.title}", foot=foot[:150])
    _headline(paper, view, " · ".join(filter(None, [say("compare.title"), person, *when])))
    _pairs(paper, view)
    _muscles(paper, view)
    _profiles(paper, view)
    _strips(paper, view)
    _end(paper, view)
    return with_language(paper.as_pdf(), say.code)


def _headline(paper: Paper, view: ComparisonView, about: str) -> None:
    paper.say(f"emgsmr   {about}", size=7.5, color="muted")
    paper.y += 3
    top = paper.y
    x, width = MARGIN + 12, INNER - 12
    paper.y = paper.put(view.title, x, paper.y, width, size=14, weight="bold") + 1
    for k, sentence in enumerate(view.lead):
        last = k == len(view.lead) - 1
        color, size = ("muted", 7.5) if last else ("ink", 8.5)
        paper.y = paper.put(sentence, x, paper.y, width, size=size, color=color) + 1
    paper.bar(MARGIN, top, 4, paper.y - top, TONES[view.tone])


def _pairs(paper: Paper, view: ComparisonView) -> None:
    if not view.pairs:
        return
    say = view.language
    reach = reach_of([pair.row for pair in view.pairs])
    paper.heading(say("section.pairs"), room=170)
    for k in range(0, len(view.pairs), 2):
        both = view.pairs[k : k + 2]
        paper.need(max(_pair_height(pair) for pair in both))
        texts = max(_text_height(pair) for pair in both)
        ends = [
            _pair(paper, view, pair, MARGIN + column * (HALF + GAP), texts=texts, reach=reach)
            for column, pair in enumerate(both)
        ]
        paper.y = max(ends) + 5
    if view.comparable:
        paper.say(say("section.pairs_note"), size=6.5, color="muted")


def _name(pair: PairView) -> str:
    return f"{pair.leg}: {pair.name}  {pair.row.of.pair.id}"


def _text_height(pair: PairView) -> float:
    """Of what stands above the picture."""
    name = len(wrapped(_name(pair), HALF - 16, 8.0, weight="bold"))
    word = len(wrapped(pair.word, HALF - 16, 8.0, weight="bold"))
    sentence = len(wrapped(pair.sentence, HALF, 8.0))
    return 6 + (name + word + sentence) * 8.0 * LINE + 2


def _pair_height(pair: PairView) -> float:
    fine = len(wrapped(" ".join(pair.details), HALF, 6.5)) * 6.5 * LINE
    return _text_height(pair) + (PICTURE + 14 if pair.comparable else 0) + fine + 6


def _pair(
    paper: Paper, view: ComparisonView, pair: PairView, x: float, *, texts: float, reach: float
) -> float:
    color = COLORS[pair.tone]
    top = paper.y
    paper.bar(x, top, HALF, 1.6, color)
    y = top + 6
    paper.put(pair.sign, x, y, 14, size=9.0, color=color, weight="bold")
    y = paper.put(_name(pair), x + 16, y, HALF - 16, weight="bold")
    y = paper.put(pair.word, x + 16, y, HALF - 16, weight="bold", color=color) + 1
    y = paper.put(pair.sentence, x, y, HALF)
    if pair.comparable:
        y = top + texts + 4
        axes = paper.axes(x + 30, y, HALF - 34, PICTURE)
        draw_bouts(axes, pair.row, view.language, reach=reach, size=6.5)
        y += PICTURE + 14
    return paper.put(" ".join(pair.details), x, y, HALF, size=6.5, color="muted")


def _muscles(paper: Paper, view: ComparisonView) -> None:
    if not view.muscles_note:
        return
    say = view.language
    height = 128.0 if view.changes else 30.0
    paper.heading(say("section.muscles"), room=height)
    top = paper.y
    if not view.changes:
        paper.say(view.muscles_note)
        return
    draw_legs(paper.axes(MARGIN, top, 150, height, plain=False), view.changes, say, size=6.0)
    x, width = MARGIN + 170, INNER - 170
    y = paper.put(view.muscles_note, x, top, width) + 4
    head = [say(f"column.{name}") for name in ("muscle", "left", "right")]
    rows = [
        [f"{say.muscle(code)} {code}", *(say.percent(c.change_pct) if c else "–" for c in sides)]
        for code, sides in change_rows(view.changes)
    ]
    for k, row in enumerate([head, *rows]):
        for column, cell in enumerate(row):
            place = x + (0, 0.5 * width, 0.7 * width)[column]
            paper.put(cell, place, y, 0.48 * width, color="muted" if k == 0 else "ink")
        y += 8.0 * LINE + 1.5
    paper.y = max(y, top + height) + 2


def _profiles(paper: Paper, view: ComparisonView) -> None:
    if not view.sites:
        return
    say = view.language
    paper.heading(say("section.profiles" if view.gait else "section.profiles_burst"), room=90)
    axis = say("picture.stride_axis" if view.gait else "picture.burst_axis")
    left = paper.put("——", MARGIN, paper.y, 20, size=7, color="blue", weight="bold")
    paper.put(say("picture.before"), MARGIN + 20, paper.y, 60, size=7)
    paper.put("- - -", MARGIN + 70, paper.y, 20, size=7, color="vermillion", weight="bold")
    paper.put(say("picture.after"), MARGIN + 92, paper.y, 60, size=7)
    note = f"{say('section.profiles_note', unit=view.unit)} {axis}."
    paper.y = max(left, paper.put(note, MARGIN + 140, paper.y, INNER - 140, size=7, color="muted")) + 3
    columns, gap, height = (4 if len(view.sites) <= 8 else 5), 10.0, 42.0
    width = (INNER - (columns - 1) * gap) / columns
    for k, site in enumerate(view.sites):
        column = k % columns
        if column == 0:
            paper.y += 76 if k else 0
            paper.need(76)
        x = MARGIN + column * (width + gap)
        paper.put(f"{say.site(site)} {site}"[:44], x, paper.y, width + gap - 2, size=5.6, color="muted")
        axes = paper.axes(x + 20, paper.y + 18, width - 24, height)
        rows = view.comparison.profiles
        draw_profiles(axes, rows[rows["site"] == site], size=6.0)
    paper.y += 74


def _strips(paper: Paper, view: ComparisonView) -> None:
    say = view.language
    strips = [(side, bouts_in_a_row(view.comparison.quality, side)) for side in "LR"]
    strips = [(side, strip) for side, strip in strips if strip.runs]
    if not strips:
        return
    height = 12.0 * max(len(strip.runs) for _, strip in strips)
    paper.heading(say("section.quality"), room=height + 40)
    legend = "   ".join(f"{STYLES[state][3] or '█'} {say(f'state.{state}')}" for state in view.states)
    paper.say(legend, size=6.5, color="muted")
    for column, (side, strip) in enumerate(strips):
        x = MARGIN + column * (HALF + GAP)
        paper.put(say(f"leg.{side}"), x, paper.y, HALF, size=7.5, weight="bold")
        paper.put(say("column.usable"), x + HALF - 32, paper.y, 60, size=6.5, color="muted")
        axes = paper.axes(x + 34, paper.y + 11, HALF - 68, 12.0 * len(strip.runs))
        draw_strip(axes, strip, say, size=6.2)
    paper.y += height + 24


def _end(paper: Paper, view: ComparisonView) -> None:
    say = view.language
    paper.heading(say("section.left_out"))
    for sentence in view.bouts_left_out:
        paper.say(sentence, size=7.0)
    if view.left_out:
        head = [say(f"column.{name}") for name in ("when", "leg", "found", "used", "reason")]
        paper.table(head, view.left_out, (0.13, 0.17, 0.12, 0.12, 0.46))
    elif not view.bouts_left_out:
        paper.say(say("none.left_out"))
    paper.heading(say("section.method"))
    paper.rows(view.method, (0.2, 0.8))
    if view.sensors:
        head = [say(f"column.{name}") for name in ("sensor", "sites", "rate", "band")]
        paper.y += 3
        paper.table(head, view.sensors, (0.28, 0.46, 0.12, 0.14))
    paper.y += 4
    for key in ("device", "theory", "safety"):
        paper.say(say(f"footer.{key}"), size=6.3, color="muted")
