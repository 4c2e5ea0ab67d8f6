"""The table of pooled spectra: frequencies of each block of bursts, with which certainty, or why none."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

import pandas as pd

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.columns import frame
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.pool import SpectrumBlock, spectrum_state
from emgsmr.analysis.settings import Settings


def spectra_table(
    legs: Iterable[Leg], sites: dict[str, tuple[SensorStream, int]], settings: Settings
) -> pd.DataFrame:
    """One row per block of bursts and site."""
    rows = [
        _row(block, site, leg.baseline.noise.get(site, float("nan")), sites[site][0].fs, settings)
        for leg in legs
        if leg.baseline is not None
        for site, blocks in leg.spectra.blocks.items()
        for block in blocks
    ]
    rows.sort(key=lambda row: (row["t_s"], row["site"]))
    return frame("spectra", rows)


def _row(block: SpectrumBlock, site: str, noise: float, fs: float, settings: Settings) -> dict[str, Any]:
    snr, indices = block.snr_db(noise), block.indices
    state, reason = spectrum_state(
        fs=fs, long_enough=indices is not None, snr=snr, least_snr_db=settings.spectrum_snr_db
    )
    row: dict[str, Any] = {
        "t_s": block.t_s,
        "t_end_s": block.t_end_s,
        "site": site,
        "n_bursts": len(block.power),
        "rms_uV": block.rms(noise),
        "snr_db": snr if isfinite(snr) else None,
        "cadence_spm": block.cadence_spm,
        "state": state,
        "reason": reason or None,
    }
    if state != "none" and indices is not None:
        for name, unit in (("mnf", "_hz"), ("mdf", "_hz"), ("ln_fi", "")):
            value, low, high = getattr(indices, name + unit)
            row |= {name + unit: value, f"{name}_ci_low{unit}": low, f"{name}_ci_high{unit}": high}
    return row
