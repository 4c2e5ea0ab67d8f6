"""The table ``measures``: statistics of each period with their uncertainty, one row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from emgsmr import dsp
from emgsmr.analysis.baseline import Baseline
from emgsmr.analysis.columns import frame
from emgsmr.analysis.estimates import MIN_FOR_INTERVAL, Estimate, Estimator, Interval, Part, Relative
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.periods import Period, session_periods
from emgsmr.analysis.reference import Reference
from emgsmr.analysis.resampled import PeriodStrides
from emgsmr.analysis.stride_arrays import Series, StrideArrays, stride_arrays
from emgsmr.anatomy import GROUPS, Catalog

if TYPE_CHECKING:
    from emgsmr.analysis.pipeline import Pipeline

Rows = Iterator[dict[str, Any]]

ANTAGONISTS = {
    "TA:CALF": (("TA",), ("MGAS", "LGAS")),
    "TA:SOL": (("TA",), ("SOL",)),
    "VL:HAM": (("VL",), ("BFLH", "ST")),
}
"""Muscles whose co-contraction laboratories report; the watched pairs are synergists."""

UNSCALED = "the sensor's gain is not known: no µV, but proportional to them"
SKIN = (
    "of amplitudes in µV, without a maximum or reference: compares skin and fat under the electrodes as much "
    "as muscle"
)
CHANGE = "change of the asymmetry since the baseline"
PROFILES = "of mean profiles, each relative to its peak in the baseline"
PROFILES_REFERENCE = "of mean profiles, each relative to the reference"
SINGLE = "part of it is the sampling error of a single burst"
SMOOTHED = "of profiles smoothed over a tenth of the stride"
CIRCULAR = "circular; the ends of the interval may lie below 0 or above 100"


def measures_table(pipeline: Pipeline, findings: Sequence[Finding], reference: Reference) -> pd.DataFrame:
    """Statistics of each period: ratios, shares, left against right, co-contraction, variability, timing.

    Parameters
    ----------
    pipeline : Pipeline
        Finished, or as far as it is.
    findings : sequence of Finding
    reference : Reference
        What amplitudes are relative to. Log-ratios and asymmetries are relative to the own baseline as well.

    Returns
    -------
    DataFrame
        The columns of ``measures``.

    Notes
    -----
    Levels are medians over the period's valid strides in the gait of the baseline; intervals come from a
    block bootstrap (`emgsmr.dsp.resample_counts`) and describe this recording, not another day. Relative to
    the own baseline, the error of the baseline counts as if the period did not overlap with it; the error of
    another reference is not in the intervals.
    """
    legs = list(pipeline.legs.values())
    snr_db = pipeline.settings.onset_snr_db
    arrays: dict[str, StrideArrays] = {
        leg.side: found for leg in legs if (found := stride_arrays(leg, center_snr_db=snr_db)) is not None
    }
    if not arrays:
        return frame("measures", ())
    baselines: dict[str, Baseline] = {leg.side: b for leg in legs if (b := leg.baseline) is not None}
    base = PeriodStrides(arrays, {side: ((b.t0_s, b.t1_s),) for side, b in baselines.items()}, stream=0)
    unscaled = {s for s, (stream, _) in pipeline.sites.items() if stream.info.scale_known == "unknown"}
    rows: list[dict[str, Any]] = []
    for period in session_periods(legs, findings, pipeline.events):
        whole = {side for side, b in baselines.items() if b.source == "whole recording"}
        own = set(baselines) if period.name == "baseline" else whole if period.name == "all" else set()
        strides = PeriodStrides(arrays, period.spans, stream=1)
        estimator = Estimator(strides, base, baselines, frozenset(own), reference, frozenset(unscaled))
        for leg in legs:
            if leg.side in period.sides and strides.n_strides(leg.side):
                span = strides.span((leg.side,))
                rows += _completed(_leg_rows(estimator, leg, arrays, pipeline.catalog), period, span)
        if period.both and all(strides.n_strides(side) for side in arrays):
            rows += _completed(_left_right_rows(estimator, arrays), period, strides.span(tuple(arrays)))
        base.forget_resamples()
    return frame("measures", rows)


def _completed(rows: Rows, period: Period, span: Interval) -> Rows:
    for row in rows:
        yield {"period": period.name, "t_start_s": span[0], "t_end_s": span[1], **row}


def _row(
    quantity: str,
    subject: str,
    estimate: Estimate,
    *,
    side: str | None,
    unit: str | None = None,
    reference: str | None = None,
    note: str = "",
    values: tuple[float, float, float] | None = None,
) -> dict[str, Any]:
    """A row; ``values`` (value, low, high) replace the estimate's own."""
    value, low, high = values or (estimate.value, *estimate.interval)
    if estimate.why_not:
        value, low, high, note = np.nan, np.nan, np.nan, estimate.why_not
    elif estimate.n < MIN_FOR_INTERVAL:
        low = high = np.nan
        note = "; ".join(filter(None, (f"too few for an interval: {MIN_FOR_INTERVAL} are needed", note)))
    return {
        "quantity": quantity,
        "side": side,
        "subject": subject,
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "unit": unit,
        "n": estimate.n,
        "reference": reference,
        "note": note or None,
    }


def _leg_rows(estimator: Estimator, leg: Leg, arrays: Mapping[str, StrideArrays], catalog: Catalog) -> Rows:
    yield from _ratio_rows(estimator, leg)
    yield from _sling_rows(estimator, leg.side, arrays, catalog)
    yield from _cocontraction_rows(estimator, leg)
    for site in arrays[leg.side].sites:
        yield from _site_rows(estimator, site)


def _mean_level(sites: Sequence[str], window: str, sign: float = 1.0) -> Series:
    """The logarithm of the geometric mean of some sites."""
    return tuple((sign / len(sites), site, window) for site in sites)


def _ratio_rows(estimator: Estimator, leg: Leg) -> Rows:
    baseline = leg.baseline
    assert baseline is not None
    for monitor in leg.monitors:
        prime, compensator = monitor.members
        if not {*prime, *compensator} <= set(baseline.noise):
            continue
        window = monitor.pair.id if baseline.gait == "run" else "main"
        series = (*_mean_level(compensator, window), *_mean_level(prime, window, -1.0))
        about: dict[str, Any] = {"side": leg.side}
        for relative in _references(estimator):
            estimate = estimator.level([Part(1.0, leg.side, series)], relative)
            y = np.array([estimate.value, *estimate.interval])
            about["reference"] = estimator.name(leg.side, relative)
            yield _row("log_ratio", monitor.pair.id, estimate, **about)
            share = _three(1.0 / (1.0 + np.exp(-y)))
            yield _row("share", monitor.pair.id, estimate, values=share, **about)
            change = _three(100.0 * np.expm1(y))
            yield _row("change_pct", monitor.pair.id, estimate, values=change, unit="%", **about)


def _references(estimator: Estimator) -> tuple[Relative, ...]:
    """The own baseline, and the analysis' reference if it is another."""
    return ("baseline", "reference") if estimator.other_reference else ("baseline",)


def _three(values: Any) -> tuple[float, float, float]:
    value, low, high = (float(v) for v in values)
    return value, low, high


def _sling_rows(
    estimator: Estimator, side: str, arrays: Mapping[str, StrideArrays], catalog: Catalog
) -> Rows:
    """Shares of the measured members of each sling; those on the opposite side from that leg's strides."""
    sites = sorted(site for leg in arrays.values() for site in leg.sites)
    for sling in catalog.slings:
        members = sorted(set(catalog.measured(sling, sites)["L" if side == "L" else "R"].values()))
        if len(members) < 2:
            continue
        levels = [estimator.level([_main(site)], "reference") for site in members]
        why_not = next((level.why_not for level in levels if level.why_not), "")
        note = f"{len(members)} of {len(sling.members)} members measured; share among those"
        total = sum(np.exp(level.value) for level in levels)
        resampled = sum(np.exp(level.resampled) for level in levels)
        for site, level in zip(members, levels, strict=True):
            share = Estimate(
                float(np.exp(level.value) / total),
                np.exp(level.resampled) / resampled,
                min(other.n for other in levels),
                min(other.n_blocks for other in levels),
                why_not,
            )
            yield _row(
                "sling_share",
                f"{sling.id}:{site}",
                share,
                side=side,
                reference=estimator.name(side, "reference"),
                note=note,
            )


def _main(site: str, sign: float = 1.0) -> Part:
    return Part(sign, site[-1], ((1.0, site, "main"),))


def _cocontraction_rows(estimator: Estimator, leg: Leg) -> Rows:
    """Both indices for each watched pair, and for each pair of antagonists that is measured."""
    baseline = leg.baseline
    assert baseline is not None
    found = {monitor.pair.id: tuple(monitor.members) for monitor in leg.monitors}
    for name, codes in ANTAGONISTS.items():
        found[name] = tuple(
            tuple(site for code in part if (site := f"{code}_{leg.side}") in baseline.noise) for part in codes
        )
    relative: Relative = "reference" if estimator.other_reference else "baseline"
    about: dict[str, Any] = {"side": leg.side, "reference": estimator.name(leg.side, relative)}
    about["note"] = PROFILES_REFERENCE if estimator.other_reference else PROFILES
    for subject, (one, other) in found.items():
        if not (one and other and {*one, *other} <= set(baseline.noise)):
            continue
        rudolph, falconer = estimator.cocontraction(one, other)
        values = (rudolph.value, *rudolph.corrected_interval)
        yield _row("cocontraction_rudolph", subject, rudolph, values=values, **about)
        values = (falconer.value, *falconer.corrected_interval)
        yield _row("cocontraction_falconer_winter", subject, falconer, unit="%", values=values, **about)


def _site_rows(estimator: Estimator, site: str) -> Rows:
    side, reference = site[-1], estimator.name(site[-1], "reference")
    level = estimator.level([_main(site)], "nothing")
    values = _three(np.exp([level.value, *level.interval]))
    unit, note = (None, UNSCALED) if site in estimator.unscaled else ("uV", "")
    yield _row("rms_uV", site, level, side=side, unit=unit, note=note, values=values)
    rel = estimator.level([_main(site)], "reference")
    values = _three(np.exp([rel.value, *rel.interval]))
    yield _row("rel", site, rel, side=side, reference=reference, values=values)
    cv, ratio = estimator.variability(site)
    corrected = (cv.value, *cv.corrected_interval)
    yield _row("cv_pct", site, cv, side=side, unit="%", note=SINGLE, values=corrected)
    corrected = (ratio.value, *ratio.corrected_interval)
    yield _row("variance_ratio", site, ratio, side=side, note=SMOOTHED, values=corrected)
    center, spread = estimator.center(site)
    unit = "% of the stride"
    yield _row("burst_center_pct", site, center, side=side, unit=unit, note=CIRCULAR)
    corrected = (spread.value, *spread.corrected_interval)
    yield _row("burst_center_sd_pct", site, spread, side=side, unit=unit, values=corrected)


def _left_right_rows(estimator: Estimator, arrays: Mapping[str, StrideArrays]) -> Rows:
    """Right against left for each muscle, and each group with several muscles, that both legs have."""
    measured = {side: {site[:-2] for site in leg.sites} for side, leg in arrays.items()}
    common = sorted(measured["L"] & measured["R"])
    subjects: dict[str, tuple[str, ...]] = {code: (code,) for code in common}
    for name, codes in GROUPS.items():
        members = tuple(code for code in codes if code in common)
        if len(members) > 1:
            subjects[name] = members
    for subject, codes in subjects.items():
        parts = [
            Part(sign, side, _mean_level([f"{code}_{side}" for code in codes], "main"))
            for sign, side in ((1.0, "R"), (-1.0, "L"))
        ]
        gain = estimator.unscaled & {site for part in parts for _, site, _ in part.series}
        note = f"{SKIN}; {UNSCALED}" if gain else SKIN
        yield from _asymmetry_rows(subject, estimator.level(parts, "nothing"), None, note)
        for relative in _references(estimator):
            names = {estimator.name(side, relative) or "" for side in arrays}
            note = CHANGE if relative == "baseline" else ""
            yield from _asymmetry_rows(
                subject, estimator.level(parts, relative), " and ".join(sorted(names)), note
            )


def _asymmetry_rows(subject: str, estimate: Estimate, reference: str | None, note: str) -> Rows:
    about: dict[str, Any] = {"side": None, "reference": reference, "note": note}
    low, high = estimate.interval
    yield _row("log_asymmetry", subject, estimate, **about)
    ends = dsp.symmetry_index(np.array([estimate.value, low, high]))
    values = (float(ends[0]), 0.0 if low < 0.0 < high else float(ends[1:].min()), float(ends[1:].max()))
    yield _row("symmetry_index_pct", subject, estimate, unit="%", values=values, **about)
    values = _three(dsp.symmetry_angle(np.array([estimate.value, low, high])))
    yield _row("symmetry_angle_pct", subject, estimate, unit="%", values=values, **about)
