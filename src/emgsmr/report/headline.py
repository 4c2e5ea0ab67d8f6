"""The first thing on the page: what was found, in plain words, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from emgsmr.report import words

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Headline:
    """``tone`` picks the color: found, quiet (tested, nothing found) or none (nothing could be tested)."""

    tone: Literal["found", "quiet", "none"]
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Light:
    """What one pair on one side came to: a symbol, a word and a sentence."""

    pair: str
    side: str
    name: str
    state: Literal["alarm", "notice", "steady", "untested"]
    word: str
    detail: str


def headline(analysis: Analysis) -> Headline:
    """What was found."""
    if not len(analysis.strides):
        text = "Without strides or repetitions nothing can be compared."
        if len(analysis.quality):
            text += " The signal quality below may say why."
        return Headline("none", "No strides were found", (text,))
    if not analysis.strides["valid"].astype(bool).any():
        text = f"All {len(analysis.strides)} were left out; the reasons are listed below."
        return Headline("none", "No stride could be used", (text,))
    alarms = alarms_of(analysis)
    if alarms:
        return _found(analysis, alarms)
    if not len(analysis.ratios):
        text = (
            "A ratio needs both muscles of a pair on the same leg, such as gluteus maximus and hamstrings. "
            "What was measured of each muscle is shown below."
        )
        return Headline("none", "No pair of muscles was measured", (text,))
    if analysis.baseline is None:
        text = (
            "Without a baseline nothing was tested for change; values are relative to the whole recording. "
            "Mark a phase labeled baseline, or run for longer than warm-up and baseline together."
        )
        return Headline("none", "No baseline, so nothing was compared", (text,))
    if not any(light.state in ("steady", "notice") for light in lights(analysis)):
        return Headline("none", "Nothing could be tested", ("Each pair below says why.",))
    return Headline("quiet", "No lasting shift was detected", tuple(_quiet(analysis)))


def alarms_of(analysis: Analysis) -> list[dict[Any, Any]]:
    """Findings of tier 1 to 3, the strongest first."""
    found = analysis.findings[analysis.findings["tier"] >= 1]
    return list(found.sort_values(["tier", "change_pct"], ascending=False, kind="stable").to_dict("records"))


def lights(analysis: Analysis) -> list[Light]:
    """One light for each pair and side, left before right."""
    charts = {(chart["pair"], chart["side"]): chart for chart in analysis.session.get("charts", ())}
    names: dict[tuple[str, str], str] = {}
    for source in (analysis.ratios, analysis.findings):
        keys = source[["pair", "side", "prime", "compensator"]].drop_duplicates(["pair", "side"])
        for row in keys.dropna().to_dict("records"):
            names.setdefault((row["pair"], row["side"]), words.pair_name(row["prime"], row["compensator"]))
    return [
        _light(analysis, pair, side, names[pair, side], charts.get((pair, side)))
        for pair, side in sorted(names)
    ]


def _light(analysis: Analysis, pair: str, side: str, name: str, chart: dict[str, Any] | None) -> Light:
    found = analysis.findings
    own = found[(found["pair"] == pair) & (found["side"] == side)].sort_values("tier", ascending=False)
    if len(own) and own["tier"].iloc[0] >= 1:
        row = own.iloc[0]
        standing = row["pattern"] == "standing"
        since = "from the first stride" if standing else f"since {words.clock(_onset(row))}"
        tier = int(row["tier"])
        word = f"tier {tier}: {words.tier_name(tier, row['pattern'])}"
        return Light(pair, side, name, "alarm", word, f"{words.percent(row['change_pct'])} {since}")
    if analysis.baseline is None:
        return Light(pair, side, name, "untested", "not tested", "no baseline")
    if chart is not None and chart.get("reason"):
        return Light(pair, side, name, "untested", "not tested", str(chart["reason"]))
    if len(own):
        pattern = str(own["pattern"].iloc[0])
        return Light(pair, side, name, "notice", "notice", words.PATTERNS.get(pattern, pattern))
    told = _told_elsewhere(analysis, pair, side)
    if told is not None:
        return Light(pair, side, name, "notice", "moved along", told)
    return Light(pair, side, name, "steady", "no lasting shift", "as in the baseline")


def _told_elsewhere(analysis: Analysis, pair: str, side: str) -> str | None:
    """What a ratio without a finding did while another pair of this side had one; None if it stayed."""
    found, ratios = analysis.findings, analysis.ratios
    floor = float((analysis.session.get("settings") or {}).get("floor_pct") or 0.0)
    alarms = found[(found["side"] == side) & (found["tier"] >= 1) & (found["pattern"] != "standing")]
    for row in alarms.to_dict("records"):
        end_s = float("inf") if pd.isna(row["t_end_s"]) else row["t_end_s"]
        during = (ratios["t_s"] >= row["t_alarm_s"]) & (ratios["t_s"] <= end_s) & ratios["valid"].astype(bool)
        own = ratios[during & (ratios["pair"] == pair) & (ratios["side"] == side)]
        shares = own[["prime", "compensator"]].isin([row["prime"], row["compensator"]]).any(axis=None)
        moved = own["log_ratio"].median()
        if shares and abs(moved) > math.log1p(floor / 100.0):
            return f"{words.percent(100.0 * math.expm1(moved))} with the muscle it shares with {row['pair']}"
    return None


def _onset(row: Any) -> float:
    return float(row["t_alarm_s"] if pd.isna(row["t_onset_s"]) else row["t_onset_s"])


def _found(analysis: Analysis, alarms: list[dict[Any, Any]]) -> Headline:
    first = alarms[0]
    pattern = words.PATTERNS.get(first["pattern"], str(first["pattern"]))
    leg = f"{words.SIDES.get(first['side'], 'One')} leg".capitalize()
    sentences = [str(first["text"])]
    others = len(alarms) - 1
    if others:
        sentences.append(f"{others} more {'finding is' if others == 1 else 'findings are'} described below.")
    sentences.append(_how_sure(analysis, first))
    return Headline("found", f"{leg}: {pattern}", tuple(sentences))


def _how_sure(analysis: Analysis, row: dict[Any, Any]) -> str:
    text, standing = "How sure:", row["pattern"] == "standing"
    if not pd.isna(row["ci_low_pct"]):
        low, high = words.percent(row["ci_low_pct"]), words.percent(row["ci_high_pct"])
        what = "difference" if standing else "change"
        text += f" the {what} lies between {low} and {high} with 95 % confidence"
        text += f", from {int(row['n_strides'])} strides."
    if standing:
        return text + " It shows a difference, and neither why nor whether it matters."
    hours = (analysis.session.get("settings") or {}).get("hours_per_false_alarm")
    if hours:
        text += f" The limits are calculated for one false alarm in {hours:g} hours of running; in"
        text += " simulated running without a change there was none, and real running has yet to show it."
    return text + " It shows that the ratio changed, and not why."


def _quiet(analysis: Analysis) -> list[str]:
    sentences = []
    size = smallest_shift(analysis)
    if size is not None:
        sentences.append(f"The smallest shift this session could have shown is {size:.0f} %.")
    notices = int((analysis.findings["tier"] == 0).sum())
    if notices:
        says = "notice says" if notices == 1 else "notices say"
        sentences.append(f"{notices} {says} that something else changed: see below.")
    return sentences


def smallest_shift(analysis: Analysis) -> float | None:
    """Smallest change (%) that every tested chart would have shown; never below the floor."""
    sizes = [
        float(chart["sdc_pct"])
        for chart in analysis.session.get("charts", ())
        if not chart.get("reason") and chart.get("sdc_pct") is not None
    ]
    if not sizes:
        return None
    floor = (analysis.session.get("settings") or {}).get("floor_pct") or 0.0
    return max(float(floor), *sizes)
