"""The result of an analysis: its tables, how they were made, and a summary in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from emgsmr.analysis import tables
from emgsmr.analysis.bursts import bursts_table
from emgsmr.analysis.chart import RECENT
from emgsmr.analysis.columns import COLUMNS
from emgsmr.analysis.covariates import covariates_table, readings_table
from emgsmr.analysis.cramp_watch import watch_table
from emgsmr.analysis.earlier import earlier_session
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.hints import hints_table
from emgsmr.analysis.measures import measures_table
from emgsmr.analysis.motion_track import in_turn
from emgsmr.analysis.pipeline import Pipeline
from emgsmr.analysis.profiles import profiles_table
from emgsmr.analysis.provenance import session_record
from emgsmr.analysis.reference import fit_reference, references_table, with_reference
from emgsmr.analysis.rest_windows import rest_table
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.spectra import spectra_table
from emgsmr.analysis.stride_source import check_sources
from emgsmr.recording import TimedReading
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
    bursts, spectra, measures, profiles, references, excess, hints : DataFrame
        On- and offsets of bursts; pooled spectra; statistics of each period with their uncertainty; mean
        amplitude over the stride; what each site's values are relative to; what a compensator did beyond what
        its prime mover lets expect; what looks wrong with the set-up.
    watch, rest : DataFrame
        Research outputs: muscles that were active without rest, and how quiet each was in rest windows.
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
    excess: pd.DataFrame
    hints: pd.DataFrame
    watch: pd.DataFrame
    rest: pd.DataFrame
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
        lines += self._relative_to()
        for chart in self.session["charts"]:
            if chart["reason"] and self.baseline is not None:
                lines.append(f"{chart['pair']} {chart['side']} was not tested: {chart['reason']}.")
        lines += [f"Tier {finding.tier}: {finding.text}" for finding in self.episodes]
        tested = any(not chart["reason"] for chart in self.session["charts"])
        shifts = [finding for finding in self.episodes if finding.pattern != "standing"]
        if not shifts and tested:
            size = max(chart["sdc_pct"] for chart in self.session["charts"] if not chart["reason"])
            gait = all(source not in CYCLES_FOUND for source in self.strides["source"])
            of = "a one-minute mean" if gait else f"a mean of {RECENT * self.settings.block_strides} cycles"
            lines.append(f"No lasting shift was detected; {size:.0f} % in {of} would have shown.")
        lines += self.session["standing"]["says"]
        for sensor in self.session["sensors"]:
            if sensor["limits"]["says"]:
                lines.append(f"{sensor['name']}: {sensor['limits']['says']}.")
        return lines + [f"To check: {text}" for text in self.hints["text"]]

    def _relative_to(self) -> list[str]:
        """What activations are relative to, if not to the own baseline, and the sites without it."""
        reference = self.session["reference"]
        if reference["normalization"] == "baseline":
            return []
        lines = [f"Activations are relative to: {reference['name']}."]
        for note, rows in self.references.dropna(subset="note").groupby("note"):
            if reference["normalization"] != "none":
                lines.append(f"{', '.join(rows['site'])}: {note}.")
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
            settings.cycles,
            "No strides were found: neither foot contacts nor a rhythm of gait in motion or EMG.",
        )
    names = strides["source"].map(lambda source: CYCLES_FOUND.get(source, "strides"))
    parts = [f"{int(rows['valid'].sum())} of {len(rows)} {name}" for name, rows in strides.groupby(names)]
    return f"{' and '.join(parts)} could be used."


def analyze(
    recording: Recording,
    settings: Settings | None = None,
    *,
    reference: Recording | None = None,
    earlier: Sequence[Recording | Analysis] = (),
) -> Analysis:
    """Run a recording through the pipeline.

    Parameters
    ----------
    recording : Recording
    settings : Settings, optional
    reference : Recording, optional
        Another recording that activations are relative to: its maximal contractions where the normalization
        is "mvc", else its reference run or baseline. Ratios and findings stay relative to the own baseline.
    earlier : sequence of Recording or Analysis
        Earlier sessions of the same person, with maximal contractions of their own: standing patterns are
        compared with them.

    Returns
    -------
    Analysis

    Raises
    ------
    SamplingRateError, NotEnoughDataError
        If a sensor is too slow, no channel has a site, or there is nothing that strides shall come from.

    Examples
    --------
    >>> import emgsmr
    >>> recording, truth = emgsmr.simulate("healthy", minutes=0.5, seed=1)
    >>> result = emgsmr.analyze(recording)
    >>> sorted(result.ratios["pair"].unique().tolist()), len(result.findings)
    (['P1', 'P2'], 0)
    """
    return finished_pipeline(recording, settings, reference=reference, earlier=earlier).analysis()


def finished_pipeline(
    recording: Recording,
    settings: Settings | None = None,
    *,
    reference: Recording | None = None,
    earlier: Sequence[Recording | Analysis] = (),
) -> Pipeline:
    """The pipeline after all of a recording; parameters as for `analyze`."""
    settings, known = settings or Settings(), None
    events = recording.events()
    check_sources(
        settings,
        kinds={event.kind for event in events},
        quantities={source.quantity for source in recording.reading_sources()},
    )
    if reference is not None:
        settings, known = with_reference(settings, reference)
    sessions = [earlier_session(session, settings) for session in earlier]
    pipeline = Pipeline(recording.montage, settings, events=events, reference=known, earlier=sessions)
    for item in in_turn(recording, motion=bool(pipeline.motion)):
        if isinstance(item, TimedReading):
            pipeline.push_reading(item)
        else:
            pipeline.push(item)
    pipeline.finish()
    pipeline.recall()
    return pipeline


def build_analysis(pipeline: Pipeline) -> Analysis:
    """Tables of what a pipeline knows."""
    legs = list(pipeline.legs.values())
    findings = pipeline.findings()
    reference = pipeline.reference or fit_reference(pipeline)
    tested = [leg.baseline for leg in legs if leg.baseline and leg.baseline.source != "whole recording"]
    ends = [s.measured_s for s in pipeline.streams.values() if np.isfinite(s.measured_s)]
    strides = tables.strides_table(legs)
    readings = readings_table(pipeline.readings, started_ns=pipeline.wiring.started_ns)
    return Analysis(
        strides=strides,
        activation=tables.activation_table(legs, reference, center_snr_db=pipeline.settings.onset_snr_db),
        ratios=tables.ratios_table(legs),
        slings=tables.slings_table(legs, pipeline.catalog, reference),
        fatigue=tables.fatigue_table(legs, pipeline.sites, pipeline.settings),
        findings=tables.findings_table(findings),
        quality=tables.quality_table(pipeline.sites),
        gaps=tables.gaps_table(pipeline.streams.values()),
        events=tables.events_table(pipeline.events),
        readings=readings,
        covariates=covariates_table(strides, readings),
        bursts=bursts_table(legs, snr_db=pipeline.settings.onset_snr_db),
        spectra=spectra_table(legs, pipeline.sites, pipeline.settings),
        measures=measures_table(pipeline, findings, reference),
        profiles=profiles_table(legs, findings, pipeline.events),
        references=references_table(pipeline, reference),
        excess=tables.excess_table(legs),
        hints=hints_table(legs, pipeline.sites, pipeline.catalog),
        watch=watch_table(
            pipeline.watch,
            {leg.side: leg.strides for leg in legs},
            pipeline.events,
            pipeline.catalog,
        ),
        rest=rest_table(pipeline.legs, pipeline.sites, pipeline.events),
        baseline=(min(b.t0_s for b in tested), max(b.t1_s for b in tested)) if tested else None,
        duration_s=max(ends, default=0.0),
        settings=pipeline.settings,
        session=session_record(pipeline, reference),
        episodes=tuple(findings),
    )
