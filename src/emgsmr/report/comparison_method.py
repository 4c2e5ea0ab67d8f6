"""How before and after were measured, and what was left out: the end of the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emgsmr.analysis.standing_difference import percent

if TYPE_CHECKING:
    from emgsmr.analysis.comparison import Comparison
    from emgsmr.report.language import Language


def method_rows(comparison: Comparison, language: Language) -> Iterator[tuple[str, str]]:
    """Name and text of each fact."""
    session = comparison.session
    looks = {name: _bouts(look, language) for name, look in session["looks"].items()}
    key = "method.paired_text" if comparison.plan.paired else "method.bouts_text"
    yield language("method.bouts"), language(key, **looks)
    electrodes = session["electrodes"]
    yield (
        language("method.electrodes"),
        language(f"method.{electrodes['state']}", why=language.said(electrodes["why"])),
    )
    alpha = language.number(session["alpha"])
    family = ", ".join(session["family"]) or "–"
    yield language("method.family"), language("method.family_text", family=family, alpha=alpha)
    items = [
        f"{row.of.pair.id} {row.of.side} {language.percent(percent(row.sdc.y), signed=False)}"
        for row in comparison.rows
        if row.sdc is not None
    ]
    if items:
        text = language("method.detectable_text", items="; ".join(items))
        yield language("method.detectable"), text
    settings = comparison.settings
    band = {"low": language.number(settings.low_hz), "high": language.number(settings.high_hz)}
    yield language("method.amplitude"), language("method.amplitude_text", **band)
    software = session["software"]
    name = f"{software.get('name', 'emgsmr')} {software.get('version', '')}".strip()
    hashed = str(session["settings_sha256"])[:12]
    yield language("method.software"), language("method.software_text", software=name, hash=hashed)


def _bouts(look: dict[str, Any], language: Language) -> str:
    """Number of bouts of each set, with their length."""
    sets: dict[str, list[float]] = {}
    for bout in look["bouts"]:
        sets.setdefault(bout["label"], []).append(bout["t1_s"] - bout["t0_s"])
    parts = []
    for label, lengths in sets.items():
        low, high = (language.number(value, ".0f") for value in (min(lengths), max(lengths)))
        span = low if low == high else f"{low}–{high}"
        parts.append(f"{label} {len(lengths)} × {span} s")
    return ", ".join(parts)


def bouts_left_out(comparison: Comparison, language: Language) -> Iterator[str]:
    """A sentence about each bout that does not count; of one leg where it does so for the other."""
    legs: dict[str, list[str]] = {}
    for row in comparison.rows:
        for sentence in dict.fromkeys(left.sentence for left in row.of.left_out):
            sides = legs.setdefault(sentence, [])
            sides += [row.of.side] * (row.of.side not in sides)
    measured = {row.of.side for row in comparison.rows}
    for sentence, sides in legs.items():
        said = language.said(sentence)
        said = f"{said[:1].upper()}{said[1:]}."
        yield said if set(sides) == measured else f"{language(f'leg.{sides[0]}')}: {said}"


def left_out_rows(comparison: Comparison, language: Language) -> Iterator[tuple[str, str, str, str, str]]:
    """When, leg, strides found, used, and why the others were left out."""
    cycles = comparison.cycles
    if not len(cycles):
        return
    for (condition, side), rows in cycles.groupby(["condition", "side"], sort=False):
        reasons = [
            f"{language.said(str(row['reason']))} ({row['left_out']})"
            for row in rows.to_dict("records")
            if row["left_out"]
        ]
        yield (
            language(f"picture.{condition}"),
            language(f"leg.{side}"),
            str(rows["found"].iloc[0]),
            str(rows["used"].iloc[0]),
            ", ".join(reasons) or "–",
        )


def sensor_rows(comparison: Comparison, language: Language) -> Iterator[tuple[str, str, str, str]]:
    """Name, sites, rate and band of each sensor; of both looks where they differ."""
    seen = set()
    for look in comparison.session["looks"].values():
        for sensor in look["sensors"]:
            name = str(sensor.get("name") or "?")
            sites = ", ".join(site for site, placed in look["placements"].items() if placed == sensor["name"])
            band = sensor.get("band_hz")
            row = (
                f"{name} ({language.said(str(sensor.get('family', '')))})",
                sites,
                f"{language.number(sensor['rate_hz'])} Hz",
                f"{language.number(band[0])}–{language.number(band[1])} Hz" if band else "",
            )
            if row not in seen:
                seen.add(row)
                yield row
