"""Statistics of periods: how often their intervals hold the truth, and indices against their definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from emgsmr import dsp
from emgsmr.analysis import Pipeline
from emgsmr.analysis.resampled import LONGER
from emgsmr.anatomy import load_catalog
from emgsmr.recording import ClockRow, Event, Placement, SampleBlock, SensorInfo, Wiring
from emgsmr.simulate import SCENARIOS, Run, simulate_runner
from emgsmr.simulate.scenario import Phase, Shift
from validation.section import Section

FloatArray = NDArray[np.float64]

SD = 0.25
"""Of a log-ratio between strides (two muscles, bursts of 150 ms)."""

FS = 1000.0
PERIODS = {"baseline": (45.0, 135.0), "early": (140.0, 230.0), "late": (255.0, 345.0)}
SIZE = 0.15


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """The sections; none needs real data."""
    del real_data
    return [
        coverage_section(20 if quick else 1000),
        simulated_section(1 if quick else 6),
        indices_section(),
    ]


def autoregressive(n: int, phi: float, rng: np.random.Generator) -> FloatArray:
    """Unit variance, started long before."""
    noise = np.sqrt(1 - phi**2) * rng.normal(size=n + 100)
    return np.asarray(signal.lfilter([1.0], [1.0, -phi], noise)[100:])


def coverage_section(n_runs: int) -> Section:
    """Shares of intervals that hold the truth, on made-up strides; the other methods on every fifth run."""
    rng = np.random.default_rng(1)
    rows: list[tuple[object, ...]] = []
    worst = 100.0
    for phi in (0.0, 0.2, 0.5):
        for n in (60, 150, 300):
            held, blocks, widths, others = [], [], [], []
            for stream in range(n_runs):
                y = SD * autoregressive(n, phi, rng)
                shortest = float(dsp.block_length(y[:, np.newaxis])[0])
                block = max(min(LONGER * shortest, n / 4.0), 1.0)
                low, high = _median_interval(y, block, n / block, stream)
                held.append(low <= 0.0 <= high)
                blocks.append(block)
                widths.append((high - low) / 2)
                if stream % 5 == 0:
                    plain = [_median_interval(y, length, np.inf, stream) for length in (1.0, shortest)]
                    others.append([*(i[0] <= 0.0 <= i[1] for i in plain), _variation_held(y, block, stream)])
            share = 100.0 * float(np.mean(held))
            worst = min(worst, share) if phi <= 0.2 else worst
            one_by_one, plain_share, variation = 100.0 * np.mean(others, axis=0)
            shares = (f"{share:.1f}", f"{one_by_one:.0f}", f"{plain_share:.0f}", f"{variation:.0f}")
            rows.append((phi, n, f"{np.median(blocks):.1f}", f"{100 * np.median(widths):.1f}", *shares))
    return Section(
        "How often a 95 % interval of a period holds the truth",
        f"simulated strides: log-ratios with an SD of {SD}, autocorrelation phi^k; {n_runs} samples per row, "
        f"{len(others)} for the three columns on the right",
        "Median of a log-ratio and coefficient of variation (CV) of an amplitude, with the blocks that the "
        f"program takes ({LONGER:g} times the length of Politis and White, at most a quarter of the strides) "
        "and its widened intervals; beside them what the ordinary bootstrap (strides one by one) gives, and "
        "plain percentiles with Politis and White's own length. By chance alone a share is off by up to "
        f"±{196 * np.sqrt(0.0475 / n_runs):.1f} % (right: ±{196 * np.sqrt(0.0475 / len(others)):.0f} %). "
        "Where few strides have a long memory, too few intervals hold the truth, and more so for a spread "
        "than for a level.",
        (
            "phi",
            "strides",
            "block (strides)",
            "half width, median (%)",
            "median (%)",
            "median, one by one (%)",
            "median, plain (%)",
            "CV (%)",
        ),
        rows,
        bar="median: 92 % or more where phi is 0.2 or less (own bar)",
        met=worst >= 92.0 if n_runs >= 1000 else None,
    )


def _median_interval(y: FloatArray, block: float, n_blocks: float, stream: int) -> tuple[float, float]:
    counts = dsp.resample_counts(len(y), block=block, stream=stream)
    medians = dsp.resampled_median(y[:, np.newaxis], counts=counts)[:, 0]
    low, high = dsp.percentile_interval(medians, n_blocks=n_blocks)
    return float(low), float(high)


def _variation_held(y: FloatArray, block: float, stream: int) -> bool:
    """Whether the interval of the coefficient of variation holds that of a log-normal amplitude."""
    n, a = len(y), np.exp(y)
    counts = dsp.resample_counts(n, block=block, stream=stream)
    means = dsp.resampled_mean(np.column_stack([a, a**2]), counts=counts)
    resampled = dsp.coefficient_of_variation(means[:, 0], means[:, 1], n=np.full(len(means), n))
    found = float(dsp.coefficient_of_variation(a.mean(), np.mean(a**2), n=np.array(n)))
    low, high = dsp.bca_interval(resampled, estimate=found, n_blocks=n / block)
    return bool(low <= 100.0 * np.sqrt(np.expm1(SD**2)) <= high)


def simulated_section(n_runs: int) -> Section:
    """Ratios of simulated runs, through the whole pipeline, against what was put in."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for seed in range(1, n_runs + 1):
        simulated = shifted_run(seed)
        measures = analyzed(simulated)
        for kind, true, row in compared(simulated, measures):
            error = 100.0 * float(np.expm1(row["value"] - true))
            reach = float(row["ci_high"] - row["ci_low"]) / 2
            found.setdefault(kind, []).append((error, float(row["ci_low"] <= true <= row["ci_high"]), reach))
    rows, all_of_them = [], [value for values in found.values() for value in values]
    for kind, values in [*sorted(found.items()), ("all", all_of_them)]:
        errors, held, reach = np.array(values).T
        rows.append(
            (
                kind,
                len(errors),
                f"{errors.mean():+.1f}",
                f"{np.sqrt(np.mean(errors**2)):.1f}",
                f"{100 * np.median(reach):.1f}",
                f"{100 * held.mean():.0f}",
            )
        )
    errors, held, _ = np.array(all_of_them).T
    shift = 100 * ((1 + SIZE) / (1 - SIZE) - 1)
    return Section(
        "Ratios of a period against what was simulated",
        f"simulated runs, seeds 1 to {n_runs}, six minutes at 1000 Hz; strides from the EMG's rhythm",
        "Baseline and two phases of 90 s. In the last the right hamstrings do more and the right glute less "
        f"({shift:+.0f} % in the ratio of P1, {100 * (1 / (1 + SIZE) - 1):+.0f} % in that of P2); elsewhere "
        "nothing changes. "
        "Error: measured by true ratio of the period to its baseline, less 1. The intervals cover the error "
        "of the phase and that of the baseline. This shows that what was put into simulated strides is "
        "measured; it says nothing about people.",
        (
            "ratio",
            "intervals",
            "bias (%)",
            "RMS error (%)",
            "half width, median (%)",
            "hold the truth (%)",
        ),
        rows,
        bar="bias below 2 %, 90 % or more of the intervals hold the truth (own bar)",
        met=bool(abs(errors.mean()) < 2.0 and held.mean() >= 0.9) if n_runs > 1 else None,
    )


def shifted_run(seed: int) -> Run:
    """Six minutes with three phases, and a shift before the last one."""
    script = replace(
        SCENARIOS["healthy"],
        minutes=6.0,
        phases=tuple(Phase(label, *span) for label, span in PERIODS.items()),
        shifts=(Shift("P1", "R", SIZE, onset_s=232.0, ramp_s=20.0),),
    )
    return simulate_runner(script, seed=seed)


def analyzed(simulated: Run) -> pd.DataFrame:
    """The table of measures of a simulated run, its signals in one sensor of hundredths of µV."""
    sites = simulated.sites
    counts = np.column_stack([np.round(100 * simulated.emg(site, fs=FS)) for site in sites]).astype("<i4")
    sensor = SensorInfo(1, "file", "", "simulated", "", FS, len(sites), "<i4", 0.01, "known")
    placements = tuple(Placement(1, column, site) for column, site in enumerate(sites))
    wiring = Wiring((sensor,), placements, {1: ClockRow(1, 0, 0.0, FS, 0.0, "file")})
    pipeline = Pipeline(wiring, events=[Event(**event) for event in simulated.events])
    pipeline.run([SampleBlock(1, 0, counts)])
    return pipeline.analysis().measures


def compared(simulated: Run, measures: pd.DataFrame) -> Iterator[tuple[str, float, Any]]:
    """Each log-ratio of a phase with the truth: what kind of change, and how large."""
    pairs = load_catalog().pairs
    rows = measures[(measures["quantity"] == "log_ratio") & measures["period"].isin(["early", "late"])]
    for _, row in rows.iterrows():
        pair = pairs[row["subject"]]
        middle = float(np.mean(PERIODS[row["period"]]))
        change = [
            np.mean([_log_gain(simulated, f"{code}_{row['side']}", middle) for code in codes])
            for codes in (pair.compensator, pair.prime)
        ]
        true = float(change[0] - change[1])
        kind = "unchanged" if abs(true) < 1e-9 else f"{row['subject']}, {100 * np.expm1(true):+.0f} %"
        yield kind, true, row


def _log_gain(simulated: Run, site: str, t_s: float) -> float:
    points = np.array(simulated.truth["sites"][site]["gain"])
    return float(np.log(np.interp(t_s, points[:, 0], points[:, 1])))


def indices_section() -> Section:
    """Each index against a closed form or its definition as a loop."""
    rng = np.random.default_rng(0)
    ones, x = np.ones(50), (np.arange(3000) + 0.5) / 3000
    first, second = np.maximum(1 - np.abs(6 * x - 2), 0), np.maximum(1 - np.abs(6 * x - 3), 0)
    strides = rng.gamma(2.0, size=(30, 50)) * (1 + np.arange(50))
    n, k = strides.shape
    within = sum((strides[j, i] - strides[:, i].mean()) ** 2 for i in range(k) for j in range(n))
    overall = sum((strides[j, i] - strides.mean()) ** 2 for i in range(k) for j in range(n))
    loop = (within / (k * (n - 1))) / (overall / (k * n - 1))
    mean, square, count = strides.mean(axis=0), np.mean(strides**2), np.array(n)
    column = strides[:, 7]
    cv = dsp.coefficient_of_variation(column.mean(), np.mean(column**2), n=count)
    log3 = np.array(np.log(3.0))
    overlap = dsp.falconer_winter_cocontraction(first, second)
    angle = (45 - np.degrees(np.arctan(1 / 3))) / 0.9
    rudolph = dsp.rudolph_cocontraction(first, second)
    cases = [
        ("Falconer–Winter, two constants of 1 (%)", 100.0, dsp.falconer_winter_cocontraction(ones, ones)),
        ("Falconer–Winter, triangles that overlap by half (%)", 25.0, overlap),
        ("Rudolph, two constants of 1", 2.0, dsp.rudolph_cocontraction(ones, ones)),
        ("Rudolph, the same triangles", (np.log(2) - 0.5) / 3, rudolph),
        ("symmetry index of 3 and 1 (%)", 100.0, dsp.symmetry_index(log3)),
        ("symmetry angle of 3 and 1 (%)", angle, dsp.symmetry_angle(log3)),
        ("coefficient of variation, numpy (%)", 100 * column.std(ddof=1) / column.mean(), cv),
        ("variance ratio, its definition as a loop", loop, dsp.variance_ratio(mean, square, n=count)),
    ]  # fmt: skip
    rows = [
        (name, f"{true:.6g}", f"{float(value):.6g}", f"{abs(float(value) / true - 1):.0e}")
        for name, true, value in cases
    ]
    return Section(
        "Named indices against their definitions",
        "closed form",
        "Triangles are sampled at 3000 points, hence their small difference.",
        ("index", "expected", "found", "relative difference"),
        rows,
        bar="0.1 % (own bar)",
        met=all(abs(float(value) / true - 1) < 1e-3 for _, true, value in cases),
    )
