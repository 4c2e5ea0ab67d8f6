"""How it was measured: what every report carries, so that another person can judge and repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emgsmr.report import words
from emgsmr.report.headline import smallest_shift

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

Row = tuple[str, str]


def method_rows(analysis: Analysis) -> list[Row]:
    """Name and text of each fact; facts that the analysis does not state are left out."""
    session = analysis.session
    settings = session.get("settings") or {}
    rows: list[Row] = [("Strides", _strides(analysis))]
    rows += _references(analysis)
    rows.append(("Amplitude", _amplitude(settings)))
    charts = [chart for chart in session.get("charts", ()) if not chart.get("reason")]
    if charts:
        text = f"{len(charts)} control {'chart' if len(charts) == 1 else 'charts'} (pairs times legs), each"
        text += " in both directions,"
        if settings.get("block_strides"):
            text += f" of {settings['block_strides']}-stride medians"
        hours = settings.get("hours_per_false_alarm")
        if hours:
            text += f"; budget: one false alarm in {hours:g} hours over all of them"
        if settings.get("floor_pct"):
            text += f"; no alarm below a change of {settings['floor_pct']:g} %"
        rows.append(("Detection", text + "."))
        sizes = "; ".join(
            f"{c['pair']} {words.SIDES[c['side']]} {c['sdc_pct']:.0f} %" for c in charts if "sdc_pct" in c
        )
        if sizes:
            rows.append(
                ("Smallest detectable change", f"{sizes} (a one-minute mean against the baseline, 95 %).")
            )
        shift = smallest_shift(analysis)
        if shift is not None:
            rows.append(("Smallest shift that would be flagged", f"{shift:.0f} %."))
    software = session.get("software") or {}
    version = f"{software.get('name', 'emgsmr')} {software.get('version', '')}".strip()
    if settings_hash := session.get("settings_sha256"):
        version += f"; settings {str(settings_hash)[:12]}"
    rows.append(("Software", version + "."))
    return rows


def _strides(analysis: Analysis) -> str:
    strides = analysis.strides
    if not len(strides):
        return "None found."
    kept = int(strides["valid"].astype(bool).sum())
    sources = ", ".join(sorted({str(source) for source in strides["source"].dropna()})) or "not stated"
    return f"{kept} of {len(strides)} kept; found from: {sources}."


def _references(analysis: Analysis) -> list[Row]:
    rows: list[Row] = []
    if analysis.baseline:
        begin, end = analysis.baseline
        rows.append(("Baseline", f"{words.clock(begin)} to {words.clock(end)} ({end - begin:.0f} s)."))
    else:
        rows.append(("Baseline", "None."))
    parts = []
    for side, normal in (analysis.session.get("normalization") or {}).items():
        if not normal:
            parts.append(f"{words.SIDES.get(side, side)}: none")
            continue
        text = f"{words.SIDES.get(side, side)}: {normal.get('reference', 'own baseline')}"
        if normal.get("n_strides"):
            text += f", {normal['n_strides']} strides"
        if normal.get("cadence_spm"):
            text += f" at {normal['cadence_spm']:.0f} steps/min"
        parts.append(text)
    if parts:
        text = "; ".join(parts)
        rows.append(("Ratios", text + ". Gains cancel within a session; between days they do not."))
    reference = analysis.session.get("reference") or {}
    if reference.get("normalization") not in (None, "baseline"):
        rows.append(("Activations", f"relative to: {reference['name']}."))
    rows += [(words.site_name(site).capitalize(), f"{note}.") for site, note in _notes(analysis)]
    rows.append(("Noise floor", _noise(analysis)))
    return rows


def _notes(analysis: Analysis) -> list[tuple[str, str]]:
    """What to keep in mind about a site's reference, where it is not the own baseline."""
    rows = analysis.references.dropna(subset="note")
    rows = rows[~rows["normalization"].isin(["baseline", "none"])]
    return [(str(row["site"]), str(row["note"])) for row in rows.to_dict("records")]


def _noise(analysis: Analysis) -> str:
    """Where the noise floor comes from, and how high it is."""
    known = analysis.references.dropna(subset="noise_uV")
    if not len(known):
        return "Not known: nothing was subtracted."
    texts = []
    for source, rows in known.groupby("noise_source"):
        low, high = rows["noise_uV"].min(), rows["noise_uV"].max()
        span = f"{low:.1f} µV" if len(rows) == 1 else f"{low:.1f} to {high:.1f} µV"
        texts.append(f"{span} from the {source} ({len(rows)} {'site' if len(rows) == 1 else 'sites'})")
    return "; ".join(texts) + ". Subtracted as power."


def _amplitude(settings: dict[str, Any]) -> str:
    band = ""
    if settings.get("low_hz") and settings.get("high_hz"):
        band = (
            f"{settings['low_hz']:g} to {settings['high_hz']:g} Hz (or 0.45 of the sampling rate, if lower), "
        )
    return (
        f"Root mean square of the band-passed EMG ({band}causal Butterworth) in the pair's phase window of "
        "each stride, corrected for the noise floor. Nothing is resampled or interpolated."
    )


def sensor_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """One row per sensor, with what its family cannot measure."""
    from emgsmr.sensors import FAMILIES

    placements = analysis.session.get("placements") or {}
    rows = []
    for sensor in analysis.session.get("sensors") or ():
        family = FAMILIES.get(str(sensor.get("family")))
        band = sensor.get("band_hz")
        rows.append(
            {
                "name": str(sensor.get("name") or "unnamed"),
                "family": family.name if family else str(sensor.get("family", "")),
                "sites": ", ".join(site for site, name in placements.items() if name == sensor.get("name")),
                "rate": f"{sensor['rate_hz']:g} Hz" if sensor.get("rate_hz") else "",
                "band": f"{band[0]:g} to {band[1]:g} Hz" if band else "",
                "scale": str(sensor.get("scale_known", "")),
                "missing": sensor.get("n_missing"),
                "cannot": list(family.cannot) if family else [],
            }
        )
    return rows
