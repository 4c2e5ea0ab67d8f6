"""Fatigue: coverage of the intervals of slopes, how often a window is called fatigue, two real data sets."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from scipy import stats

from emgsmr import dsp
from emgsmr.analysis import Analysis, Settings, analyze
from emgsmr.analysis.fatigue import MNF_DEAD_ZONE, RMS_DEAD_ZONE, jasa
from emgsmr.recording import import_file
from validation.section import Section

EXCEPTIONS = {"ID18_TA", "ID11_TA", "ID20_TA", "ID12_BF", "ID11_BF"}
"""Held contractions whose median frequency clearly falls, by the notes on the recordings."""

MUSCLES = {"VL": "VL_R", "BF": "BFLH_R", "TA": "TA_R"}
"""Channels of the held contractions that are raw EMG, and their sites."""


def autoregressive(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    noise = rng.standard_normal(n)
    for k in range(1, n):
        noise[k] = phi * noise[k - 1] + np.sqrt(1.0 - phi**2) * noise[k]
    return noise


def slopes(quick: bool) -> Section:
    trials = 100 if quick else 1000
    rng = np.random.default_rng(4)
    rows, least = [], 1.0
    for n in (11, 17, 20, 51):
        for phi in (0.0, 0.3, 0.5):
            minutes = np.linspace(0.0, 4.0, n)
            own, plain, adjusted = 0, 0, 0
            for _ in range(trials):
                noise = autoregressive(rng, n, phi)
                cadence = 0.04 * np.sin(minutes + rng.uniform(0.0, 6.0)) + 0.003 * rng.standard_normal(n)
                found, sen = dsp.theil_sen(minutes, noise), stats.theilslopes(noise, minutes)
                other = dsp.adjusted_theil_sen(minutes, noise + 30.0 * cadence, cadence)
                own += found.low <= 0.0 <= found.high
                plain += bool(sen.low_slope <= 0.0 <= sen.high_slope)
                adjusted += other.low <= 0.0 <= other.high
            if phi < 0.5:
                least = min(least, own / trials)
            rows.append([n, phi, *(f"{100 * hits / trials:.1f} %" for hits in (plain, own, adjusted))])
    return Section(
        title="Coverage of the intervals of slopes",
        source=f"simulated, {trials} windows of each kind",
        text="How often the 95 % interval of a Theil-Sen slope holds the true one, when neighboring points "
        "are correlated by phi: Sen's own interval (SciPy), ours, and ours adjusted for a cadence that "
        "wanders by 8 %. Four minutes of walking have 11 points, of running 17, a ten-second hold 20, twelve "
        "minutes of running 51.",
        columns=["points", "phi", "Sen's", "ours", "ours, adjusted"],
        rows=rows,
        bar="ours at least 93 % for phi 0 and 0.3: cautious it may be, bold not",
        met=None if quick else least >= 0.93,
    )


def quadrants(quick: bool) -> Section:
    trials = 100 if quick else 800
    rng = np.random.default_rng(5)
    cases = [(4.0, 0.0, 0.0), (4.0, 0.2, 0.0), (4.0, 0.0, -0.1), (4.0, 0.04, -0.05), (4.0, 0.1, -0.05)]
    cases += [(4.0, 0.2, -0.1), (4.0, 0.3, -0.15), (12.0, 0.0, 0.0), (12.0, 0.13, -0.15)]
    rows, false = [], 0.0
    for length, rms, mnf in cases:
        n = round(60.0 * length / 14.0)
        minutes = np.linspace(0.0, length, n)
        row: list[object] = [f"{length:g}", f"{100 * rms:+.0f} %", f"{100 * mnf:+.0f} %"]
        for phi in (0.0, 0.3):
            found: Counter[str] = Counter()
            for _ in range(trials):
                trends = [
                    dsp.theil_sen(minutes, change * minutes / length + sd * autoregressive(rng, n, phi))
                    for change, sd in ((rms, 0.048), (mnf, 0.022))
                ]
                found[jasa(trends[0], trends[1], minutes=length)[0]] += 1
            other = trials - found["fatigue"] - found["none"]
            false = max(false, found["fatigue"] / trials) if not rms and not mnf else false
            row += [f"{100 * found['fatigue'] / trials:.1f} %", f"{100 * other / trials:.1f} %"]
        rows.append(row)
    return Section(
        title="How often a window is called fatigue",
        source=f"simulated, {trials} windows of each kind",
        text="Pooled blocks of running (one in 14 s) with SD 0.048 (ln RMS) and 0.022 (ln MNF). A quadrant "
        f"needs both intervals beyond zero and both changes beyond {100 * RMS_DEAD_ZONE:.0f} % and "
        f"{100 * MNF_DEAD_ZONE:.0f} %. Four minutes see a change of 20 % and 10 %; the slow one of a long "
        "run (4 % and 5 % in four minutes) they miss, and twelve see it.",
        columns=[
            "minutes",
            "RMS changes",
            "MNF changes",
            "fatigue, phi 0",
            "other",
            "fatigue, phi 0.3",
            "other",
        ],
        rows=rows,
        bar="no change is called fatigue in less than 1 % of the windows",
        met=None if quick else false < 0.01,
    )


def analyzed(src: Path, sites: dict[str, str], settings: Settings, unit: str | None = None) -> Analysis:
    """A real recording through importer, file and pipeline."""
    with (
        tempfile.TemporaryDirectory() as folder,
        import_file(src, Path(folder) / "real.emgsmr", sites=sites, unit=unit) as recording,
    ):
        return analyze(recording, settings)


def per_minute(row: dict[str, float], name: str) -> str:
    ends = (row[f"d_ln_{name}_per_min"], row[f"d_ln_{name}_ci_low"], row[f"d_ln_{name}_ci_high"])
    return "{:+.0f} ({:+.0f} to {:+.0f})".format(*(100.0 * end for end in ends))


def curls(folder: Path) -> Section:
    src = folder / "plux_biceps_fatigue" / "emg_fatigue.csv"
    rows, met = [], True
    for cycles in ("bursts", "windows"):
        for low_hz in (15.0, 20.0, 30.0):
            result = analyzed(src, {"BB": "RF_R"}, Settings(low_hz=low_hz, cycles=cycles))  # type: ignore[arg-type]
            mdf = result.activation.loc[result.activation["valid"], "mdf_hz"].to_numpy(np.float64)
            tenth = max(len(mdf) // 10, 1)
            first, last = float(np.mean(mdf[:tenth])), float(np.mean(mdf[-tenth:]))
            (row,) = result.fatigue.to_dict("records")
            if low_hz <= 20.0:
                met &= abs(first - 74.0) <= 3.0 and abs(last - 54.0) <= 3.0 and row["jasa"] == "fatigue"
            slope = [per_minute(row, name) for name in ("rms", "mnf")]
            rows.append([cycles, f"{low_hz:g}", len(mdf), f"{first:.1f}", f"{last:.1f}", *slope, row["jasa"]])
    return Section(
        title="Curls until the biceps tires",
        source="real: plux_biceps_fatigue, 127 s at 1000 Hz, through the whole analysis",
        text="Its notes say 74 to 54 Hz, in windows of 2 s within 15-450 Hz. Here: mean MDF of the first and "
        "last tenth of the cycles (repetitions found from the EMG, or windows of half a second), slopes in % "
        "per minute with 95 % interval, and the quadrant of the set. A lower corner of 15 to 20 Hz compares "
        "with the notes; 30 Hz, usual in running, takes power from below and reads 2 to 4 Hz more.",
        columns=[
            "cycles",
            "low corner, Hz",
            "n",
            "MDF first, Hz",
            "last, Hz",
            "RMS, %/min",
            "MNF, %/min",
            "JASA",
        ],
        rows=rows,
        bar="MDF falls from about 74 to 54 Hz (within 3 Hz at 15 and 20 Hz) and JASA is fatigue",
        met=met,
    )


def holds(folder: Path) -> Section:
    trials = sorted((folder / "elderly_isometric_cc0").glob("ID*_*task.npz"))
    rows, met = [], True
    for low_hz in (20.0, 30.0):
        found: dict[str, Counter[str]] = {"agonist": Counter(), "all of VL, BF, TA": Counter()}
        tired: dict[str, list[str]] = {what: [] for what in found}
        for path in trials:
            trial = path.stem.removesuffix("task")
            result = analyzed(path, MUSCLES, Settings(low_hz=low_hz, cycles="windows"), unit="uV")
            for row in result.fatigue.to_dict("records"):
                agonist = MUSCLES.get(trial.split("_")[1]) == row["site"]
                for what in ["all of VL, BF, TA", *(["agonist"] if agonist else [])]:
                    found[what][row["jasa"]] += 1
                    if row["jasa"] == "fatigue":
                        tired[what].append(trial if what == "agonist" else f"{trial} {row['site']}")
        for what, counts in found.items():
            n = sum(counts.values())
            share = 1.0 - counts["fatigue"] / n
            met &= share >= 0.95
            named = sum(trial in EXCEPTIONS for trial in tired["agonist"]) if what == "agonist" else ""
            others = ", ".join(f"{v} {k}" for k, v in sorted(counts.items()) if k not in ("none", "fatigue"))
            which = f"{counts['fatigue']}" + (f" ({', '.join(tired[what])})" if tired[what] else "")
            rows.append([f"{low_hz:g}", what, n, which, named, others, f"{100 * share:.1f} %"])
    return Section(
        title="Ten-second holds are no fatigue",
        source="real: elderly_isometric_cc0, 2000 Hz, through the whole analysis",
        text=f"{len(trials)} trials in windows of half a second; the hold is one window for the slopes. The "
        f"notes name trials with a clear fall ({', '.join(sorted(EXCEPTIONS))}). The tasks of the "
        "gastrocnemius have no agonist (that channel is no raw EMG), so they are only among all muscles.",
        columns=[
            "low corner, Hz",
            "channels",
            "holds",
            "fatigue",
            "of them named",
            "other quadrants",
            "without fatigue",
        ],
        rows=rows,
        bar="no fatigue in at least 95 % of the holds",
        met=met,
    )
