"""Repetitions from the EMG alone: knee movements with a goniometer, simulated sets with truth, real holds."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from emgsmr.analysis import Pipeline, Settings, analyze
from emgsmr.recording import ClockRow, Placement, SampleBlock, SensorInfo, Wiring, import_file
from validation.section import Section

FloatArray = NDArray[np.float64]
Span = tuple[float, float]

KNEE = {"RF": "RF_R", "BF": "BFLH_R", "VM": "VM_R", "ST": "ST_R"}
HOLDS = {"BF": "BFLH_R", "TA": "TA_R", "VL": "VL_R"}
SETS = ("GMAX_R", "BFLH_R", "ES_R")
FS = 1000.0


@dataclass
class Score:
    """How found repetitions compare with those that there were."""

    n_true: int = 0
    found: int = 0
    extra: int = 0
    n_bursts: int = 0
    reversed: bool = False
    start_s: list[float] = field(default_factory=list)
    end_s: list[float] = field(default_factory=list)

    def add(self, other: Score) -> None:
        self.n_true += other.n_true
        self.found += other.found
        self.extra += other.extra
        self.n_bursts += other.n_bursts
        self.start_s += other.start_s
        self.end_s += other.end_s


def matched(bursts: list[Span], movements: list[Span]) -> tuple[dict[int, Span], list[Span]]:
    """The burst of each movement, and the bursts that are left over.

    A burst belongs to the movement that it overlaps most, if that is half of the shorter of both; a second
    one of the same movement is left over.
    """
    used: dict[int, Span] = {}
    extra = []
    for burst in bursts:
        overlap = [min(burst[1], m[1]) - max(burst[0], m[0]) for m in movements]
        best = int(np.argmax(overlap)) if movements else -1
        enough = best >= 0 and overlap[best] >= 0.5 * min(
            burst[1] - burst[0], movements[best][1] - movements[best][0]
        )
        if enough and best not in used:
            used[best] = burst
        else:
            extra.append(burst)
    return used, extra


# --- knee movements with a goniometer ---------------------------------------------------------------------


def listed_repetitions(folder: Path) -> dict[str, list[dict[str, float]]]:
    """Rows of the list by trial."""
    found: dict[str, list[dict[str, float]]] = {}
    with (folder / "knee_movement_reps.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row.pop("trial"), []).append({name: float(x) for name, x in row.items()})
    return found


def knee_movements(data: FloatArray, fs: float) -> tuple[list[Span], int]:
    """Every movement of the knee away from rest, cut at the ends or not, and the sign of its direction.

    The angle (6 Hz low-pass, 2nd to 98th percentile = 0 to 1) leaves 0.5 and falls below 0.4; the movement
    is extended on both sides to 0.1, or to its neighbor. The direction is that in which all four muscles
    together have the greater mean square; times come from the angle alone.
    """
    angle = signal.sosfiltfilt(signal.butter(2, 6, fs=fs, output="sos"), data[:, 4])
    low, high = np.percentile(angle, [2, 98])
    x = (angle - low) / (high - low)
    band = signal.butter(4, [30, 450], btype="bandpass", fs=fs, output="sos")
    power = np.square(signal.sosfilt(band, data[:, :4] - data[0, :4], axis=0)).sum(axis=1)
    sign = 1 if power[x > 0.5].mean() > power[x < 0.5].mean() else -1
    x = x if sign > 0 else 1 - x
    spans: list[list[int]] = []
    out = False
    for i, value in enumerate(x):
        if not out and value > 0.5:
            out = True
            spans.append([i, len(x)])
        elif out and value < 0.4:
            out = False
            spans[-1][1] = i
    for k, span in enumerate(spans):
        before = spans[k - 1][1] if k else 0
        while span[0] > before and x[span[0]] > 0.1:
            span[0] -= 1
    for k, span in enumerate(spans):
        after = spans[k + 1][0] if k + 1 < len(spans) else len(x)
        while span[1] < after and x[span[1]] > 0.1:
            span[1] += 1
    return [(begin / fs, end / fs) for begin, end in spans], sign


def score_trial(bursts: list[Span], data: FloatArray, fs: float, listed: list[dict[str, float]]) -> Score:
    """Listed repetitions found; bursts that are no movement, or a second one of the same movement.

    A listed repetition whose direction is not the one in which the muscles work is not found, whatever burst
    is there.
    """
    movements, sign = knee_movements(data, fs)
    used, extra = matched(bursts, movements)
    middle = np.percentile(data[:, 4], [2, 98]).mean()
    directions = {float(np.sign(row["knee_deg_at_peak"] - middle)) for row in listed}
    score = Score(len(listed), extra=len(extra), n_bursts=len(bursts), reversed=directions != {sign})
    for row in listed:
        peak = row["angle_peak_s"]
        at = [k for k, (begin, end) in enumerate(movements) if begin - 0.1 <= peak <= end + 0.1]
        if not score.reversed and at and at[0] in used:
            score.found += 1
            score.start_s.append(used[at[0]][0] - row["angle_leaves_rest_s"])
    return score


def repetitions_in(
    path: Path, sites: dict[str, str], cycles: Any = "bursts", unit: str | None = None
) -> list[Span]:
    """Usable repetitions of a recording, through the whole pipeline."""
    with tempfile.TemporaryDirectory() as folder:
        recording = import_file(path, Path(folder) / "trial.emgsmr", sites=sites, unit=unit)
        with recording:
            strides = analyze(recording, Settings(cycles=cycles)).strides
    strides = strides[strides["valid"].astype(bool)]
    return list(zip(strides["t_start_s"], strides["t_end_s"], strict=True))


def knee_trials(folder: Path) -> Iterator[tuple[str, Score]]:
    """Score of each trial of the list, with all four muscles."""
    for trial, listed in listed_repetitions(folder).items():
        path = folder / f"{trial}.npz"
        with np.load(path) as file:
            data, fs = np.asarray(file["data"], dtype=np.float64), float(file["fs_hz"])
        yield trial, score_trial(repetitions_in(path, KNEE), data, fs, listed)


def knee_section(folder: Path) -> Section:
    total, usual = Score(), Score()
    rows: list[list[object]] = []
    reversed_: list[str] = []
    for trial, score in knee_trials(folder):
        total.add(score)
        if score.reversed:
            reversed_.append(trial)
        else:
            usual.add(score)
        rows.append([trial, score.n_true, score.found, score.extra])
    found, extra = 100 * total.found / total.n_true, 100 * total.extra / total.n_true
    rows.append(["all", total.n_true, f"{total.found} ({found:.1f} %)", f"{total.extra} ({extra:.1f} %)"])
    late = 1000 * np.percentile(total.start_s, [25, 50, 75])
    n_reversed = total.n_bursts - usual.n_bursts
    return Section(
        "Knee movements found from the EMG",
        "real: uci_lower_limb, seated extension and standing flexion, 11 people; listed by the goniometer",
        "RF, BF, VM and ST together, nothing tuned for a trial or told about the task. Found: a usable "
        "repetition overlaps the movement of the listed one by half of the shorter of both. Extra: it "
        "overlaps no movement of the knee, listed or not, or one that already has its own. A burst begins "
        f"{late[1]:.0f} ms (quartiles {late[0]:.0f} to {late[2]:.0f} ms) after the angle has left rest by a "
        "tenth of its range. Listed against the direction in which the muscles work, and so missed: "
        f"{', '.join(reversed_) or 'none'} (hamstrings work in A02_sitting and quadriceps in A02_standing: "
        "the two files seem to be exchanged, and the listed times to be the pauses). Were the contractions "
        f"there held to be extra, there would be {total.extra + n_reversed}; without these trials "
        f"{usual.found} of {usual.n_true} are found, with {usual.extra} extra. In A04_sitting "
        "the hamstrings contract between the extensions while the knee rests: bursts all the same. In "
        "N03_standing the quadriceps fill a pause of 0.4 s between two flexions, which are found as one.",
        ["trial", "listed", "found", "extra"],
        rows,
        "at least 95 % of the listed repetitions found, at most 5 % extra",
        found >= 95 and extra <= 5,
    )


# --- simulated sets ---------------------------------------------------------------------------------------


def exercise_set(
    seed: int, snr_db: float, *, n_repetitions: int = 12, silent: bool = False
) -> tuple[FloatArray, list[Span]]:
    """Prone hip extensions: bursts of 2 to 4 s, pauses of 2 to 5 s; three channels in µV, and the truth.

    Each muscle has its own ramps (0.15 to 0.5 s), shift (SD 80 ms) and amplitude (SD 20 %) in each
    repetition. The noise floor of 3 µV drifts by 3 dB; a hum of 2 µV goes on all the time; ES has a heart
    beat of 40 µV; two knocks of 2 mV and 0.25 s hit a channel each. ``silent``: BFLH has no EMG.
    """
    rng = np.random.default_rng(seed)
    begin, truth = 3 + rng.uniform(0, 3), []
    for _ in range(n_repetitions):
        length = rng.uniform(2, 4)
        truth.append((begin, begin + length))
        begin += length + rng.uniform(2, 5)
    t = np.arange(int((begin + 2) * FS)) / FS
    band = signal.butter(2, [50, 200], btype="bandpass", fs=FS, output="sos")
    x = np.empty((len(t), 3))
    for channel in range(3):
        gate = np.zeros(len(t))
        for start, end in truth:
            shift, ramps = rng.normal(0, 0.08, 2), rng.uniform(0.15, 0.5, 2)
            ramp = np.minimum((t - start - shift[0]) / ramps[0], (end + shift[1] - t) / ramps[1])
            gate = np.maximum(gate, np.exp(rng.normal(0, 0.2)) * np.clip(ramp, 0, 1))
        emg = signal.sosfilt(band, rng.normal(size=len(t)))
        noise = 3 * np.exp(0.17 * np.sin(2 * np.pi * t / 90 + channel)) * rng.normal(size=len(t))
        level = 0.0 if silent and channel == 1 else 3 * 10 ** (snr_db / 20)
        x[:, channel] = noise + level * gate * emg / emg.std() + 2 * np.sin(2 * np.pi * 50 * t)
    for beat in np.arange(0.5, t[-1] - 0.1, 0.85):
        x[:, 2] += 40 * np.exp(-np.square((t - beat) / 0.008 / np.sqrt(2)))
    for _ in range(2):
        at = int(rng.uniform(0, len(t) - 300))
        x[at : at + 250, rng.integers(3)] += 2000 * rng.normal(size=250)
    return x, truth


def found_in(x: FloatArray, settings: Settings) -> list[Span]:
    """Cycles of a signal in µV through the pipeline, also those that a knock makes unusable."""
    info = SensorInfo(1, "file", "", "simulated", "", FS, x.shape[1], "<i4", 0.01, "known")
    placements = tuple(Placement(1, k, site) for k, site in enumerate(SETS))
    pipeline = Pipeline(Wiring((info,), placements, {1: ClockRow(1, 0, 0.0, FS, 0.0, "file")}), settings)
    pipeline.run([SampleBlock(1, 0, np.round(x / 0.01).astype("<i4"))])
    return [(stride.t_start_s, stride.t_end_s) for stride in pipeline.legs["R"].strides]


def score_sets(seeds: range, snr_db: float, *, silent: bool = False) -> Score:
    total = Score()
    for seed in seeds:
        x, truth = exercise_set(seed, snr_db, silent=silent)
        used, extra = matched(found_in(x, Settings(cycles="bursts")), truth)
        total.add(
            Score(
                len(truth),
                len(used),
                len(extra),
                start_s=[burst[0] - truth[k][0] for k, burst in used.items()],
                end_s=[burst[1] - truth[k][1] for k, burst in used.items()],
            )
        )
    return total


def sets_section(*, quick: bool) -> Section:
    seeds = range(1, 3 if quick else 8)
    rows: list[list[object]] = []
    met = True
    for silent in (False, True):
        for snr_db in (10.0, 30.0) if quick else (5.0, 10.0, 15.0, 20.0, 30.0):
            score = score_sets(seeds, snr_db, silent=silent)
            start, end = 1000 * np.array(score.start_s), 1000 * np.array(score.end_s)
            if snr_db >= 10 and not silent:
                met &= score.found >= 0.95 * score.n_true and score.extra <= 0.05 * score.n_true
            rows.append(
                [
                    "BFLH silent" if silent else "three muscles",
                    f"{snr_db:g}",
                    score.n_true,
                    f"{100 * score.found / score.n_true:.1f} %",
                    score.extra,
                    f"{start.mean():+.0f} ± {start.std():.0f}",
                    f"{end.mean():+.0f} ± {end.std():.0f}",
                ]
            )
    quiet = score_sets(seeds, -100.0)
    rows.append(["no contraction at all", "", 0, "", quiet.extra + quiet.found, "", ""])
    return Section(
        "Simulated prone hip extensions",
        f"simulated, seeds {seeds[0]} to {seeds[-1]}; GMAX, BFLH and ES",
        "Twelve bursts of 2 to 4 s with pauses of 2 to 5 s, ramps of 0.15 to 0.5 s, muscles 80 ms apart, a "
        "drifting noise floor, hum, heart beat in ES, two knocks of 0.25 s. Errors against the foot of the "
        "ramp (mean ± SD): a burst counts from where the muscles together are half way, in dB, between quiet "
        "and their usual level, so it begins later and ends earlier the weaker the signal.",
        ["set", "SNR dB", "repetitions", "found", "extra", "start error ms", "end error ms"],
        rows,
        "from 10 dB on at least 95 % found and at most 5 % extra, with three muscles",
        met,
    )


# --- held contractions ------------------------------------------------------------------------------------


def held_windows(force: FloatArray, fs: float) -> set[float]:
    """Starts of the half seconds in which the force is above a fifth of its median throughout."""
    half = round(0.5 * fs)
    held = force[: len(force) // half * half].reshape(-1, half).min(axis=1) > 0.2 * np.median(force)
    return {0.5 * int(k) for k in np.flatnonzero(held) if k}  # in the first the filters settle


def holds_section(folder: Path, *, quick: bool) -> Section:
    paths = [path for path in sorted(folder.glob("*task.npz")) if "GL" not in path.name]
    paths = paths[:: 10 if quick else 1]
    n_held = n_found = n_windows = 0
    short = []
    for path in paths:
        with np.load(path) as file:
            held = held_windows(np.asarray(file["data"][:, 4], dtype=np.float64), float(file["fs_hz"]))
        starts = {start for start, _ in repetitions_in(path, HOLDS, "windows", "uV")}
        n_held, n_found, n_windows = n_held + len(held), n_found + len(held & starts), n_windows + len(starts)
        if held - starts:
            short.append(f"{path.stem} {', '.join(f'{t:g}' for t in sorted(held - starts))} s")
    whole = len(paths) - len(short)
    return Section(
        "Windows of held contractions",
        f"real: elderly_isometric_cc0, {len(paths)} holds (knee extension and flexion, dorsiflexion)",
        "BF, TA and VL of each hold of ten (some five) seconds. Held: the half seconds in which the force is "
        "above a fifth of its median; in the first the filters settle. Windows where the force is lower are "
        "muscles that begin before the force does.",
        ["holds", "half seconds held", "of these in the table", "in the table in all", "not in the table"],
        [
            [
                len(paths),
                n_held,
                f"{n_found} ({100 * n_found / n_held:.1f} %)",
                n_windows,
                "; ".join(short) or "none",
            ]
        ],
        "95 % of the holds have every half second from start to end",
        whole >= 0.95 * len(paths),
    )


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """All sections."""
    sections = [sets_section(quick=quick)]
    if real_data is not None:
        knee, holds = real_data / "uci_lower_limb", real_data / "elderly_isometric_cc0"
        if knee.is_dir():
            sections.append(knee_section(knee))
        if holds.is_dir():
            sections.append(holds_section(holds, quick=quick))
    return sections
