"""The result tables: pandas frames with the columns that every export, page and API call shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from emgsmr.analysis.baseline import Baseline
from emgsmr.analysis.bursts import why_not
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.columns import frame
from emgsmr.analysis.detector import PairMonitor
from emgsmr.analysis.fatigue import fatigue_rows
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.pool import SpectrumBlock
from emgsmr.analysis.reference import Reference
from emgsmr.analysis.settings import Settings
from emgsmr.anatomy import Catalog
from emgsmr.dsp import robust_scale
from emgsmr.recording import Event

BLOCK = 10
"""Strides in a block of the sling table."""


def strides_table(legs: Iterable[Leg]) -> pd.DataFrame:
    """One row per stride."""
    strides = sorted((s for leg in legs for s in leg.strides), key=lambda s: (s.t_start_s, s.side))
    return frame(
        "strides",
        (
            {
                "stride": s.number,
                "side": s.side,
                "t_start_s": s.t_start_s,
                "t_end_s": s.t_end_s,
                "cadence_spm": s.cadence_spm,
                "source": s.source,
                "valid": s.valid,
                "reject_reason": s.reason or None,
            }
            for s in strides
        ),
    )


def activation_table(legs: Iterable[Leg], reference: Reference, *, center_snr_db: float) -> pd.DataFrame:
    """One row per stride and site; a center only where the burst stands ``center_snr_db`` above the noise."""
    rows = []
    for leg in legs:
        if leg.baseline is None:
            continue
        for stride in leg.strides:
            for site, facts in stride.sites.items():
                mnf, mdf, ln_fi = facts.spectrum
                rows.append(
                    {
                        "stride": stride.number,
                        "site": site,
                        "t_s": stride.t_start_s,
                        "rms_uV": leg.baseline.rms(stride, site, "main"),
                        "rel": reference.rel(leg, stride, site),
                        "mnf_hz": mnf,
                        "mdf_hz": mdf,
                        "ln_fi": ln_fi,
                        "burst_center_pct": float("nan")
                        if why_not(stride, site, leg.baseline, snr_db=center_snr_db)
                        else facts.center_pct,
                        "valid": facts.valid,
                        "reject_reason": facts.reason or None,
                    }
                )
    rows.sort(key=lambda row: (row["t_s"], row["site"]))
    return frame("activation", rows)


def ratios_table(legs: Iterable[Leg]) -> pd.DataFrame:
    """One row per stride and pair; z against the spread of the baseline's single strides."""
    rows: list[dict[str, Any]] = []
    for leg in legs:
        if leg.baseline is not None:
            for monitor in leg.monitors:
                rows += _ratio_rows(leg, monitor, leg.baseline)
    rows.sort(key=lambda row: (row["t_s"], row["side"], row["pair"]))
    return frame("ratios", rows)


def _ratio_rows(leg: Leg, monitor: PairMonitor, baseline: Baseline) -> list[dict[str, Any]]:
    ratios = [baseline.log_ratio(s, monitor.pair, monitor.members) if s.valid else None for s in leg.strides]
    y = np.array([np.nan if r is None else r.y for r in ratios])
    inside = np.array([baseline.t0_s <= s.t_start_s < baseline.t1_s for s in leg.strides])
    spread = robust_scale(y[inside])
    center = np.nanmedian(y[inside]) if np.isfinite(y[inside]).any() else np.nan
    rows = []
    for stride, value in zip(leg.strides, y, strict=True):
        good = bool(np.isfinite(value))
        rows.append(
            {
                "stride": stride.number,
                "side": leg.side,
                "pair": monitor.pair.id,
                "prime": monitor.pair.prime_name,
                "compensator": monitor.pair.compensator_name,
                "t_s": stride.t_start_s,
                "log_ratio": value,
                "ratio": np.exp(value),
                "share": 1.0 / (1.0 + np.exp(-value)),
                "z": (value - center) / spread if spread > 0 else None,
                "valid": good,
            }
        )
    return rows


def excess_table(legs: Iterable[Leg]) -> pd.DataFrame:
    """One row per valid stride and tested pair: the compensator beyond what its prime mover lets expect."""
    rows = [
        {
            "stride": stride.number,
            "side": leg.side,
            "pair": monitor.pair.id,
            "t_s": stride.t_start_s,
            "excess": excess,
        }
        for leg in legs
        for monitor in leg.monitors
        for stride in leg.strides
        if (excess := monitor.excess(stride)) is not None
    ]
    rows.sort(key=lambda row: (row["t_s"], row["side"], row["pair"]))
    return frame("excess", rows)


def slings_table(legs: Iterable[Leg], catalog: Catalog, reference: Reference) -> pd.DataFrame:
    """One row per block of ten strides, sling and measured member: its share of the members' activation.

    A member on the opposite side (the latissimus of a back functional line) is taken from that leg's strides
    in the same span of time.
    """
    by_side = {leg.side: leg for leg in legs if leg.baseline is not None}
    sites = sorted({site for leg in by_side.values() for stride in leg.strides for site in stride.sites})
    measured = {sling.id: catalog.measured(sling, sites) for sling in catalog.slings}
    n_members = {sling.id: len(sling.members) for sling in catalog.slings}
    levels = {site: _level(by_side[site[-1]], site, reference) for site in sites if site[-1] in by_side}
    rows = []
    for side, leg in by_side.items():
        for block, start in enumerate(range(0, len(leg.strides), BLOCK)):
            strides = leg.strides[start : start + BLOCK]
            span = (strides[0].t_start_s, strides[-1].t_end_s)
            level = {site: of(span) for site, of in levels.items()}
            for sling, found in measured.items():
                members = sorted(set(found[side].values()) & set(level))
                total = sum(level[site] for site in members)
                rows += [
                    {
                        "block": block,
                        "t_s": span[0],
                        "side": side,
                        "sling": sling,
                        "site": site,
                        "share": level[site] / total if len(members) > 1 else None,
                        "n_measured": len(members),
                        "n_members": n_members[sling],
                    }
                    for site in members
                ]
    rows.sort(key=lambda row: (row["t_s"], row["side"]))
    return frame("slings", rows)


def _level(leg: Leg, site: str, reference: Reference) -> Callable[[tuple[float, float]], float]:
    """How active a site was relative to its reference: median over the strides that begin in a span."""
    strides = [stride for stride in leg.strides if stride.valid]
    times = np.array([stride.t_start_s for stride in strides])
    with np.errstate(divide="ignore"):
        values = np.log([reference.rel(leg, stride, site) for stride in strides])

    def level(span: tuple[float, float]) -> float:
        inside = values[slice(*np.searchsorted(times, span))]
        inside = inside[np.isfinite(inside)]
        return float(np.exp(np.median(inside))) if len(inside) else float("nan")

    return level


def fatigue_table(
    legs: Iterable[Leg], sites: dict[str, tuple[SensorStream, int]], settings: Settings
) -> pd.DataFrame:
    """One row per minute and site."""
    rows = []
    for leg in legs:
        for site, (stream, _) in sorted(sites.items()):
            if leg.baseline is not None and site.endswith(f"_{leg.side}"):
                blocks: Sequence[SpectrumBlock] = leg.spectra.blocks.get(site, [])
                rows += fatigue_rows(
                    leg.strides, blocks, site, leg.baseline, fs=stream.fs, snr_db=settings.spectrum_snr_db
                )
    rows.sort(key=lambda row: (row["t_s"], row["site"]))
    return frame("fatigue", rows)


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """One row per episode, numbered in the order of the alarms."""
    return frame("findings", ({**asdict(f), "finding": number} for number, f in enumerate(findings, 1)))


def quality_table(sites: dict[str, tuple[SensorStream, int]]) -> pd.DataFrame:
    """One row per second and site, and one for each gap."""
    rows = []
    for site, (stream, column) in sites.items():
        if not stream.timed:
            continue  # too short to be placed in time
        starts = stream.timeline.time(np.array([second.first_index for second in stream.seconds]))
        for t_s, second in zip(starts, stream.seconds, strict=True):
            verdict = second.verdicts[column]
            rows.append(
                {
                    "t_s": float(t_s),
                    "site": site,
                    "state": verdict.state,
                    "reason": verdict.reason or None,
                    "mains_db": second.mains_db[column],
                    "clipped_pct": verdict.clipped_pct,
                    "motion_ratio": second.motion_ratio[column],
                }
            )
        for first, stop in stream.gaps:
            reason = f"{stop - first} samples missing"
            rows.append(
                {"t_s": float(stream.timeline.time(first)), "site": site, "state": "gap", "reason": reason}
            )
    rows.sort(key=lambda row: (row["t_s"], row["site"]))
    return frame("quality", rows)


def gaps_table(streams: Iterable[SensorStream]) -> pd.DataFrame:
    """One row per gap of a sensor."""
    rows: list[dict[str, Any]] = []
    for stream in streams:
        for first, stop in stream.gaps:
            start_s, end_s = (float(t) for t in stream.timeline.time(np.array([first, stop])))
            cause = "radio" if stream.info.family != "file" else "missing in the file"
            rows.append(
                {
                    "sensor": stream.info.name,
                    "t_start_s": start_s,
                    "t_end_s": end_s,
                    "n_missing": stop - first,
                    "cause": cause,
                }
            )
    # a sensor that sent too little for a clock has gaps of unknown time: last
    rows.sort(key=lambda row: (np.isnan(row["t_start_s"]), row["t_start_s"], row["sensor"]))
    return frame("gaps", rows)


def events_table(events: Iterable[Event]) -> pd.DataFrame:
    """The recording's events, in the order of time."""
    return frame("events", (asdict(event) for event in sorted(events, key=lambda e: (e.t_s, e.kind))))
