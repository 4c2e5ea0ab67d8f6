"""The result of an analysis: its tables, how they were made, and a summary in sentences."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from emgsmr.analysis import tables
from emgsmr.analysis.bursts import bursts_table
from emgsmr.analysis.chart import RECENT
from emgsmr.analysis.columns import COLUMNS, frame
from emgsmr.analysis.covariates import covariates_table, readings_table
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.limits import limits_at
from emgsmr.analysis.pipeline import Pipeline
from emgsmr.analysis.profiles import profiles_table
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.timeline import clock_facts
from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from emgsmr.recording import Recording

TABLES = tuple(COLUMNS)
"""Names of the tables, as attributes of `Analysis` and as CSV files."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything that one analysis found; each table is a DataFrame with the columns of the data dictionary.

    Attributes
    ----------
    strides, activation, ratios, slings, fatigue, findings, quality, gaps, events : DataFrame
    readings, covariates : DataFrame
        What other devices told (heart rate, speed, battery), and that at the time of each stride.
    bursts, spectra, measures, profiles, references, hints : DataFrame
        On- and offsets of bursts; pooled spectra; statistics of each period with their uncertainty; mean
        amplitude over the stride; what each site's values are relative to; what looks wrong with the set-up.
    baseline : tuple of float, optional
        Start and end (s) of the baseline that changes were tested against; None = nothing was tested.
    duration_s : float
    settings : Settings
    session : dict
        Software, settings, sensors, placements, normalization, charts and exclusions: ``session.json``.
    """

    strides: pd.DataFrame
    activation: pd.DataFrame
    ratios: pd.DataFrame
    slings: pd.DataFrame
    fatigue: pd.DataFrame
    findings: pd.DataFrame
    quality: pd.DataFrame
    gaps: pd.DataFrame
    events: pd.DataFrame
    readings: pd.DataFrame
    covariates: pd.DataFrame
    bursts: pd.DataFrame
    spectra: pd.DataFrame
    measures: pd.DataFrame
    profiles: pd.DataFrame
    references: pd.DataFrame
    hints: pd.DataFrame
    baseline: tuple[float, float] | None
    duration_s: float
    settings: Settings
    session: dict[str, Any] = field(repr=False)
    episodes: tuple[Finding, ...] = ()

    def summary(self) -> list[str]:
        """What was found, in a few plain sentences."""
        lines = [counted(self.strides, self.settings)]
        if self.baseline is None:
            lines.append(
                "No baseline was recorded, so nothing was tested for change; values are relative to the "
                "whole recording."
            )
        else:
            lines.append(f"Baseline: {clock(self.baseline[0])} to {clock(self.baseline[1])}.")
        for chart in self.session["charts"]:
            if chart["reason"] and self.baseline is not None:
                lines.append(f"{chart['pair']} {chart['side']} was not tested: {chart['reason']}.")
        lines += [f"Tier {finding.tier}: {finding.text}" for finding in self.episodes]
        tested = any(not chart["reason"] for chart in self.session["charts"])
        if not self.episodes and tested:
            size = max(chart["sdc_pct"] for chart in self.session["charts"] if not chart["reason"])
            gait = all(source not in CYCLES_FOUND for source in self.strides["source"])
            of = "a one-minute mean" if gait else f"a mean of {RECENT * self.settings.block_strides} cycles"
            lines.append(f"No lasting shift was detected; {size:.0f} % in {of} would have shown.")
        for sensor in self.session["sensors"]:
            if sensor["limits"]["says"]:
                lines.append(f"{sensor['name']}: {sensor['limits']['says']}.")
        return lines


CYCLES_FOUND = {"bursts": "repetitions", "windows": "windows of held contractions"}
"""What the cycles of a source are called; those of the others are strides."""


def counted(strides: pd.DataFrame, settings: Settings) -> str:
    """How many cycles there are, by what they are, in a sentence."""
    if not len(strides):
        why = {
            "bursts": "No repetitions were found: no bursts stand out from the quiet level of the EMG.",
            "windows": "No held contractions were found: no muscle was active for long enough.",
        }
        return why.get(
            settings.cycles, "No strides were found: neither foot contacts nor a rhythm of gait in the EMG."
        )
    names = strides["source"].map(lambda source: CYCLES_FOUND.get(source, "strides"))
    parts = [f"{int(rows['valid'].sum())} of {len(rows)} {name}" for name, rows in strides.groupby(names)]
    return f"{' and '.join(parts)} could be used."


def analyze(recording: Recording, settings: Settings | None = None) -> Analysis:
    """Run a recording through the pipeline.

    Parameters
    ----------
    recording : Recording
    settings : Settings, optional

    Returns
    -------
    Analysis

    Raises
    ------
    SamplingRateError, NotEnoughDataError
        If a sensor is too slow, or no channel has a site.

    Examples
    --------
    >>> import emgsmr
    >>> recording, truth = emgsmr.simulate("healthy", minutes=0.5, seed=1)
    >>> result = emgsmr.analyze(recording)
    >>> sorted(result.ratios["pair"].unique().tolist()), len(result.findings)
    (['P1', 'P2'], 0)
    """
    pipeline = Pipeline(recording.montage, settings, events=recording.events())
    for _, reading in recording.readings(vectors=False):
        pipeline.push_reading(reading)
    pipeline.run(recording.blocks())
    return pipeline.analysis()


def build_analysis(pipeline: Pipeline) -> Analysis:
    """Tables of what a pipeline knows."""
    legs = list(pipeline.legs.values())
    findings = pipeline.findings()
    tested = [leg.baseline for leg in legs if leg.baseline and leg.baseline.source != "whole recording"]
    ends = [s.measured_s for s in pipeline.streams.values() if np.isfinite(s.measured_s)]
    strides = tables.strides_table(legs)
    readings = readings_table(pipeline.readings, started_ns=pipeline.wiring.started_ns)
    return Analysis(
        strides=strides,
        activation=tables.activation_table(legs, center_snr_db=pipeline.settings.onset_snr_db),
        ratios=tables.ratios_table(legs),
        slings=tables.slings_table(legs, pipeline.catalog),
        fatigue=tables.fatigue_table(legs, pipeline.sites),
        findings=tables.findings_table(findings),
        quality=tables.quality_table(pipeline.sites),
        gaps=tables.gaps_table(pipeline.streams.values()),
        events=tables.events_table(pipeline.events),
        readings=readings,
        covariates=covariates_table(strides, readings),
        bursts=bursts_table(legs, snr_db=pipeline.settings.onset_snr_db),
        spectra=frame("spectra", ()),
        measures=frame("measures", ()),
        profiles=profiles_table(legs, findings),
        references=frame("references", ()),
        hints=frame("hints", ()),
        baseline=(min(b.t0_s for b in tested), max(b.t1_s for b in tested)) if tested else None,
        duration_s=max(ends, default=0.0),
        settings=pipeline.settings,
        session=session_record(pipeline),
        episodes=tuple(findings),
    )


def session_record(pipeline: Pipeline) -> dict[str, Any]:
    """What another person needs to judge and repeat the analysis."""
    try:
        software = version("emgsmr")
    except PackageNotFoundError:  # run from a source tree that is not installed
        software = "unknown"
    settings = pipeline.settings
    return {
        "software": {"name": "emgsmr", "version": software, "python": platform.python_version()},
        "settings": settings.as_dict(),
        "settings_sha256": settings.fingerprint(),
        "sensors": [_sensor(pipeline, sensor) for sensor in pipeline.streams],
        "placements": {site: stream.info.name for site, (stream, _) in sorted(pipeline.sites.items())},
        "normalization": _normalization(pipeline),
        "charts": _charts(pipeline),
        "exclusions": _exclusions(pipeline),
    }


def _sensor(pipeline: Pipeline, sensor: int) -> dict[str, Any]:
    stream = pipeline.streams[sensor]
    info = stream.info
    return {
        "name": info.name,
        "family": info.family,
        "rate_hz": info.rate_hz,
        "channels": info.channels,
        "scale_uv": info.scale_uv,
        "scale_known": info.scale_known,
        "band_hz": [pipeline.settings.low_hz, min(pipeline.settings.high_hz, 0.45 * info.rate_hz)],
        "settling_samples": stream.settle,
        "limits": limits_at(info.rate_hz)._asdict(),
        "clock": clock_facts(stream.timeline),
        "n_gaps": len(stream.gaps),
        "n_missing": sum(stop - first for first, stop in stream.gaps),
    }


def _normalization(pipeline: Pipeline) -> dict[str, Any]:
    return {
        side: None
        if (b := leg.baseline) is None
        else {
            "reference": "own baseline" if b.source != "whole recording" else "whole recording",
            "source": b.source,
            "t0_s": b.t0_s,
            "t1_s": b.t1_s,
            "gait": b.gait,
            "n_strides": b.n_strides,
            "cadence_spm": b.cadence_spm if np.isfinite(b.cadence_spm) else None,
            "noise_uv": {site: float(np.sqrt(power)) for site, power in b.noise.items()},
            "noise_source": b.noise_source,
        }
        for side, leg in pipeline.legs.items()
    }


def _charts(pipeline: Pipeline) -> list[dict[str, Any]]:
    rows = []
    for side, leg in pipeline.legs.items():
        for monitor in leg.monitors:
            chart = monitor.chart
            row: dict[str, Any] = {
                "pair": monitor.pair.id,
                "side": side,
                "prime_sites": list(monitor.members.prime),
                "compensator_sites": list(monitor.members.compensator),
                "reason": monitor.why_not,
            }
            if chart is not None:
                row |= {
                    "n_baseline_points": chart.n_points,
                    "sigma": chart.sigma,
                    "k": chart.k,
                    "limit": chart.limit,
                    "sdc_pct": chart.sdc_pct,
                }
            rows.append(row)
    return rows


def _exclusions(pipeline: Pipeline) -> dict[str, Any]:
    strides = [stride for leg in pipeline.legs.values() for stride in leg.strides]
    reasons: dict[str, int] = {}
    for stride in strides:
        if not stride.valid:
            reasons[stride.reason] = reasons.get(stride.reason, 0) + 1
    sites: dict[str, dict[str, int]] = {}
    for stride in strides:
        for site, facts in stride.sites.items():
            if not facts.valid:
                kind = facts.reason.split(":")[0]
                counts = sites.setdefault(site, {})
                counts[kind] = counts.get(kind, 0) + 1
    return {
        "strides": reasons,
        "sites": sites,
        "n_strides": len(strides),
        "n_valid": sum(s.valid for s in strides),
    }
