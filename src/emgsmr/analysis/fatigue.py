"""Slopes of amplitude and frequency over the last minutes, and what they say together (JASA)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.baseline import Baseline
from emgsmr.analysis.pool import (
    GAITS,
    PAUSE_S,
    SpectrumBlock,
    signal_to_noise_db,
    spectrum_state,
)
from emgsmr.analysis.strides import Stride

FloatArray = NDArray[np.float64]

WINDOW_S = 240.0
EVERY_S = 60.0

LONG_WINDOW_S = 720.0
"""Where four minutes show no quadrant, twelve may. A fall of 5 % in four minutes, as in a long run, shows in
5 % of the windows of four minutes and in 95 % of those of twelve."""

BREAK_S = 60.0
"""A longer pause between two points ends the time that such a long window may span."""

MIN_POINTS = 8
"""Fewer points give no interval worth the name (see `emgsmr.dsp.theil_sen`)."""

LONG_PAUSE_S = 3600.0

MNF_DEAD_ZONE = 0.04
"""Change of ln MNF over a window (4 %) that is no vote, however certain.

It is what 17 pooled blocks of running (four minutes) can just tell from nothing: a single burst of 150 to 250
ms has an SD of about 0.1, twenty pooled 0.022, and 1.96 standard errors of their slope times the window are
0.036. One degree in a muscle's temperature is of that size, too.
"""

RMS_DEAD_ZONE = 0.08
"""The same for ln RMS: bursts vary by 0.22 (0.08 of sampling, 0.2 of physiology), twenty by 0.048."""

CADENCE_VARIES = 0.03
"""Range of ln cadence in a window from which slopes are adjusted for it: less moves amplitude and frequency
by less than the dead zone."""

TANGLED = 0.1
"""Part of the time's variance that cadence must leave, for the two to be told apart."""


class Point(NamedTuple):
    """One point of a slope: a pooled block of strides, or a single repetition or window of a hold.

    ``ln_mnf`` is NaN where the spectrum does not count, ``note`` says why, or what limits it.
    """

    start_s: float
    end_s: float
    ln_rms: float
    ln_mnf: float
    ln_cadence: float
    note: str

    @property
    def minutes(self) -> float:
        """Its middle."""
        return (self.start_s + self.end_s) / 120.0


def jasa(rms: dsp.Trend, mnf: dsp.Trend, *, minutes: float) -> tuple[str, str]:
    """Quadrant of joint amplitude and spectrum analysis (Luttmann et al. 1996), or why there is none.

    Parameters
    ----------
    rms, mnf : Trend, 1/min
        Slopes of ln RMS and ln MNF.
    minutes : float, min
        Time between the first point and the last.

    Returns
    -------
    quadrant : {"force_increase", "fatigue", "force_decrease", "recovery", "none"}
        "none" unless both intervals exclude zero and both changes exceed their dead zones: a slope that could
        be nothing, or is next to nothing, is no vote.
    reason : str

    Examples
    --------
    >>> up, down = dsp.Trend(0.05, 0.03, 0.07, 9.0), dsp.Trend(-0.03, -0.05, -0.01, 9.0)
    >>> jasa(up, down, minutes=4.0)
    ('fatigue', '')
    >>> jasa(dsp.Trend(0.05, -0.01, 0.07, 9.0), down, minutes=4.0)
    ('none', 'spectral shift without amplitude change')
    """
    signs = _sign(rms, minutes, RMS_DEAD_ZONE), _sign(mnf, minutes, MNF_DEAD_ZONE)
    quadrant = {
        (1, 1): "force_increase",
        (1, -1): "fatigue",
        (-1, -1): "force_decrease",
        (-1, 1): "recovery",
    }.get(signs, "none")
    if quadrant != "none":
        return quadrant, ""
    if signs[1]:
        shift = "spectral shift" if signs[1] < 0 else "spectral shift upward"
        return "none", f"{shift} without amplitude change"
    if signs[0]:
        return "none", f"amplitude {'rises' if signs[0] > 0 else 'falls'} without spectral shift"
    if _sign(rms, minutes, 0.0) or _sign(mnf, minutes, 0.0):
        return "none", "changes too small to count"
    return "none", "no change beyond chance"


def _sign(trend: dsp.Trend, minutes: float, dead_zone: float) -> int:
    if not abs(trend.slope) * minutes > dead_zone:
        return 0
    return 1 if trend.low > 0 else -1 if trend.high < 0 else 0


def fatigue_rows(
    strides: Sequence[Stride],
    blocks: Sequence[SpectrumBlock],
    site: str,
    baseline: Baseline,
    *,
    fs: float,
    snr_db: float,
) -> list[dict[str, Any]]:
    """Rows of ``fatigue.csv`` for one site.

    Parameters
    ----------
    strides : sequence of Stride
        Of the leg: its repetitions and windows of holds are points by themselves.
    blocks : sequence of SpectrumBlock
        Of the site: the points of gait, if of the baseline's gait.
    site : str
    baseline : Baseline
    fs : float, Hz
    snr_db : float, dB
        Signal-to-noise ratio below which no spectrum counts.

    Returns
    -------
    list of dict
        Gait: one a minute, over the four minutes before it, or over the twelve before it if only these have
        a quadrant. A set of repetitions or a hold of up to four minutes: one, at its end; a longer one as
        gait, and one at its end.
    """
    rows: list[dict[str, Any]] = []
    gait = gait_points(blocks, site, baseline, fs=fs, least_snr_db=snr_db)
    if gait:
        last_s = max(stride.t_end_s for stride in strides if stride.gait == baseline.gait)
        for end in np.arange(gait[0].start_s + WINDOW_S, last_s, EVERY_S):
            if _near(gait, float(end)):
                rows.append(_row(gait, site, float(end)))
    for points in task_sets(strides, site, baseline, fs=fs, least_snr_db=snr_db):
        last_s = points[-1].end_s
        ends = [float(end) for end in np.arange(points[0].start_s + WINDOW_S, last_s, EVERY_S)]
        rows += [_row(points, site, end) for end in [*ends, last_s]]
    return rows


def latest_row(
    blocks: Sequence[SpectrumBlock], site: str, baseline: Baseline, *, now_s: float, fs: float, snr_db: float
) -> dict[str, Any] | None:
    """The last row of gait of `fatigue_rows` that ends before ``now_s``, from what is known by then."""
    first = next((block for block in blocks if block.gait == baseline.gait and block.gait in GAITS), None)
    if first is None or (n := int((now_s - first.t_s - WINDOW_S) // EVERY_S)) < 0:
        return None
    end_s = first.t_s + WINDOW_S + n * EVERY_S
    since_s = max(end_s - LONG_WINDOW_S, first.t_s)
    same = (block for block in reversed(blocks) if block.gait == baseline.gait)
    near = [first, *reversed([*takewhile(lambda block: block.t_s > since_s, same)])]
    return _row(gait_points(near, site, baseline, fs=fs, least_snr_db=snr_db), site, end_s)


def gait_points(
    blocks: Sequence[SpectrumBlock], site: str, baseline: Baseline, *, fs: float, least_snr_db: float
) -> list[Point]:
    """The pooled blocks of the baseline's gait: 17 in four minutes of running, 11 of walking."""
    points = []
    for block in blocks:
        if block.gait != baseline.gait or block.gait not in GAITS:
            continue
        noise = baseline.noise.get(site, float("nan"))
        mnf = float("nan") if block.indices is None else block.indices.mnf_hz.value
        points.append(
            _point(
                block.t_s,
                block.t_end_s,
                block.rms(noise),
                mnf,
                block.cadence_spm,
                spectrum_state(
                    fs=fs, long_enough=mnf > 0, snr=block.snr_db(noise), least_snr_db=least_snr_db
                ),
            )
        )
    return points


def task_sets(
    strides: Sequence[Stride], site: str, baseline: Baseline, *, fs: float, least_snr_db: float
) -> list[list[Point]]:
    """Sets of valid repetitions, and holds in windows, parted by pauses and changes of the task."""
    sets: list[list[Point]] = []
    before: Stride | None = None
    for stride in strides:
        facts = stride.sites.get(site)
        if stride.gait in GAITS or not stride.valid or facts is None or not facts.valid:
            continue
        snr = signal_to_noise_db(facts.power["main"], baseline.noise.get(site, float("nan")))
        rms = baseline.rms(stride, site, "main")
        state = spectrum_state(fs=fs, long_enough=facts.spectrum[0] > 0, snr=snr, least_snr_db=least_snr_db)
        if before is None or before.gait != stride.gait or stride.t_start_s - before.t_end_s > PAUSE_S:
            sets.append([])
        sets[-1].append(_point(stride.t_start_s, stride.t_end_s, rms, facts.spectrum[0], float("nan"), state))
        before = stride
    return sets


def _point(
    start_s: float, end_s: float, rms: float, mnf_hz: float, cadence_spm: float, state: tuple[str, str]
) -> Point:
    ln_rms = float(np.log(rms)) if rms > 0 else float("nan")
    ln_mnf = float(np.log(mnf_hz)) if state[0] != "none" else float("nan")
    return Point(start_s, end_s, ln_rms, ln_mnf, float(np.log(cadence_spm)), state[1])


def _near(points: Sequence[Point], end_s: float) -> bool:
    """Whether there is a point in the window or not long before or after: a gap of days makes no rows."""
    return any(abs((p.start_s + p.end_s) / 2 - end_s) < LONG_PAUSE_S for p in points)


def _row(points: Sequence[Point], site: str, end_s: float) -> dict[str, Any]:
    """What the points of the four minutes before ``end_s`` say, or else those of the twelve."""
    row = _row_of(_within(points, end_s, WINDOW_S), site, end_s)
    longer = _within(points, end_s, LONG_WINDOW_S)
    if row["jasa"] != "none" or points[0].start_s > end_s - LONG_WINDOW_S or len(longer) < MIN_POINTS:
        return row
    starts = [*(p.start_s for p in longer[1:]), end_s]
    if any(start - p.end_s > BREAK_S for p, start in zip(longer, starts, strict=True)):
        return row
    other = _row_of(longer, site, end_s)
    if other["jasa"] == "none":
        return row
    reasons = ("over the last twelve minutes", other["reason"])
    return other | {"reason": "; ".join(text for text in reasons if text)}


def _within(points: Sequence[Point], end_s: float, window_s: float) -> list[Point]:
    """Points with an amplitude that lie in the window before ``end_s``."""
    return [
        p
        for p in points
        if p.start_s > end_s - window_s - 1e-6 and p.end_s <= end_s + 1e-6 and isfinite(p.ln_rms)
    ]


def _row_of(inside: Sequence[Point], site: str, end_s: float) -> dict[str, Any]:
    """What the points of a window say."""
    row: dict[str, Any] = {"t_s": end_s, "site": site, "jasa": "none"}
    if len(inside) < MIN_POINTS:
        return row | {"reason": f"too few valid strides in the window: {len(inside)} points of {MIN_POINTS}"}
    rms, tangled, adjusted = _trend([p.ln_rms for p in inside], inside)
    row |= {"d_ln_rms_per_min": rms.slope, "d_ln_rms_ci_low": rms.low, "d_ln_rms_ci_high": rms.high}
    with_mnf = [p for p in inside if isfinite(p.ln_mnf)]
    if len(with_mnf) < MIN_POINTS:
        note = next((p.note for p in reversed(inside) if not isfinite(p.ln_mnf)), "")
        return row | {"reason": note}
    mnf, _, _ = _trend([p.ln_mnf for p in with_mnf], with_mnf)
    row |= {"d_ln_mnf_per_min": mnf.slope, "d_ln_mnf_ci_low": mnf.low, "d_ln_mnf_ci_high": mnf.high}
    quadrant, reason = jasa(rms, mnf, minutes=with_mnf[-1].minutes - with_mnf[0].minutes)
    if tangled and quadrant == "none":
        reason = "cadence changed along with time: their effects cannot be told apart"
    reasons = [reason, "adjusted for cadence" if adjusted else "", with_mnf[-1].note]
    return row | {"jasa": quadrant, "reason": "; ".join(text for text in reasons if text)}


def _trend(values: list[float], points: Sequence[Point]) -> tuple[dsp.Trend, bool, bool]:
    """Slope per minute; whether cadence cannot be told from time; whether it was adjusted for cadence."""
    minutes = np.array([p.minutes for p in points])
    cadence = np.array([p.ln_cadence for p in points])
    if not np.ptp(cadence) > CADENCE_VARIES:  # NaN where there is none
        return dsp.theil_sen(minutes, np.array(values)), False, False
    left = 1.0 - np.corrcoef(minutes, cadence)[0, 1] ** 2
    return dsp.adjusted_theil_sen(minutes, np.array(values), cadence), bool(left < TANGLED), True
