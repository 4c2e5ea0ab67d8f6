"""What an activation of 1 is: the own baseline, a maximal contraction, a reference run, or nothing.

One reference per muscle for the whole analysis, never one per trial: that would take away what is to be
compared. Values above the reference stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from emgsmr import dsp
from emgsmr.analysis.baseline import fit_baseline
from emgsmr.analysis.columns import frame
from emgsmr.analysis.phases import Span, labeled_spans
from emgsmr.analysis.rest import usable_seconds
from emgsmr.analysis.seconds import PEAK_S
from emgsmr.analysis.settings import Normalization, Settings

if TYPE_CHECKING:
    from emgsmr.analysis.channels import SensorStream
    from emgsmr.analysis.leg import Leg
    from emgsmr.analysis.pipeline import Pipeline
    from emgsmr.analysis.strides import Stride
    from emgsmr.recording import Recording

HERE = "this recording"

TRIALS_DIFFER = 0.15
"""Two best trials further apart than this were hardly both maximal."""

ANOTHER_SESSION = (
    "from another session: with electrodes placed anew, two days differ by up to a factor of 3 for one "
    "muscle and 4.7 for a ratio by chance alone (95 %, from a between-day CV of 41 %, Colyer and McGuigan "
    "2018)"
)


class Level(NamedTuple):
    """The amplitude that counts as 1 at a site: µV, and where it was measured; NaN with a note = unknown."""

    uv: float
    t0_s: float = float("nan")
    t1_s: float = float("nan")
    n: int = 0
    note: str = ""


class Trial(NamedTuple):
    """A maximal contraction of a site: when, and its best half second in µV, less the noise floor."""

    t0_s: float
    t1_s: float
    uv: float


@dataclass(frozen=True, slots=True)
class Reference:
    """What the relative values of an analysis are relative to.

    Attributes
    ----------
    normalization : {"baseline", "mvc", "reference", "none"}
    source : str
        "this recording", or the name of the other one.
    levels : mapping of site to Level
    """

    normalization: Normalization
    source: str = HERE
    levels: Mapping[str, Level] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """In words, as tables and pages say it."""
        words = {
            "baseline": "own baseline",
            "mvc": "maximal contraction (MVC)",
            "reference": "reference run",
            "none": "none (µV)",
        }[self.normalization]
        return words if self.source == HERE else f"{words} of {self.source}"

    def as_dict(self) -> dict[str, str]:
        """For ``session.json``; the levels are in ``references.csv``."""
        return {"normalization": self.normalization, "source": self.source, "name": self.name}

    def rel(self, leg: Leg, stride: Stride, site: str) -> float:
        """Activation of a site's main window in a stride, 1 = reference; NaN where either is missing."""
        if leg.baseline is None:
            return float("nan")
        if self.normalization == "baseline":
            return float(np.exp(leg.baseline.log_rel(stride, site, "main")))
        level = self.levels[site].uv if site in self.levels else float("nan")
        return leg.baseline.rms(stride, site, "main") / level if level > 0 else float("nan")


def fit_reference(
    pipeline: Pipeline,
    normalization: Normalization | None = None,
    *,
    source: str = HERE,
    until_s: float = float("inf"),
) -> Reference:
    """Find the reference in what a pipeline has seen.

    Parameters
    ----------
    pipeline : Pipeline
        Finished, or as far as it is.
    normalization : str, optional
        Default: that of its settings.
    source : str
        What to call the recording.
    until_s : float, s
        Contractions and reference runs that end later do not count.

    Notes
    -----
    "mvc": the highest RMS of any half second in the phases labeled ``mvc`` (those for the site, where they
    name one), over all trials, in seconds of usable quality, less the noise floor. "reference": the median of
    the strides in the phases labeled ``reference``; of another recording without such a phase, its baseline.
    """
    kind = normalization or pipeline.settings.normalization
    levels: dict[str, Level] = {}
    if kind == "mvc":
        levels = {site: _mvc(pipeline, site, until_s) for site in sorted(pipeline.sites)}
    elif kind in ("baseline", "reference"):
        for leg in pipeline.legs.values():
            levels |= _of_strides(pipeline, leg, kind, elsewhere=source != HERE, until_s=until_s)
    if source != HERE:
        levels = {
            site: level._replace(note="; ".join(filter(None, (level.note, ANOTHER_SESSION))))
            for site, level in levels.items()
        }
    return Reference(kind, source, levels)


def reference_of(recording: Recording, settings: Settings) -> Reference:
    """The reference that another recording gives, under the same settings."""
    from emgsmr.analysis.pipeline import Pipeline

    pipeline = Pipeline(recording.montage, settings, events=recording.events())
    pipeline.run(recording.blocks())
    return fit_reference(pipeline, source=recording.path.name)


def with_reference(settings: Settings, recording: Recording) -> tuple[Settings, Reference]:
    """Settings under which another recording is the reference, and that reference.

    Its maximal contractions where the normalization is "mvc", else its reference run or baseline.
    """
    if settings.normalization != "mvc":
        settings = replace(settings, normalization="reference")
    return settings, reference_of(recording, settings)


def noise_power(pipeline: Pipeline, site: str) -> tuple[float, str]:
    """Mean square (µV²) of a site's noise floor, and where it comes from; 0 and "none" if there is none."""
    leg = pipeline.legs.get(site[-1])
    if leg is not None and leg.baseline is not None and site in leg.baseline.noise:
        return leg.baseline.noise[site], leg.baseline.noise_source.get(site, "quiet phase")
    rest = pipeline.rest_power(site)
    return (0.0, "none") if rest is None else (rest, "rest")


def references_table(pipeline: Pipeline, reference: Reference) -> pd.DataFrame:
    """One row per site."""
    rows = []
    for site in sorted(pipeline.sites):
        level = reference.levels.get(site, Level(float("nan"), note=_missing(reference.normalization)))
        noise, noise_source = noise_power(pipeline, site)
        rows.append(
            {
                "site": site,
                "normalization": reference.normalization,
                "reference_uV": level.uv,
                "noise_uV": float(np.sqrt(noise)) if noise_source != "none" else None,
                "noise_source": noise_source,
                "t_start_s": level.t0_s,
                "t_end_s": level.t1_s,
                "n": level.n,
                "source": reference.source,
                "note": level.note or None,
            }
        )
    return frame("references", rows)


def _missing(normalization: Normalization) -> str:
    return "amplitudes stay in µV" if normalization == "none" else "not measured in it"


def _of_strides(
    pipeline: Pipeline, leg: Leg, kind: str, *, elsewhere: bool, until_s: float
) -> dict[str, Level]:
    """Levels from a leg's strides: those of its baseline, or of the phases labeled ``reference``."""
    sites = [site for site in sorted(pipeline.sites) if site.endswith(f"_{leg.side}")]
    found = leg.baseline
    note = ""
    if kind == "reference":
        spans = [span for span in labeled_spans(pipeline.events, "reference") if span.t1_s <= until_s]
        if spans:
            found = fit_baseline(
                [s for s in leg.strides if any(span.t0_s <= s.t_start_s < span.t1_s for span in spans)],
                t0_s=spans[0].t0_s,
                t1_s=spans[-1].t1_s,
                source="events",
                rest={s: rest for s in sites if (rest := pipeline.rest_power(s, until_s)) is not None},
            )
            note = "" if found else "no usable stride in the phases labeled reference"
        elif not elsewhere:
            found, note = None, "no phase is labeled reference"
    if found is None:
        return {site: Level(float("nan"), note=note or "no usable stride") for site in sites}
    if found.source == "whole recording":
        note = "no baseline was marked or long enough: the whole recording"
    return {
        site: Level(found.level["main", site], found.t0_s, found.t1_s, found.n_strides, note)
        for site in sites
        if ("main", site) in found.level
    }


def maximal_trials(pipeline: Pipeline, site: str, until_s: float = float("inf")) -> list[Trial]:
    """The usable maximal contractions of a site that end until then, in the order of time."""
    stream, column = pipeline.sites[site]
    found = [
        (span, power)
        for span in labeled_spans(pipeline.events, "mvc")
        if span.has(site) and span.t1_s <= until_s and np.isfinite(power := _best(stream, column, span))
    ]
    noise, _ = noise_power(pipeline, site)
    uv = dsp.noise_corrected(np.array([power for _, power in found]), noise_power=noise)
    return [Trial(span.t0_s, span.t1_s, float(best)) for (span, _), best in zip(found, uv, strict=True)]


def _mvc(pipeline: Pipeline, site: str, until_s: float) -> Level:
    """The best half second of a site over all of its trials."""
    spans = [
        span for span in labeled_spans(pipeline.events, "mvc") if span.has(site) and span.t1_s <= until_s
    ]
    if not spans:
        return Level(float("nan"), note="no phase is labeled mvc")
    trials = sorted((trial.uv for trial in maximal_trials(pipeline, site, until_s)), reverse=True)
    if not trials:
        return Level(float("nan"), n=0, note="no usable half second in the phases labeled mvc")
    note = "one trial only: two or three are usual" if len(trials) == 1 else ""
    if len(trials) > 1 and trials[1] < (1 - TRIALS_DIFFER) * trials[0]:
        note = f"the two best trials differ by {100 * (1 - trials[1] / trials[0]):.0f} %"
    return Level(trials[0], spans[0].t0_s, spans[-1].t1_s, len(trials), note)


def _best(stream: SensorStream, column: int, span: Span) -> float:
    """Highest power of a half second that lies within a span; NaN if there is none."""
    powers = [
        float(second.peak_power[column]) for second in usable_seconds(stream, column, span, before_s=PEAK_S)
    ]
    return max((power for power in powers if np.isfinite(power)), default=float("nan"))
