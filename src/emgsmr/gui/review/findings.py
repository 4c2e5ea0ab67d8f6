"""What one analysis of a recording says, as plain values that a window draws: results stand side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis, Finding, Settings

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PairLine:
    """One pair on one side over time.

    Attributes
    ----------
    pair, side, title : str
    t_s, change_pct : ndarray, shape (n_points,), s and %
        Medians of ``Settings.block_strides`` consecutive valid strides: end of the last, change of the ratio.
    episodes : tuple of (begin_s, end_s, tier)
        From the onset to the end.
    """

    pair: str
    side: str
    title: str
    t_s: FloatArray
    change_pct: FloatArray
    episodes: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class QualityRun:
    """Seconds of the same state of a site; good ones are left out."""

    site: str
    start_s: float
    stop_s: float
    state: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One analysis.

    Attributes
    ----------
    name : str
        Which settings, in a few words.
    baseline : tuple of float, optional, s
    findings : tuple of Finding
    lines : tuple of PairLine
    quality : tuple of QualityRun
    summary : tuple of str
    fingerprint : str
        Of the settings.
    """

    name: str
    baseline: tuple[float, float] | None
    findings: tuple[Finding, ...]
    lines: tuple[PairLine, ...]
    quality: tuple[QualityRun, ...]
    summary: tuple[str, ...]
    fingerprint: str


def settings_name(settings: Settings) -> str:
    """What is special about some settings.

    Examples
    --------
    >>> from emgsmr.analysis import Settings
    >>> settings_name(Settings()), settings_name(Settings(baseline=(120, 420), pairs=("P1", "P5")))
    ('usual settings', 'baseline 2:00 to 7:00, pairs P1 P5')
    """
    from emgsmr.recording.event import clock

    parts = []
    if settings.baseline is not None:
        parts.append(f"baseline {clock(settings.baseline[0])} to {clock(settings.baseline[1])}")
    if settings.pairs is not None:
        parts.append(f"pairs {' '.join(settings.pairs)}")
    return ", ".join(parts) or "usual settings"


def result_of(analysis: Analysis, settings: Settings) -> Result:
    """Take from an analysis what is drawn."""
    return Result(
        name=settings_name(settings),
        baseline=analysis.baseline,
        findings=analysis.episodes,
        lines=pair_lines(analysis),
        quality=quality_runs(analysis),
        summary=tuple(analysis.summary()),
        fingerprint=settings.fingerprint(),
    )


def pair_lines(analysis: Analysis) -> tuple[PairLine, ...]:
    """Points and episodes of each pair and side."""
    from emgsmr.analysis.finding import SIDES, muscle_name

    lines = []
    n = analysis.settings.block_strides
    valid = analysis.ratios[analysis.ratios["valid"].astype(bool)]
    for (pair, side), rows in valid.groupby(["pair", "side"], sort=True):
        whole = len(rows) // n * n
        times = rows["t_s"].to_numpy(np.float64)[:whole].reshape(-1, n)
        ratios = np.median(rows["log_ratio"].to_numpy(np.float64)[:whole].reshape(-1, n), axis=1)
        first = rows.iloc[0]
        names = f"{muscle_name(first['compensator'])} : {muscle_name(first['prime'])}"
        episodes = tuple(
            (f.t_onset_s, analysis.duration_s if f.t_end_s is None else f.t_end_s, f.tier)
            for f in analysis.episodes
            if (f.pair, f.side) == (pair, side)
        )
        title = f"{SIDES[str(side)].capitalize()} {names}"
        lines.append(PairLine(str(pair), str(side), title, times[:, -1], 100.0 * np.expm1(ratios), episodes))
    return tuple(lines)


def quality_runs(analysis: Analysis) -> tuple[QualityRun, ...]:
    """Runs of seconds that are not good, by site and time; each ends where its site's next row begins."""
    runs: list[QualityRun] = []
    for site, rows in analysis.quality.groupby("site", sort=True):
        times = rows["t_s"].to_numpy(np.float64)
        stops = np.append(times[1:], analysis.duration_s)
        states = rows["state"].astype(str).to_list()
        reasons = rows["reason"].fillna("").astype(str).to_list()
        last: QualityRun | None = None
        for start, stop, state, reason in zip(times, stops, states, reasons, strict=True):
            if last is not None and last.state == state:
                last = QualityRun(last.site, last.start_s, float(stop), state, last.reason)
                if state != "good":
                    runs[-1] = last
                continue
            last = QualityRun(str(site), float(start), float(stop), state, reason)
            if state != "good":
                runs.append(last)
    return tuple(runs)


def neighbor(result: Result | None, t_s: float, step: int) -> float | None:
    """Onset of the next finding after a time (before it, where ``step`` is negative)."""
    times = sorted(finding.t_onset_s for finding in result.findings) if result else []
    others = [t for t in times if (t > t_s + 1e-6 if step > 0 else t < t_s - 1e-6)]
    return None if not others else others[0] if step > 0 else others[-1]


def words_at(result: Result | None, t_s: float) -> list[str]:
    """What a result says about a time: findings that last, and signals that are not good."""
    if result is None:
        return []
    lasting = [
        f"tier {f.tier} {f.pair} {f.side}"
        for f in result.findings
        if f.t_onset_s <= t_s and (f.t_end_s is None or t_s <= f.t_end_s)
    ]
    return lasting + [
        f"{run.site} {run.state}" + (f" ({run.reason})" if run.reason else "")
        for run in result.quality
        if run.start_s <= t_s < run.stop_s
    ]
