"""The page: gathers what the template shows, and writes one file that needs nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from emgsmr.anatomy import load_catalog
from emgsmr.report import facts, words
from emgsmr.report.headline import headline, lights
from emgsmr.report.language import Language, load_language
from emgsmr.report.legs import legs_picture
from emgsmr.report.method import method_rows, sensor_rows
from emgsmr.report.profile import profile
from emgsmr.report.quality_strip import STYLES, quality_strip
from emgsmr.report.reading_strip import reading_strips
from emgsmr.report.template import filled, write_file
from emgsmr.report.time_course import time_course

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis
    from emgsmr.recording import Recording


def write_report(
    analysis: Analysis, path: Path | str, recording: Recording | None = None, *, lang: str = "en"
) -> Path:
    """Write one self-contained page about an analysis.

    Parameters
    ----------
    analysis : Analysis
    path : path
        Of the HTML file; replaced where it exists, as it can be made again.
    recording : Recording, optional
        Adds when and from which file.
    lang : str
        Language of the page: en or de.

    Returns
    -------
    path

    Raises
    ------
    RecordingError
        The file cannot be written.
    """
    return write_file(Path(path), render(analysis, recording, lang=lang))


def render(analysis: Analysis, recording: Recording | None = None, *, lang: str = "en") -> str:
    """The page as text."""
    say = load_language(lang)
    return filled(
        "page.html.j2",
        say,
        **_about(analysis, recording),
        **_findings(analysis, say),
        **_pictures(analysis, say),
        **_numbers(analysis, say),
    )


def _findings(analysis: Analysis, say: Language) -> dict[str, Any]:
    """What was found, in a language: sentences, lights and cards."""
    first = headline(analysis)
    rows = analysis.findings.sort_values("tier", ascending=False, kind="stable").to_dict("records")
    texts = {str(row["text"]): finding_sentence(row, say) for row in rows}
    pairs = load_catalog().pairs
    shown = []
    for light in lights(analysis):
        pair = pairs.get(light.pair)
        name = say.pair(pair.prime_name, pair.compensator_name) if pair else light.name
        shown.append(light if say.code == "en" else replace(light, name=name))
    return {
        "headline": first,
        "sentences": [texts.get(sentence) or say.said(sentence) for sentence in first.sentences],
        "lights": shown,
        "findings": [{**row, "said": texts[str(row["text"])]} for row in rows],
    }


def finding_sentence(row: dict[Any, Any], say: Language) -> str:
    """A finding in a sentence: as the analysis says it in English, or made from its numbers."""
    text = str(row["text"])
    if say.code == "en":
        return text
    numbers = [row[name] for name in ("ci_low_pct", "ci_high_pct", "d_prime_pct", "d_compensator_pct")]
    whole = not any(pd.isna(number) for number in numbers)
    if not whole and ((said := say.said(text)) != text or pd.isna(row["change_pct"])):
        return said
    low, high, d_prime, d_compensator = map(say.percent, numbers)
    sentence = say(
        "session.finding" if whole else "session.finding_open",
        leg=say.either(f"leg.{row['side']}", str(row["side"])),
        pair=say.pair(row["prime"], row["compensator"]),
        change=say.percent(row["change_pct"]),
        low=low,
        high=high,
        t=words.clock(row["t_alarm_s"] if pd.isna(row["t_onset_s"]) else row["t_onset_s"]),
        pattern=say.said(words.PATTERNS.get(row["pattern"], str(row["pattern"]))),
        prime=say.muscle(row["prime"]),
        compensator=say.muscle(row["compensator"]),
        d_prime=d_prime,
        d_compensator=d_compensator,
    )
    return sentence if row["tier"] >= 1 else f"{sentence} {say('session.no_claim_made')}"


def _about(analysis: Analysis, recording: Recording | None) -> dict[str, Any]:
    session: dict[str, Any] = dict(recording.session) if recording is not None else {}
    session |= analysis.session
    started = str(session.get("started_utc") or "")
    return {
        "name": recording.path.name if recording is not None else "",
        "started": started.replace("T", " ").removesuffix("Z").split(".")[0].split("+")[0],
        "duration_s": analysis.duration_s,
        "scenario": str(session.get("scenario") or ""),
        "session_json": json.dumps(analysis.session, indent=2, ensure_ascii=False, default=str),
    }


def _pictures(analysis: Analysis, say: Language) -> dict[str, Any]:
    """Pictures as markup: their texts are escaped where they are made."""
    settings = analysis.session.get("settings") or {}
    floor_pct = float(settings.get("floor_pct") or 20.0)
    changes = facts.muscle_changes(analysis)
    keys = analysis.ratios[["pair", "side", "prime", "compensator"]].drop_duplicates(["pair", "side"])
    courses = [
        {
            **row,
            "name": say.pair(row["prime"], row["compensator"]),
            "picture": Markup(time_course(analysis, row["pair"], row["side"], floor_pct=floor_pct, say=say)),
        }
        for row in keys.sort_values(["pair", "side"]).to_dict("records")
    ]
    sites = list(dict.fromkeys(analysis.profiles["site"].astype(str)))
    order = sorted(sites, key=words.muscle_rank)
    quality_sites = set(analysis.quality["site"].astype(str))
    sides = [side for side in "LR" if any(site.endswith(f"_{side}") for site in quality_sites)]
    return {
        "floor_pct": floor_pct,
        "legs": Markup(legs_picture(changes, title=say("session.legs"), language=say)),
        "changes": _change_rows(changes),
        "periods": [facts.period_name(analysis, side) for side in "LR"],
        "courses": courses,
        "told": [
            {"name": say.said(name), "picture": Markup(picture)}
            for name, picture in reading_strips(analysis, say)
        ],
        "profiles": [{"site": site, "picture": Markup(profile(analysis, site, say))} for site in order],
        "strips": [{"side": side, "picture": Markup(quality_strip(analysis, side, say))} for side in sides],
        "states": [
            {"state": state, "letter": STYLES[state][3], "color": STYLES[state][0], "text": text}
            for state, text in words.STATES.items()
        ],
    }


def _numbers(analysis: Analysis, say: Language) -> dict[str, Any]:
    return {
        "stride_exclusions": facts.exclusions(analysis.strides, "side"),
        "site_exclusions": sorted(
            facts.exclusions(analysis.activation, "site"), key=lambda row: words.muscle_rank(row["key"])
        ),
        "gaps": analysis.gaps.to_dict("records"),
        "hints": [say.said(str(text)) for text in analysis.hints["text"]],
        "slings": facts.sling_rows(analysis),
        "unmeasured": ", ".join(
            say.either(f"sling.{sling.id}", sling.name) for sling in facts.unmeasured_slings(analysis)
        ),
        "has_baseline": analysis.baseline is not None,
        "method": method_rows(analysis, say),
        "sensors": sensor_rows(analysis, say),
        "marks": [
            row
            for row in analysis.events.to_dict("records")
            if row["kind"] in ("cramp", "fatigue", "note", "lap")
        ],
    }


def _change_rows(changes: dict[str, facts.Change]) -> list[dict[str, Any]]:
    """One row per muscle with its left and right change."""
    codes = sorted(
        {site.rpartition("_")[0] for site in changes}, key=lambda code: words.muscle_rank(f"{code}_")
    )
    return [
        {
            "code": code,
            "name": words.muscle_name(code),
            "sides": [changes.get(f"{code}_{side}") for side in "LR"],
        }
        for code in codes
    ]
