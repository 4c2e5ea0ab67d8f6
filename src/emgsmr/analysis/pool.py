"""From single bursts to pooled ones: periodograms of a block of bursts, averaged as the strides come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, log10
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.contacts import Gait
from emgsmr.analysis.limits import FULL_HZ, SPECTRUM_HZ
from emgsmr.analysis.long_list import LongList, Shelf

if TYPE_CHECKING:
    from emgsmr.analysis.facts import SiteFacts
    from emgsmr.analysis.strides import Stride

FloatArray = NDArray[np.float64]

PAUSE_S = 30.0
"""After a longer pause between two valid strides a new block begins: the muscle has rested."""

MIN_BURSTS = 8
"""A block that a pause or the end cuts short counts with this many bursts or more."""

MIN_BURST_S = 0.05
"""A shorter burst has no spectrum."""

PAGE = 32
"""Blocks of a site that are laid aside together: some seven minutes of running."""

GAITS: frozenset[str] = frozenset({"run", "walk"})
"""Tasks with a cadence."""


class BurstSpectrum(NamedTuple):
    """Indices of one burst, and its frequencies (Hz) and power (µV²/Hz) within the band if it has them."""

    indices: tuple[float, float, float] = (float("nan"), float("nan"), float("nan"))
    periodogram: tuple[FloatArray, FloatArray] | None = None


def burst_spectra(x: FloatArray, *, fs: float, band_hz: tuple[float, float]) -> list[BurstSpectrum]:
    """Spectra of a main burst in each channel; none where its rate or its length (50 ms) forbid it.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
    fs : float, Hz
    band_hz : tuple of float, Hz
        What the filter passes: indices are of this band.

    Examples
    --------
    >>> burst_spectra(np.ones((300, 2)), fs=250.0, band_hz=(20.0, 112.5))[1].periodogram is None
    True
    """
    if fs < SPECTRUM_HZ or len(x) < MIN_BURST_S * fs:
        return [BurstSpectrum()] * x.shape[1]
    freqs, power = dsp.burst_spectrum(x, fs=fs)
    low_hz, high_hz = band_hz
    band = dsp.band_slice(freqs, low_hz=low_hz, high_hz=high_hz)
    freqs, rows = freqs[band], np.ascontiguousarray(power[band].T)
    indices = dsp.spectral_indices(freqs, rows.T, low_hz=low_hz, high_hz=high_hz)
    return [
        BurstSpectrum((float(mnf), float(mdf), float(ln_fi)), (freqs, row))
        for mnf, mdf, ln_fi, row in zip(*indices, rows, strict=True)
    ]


class Burst(NamedTuple):
    """One main burst, until it is pooled: its stride, mean square (µV²) and periodogram if it has one."""

    stride: Stride
    power: float
    periodogram: tuple[FloatArray, FloatArray] | None


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumBlock:
    """Bursts of one site and gait that were pooled.

    ``power``: mean square (µV²) of each burst. ``indices``: of their mean periodogram; None if fewer than
    `MIN_BURSTS` of them are long enough for one.
    """

    t_s: float
    t_end_s: float
    gait: Gait
    cadence_spm: float
    power: FloatArray
    indices: dsp.PooledIndices | None

    def rms(self, noise: float) -> float:
        """Geometric mean of the RMS (µV), corrected for a noise floor (µV²; 0 = none is known)."""
        return float(np.exp(np.mean(np.log(dsp.noise_corrected(self.power, noise_power=noise)))))

    def snr_db(self, noise: float) -> float:
        """Median power of the bursts above the noise floor (µV²); NaN where none is known."""
        return signal_to_noise_db(float(np.median(self.power)), noise)


def signal_to_noise_db(power: float, noise: float) -> float:
    """Power above the noise floor relative to it, dB; NaN where either is unknown (noise: 0).

    Examples
    --------
    >>> signal_to_noise_db(11.0, 1.0), signal_to_noise_db(1.0, 2.0)
    (10.0, -inf)
    """
    if not (isfinite(power) and noise > 0.0):
        return float("nan")
    return 10.0 * log10((power - noise) / noise) if power > noise else float("-inf")


def spectrum_state(*, fs: float, long_enough: bool, snr: float, least_snr_db: float) -> tuple[str, str]:
    """What a spectrum is good for, and why no more: "full", "degraded" or "none".

    Parameters
    ----------
    fs : float, Hz
    long_enough : bool
        Whether the bursts were long enough to have a spectrum.
    snr : float, dB
        NaN where it is not known.
    least_snr_db : float, dB

    Examples
    --------
    >>> spectrum_state(fs=250.0, long_enough=False, snr=30.0, least_snr_db=10.0)
    ('none', 'no spectrum at 250 Hz')
    >>> spectrum_state(fs=2000.0, long_enough=True, snr=30.0, least_snr_db=10.0)
    ('full', '')
    """
    if fs < SPECTRUM_HZ:
        return "none", f"no spectrum at {fs:g} Hz"
    if not long_enough:
        return "none", "bursts too short for a spectrum"
    if snr < least_snr_db:
        over = f"{round(snr)} dB above" if isfinite(snr) else "not above"
        return "none", f"signal {over} the noise floor; {least_snr_db:g} dB needed"
    unknown = "" if isfinite(snr) else "its noise is not known: no rest in the signal"
    if fs < FULL_HZ:
        reason = f"spectrum degraded at {fs:g} Hz: compare within this sensor only"
        return "degraded", f"{reason}; {unknown}" if unknown else reason
    return "full", unknown


class SpectrumPool:
    """Pools bursts of one leg's valid strides as they come: ``n_bursts`` of a site and gait in a row.

    What is pooled depends on the strides alone. Only the bursts of unfinished blocks keep their periodograms.
    """

    def __init__(self, n_bursts: int, shelf: Shelf | None = None) -> None:
        self.n_bursts = n_bursts
        self.blocks: dict[str, LongList[SpectrumBlock]] = {}
        self._shelf = shelf or Shelf()
        self._open: dict[tuple[str, Gait], list[Burst]] = {}

    def take(self, stride: Stride) -> None:
        """Take in the next stride, and take the periodograms out of its facts."""
        for site, facts in stride.sites.items():
            if facts.valid:
                self._add(stride, site, facts)
                stride.sites[site] = replace(facts, periodogram=None)

    def finish(self) -> None:
        """No more strides will come."""
        for site, gait in list(self._open):
            self._close(site, gait)

    def _add(self, stride: Stride, site: str, facts: SiteFacts) -> None:
        power = facts.power.get("main", float("nan"))
        if not stride.valid or not isfinite(power):
            return
        bursts = self._open.setdefault((site, stride.gait), [])
        if bursts and stride.t_start_s - bursts[-1].stride.t_end_s > PAUSE_S:
            self._close(site, stride.gait)
            bursts = self._open.setdefault((site, stride.gait), [])
        bursts.append(Burst(stride, power, facts.periodogram))
        if len(bursts) == self.n_bursts:
            self._close(site, stride.gait)

    def _close(self, site: str, gait: Gait) -> None:
        bursts = self._open.pop((site, gait))
        if len(bursts) < min(MIN_BURSTS, self.n_bursts):
            return
        found = [burst.periodogram for burst in bursts if burst.periodogram is not None]
        cadences = [burst.stride.cadence_spm for burst in bursts]
        if site not in self.blocks:
            self.blocks[site] = LongList(self._shelf, page=PAGE)
        self.blocks[site].append(
            SpectrumBlock(
                bursts[0].stride.t_start_s,
                bursts[-1].stride.t_end_s,
                gait,
                float(np.median(cadences)) if gait in GAITS else float("nan"),
                np.array([burst.power for burst in bursts]),
                dsp.pooled_indices(found[0][0], np.stack([power for _, power in found]))
                if len(found) >= min(MIN_BURSTS, self.n_bursts)
                else None,
            )
        )
