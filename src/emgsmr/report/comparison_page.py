"""The page about before and after: one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from emgsmr.report import words
from emgsmr.report.bout_strip import bouts_in_a_row, draw_strip
from emgsmr.report.bouts_picture import describe_bouts, draw_bouts, reach_of
from emgsmr.report.comparison_view import ComparisonView, comparison_view
from emgsmr.report.facts import Change
from emgsmr.report.figure import inline_svg, new_figure
from emgsmr.report.language import load_language
from emgsmr.report.legs import legs_picture
from emgsmr.report.profile_pair import describe_profiles, draw_profiles
from emgsmr.report.quality_strip import ROW, STYLES
from emgsmr.report.template import filled, write_file

if TYPE_CHECKING:
    from emgsmr.analysis.comparison import Comparison
    from emgsmr.recording import Recording

SMALL = 220.0
"""Width of the small pictures: four stand side by side."""


def write_comparison_page(
    comparison: Comparison,
    path: Path | str,
    *,
    lang: str = "en",
    before: Recording | None = None,
    after: Recording | None = None,
) -> Path:
    """Write one self-contained page about before and after.

    Parameters
    ----------
    comparison : Comparison
    path : path
        Of the HTML file; replaced where it exists, as it can be made again.
    lang : str
        Language of the page: en or de.
    before, after : Recording, optional
        Add who was recorded, and when.

    Returns
    -------
    path

    Raises
    ------
    ArgumentError
        There is no such language.
    RecordingError
        The file cannot be written.
    """
    return write_file(Path(path), render_comparison(comparison, lang=lang, before=before, after=after))


def render_comparison(
    comparison: Comparison,
    *,
    lang: str = "en",
    before: Recording | None = None,
    after: Recording | None = None,
) -> str:
    """The page as text."""
    view = comparison_view(comparison, load_language(lang))
    person, when = who_and_when(before, after)
    legs = legs_picture(view.changes, title=view.language("picture.legs_title"), language=view.language)
    return filled(
        "comparison.html.j2",
        view.language,
        view=view,
        person=person,
        when=when,
        pairs=list(_pairs(view)),
        legs=Markup(legs),
        changes=change_rows(view.changes),
        profiles=list(_profiles(view)),
        strips=list(_strips(view)),
        states=[(state, STYLES[state][3]) for state in view.states],
        session_json=json.dumps(comparison.session, indent=2, ensure_ascii=False, default=str),
    )


def who_and_when(*recordings: Recording | None) -> tuple[str, list[str]]:
    """The person's code, and name and start of each recording, where they are known."""
    person, when = "", []
    for recording in dict.fromkeys(found for found in recordings if found is not None):
        person = person or str(recording.montage.person or "")
        started = str(recording.session.get("started_utc") or "")[:16].replace("T", " ")
        when.append(f"{recording.path.name} {started} UTC" if started else recording.path.name)
    return person, when


def change_rows(changes: dict[str, Change]) -> list[tuple[str, list[Change | None]]]:
    """Code of each muscle with its left and right change."""
    codes = sorted({site.rpartition("_")[0] for site in changes}, key=lambda c: words.muscle_rank(f"{c}_"))
    return [(code, [changes.get(f"{code}_{side}") for side in "LR"]) for code in codes]


def _pairs(view: ComparisonView) -> Iterator[tuple[Any, Markup | None]]:
    reach = reach_of([pair.row for pair in view.pairs])
    for pair in view.pairs:
        if not pair.comparable:
            yield pair, None
            continue
        axes = new_figure(172, width=430, left=52, bottom=22)
        draw_bouts(axes, pair.row, view.language, reach=reach)
        title = view.language("picture.bouts_title", leg=pair.leg, pair=pair.name)
        text = describe_bouts(pair.row, view.language)
        yield pair, Markup(inline_svg(axes, key=f"bouts-{pair.key}", title=title, description=text))


def _profiles(view: ComparisonView) -> Iterator[tuple[str, Markup]]:
    for site in view.sites:
        rows = view.comparison.profiles
        rows = rows[rows["site"] == site]
        axes = new_figure(100, width=SMALL, left=30, right=12, bottom=20)
        draw_profiles(axes, rows)
        title = view.language("picture.profile_title", site=view.language.site(site))
        text = describe_profiles(rows, view.language, view.unit)
        yield site, Markup(inline_svg(axes, key=f"profile-{site}", title=title, description=text))


def _strips(view: ComparisonView) -> Iterator[tuple[str, Markup]]:
    for side in "LR":
        strip = bouts_in_a_row(view.comparison.quality, side)
        if not strip.runs:
            continue
        axes = new_figure(ROW * len(strip.runs) + 26, width=430, left=58, right=52, top=4, bottom=20)
        shares = draw_strip(axes, strip, view.language)
        title = view.language("picture.quality_title", leg=view.language(f"leg.{side}"))
        text = view.language("picture.quality_desc", shares="; ".join(shares))
        yield side, Markup(inline_svg(axes, key=f"strip-{side}", title=title, description=text))
