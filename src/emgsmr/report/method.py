"""How it was measured: what every report carries, so that another person can judge and repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emgsmr.report import words
from emgsmr.report.headline import smallest_shift

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis
    from emgsmr.report.language import Language

Row = tuple[str, str]


def method_rows(analysis: Analysis, say: Language) -> list[Row]:
    """Name and text of each fact; facts that the analysis does not state are left out."""
    session = analysis.session
    settings = session.get("settings") or {}
    rows: list[Row] = [(say("how.strides"), _strides(analysis, say))]
    rows += _references(analysis, say)
    rows.append((say("how.amplitude"), _amplitude(settings, say)))
    rows += _detection(analysis, settings, say)
    software = session.get("software") or {}
    version = f"{software.get('name', 'emgsmr')} {software.get('version', '')}".strip()
    if settings_hash := session.get("settings_sha256"):
        version += f"; {say('how.settings', hash=str(settings_hash)[:12])}"
    rows.append((say("how.software"), version + "."))
    return rows


def _detection(analysis: Analysis, settings: dict[str, Any], say: Language) -> list[Row]:
    charts = [chart for chart in analysis.session.get("charts", ()) if not chart.get("reason")]
    if not charts:
        return []
    n = len(charts)
    text = say("how.chart") if n == 1 else say("how.charts", n=n)
    if settings.get("block_strides"):
        text += say("how.of_medians", n=settings["block_strides"])
    if hours := settings.get("hours_per_false_alarm"):
        text += say("how.budget", hours=say.number(hours))
    if settings.get("floor_pct"):
        text += say("how.floor", floor=say.number(settings["floor_pct"]))
    rows: list[Row] = [(say("how.detection"), text + ".")]
    sizes = "; ".join(
        f"{c['pair']} {say('side.' + c['side'])} {say.percent(c['sdc_pct'], signed=False)}"
        for c in charts
        if "sdc_pct" in c
    )
    if sizes:
        rows.append((say("method.detectable"), say("how.detectable_text", sizes=sizes)))
    shift = smallest_shift(analysis)
    if shift is not None:
        rows.append((say("how.smallest_shift"), f"{say.percent(shift, signed=False)}."))
    return rows


def _strides(analysis: Analysis, say: Language) -> str:
    strides = analysis.strides
    if not len(strides):
        return say("how.no_strides")
    kept = int(strides["valid"].astype(bool).sum())
    names = sorted({str(source) for source in strides["source"].dropna()})
    sources = ", ".join(say.either(f"how.from_{name}", name) for name in names) or say("how.not_stated")
    return say("how.strides_text", kept=kept, n=len(strides), sources=sources)


def _references(analysis: Analysis, say: Language) -> list[Row]:
    rows: list[Row] = []
    if analysis.baseline:
        begin, end = analysis.baseline
        values = {"begin": words.clock(begin), "end": words.clock(end), "s": f"{end - begin:.0f}"}
        rows.append((say("how.baseline"), say("how.baseline_text", **values)))
    else:
        rows.append((say("how.baseline"), say("how.no_baseline")))
    parts = []
    for side, normal in (analysis.session.get("normalization") or {}).items():
        name = say.either(f"side.{side}", side)
        if not normal:
            parts.append(f"{name}: {say('how.none')}")
            continue
        text = f"{name}: {say.said(str(normal.get('reference', 'own baseline')))}"
        if normal.get("n_strides"):
            text += f", {say('session.n_strides', n=normal['n_strides'])}"
        if normal.get("cadence_spm"):
            text += say("how.at_cadence", spm=f"{normal['cadence_spm']:.0f}")
        parts.append(text)
    if parts:
        rows.append((say("how.ratios"), say("how.ratios_text", parts="; ".join(parts))))
    reference = analysis.session.get("reference") or {}
    if reference.get("normalization") not in (None, "baseline"):
        text = say("how.activations_text", what=say.said(str(reference["name"])))
        rows.append((say("how.activations"), text))
    rows += [
        (say.site(site)[:1].upper() + say.site(site)[1:], f"{'; '.join(map(say.said, note.split('; ')))}.")
        for site, note in _notes(analysis)
    ]
    rows.append((say("how.noise"), _noise(analysis, say)))
    return rows


def _notes(analysis: Analysis) -> list[tuple[str, str]]:
    """What to keep in mind about a site's reference, where it is not the own baseline."""
    rows = analysis.references.dropna(subset="note")
    rows = rows[~rows["normalization"].isin(["baseline", "none"])]
    return [(str(row["site"]), str(row["note"])) for row in rows.to_dict("records")]


def _noise(analysis: Analysis, say: Language) -> str:
    """Where the noise floor comes from, and how high it is."""
    known = analysis.references.dropna(subset="noise_uV")
    if not len(known):
        return say("how.no_noise")
    texts = []
    for source, rows in known.groupby("noise_source"):
        low, high = (say.number(end, ".1f") for end in (rows["noise_uV"].min(), rows["noise_uV"].max()))
        span = f"{low} µV" if len(rows) == 1 else say("how.span", low=low, high=high)
        key = "how.noise_from_one" if len(rows) == 1 else "how.noise_from"
        texts.append(say(key, span=span, source=say.said(str(source)), n=len(rows)))
    return "; ".join(texts) + say("how.subtracted")


def _amplitude(settings: dict[str, Any], say: Language) -> str:
    band = ""
    if settings.get("low_hz") and settings.get("high_hz"):
        ends = {name: say.number(settings[name]) for name in ("low_hz", "high_hz")}
        band = say("how.amplitude_band", share=say.number(0.45), **ends) + " "
    return say("how.amplitude_text", band=band)


def sensor_rows(analysis: Analysis, say: Language) -> list[dict[str, Any]]:
    """One row per sensor, with what its family cannot measure."""
    from emgsmr.sensors import FAMILIES

    placements = analysis.session.get("placements") or {}
    rows = []
    for sensor in analysis.session.get("sensors") or ():
        family = FAMILIES.get(str(sensor.get("family")))
        band = sensor.get("band_hz")
        scale = str(sensor.get("scale_known", ""))
        rows.append(
            {
                "name": str(sensor.get("name") or say("how.unnamed")),
                "family": family.name if family else say.said(str(sensor.get("family", ""))),
                "sites": ", ".join(site for site, name in placements.items() if name == sensor.get("name")),
                "rate": f"{say.number(sensor['rate_hz'])} Hz" if sensor.get("rate_hz") else "",
                "band": say("how.band", low=say.number(band[0]), high=say.number(band[1])) if band else "",
                "scale": say.either(f"how.scale_{scale}", scale),
                "missing": sensor.get("n_missing"),
                "cannot": [say.said(limit) for limit in family.cannot] if family else [],
            }
        )
    return rows
