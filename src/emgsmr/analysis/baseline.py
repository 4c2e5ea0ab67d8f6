"""The reference of one leg: noise floor, level and cadence in the baseline, and log-ratios against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

import numpy as np

from emgsmr import dsp
from emgsmr.analysis.contacts import Gait
from emgsmr.analysis.noise import NoiseFloor, noise_floor
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import Pair

MIN_STRIDES = 60
"""Fewer than this many baseline strides (six points of a chart) are no baseline to detect changes against."""


class Members(NamedTuple):
    """The measured sites of a pair on one side."""

    prime: tuple[str, ...]
    compensator: tuple[str, ...]


class LogRatio(NamedTuple):
    """Log-ratio of a stride and its two parts, against the baseline (0 = as in the baseline)."""

    y: float
    prime: float
    compensator: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """Reference values of one leg.

    Attributes
    ----------
    t0_s, t1_s : float, s
    source : str
        Where it came from: "settings", "events", "automatic", or "whole recording" (then nothing is tested).
    gait : {"run", "walk"}
        Of most of its strides; others are not compared.
    n_strides : int
    cadence_spm : float
        NaN where the task is not gait.
    noise : dict of site to µV²
        Noise floor that is subtracted; 0 where none is known.
    level : dict of (window, site) to µV
        Median of the noise-corrected RMS.
    noise_source : dict of site to {"quiet phase", "rest", "none"}
        Where the noise floor comes from.
    quiet : dict of site to µV²
        Median of the strides' own `SiteFacts.quiet`: what later ones are compared with.
    """

    t0_s: float
    t1_s: float
    source: str
    gait: Gait
    n_strides: int
    cadence_spm: float
    noise: dict[str, float]
    level: dict[tuple[str, str], float]
    noise_source: dict[str, str] = field(default_factory=dict)
    quiet: dict[str, float] = field(default_factory=dict)

    def rms(self, stride: Stride, site: str, window: str) -> float:
        """Noise-corrected RMS (µV) of a site in a window; NaN where the stride has none."""
        facts = stride.sites.get(site)
        if facts is None or not facts.valid or site not in self.noise or window not in facts.power:
            return float("nan")
        return float(dsp.noise_corrected(facts.power[window], noise_power=self.noise[site]))

    def snr_db(self, stride: Stride, site: str) -> float:
        """Power in the main window above the noise floor; NaN where it is not, or no floor is known."""
        facts, noise = stride.sites.get(site), self.noise.get(site, 0.0)
        if facts is None or not facts.valid or not noise > 0 or "main" not in facts.power:
            return float("nan")
        above = facts.power["main"] / noise - 1.0
        return float(10.0 * np.log10(above)) if above > 0 else float("nan")

    def log_rel(self, stride: Stride, site: str, window: str) -> float:
        """Logarithm of the activation relative to the baseline; NaN in another gait."""
        if stride.gait != self.gait:
            return float("nan")
        level = self.level.get((window, site), float("nan"))
        rms = self.rms(stride, site, window)
        return float(np.log(rms / level)) if level > 0 and rms > 0 else float("nan")

    def log_ratio(self, stride: Stride, pair: Pair, members: Members) -> LogRatio | None:
        """Log-ratio of a pair in a stride; None unless every measured member is valid in it."""
        window = pair.id if stride.gait == "run" else "main"
        prime = sum(self.log_rel(stride, site, window) for site in members.prime) / len(members.prime)
        if not isfinite(prime):
            return None
        rels = [self.log_rel(stride, site, window) for site in members.compensator]
        compensator = sum(rels) / len(rels)
        if not isfinite(compensator):
            return None
        return LogRatio(compensator - prime, prime, compensator)


def fit_baseline(
    strides: Sequence[Stride],
    *,
    t0_s: float,
    t1_s: float,
    source: str,
    rest: Mapping[str, float] | None = None,
) -> Baseline | None:
    """Reference values from the valid strides that begin in ``t0_s <= t < t1_s``; None if there are none.

    ``rest``: mean power (µV²) of sites in phases labeled rest, where there are some.
    """
    inside = [stride for stride in strides if stride.valid and t0_s <= stride.t_start_s < t1_s]
    if not inside:
        return None
    gait = Counter(stride.gait for stride in inside).most_common(1)[0][0]
    inside = [stride for stride in inside if stride.gait == gait]
    noise: dict[str, NoiseFloor] = {}
    quiet: dict[str, float] = {}
    level: dict[tuple[str, str], float] = {}
    for site in sorted({site for stride in inside for site in stride.sites}):
        facts = [stride.sites[site] for stride in inside if stride.sites[site].valid]
        if not facts:
            continue
        known = [f.quiet for f in facts if isfinite(f.quiet)]
        quiet[site] = float(np.median(known)) if known else float("nan")
        noise[site] = noise_floor(
            [f.bins for f in facts], gait=gait, between=quiet[site], rest=(rest or {}).get(site)
        )
        for window in facts[0].power:
            power = np.array([f.power[window] for f in facts])
            level[window, site] = dsp.robust_center(dsp.noise_corrected(power, noise_power=noise[site].power))
    cadence = float(np.median([stride.cadence_spm for stride in inside]))
    return Baseline(
        t0_s,
        t1_s,
        source,
        gait,
        len(inside),
        cadence,
        {site: floor.power for site, floor in noise.items()},
        level,
        {site: floor.source for site, floor in noise.items()},
        quiet,
    )
