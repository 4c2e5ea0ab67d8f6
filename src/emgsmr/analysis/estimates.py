"""Statistics of a period's strides with their resamples: what the rows of ``measures`` are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.baseline import Baseline
from emgsmr.analysis.reference import Reference
from emgsmr.analysis.resampled import PeriodStrides
from emgsmr.analysis.stride_arrays import Series

FloatArray = NDArray[np.float64]

Relative = Literal["nothing", "baseline", "reference"]
"""What amplitudes are relative to: nothing (µV), the own baseline, or the analysis' reference."""

MIN_STRIDES = 3
"""Fewer strides than this give no statistic: three describe a profile as well as twelve (Arsenault 1986)."""

MIN_FOR_INTERVAL = 10
"""Fewer strides than this say too little about how they scatter."""

NO_CYCLE = "a held contraction has no cycle"

Interval = tuple[float, float]


class Part(NamedTuple):
    """A signed series of one leg: what a comparison is the sum of."""

    sign: float
    side: str
    series: Series


class Estimate(NamedTuple):
    """A statistic: of the strides and of each resample (n_resamples,), from how many strides and blocks.

    ``why_not``: the reason if there is no value.
    """

    value: float
    resampled: FloatArray
    n: int
    n_blocks: float
    why_not: str = ""

    @property
    def interval(self) -> Interval:
        """Its 95 % interval, by percentiles."""
        low, high = dsp.percentile_interval(self.resampled, n_blocks=self.n_blocks)
        return float(low), float(high)

    @property
    def corrected_interval(self) -> Interval:
        """Its 95 % interval, corrected for bias: of what resamples make too small, such as a spread."""
        return dsp.bca_interval(self.resampled, estimate=self.value, n_blocks=self.n_blocks)


def missing(n: int, why_not: str) -> Estimate:
    """An estimate that there is not."""
    return Estimate(float("nan"), np.full(dsp.N_RESAMPLES, np.nan), n, float("nan"), why_not)


def too_few(n: int, where: str = "", needed: int = MIN_STRIDES) -> Estimate:
    """There is none for lack of strides."""
    return missing(n, f"only {n} stride{'' if n == 1 else 's'}{where}, {needed} are needed")


def _exactly(value: float) -> Estimate:
    """A reference whose own error is not known, or is the period's already."""
    return Estimate(value, np.full(dsp.N_RESAMPLES, value), 0, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Estimator:
    """Statistics of one period.

    Attributes
    ----------
    strides : PeriodStrides
    base : PeriodStrides
        The strides that the own baselines come from.
    baselines : mapping of side to Baseline
    own : set of sides
        Legs whose baseline this period is: there the baseline's own error is not counted again.
    reference : Reference
    unscaled : set of sites
        Those whose sensor has an unknown gain.
    """

    strides: PeriodStrides
    base: PeriodStrides
    baselines: Mapping[str, Baseline]
    own: frozenset[str]
    reference: Reference
    unscaled: frozenset[str] = frozenset()

    @property
    def other_reference(self) -> bool:
        """Whether there is a reference besides the own baseline."""
        return self.reference.normalization in ("mvc", "reference")

    def name(self, side: str, relative: Relative) -> str | None:
        """What amplitudes of a leg are relative to, in words."""
        if relative == "nothing":
            return None
        if relative == "reference" and self.reference.normalization != "baseline":
            return self.reference.name
        return "whole recording" if self.baselines[side].source == "whole recording" else "own baseline"

    def level(self, parts: Sequence[Part], relative: Relative) -> Estimate:
        """Sum of the medians of some series: a log-ratio, a log amplitude (µV), or left against right.

        Relative to the baseline, the error of the baseline's own level is part of the error; that of another
        reference is not known.
        """
        values = [self.strides.series(part.side, part.series) for part in parts]
        n = min(int(np.isfinite(v).sum()) for v in values)
        if n < MIN_STRIDES:
            return too_few(n)
        block = max(self.strides.block(part.side, part.series) for part in parts)
        n_blocks = n / block
        total, resampled = 0.0, np.zeros(dsp.N_RESAMPLES)
        for part, value in zip(parts, values, strict=True):
            total += part.sign * dsp.robust_center(value)
            resampled += part.sign * self.strides.medians(part.side, part.series, block)
            if relative != "nothing":
                reference = self._reference_level(part, relative)
                if reference.why_not:
                    return reference._replace(n=n)
                total -= part.sign * reference.value
                resampled -= part.sign * reference.resampled
                n_blocks = min(n_blocks, reference.n_blocks)
        return Estimate(total, resampled, n, n_blocks)

    def cocontraction(self, one: Sequence[str], other: Sequence[str]) -> tuple[Estimate, Estimate]:
        """Rudolph's and Falconer and Winter's index of the mean profiles of two groups of sites."""
        sites = (*one, *other)
        unknown = next((why for site in sites if self.other_reference and (why := self.unknown(site))), "")
        if not self.other_reference and self._held(sites[0]):
            unknown = f"{NO_CYCLE}, and so no peak to compare with"
        if unknown:
            return missing(0, unknown), missing(0, unknown)
        n = min(int(np.isfinite(self.strides.shape(site)).all(axis=1).sum()) for site in sites)
        if n < MIN_STRIDES:
            return too_few(n), too_few(n)
        block = max(self.strides.block(site[-1], ((1.0, site, "main"),)) for site in sites)
        groups = [self._group_shape(group, block) for group in (one, other)]
        found = []
        for index in (dsp.rudolph_cocontraction, dsp.falconer_winter_cocontraction):
            values = index(groups[0], groups[1])
            found.append(Estimate(float(values[0]), values[1:], n, n / block))
        return found[0], found[1]

    def variability(self, site: str) -> tuple[Estimate, Estimate]:
        """Coefficient of variation of a site's RMS (%), and variance ratio of its profiles."""
        series: Series = ((1.0, site, "main"),)
        rms = np.exp(self.strides.series(site[-1], series))
        shape = self.strides.shape(site)
        there = np.isfinite(rms) & np.isfinite(shape).all(axis=1)
        n = int(there.sum())
        if n < MIN_STRIDES:
            return too_few(n), too_few(n)
        block = self.strides.block(site[-1], series)
        square = np.mean(np.square(shape), axis=1)
        columns = np.where(there[:, np.newaxis], np.column_stack([rms, rms**2, square, shape]), np.nan)
        means = self._with_resamples(site[-1], columns, block)
        counts = np.full(len(means), float(n))
        cv = dsp.coefficient_of_variation(means[:, 0], means[:, 1], n=counts)
        ratio = dsp.variance_ratio(means[:, 3:], means[:, 2], n=counts)
        variation = Estimate(float(cv[0]), cv[1:], n, n / block)
        if self._held(site):
            return variation, missing(n, NO_CYCLE)
        return variation, Estimate(float(ratio[0]), ratio[1:], n, n / block)

    def center(self, site: str) -> tuple[Estimate, Estimate]:
        """Circular mean and circular standard deviation of a site's burst centers, % of the stride.

        The resampled means lie within half a stride of the mean, so they may be below 0 or above 100.
        """
        if self._held(site):
            return missing(0, NO_CYCLE), missing(0, NO_CYCLE)
        angle = 2.0 * np.pi * self.strides.center_pct(site) / 100.0
        n = int(np.isfinite(angle).sum())
        if n < MIN_STRIDES:
            few = too_few(n, " whose burst stands out of the noise")
            return few, few
        block = self.strides.block(site[-1], ((1.0, site, "main"),))
        means = self._with_resamples(site[-1], np.column_stack([np.cos(angle), np.sin(angle)]), block)
        pct = np.arctan2(means[:, 1], means[:, 0]) / (2.0 * np.pi) * 100.0
        value = float(pct[0]) % 100.0
        around = value + (pct - value + 50.0) % 100.0 - 50.0
        length = np.clip(np.hypot(means[:, 0], means[:, 1]), 1e-12, 1.0)
        spread = np.sqrt(-2.0 * np.log(length)) / (2.0 * np.pi) * 100.0
        return (
            Estimate(value, around[1:], n, n / block),
            Estimate(float(spread[0]), spread[1:], n, n / block),
        )

    def _held(self, site: str) -> bool:
        return self.baselines[site[-1]].gait == "hold"

    def _with_resamples(self, side: str, columns: FloatArray, block: float) -> FloatArray:
        """Means of columns: of the strides themselves in the first row, of each resample below."""
        mean = np.nanmean(columns, axis=0)
        return np.concatenate([mean[np.newaxis], self.strides.means(side, columns, block)])

    def _reference_level(self, part: Part, relative: Relative) -> Estimate:
        """A series at its reference; its resamples are those of the baseline's strides, if it is that."""
        if relative == "reference" and self.reference.normalization != "baseline":
            unknown = next((why for _, site, _ in part.series if (why := self.unknown(site))), "")
            if unknown:
                return missing(0, unknown)
            levels = self.reference.levels
            return _exactly(sum(weight * float(np.log(levels[site].uv)) for weight, site, _ in part.series))
        level = self.baselines[part.side].level
        at = float(sum(weight * np.log(level[window, site]) for weight, site, window in part.series))
        if part.side in self.own:
            return _exactly(at)
        resampled, n_blocks = np.zeros(dsp.N_RESAMPLES), np.inf
        for weight, site, window in part.series:
            one: Series = ((1.0, site, window),)
            n = int(np.isfinite(self.base.series(part.side, one)).sum())
            if n < MIN_FOR_INTERVAL:
                return too_few(n, " in the baseline", MIN_FOR_INTERVAL)
            block = self.base.block(part.side, one)
            resampled += weight * self.base.medians(part.side, one, block)
            n_blocks = min(n_blocks, n / block)
        return Estimate(at, resampled, n, n_blocks)

    def unknown(self, site: str) -> str:
        """Why the reference of a site is not known; empty if it is."""
        if self.reference.normalization == "none":
            return "no reference: amplitudes stay in µV"
        level = self.reference.levels.get(site)
        if level is None:
            return "not measured in the reference"
        return "" if level.uv > 0 else level.note or "not known in the reference"

    def _group_shape(self, sites: Sequence[str], block: float) -> FloatArray:
        """Geometric mean of the sites' mean profiles by their reference; resamples below the first row."""
        log = np.zeros(())
        for site in sites:
            mean = np.nanmean(self.strides.shape(site), axis=0)[np.newaxis]
            profiles = np.concatenate([mean, self.strides.mean_shape(site, block)])
            log = log + np.log(profiles / self._peak(site, profiles)[:, np.newaxis])
        return np.asarray(np.exp(log / len(sites)))

    def _peak(self, site: str, profiles: FloatArray) -> FloatArray:
        """What a profile is relative to: its peak in the baseline, or the reference; for each resample."""
        if self.other_reference:
            return np.full(len(profiles), self.reference.levels[site].uv)
        if site[-1] in self.own:
            return np.asarray(profiles.max(axis=1))
        block = self.base.block(site[-1], ((1.0, site, "main"),))
        mean = np.nanmean(self.base.shape(site), axis=0)[np.newaxis]
        return np.asarray(np.concatenate([mean, self.base.mean_shape(site, block)]).max(axis=1))
