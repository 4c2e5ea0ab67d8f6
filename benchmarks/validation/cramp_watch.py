"""The cramp watch: simulated cramps of known strength and length, and where it must stay silent."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal, stats

from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.cramp_watch import CrampWatch, watch_table
from emgsmr.analysis.timeline import ExactTimeline
from emgsmr.anatomy import load_catalog
from emgsmr.recording import SampleBlock, SensorInfo
from emgsmr.simulate import SCENARIOS, Scenario, Spectrum, shaped_noise, simulate_runner
from emgsmr.simulate.incident import Cramp, Pause
from validation.section import Section

FloatArray = NDArray[np.float64]

FS = 500.0
SITES = ("GMAX_R", "BFLH_R", "ST_R", "MGAS_R", "LGAS_R")
LEVELS = (0.15, 0.25, 0.5)
LENGTHS_S = (10.0, 20.0, 40.0, 60.0)
SCALE_UV = 0.05
EVERY_S = 100.0
"""From cramp to cramp: the watch knows again what is usual."""


def watched(signals: Mapping[str, FloatArray], fs: float) -> list[dict[str, object]]:
    """Rows of the watch over µV signals that begin at 0; NaN = never arrived. A sensor for each.

    The streams are those of the pipeline, and so is the watch; it rests on nothing else.
    """
    sites: dict[str, tuple[SensorStream, int]] = {}
    for number, (site, x) in enumerate(signals.items(), 1):
        info = SensorInfo(number, "file", "", site, "", fs, 1, "<i4", SCALE_UV, "known")
        stream = SensorStream(info, [0], ExactTimeline(fs), Settings())
        there = np.flatnonzero(np.diff(np.concatenate([[0], np.isfinite(x), [0]])))
        for first, stop in there.reshape(-1, 2):
            counts = np.round(x[first:stop, np.newaxis] / SCALE_UV).astype("<i4")
            stream.feed(SampleBlock(number, int(first), counts))
        stream.finish()
        sites[site] = (stream, 0)
    watch = CrampWatch(sites, Settings())
    watch.until(float("inf"), last=True)
    return watch_table(watch, {}, [], load_catalog()).to_dict("records")


def signals_of(script: Scenario | str, seed: int, sites: tuple[str, ...] = SITES) -> dict[str, FloatArray]:
    run = simulate_runner(script, seed=seed)
    found = {site: run.emg(site, fs=FS) for site in sites}
    for site, begin, end in run.dropouts:
        if site in found:
            found[site][int(begin * FS) : int(end * FS)] = np.nan
    return found


# --- cramps -----------------------------------------------------------------------------------------------


def cramp_script(seed: int, how: str, levels: tuple[float, ...]) -> Scenario:
    """A cramp of each level and length, one after the other, in muscles taken in turn."""
    rng = np.random.default_rng([seed, 79])
    asked = [(level, length) for level in levels for length in LENGTHS_S]
    cramps = tuple(
        Cramp(SITES[(k + seed) % len(SITES)], 120.0 + EVERY_S * k + rng.uniform(0, 10), length, level)
        for k, (level, length) in enumerate(asked[i] for i in rng.permutation(len(asked)))
    )
    pauses = tuple(Pause(c.start_s - 5.0, c.start_s + c.duration_s + 5.0) for c in cramps)
    return Scenario(
        how,
        "Cramps one after the other.",
        minutes=(120.0 + EVERY_S * len(cramps)) / 60.0,
        gait="walk" if how == "walking" else "run",
        cramps=cramps,
        pauses=pauses if how == "standing" else (),
    )


@dataclasses.dataclass
class Score:
    """Cramps that there were, that were said, and how long after they began; sayings of anything else."""

    n: int = 0
    said: int = 0
    delays_s: list[float] = dataclasses.field(default_factory=list)
    false: int = 0

    def add(self, other: Score) -> None:
        self.n += other.n
        self.said += other.said
        self.delays_s += other.delays_s
        self.false += other.false


def score_cramps(seed: int, how: str, levels: tuple[float, ...]) -> dict[tuple[float, float], Score]:
    """Scores by level and length; a saying belongs to the cramp during which it is said."""
    script = cramp_script(seed, how, levels)
    rows = [row for row in watched(signals_of(script, seed), FS) if row["kind"] != "left_out"]
    said = {(str(row["site"]), float(str(row["t_said_s"]))) for row in rows}
    scores = {(level, length): Score() for level in levels for length in LENGTHS_S}
    for cramp in script.cramps:
        score = scores[cramp.level, cramp.duration_s]
        score.n += 1
        during = {
            (site, t_s)
            for site, t_s in said
            if site == cramp.site and cramp.start_s < t_s <= cramp.start_s + cramp.duration_s + 1.0
        }
        if during:
            score.said += 1
            score.delays_s.append(min(t_s for _, t_s in during) - cramp.start_s)
        said -= during
    scores[levels[0], LENGTHS_S[0]].false += len(said)
    return scores


def interval(k: int, n: int) -> str:
    """Exact 95 % interval of a share, percent."""
    low = stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{100 * low:.0f} to {100 * high:.0f}"


def cramps_section(*, quick: bool) -> Section:
    seeds = range(1, 2 if quick else 3)
    levels = (0.25,) if quick else LEVELS
    rows: list[list[object]] = []
    strong, false = Score(), 0
    for how in ("running",) if quick else ("running", "walking", "standing"):
        scores = [score_cramps(seed, how, levels) for seed in seeds]
        false += sum(score.false for one in scores for score in one.values())
        for level in levels:
            of_level = Score()
            cells: list[object] = []
            for length in LENGTHS_S:
                cell = Score()
                for one in scores:
                    cell.add(one[level, length])
                cells.append(f"{cell.said}/{cell.n}")
                of_level.add(cell)
                if length >= 20.0:
                    strong.add(cell)
            delay = (
                f"{np.median(of_level.delays_s):.1f}, {max(of_level.delays_s):.1f}"
                if of_level.delays_s
                else ""
            )
            rows.append([how, f"{100 * level:.0f} %", *cells, delay])
    return Section(
        "Simulated cramps",
        f"simulated, seeds {seeds[0]} to {seeds[-1]}; five muscles of a leg at {FS:g} Hz",
        "Cramps of 10 to 60 s in muscles taken in turn, at a share of the maximal amplitude (taken as "
        "1.5 times the burst in easy running), with ramps of 5 s at both ends, firing as published "
        "(Minetto 2009), added to running or walking, or while the runner stands still for a while. "
        "Said / there were, and median and longest delay after the beginning of the ramp: 5 s of "
        "activity are asked for, and what the ramp has not reached cannot be seen. A cramp of 10 s is "
        f"all ramp. Of those of 20 s and longer {strong.said} of {strong.n} were said (95 %: "
        f"{interval(strong.said, strong.n)} %); said of anything else: {false}. It shows that injected "
        "activity is found; it says nothing about real cramps.",
        ["while", "level", *(f"{length:g} s" for length in LENGTHS_S), "delay s"],
        rows,
        "of the cramps of 20 s and longer at least 95 % said, and nothing else",
        strong.said >= 0.95 * strong.n and false == 0,
    )


# --- silence ----------------------------------------------------------------------------------------------


def counted(rows: list[dict[str, object]]) -> tuple[int, int, str]:
    """Said, left out, and what in words."""
    said = [row for row in rows if row["kind"] != "left_out"]
    what = [f"{row['site']}, {float(str(row['t_said_s'])):.0f} s" for row in said]
    return len(said), len(rows) - len(said), "; ".join(what)


def silence_section(*, quick: bool) -> Section:
    names = ("sweat", "electrode_off") if quick else [name for name in SCENARIOS if name != "cramp"]
    rows: list[list[object]] = []
    total, hours = 0, 0.0
    for name in names:
        script = SCENARIOS[name]
        script = script.fitted(min(script.minutes, 1.5 if quick else 6.0))
        for side in "R" if quick else "LR":
            said, left_out, what = counted(
                watched(signals_of(script, 1, tuple(site[:-1] + side for site in SITES)), FS)
            )
            hours += script.minutes / 60.0
            total += said
            rows.append([name, side, f"{script.minutes:g}", said, left_out, what])
    rows = [row for row in rows if row[3] or row[4]] + [
        ["all others", "", "", 0, 0, f"{sum(not row[3] and not row[4] for row in rows)} legs"]
    ]
    upper = stats.chi2.ppf(0.975, 2 * total + 2) / 2 / hours
    return Section(
        "Nothing to say in any other scenario",
        "simulated, seed 1; five muscles of each leg, scripts compressed to six minutes",
        f"All scenarios but the cramp: {total} times in {hours:.1f} leg-hours something was said (95 %: at "
        f"most {upper:.1f} an hour). Simulated muscles rest between their bursts as real ones may not.",
        ["scenario", "leg", "minutes", "said", "left out", "what"],
        rows,
        "nothing said",
        total == 0,
    )


def alike_section(*, quick: bool) -> Section:
    """What the watch cannot tell from a cramp."""
    rows: list[list[object]] = []
    n = 1 if quick else 3
    n_samples = int(120 * FS)
    script = dataclasses.replace(SCENARIOS["healthy"], minutes=2.0, start_s=5.0, phases=())
    at = slice(int(60 * FS), int(90 * FS))
    for what, level_uv in (("noise of an electrode", 10.0), ("noise of an electrode", 30.0))[quick:]:
        said = 0
        for seed in range(1, 1 + n):
            signals = signals_of(script, seed)
            noise = np.random.default_rng(seed).standard_normal(n_samples)
            signals["GMAX_R"][at] += level_uv * noise[at]
            said += counted(watched(signals, FS))[0]
        rows.append([f"{what}: white, {level_uv:g} µV for 30 s on the glute", n, said])
    held = dataclasses.replace(
        script, pauses=(Pause(55.0, 100.0),), cramps=(Cramp("BFLH_R", 60.0, 20.0, 0.4),)
    )
    said = sum(counted(watched(signals_of(held, seed), FS))[0] for seed in range(1, 1 + n))
    rows.append(["one muscle held at 40 % for 20 s in standing", n, said])
    return Section(
        "What it cannot tell apart",
        f"simulated, seeds 1 to {n}",
        "An electrode that becomes noisy (without hum, movement or clipping, which the quality of the second "
        "tells) and a contraction on purpose: said as often as they are strong enough. The text says so of "
        "contractions; what lasts longer than two minutes is called lasting.",
        ["what", "times", "said"],
        rows,
    )


# --- real recordings --------------------------------------------------------------------------------------

CEINMS = {
    "SOL_R [fraction]": "SOL_R",
    "GM_R [fraction]": "MGAS_R",
    "GL_R [fraction]": "LGAS_R",
    "TA_R [fraction]": "TA_R",
    "SM_R [fraction]": "ST_R",
    "BFLH_R [fraction]": "BFLH_R",
    "VL_R [fraction]": "VL_R",
    "RF_R [fraction]": "RF_R",
    "VM_R [fraction]": "VM_R",
}
SANTUZ = {
    "GMAX_R [uV?]": "GMAX_R",
    "ST_R [uV?]": "ST_R",
    "BF_R [uV?]": "BFLH_R",
    "TA_R [uV?]": "TA_R",
    "GM_R [uV?]": "MGAS_R",
    "GL_R [uV?]": "LGAS_R",
    "SOL_R [uV?]": "SOL_R",
    "VL_R [uV?]": "VL_R",
}
UCI = {"RF": "RF_R", "BF": "BFLH_R", "VM": "VM_R", "ST": "ST_R"}
HOLDS = {"BF": "BFLH_R", "TA": "TA_R", "VL": "VL_R"}


def table(path: Path, columns: Mapping[str, str]) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Times and columns of a CSV file."""
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    times = np.array([float(line["time_s"]) for line in lines])
    return times, {site: np.array([float(line[name]) for line in lines]) for name, site in columns.items()}


def archive(path: Path, columns: Mapping[str, str], to_uv: float) -> tuple[float, dict[str, FloatArray]]:
    with np.load(path) as file:
        names, data, fs = (
            list(file["channels"]),
            np.asarray(file["data"], dtype=np.float64),
            float(file["fs_hz"]),
        )
    return fs, {site: to_uv * data[:, names.index(name)] for name, site in columns.items()}


def repeated(signals: Mapping[str, FloatArray], n_samples: int) -> dict[str, FloatArray]:
    return {site: np.resize(x, n_samples) for site, x in signals.items()}


def envelopes(folder: Path, seed: int = 1) -> Iterator[tuple[str, float, dict[str, FloatArray]]]:
    """Two walks and a run: EMG-like noise of their real envelopes."""
    rng = np.random.default_rng(seed)
    for name in ("walk36", "walk45", "run81"):
        _, shapes = table(folder / "ceinms_run_walk_ENVELOPES" / f"{name}.csv", CEINMS)
        signals = {}
        for site, shape in shapes.items():
            envelope = np.maximum(signal.resample_poly(shape, 5, 1), 0.0)
            noise = shaped_noise(len(envelope), spectrum=Spectrum(60, 120), fs=FS, rng=rng)
            signals[site] = 300.0 * envelope * noise + 4.0 * rng.standard_normal(len(envelope))
        yield f"CEINMS {name}: envelopes filled with noise", FS, signals


def real_gait(folder: Path) -> Iterator[tuple[str, float, dict[str, FloatArray]]]:
    yield from envelopes(folder)
    walk = folder / "santuz_walk_13muscle"
    times, signals = table(walk / "ID0012_TW_01.csv", SANTUZ)
    with (walk / "ID0012_TW_01_gait_cycles.csv").open(newline="") as file:
        downs = [float(row["touchdown_s"]) for row in csv.DictReader(file)]
    inside = (times >= downs[0]) & (times < downs[-1])
    yield (
        "Santuz: five strides, again and again",
        1000.0,
        repeated({s: x[inside] for s, x in signals.items()}, 90_000),
    )
    for path in sorted((folder / "uci_lower_limb").glob("*_gait.npz")):
        fs, signals = archive(path, UCI, 1000.0)
        n = len(signals["RF_R"])
        yield f"UCI {path.stem[:3]}: a walk, again and again", fs, repeated(signals, max(n, 60_000))


def real_tasks(folder: Path) -> Iterator[tuple[str, float, dict[str, FloatArray]]]:
    """A walk and then knee movements; holds of one muscle after the other."""
    for path in sorted((folder / "uci_lower_limb").glob("*_gait.npz")):
        parts = [repeated(archive(path, UCI, 1000.0)[1], 40_000)]
        for task in ("sitting", "standing"):
            other = path.with_name(path.name.replace("gait", task))
            if other.exists():
                parts.append(archive(other, UCI, 1000.0)[1])
        joined = {site: np.concatenate([part[site] for part in parts]) for site in UCI.values()}
        yield f"UCI {path.stem[:3]}: knee movements", 1000.0, joined
    for first in sorted((folder / "elderly_isometric_cc0").glob("*_BFtask.npz")):
        tasks = [first.with_name(first.name.replace("BF", name)) for name in ("BF", "TA", "VL")]
        if all(task.exists() for task in tasks):
            holds = [archive(task, HOLDS, 1.0)[1] for task in tasks]
            joined = {
                site: np.concatenate([hold[site] for hold in [*holds, *holds]]) for site in HOLDS.values()
            }
            yield f"Silva {first.stem[:4]}: holds", 2000.0, joined


def real_section(folder: Path, *, quick: bool) -> Section:
    rows: list[list[object]] = []
    gait_said, gait_s = 0, 0.0
    for kind, recordings in (("gait", real_gait(folder)), ("tasks", real_tasks(folder))):
        sums = {"said": 0, "left out": 0, "s": 0.0, "n": 0}
        for name, fs, signals in recordings:
            if quick and not name.startswith(("Santuz", "UCI A01")):
                continue
            said, left_out, what = counted(watched(signals, fs))
            length_s = len(next(iter(signals.values()))) / fs
            if kind == "gait":
                gait_said, gait_s = gait_said + said, gait_s + length_s
            if said or left_out or not name.startswith(("UCI", "Silva")):
                rows.append([kind, name, f"{length_s:.0f}", said, left_out, what])
            else:
                sums["s"] += length_s
                sums["n"] += 1
        rows.append([kind, f"{sums['n']} other recordings", f"{sums['s']:.0f}", 0, 0, ""])
    return Section(
        "Real recordings",
        "real: CEINMS walk and run (envelopes), Santuz walk, uci_lower_limb, elderly_isometric_cc0",
        f"Nobody had a cramp. In gait ({gait_s / 60:.0f} minutes, the short walks repeated end to end, so "
        f"that no more than the first repetition is new) {gait_said} times something was said. Knee "
        "movements and holds are not gait, and nothing told the watch that they are exercises: a single "
        "muscle that is held contracted looks as a cramp does.",
        ["kind", "recording", "seconds", "said", "left out", "what"],
        rows,
        "nothing said in gait",
        gait_said == 0,
    )


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    sections = [cramps_section(quick=quick), silence_section(quick=quick), alike_section(quick=quick)]
    if real_data is not None:
        sections.append(real_section(real_data, quick=quick))
    return sections
