"""Slopes of amplitude and frequency over the last minutes, and what their signs say together (JASA)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emgsmr.analysis.baseline import Baseline
from emgsmr.analysis.strides import SPECTRUM_HZ, Stride

FloatArray = NDArray[np.float64]

WINDOW_S = 240.0
EVERY_S = 60.0
BLOCK = 10
MIN_BLOCKS = 8
LONG_PAUSE_S = 3600.0


def jasa(rms_ci: tuple[float, float], mnf_ci: tuple[float, float]) -> str:
    """Quadrant of joint amplitude and spectrum analysis (Luttmann et al. 1996).

    "none" unless both confidence intervals exclude zero: a slope that could be nothing is no vote.

    Examples
    --------
    >>> jasa((0.01, 0.03), (-0.02, -0.01)), jasa((0.01, 0.03), (-0.02, 0.01))
    ('fatigue', 'none')
    """

    def sign(ci: tuple[float, float]) -> int:
        return 1 if ci[0] > 0 else -1 if ci[1] < 0 else 0

    return {
        (1, 1): "force_increase",
        (1, -1): "fatigue",
        (-1, -1): "force_decrease",
        (-1, 1): "recovery",
    }.get((sign(rms_ci), sign(mnf_ci)), "none")


def block_medians(
    strides: Sequence[Stride], site: str, baseline: Baseline
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Time (s), ln RMS and ln MNF of each `BLOCK` valid strides of a site."""
    rows = []
    for stride in strides:
        facts = stride.sites.get(site)
        if facts is not None and facts.valid and stride.gait == baseline.gait:
            rms = baseline.rms(stride, site, "main")
            rows.append((stride.t_start_s, np.log(rms) if rms > 0 else np.nan, np.log(facts.spectrum[0])))
    n = len(rows) // BLOCK
    blocks = np.array(rows[: n * BLOCK], dtype=np.float64).reshape(n, BLOCK, 3)
    medians = np.median(blocks, axis=1)
    return medians[:, 0], medians[:, 1], medians[:, 2]


def fatigue_rows(
    strides: Sequence[Stride], site: str, baseline: Baseline, *, fs: float
) -> list[dict[str, Any]]:
    """Rows of ``fatigue.csv`` for one site: one a minute, over the four minutes before it."""
    t, ln_rms, ln_mnf = block_medians(strides, site, baseline)
    rows: list[dict[str, Any]] = []
    if not len(t):
        return rows
    for end in np.arange(t[0] + WINDOW_S, strides[-1].t_end_s, EVERY_S):
        inside = (t > end - WINDOW_S) & (t <= end) & np.isfinite(ln_rms)
        if not inside.any() and np.min(np.abs(t - end)) > LONG_PAUSE_S:
            continue  # a gap of days would fill the table with nothing
        row: dict[str, Any] = {"t_s": float(end), "site": site}
        if inside.sum() < MIN_BLOCKS:
            rows.append({**row, "jasa": "none", "reason": "too few valid strides in the last four minutes"})
            continue
        minutes = t[inside] / 60.0
        slope, _, low, high = stats.theilslopes(ln_rms[inside], minutes)
        row |= {"d_ln_rms_per_min": slope, "d_ln_rms_ci_low": low, "d_ln_rms_ci_high": high}
        if fs < SPECTRUM_HZ or not np.isfinite(ln_mnf[inside]).all():
            reason = f"no spectrum at {fs:g} Hz" if fs < SPECTRUM_HZ else "bursts too short for a spectrum"
            rows.append({**row, "jasa": "none", "reason": reason})
            continue
        slope, _, mnf_low, mnf_high = stats.theilslopes(ln_mnf[inside], minutes)
        row |= {"d_ln_mnf_per_min": slope, "d_ln_mnf_ci_low": mnf_low, "d_ln_mnf_ci_high": mnf_high}
        reason = (
            ""
            if fs >= 2 * SPECTRUM_HZ
            else f"spectrum degraded at {fs:g} Hz: compare within this sensor only"
        )
        rows.append({**row, "jasa": jasa((low, high), (mnf_low, mnf_high)), "reason": reason})
    return rows
