"""Strides from the EMG's own rhythm and from motion, against the contacts that were put in or measured."""

from __future__ import annotations

import csv
import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis import Pipeline, Settings
from emgsmr.recording import ClockRow, Placement, SampleBlock, SensorInfo, TimedReading, Wiring
from emgsmr.simulate import SCENARIOS, Motion, Run, sensor_motion, simulate_runner
from validation.section import Section

FloatArray = NDArray[np.float64]

FS = 500.0
MINUTES = 5.0
STANDS_S = 5.0
TOLERANCE = 0.15
"""Of the stride: a contact found within this of a true one is that one."""
START_UP_S = 6.0
"""Contacts later than this after the first, and not the last, are counted."""
SCALE_UV = 0.05


@functools.lru_cache(maxsize=4)
def simulated(gait: str, seed: int, *, ramp: bool, minutes: float = MINUTES) -> Run:
    """A run or a walk; with a ramp it becomes 25 % faster from the second to the fourth fifth."""
    end_s = 60.0 * minutes
    speed = ((0.2 * end_s, 1.0), (0.7 * end_s, 1.25)) if ramp else ((0.0, 1.0),)
    base = SCENARIOS["healthy" if gait == "run" else "walk"]
    script = dataclasses.replace(base, minutes=minutes, start_s=STANDS_S, phases=(), speed=speed)
    return simulate_runner(script, seed=seed)


# --- what spoils a stride -------------------------------------------------------------------------------


def quiet(
    emg: dict[str, FloatArray], sites: Sequence[str], start: int, stop: int, rng: np.random.Generator
) -> None:
    """No burst: the sensor's noise (4 µV) is left, and what the muscle shows between bursts."""
    for site in sites:
        emg[site][start:stop] = 4.0 * rng.standard_normal(len(emg[site][start:stop]))


def burst(
    emg: dict[str, FloatArray], sites: Sequence[str], start: int, n: int, rng: np.random.Generator
) -> None:
    """One more burst, as strong as the muscle's own."""
    for site in sites:
        n_here = max(min(n, len(emg[site]) - start), 0)
        height = np.quantile(np.abs(emg[site]), 0.95)
        emg[site][start : start + n_here] += height * np.hanning(n)[:n_here] * rng.standard_normal(n_here)


def knock(emg: dict[str, FloatArray], sites: Sequence[str], start: int, rng: np.random.Generator) -> None:
    """A movement artifact: 1 mV that rings at 20 to 60 Hz and dies away in 80 ms, on all channels alike."""
    n = int(0.4 * FS)
    t = np.arange(n) / FS
    ring = 1000.0 * np.exp(-t / 0.08) * np.sin(2 * np.pi * rng.uniform(20, 60) * t)
    for site in sites:
        n_here = max(min(n, len(emg[site]) - start), 0)
        emg[site][start : start + n_here] += rng.uniform(0.5, 1.5) * ring[:n_here]


@functools.lru_cache(maxsize=1)
def clean(run: Run) -> dict[str, FloatArray]:
    """µV of all sites."""
    return {site: run.emg(site, fs=FS) for site in run.sites}


def spoil(run: Run, share: float, how: str) -> dict[str, FloatArray]:
    """µV of all sites (from 500 Hz on), with a share of each leg's strides spoiled."""
    emg = {site: x.copy() for site, x in clean(run).items()}
    rng = np.random.default_rng([run.seed, round(100 * share), sum(map(ord, how))])
    if how == "one channel dead":
        for side in "LR":
            emg[str(rng.choice([s for s in emg if s.endswith(side)]))][:] = 0.0
    elif how == "one channel is noise":
        for side in "LR":
            site = str(rng.choice([s for s in emg if s.endswith(side)]))
            emg[site][:] = 100.0 * rng.standard_normal(len(emg[site]))
    for side in "LR":
        contacts = run.contacts[side]
        sites = [site for site in emg if site.endswith(side)]
        picked = rng.random(len(contacts) - 1) < share
        for k in np.flatnonzero(picked):
            begin, stride_s = contacts[k], contacts[k + 1] - contacts[k]
            at = int((begin + rng.uniform(0.0, 1.0) * stride_s) * FS)
            kind = how if how != "a mixture" else str(rng.choice(MIXTURE))
            one = [str(rng.choice(sites))]
            if kind in ("no burst in one muscle", "no burst in any muscle"):
                start, stop = max(int((begin - 0.33 * stride_s) * FS), 0), int((begin + 0.62 * stride_s) * FS)
                quiet(emg, sites if "any" in kind else one, start, stop, rng)
            elif kind == "one burst more in a muscle":
                burst(emg, one, at, int(0.3 * stride_s * FS), rng)
            elif kind in ("a movement artifact", "one channel dead", "one channel is noise"):
                knock(emg, sites, at, rng)
    return emg


MIXTURE = (
    "no burst in one muscle",
    "no burst in any muscle",
    "one burst more in a muscle",
    "a movement artifact",
)


# --- what is found --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Score:
    """Contacts of several legs and runs: true, found, found without a true one; errors (s), leg by leg."""

    n_true: int = 0
    n_found: int = 0
    n_false: int = 0
    errors: list[FloatArray] = field(default_factory=list)

    def add(self, truth: FloatArray, found: FloatArray) -> None:
        """Match the contacts of one leg, each true one with the nearest found within the tolerance."""
        inside = truth[(truth >= truth[0] + START_UP_S)][:-1]
        if not len(inside):
            return
        near = found[(found > inside[0] - 0.3) & (found < inside[-1] + 0.3)]
        stride_s = np.gradient(truth)
        errors, used = [], set()
        for t, tolerance in zip(truth, TOLERANCE * stride_s, strict=True):
            if len(near):
                k = int(np.argmin(np.abs(near - t)))
                if abs(near[k] - t) <= tolerance and k not in used:
                    used.add(k)
                    if inside[0] <= t <= inside[-1]:
                        errors.append(near[k] - t)
        self.n_true += len(inside)
        self.n_found += len(errors)
        self.n_false += len(near) - len(used)
        self.errors.append(np.array(errors))

    @property
    def found_pct(self) -> float:
        """True contacts that were found, %."""
        return 100.0 * self.n_found / max(self.n_true, 1)

    @property
    def false_pct(self) -> float:
        """Contacts found where there is none, % of the true ones."""
        return 100.0 * self.n_false / max(self.n_true, 1)

    @property
    def bias_ms(self) -> tuple[float, float]:
        """Least and greatest mean error of a leg, ms: systematic, for each person another."""
        means = [1000.0 * float(e.mean()) for e in self.errors if len(e)]
        return (min(means), max(means)) if means else (np.nan, np.nan)

    @property
    def sd_ms(self) -> float:
        """SD of the errors around each leg's mean, ms."""
        rest = [e - e.mean() for e in self.errors if len(e) > 1]
        return 1000.0 * float(np.sqrt(np.mean(np.square(np.concatenate(rest))))) if rest else np.nan

    @property
    def p95_ms(self) -> float:
        """95 % of the errors around each leg's mean are smaller, ms."""
        rest = [np.abs(e - e.mean()) for e in self.errors if len(e) > 1]
        return 1000.0 * float(np.quantile(np.concatenate(rest), 0.95)) if rest else np.nan


def contacts_found(emg: Mapping[str, FloatArray], *, fs: float = FS) -> dict[str, FloatArray]:
    """Contacts of each leg, from the pipeline's stage that places them; other stages are left out."""
    pipeline = Pipeline(wired(list(emg), fs=fs), Settings(cycles="emg"))
    x = np.round(np.column_stack(list(emg.values())) / SCALE_UV).astype("<i4")
    stream = pipeline.streams[1]
    found: dict[str, list[float]] = {side: [] for side in pipeline.legs}
    step = int(10 * fs)
    for first in range(0, len(x), step):
        stream.feed(SampleBlock(1, first, x[first : first + step]))
        for side, leg in pipeline.legs.items():
            contacts = leg.builder.contacts
            found[side] += [c.t_s for c in contacts.until(stream.measured_s - 0.1)]
    stream.finish()
    for side, leg in pipeline.legs.items():
        contacts = leg.builder.contacts
        found[side] += [c.t_s for c in [*contacts.until(stream.measured_s), *contacts.finish()]]
    return {side: np.array(times) for side, times in found.items()}


def wired(sites: Sequence[str], *, fs: float) -> Wiring:
    """One sensor from a file, a channel per site."""
    info = SensorInfo(1, "file", "", "simulated", "", fs, len(sites), "<i4", SCALE_UV, "known")
    placements = tuple(Placement(1, column, site) for column, site in enumerate(sites))
    return Wiring((info,), placements, {1: ClockRow(1, 0, 0.0, fs, 0.0, "file")})


# --- motion -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Imu:
    """A motion sensor as a family has it; its readings leave with packets of EMG."""

    rate_hz: float
    range_g: float
    range_dps: float
    emg_hz: float
    packet: int
    quantities: tuple[str, ...] = ("acceleration_g", "rotation_dps")


UMYO = Imu(1000 / 43.0, 2.0, 500.0, 1116.0, 24)
GFORCE = Imu(50.0, 16.0, 2000.0, 500.0, 16)
OPEN = Imu(100.0, 16.0, 2000.0, 1000.0, 20)


def readings(motion: Motion, imu: Imu) -> list[TimedReading]:
    """As they are recorded: with the index of the packet of EMG before them."""
    index = (motion.t_s * imu.emg_hz).astype(np.int64) // imu.packet * imu.packet
    found = []
    for k, at in enumerate(index.tolist()):
        for name in imu.quantities:
            values = getattr(motion, name)[k]
            found.append(TimedReading("imu", 1, name, 0, tuple(values.tolist()), at))
    return found


def spoil_motion(motion: Motion, contacts: FloatArray, share: float, seed: int) -> Motion:
    """A knock at the sensor (0.2 s, half of its greatest values) or a dragging foot in a share of strides."""
    rng = np.random.default_rng([seed, round(100 * share)])
    a, w = motion.acceleration_g.copy(), motion.rotation_dps.copy()
    for k in np.flatnonzero(rng.random(len(contacts) - 1) < share):
        stride_s = contacts[k + 1] - contacts[k]
        at = contacts[k] + rng.uniform(0, 1) * stride_s
        inside = (motion.t_s >= at) & (motion.t_s < at + 0.2)
        if rng.random() < 0.5:
            a[inside] += rng.normal(0, 0.5 * np.abs(a).max(), (int(inside.sum()), 3))
            w[inside] += rng.normal(0, 0.5 * np.abs(w).max(), (int(inside.sum()), 3))
        else:
            inside = (motion.t_s >= contacts[k] - 0.3 * stride_s) & (
                motion.t_s < contacts[k] + 0.4 * stride_s
            )
            a[inside] = a.mean(axis=0) + 0.3 * (a[inside] - a.mean(axis=0))
            w[inside] *= 0.3
    top_g, top_dps = np.abs(motion.acceleration_g).max(), np.abs(motion.rotation_dps).max()
    return Motion(motion.t_s, np.clip(a, -top_g, top_g), np.clip(w, -top_dps, top_dps))


def contacts_from_motion(motion: Motion, site: str, imu: Imu) -> FloatArray:
    """Contacts of one leg from one sensor; its EMG is silent."""
    info = SensorInfo(1, "file", "", "simulated", "", imu.emg_hz, 1, "<i4", SCALE_UV, "known")
    wiring = Wiring((info,), (Placement(1, 0, site),), {1: ClockRow(1, 0, 0.0, imu.emg_hz, 0.0, "file")})
    pipeline = Pipeline(wiring, Settings(cycles="imu"))
    for reading in readings(motion, imu):
        pipeline.push_reading(reading)
    n = int(motion.t_s[-1] * imu.emg_hz)
    stream = pipeline.streams[1]
    contacts = pipeline.legs[site[-1]].builder.contacts
    found = []
    step = int(10 * imu.emg_hz)
    for first in range(0, n, step):
        stream.feed(SampleBlock(1, first, np.zeros((min(step, n - first), 1), dtype="<i4")))
        found += [c.t_s for c in contacts.until(stream.measured_s - 0.1)]
    stream.finish()
    found += [c.t_s for c in [*contacts.until(stream.measured_s), *contacts.finish()]]
    return np.array(found)


# --- sections ---------------------------------------------------------------------------------------------

COLUMNS = ("contacts", "found, %", "false, %", "bias of a leg, ms", "SD, ms", "95 % within, ms")
BAR = "at least 98 % found, at most 1 % false, SD below 30 ms, in every row"
HOW_COUNTED = (
    f"Counted from {START_UP_S:g} s after the first contact to the one before the last. Found: a contact "
    f"within {100 * TOLERANCE:g} % of a stride of the true one; false: one that is none. Bias is the mean "
    "error of a leg (least and greatest of all legs): systematic and each person's own; SD is around "
    "it. Each run and walk becomes 25 % faster on the way."
)
WHOLE = ("a mixture", "no burst in one muscle", "one burst more in a muscle", "a movement artifact")
CHANNELS = ("one channel dead", "one channel is noise")


def row(score: Score) -> list[object]:
    """What a score shows."""
    low, high = score.bias_ms
    return [
        score.n_true,
        f"{score.found_pct:.2f}",
        f"{score.false_pct:.2f}",
        f"{low:+.0f} to {high:+.0f}",
        f"{score.sd_ms:.1f}",
        f"{score.p95_ms:.1f}",
    ]


def meets(scores: Sequence[Score]) -> bool:
    """Whether all are within the bar."""
    return all(s.found_pct >= 98.0 and s.false_pct <= 1.0 and s.sd_ms < 30.0 for s in scores)


def emg_section(
    cases: Sequence[tuple[str, float]], seeds: Sequence[int], minutes: float, silent: bool
) -> Section:
    """Strides from the EMG alone."""
    scores = {(gait, how, share): Score() for gait in ("run", "walk") for how, share in cases}
    for gait, seed in product(("run", "walk"), seeds):
        run = simulated(gait, seed, ramp=True, minutes=minutes)
        for how, share in cases:
            found = contacts_found(spoil(run, share, how))
            for side in "LR":
                scores[gait, how, share].add(run.contacts[side], found[side])
    rows = [[gait, how, f"{100 * share:g}", *row(score)] for (gait, how, share), score in scores.items()]
    text = (
        "All five muscles of a leg are silent in some strides, those of the other leg in others. One or two "
        "such strides are bridged by those around them, up to three seconds more by the other leg."
        if silent
        else "Five muscles a leg at 500 Hz. A spoiled stride lacks the burst of one or (in the mixture) of "
        "all muscles, has one more, or a movement artifact of 1 mV on all channels, which the rows of a dead "
        "or noisy channel have as well."
    )
    return Section(
        "Strides from the EMG, a leg falls silent" if silent else "Strides from the EMG alone",
        f"simulated, seeds {seeds[0]} to {seeds[-1]}",
        f"{text} {minutes:g} minutes each. {HOW_COUNTED}",
        ("gait", "spoiled by", "strides spoiled, %", *COLUMNS),
        rows,
        BAR,
        meets(list(scores.values())),
    )


def motion_section(seeds: Sequence[int], minutes: float, shares: Sequence[float]) -> Section:
    """Strides from the motion of one sensor."""
    rows, scores = [], []
    kinds = {"23 Hz, ±2 g, ±500 °/s (uMyo)": UMYO, "50 Hz, ±16 g, ±2000 °/s": GFORCE}
    for (name, imu), gait, muscle, share in product(
        kinds.items(), ("run", "walk"), ("MGAS", "BFLH", "GMAX"), shares
    ):
        score = Score()
        for seed, side in product(seeds, "LR"):
            run = simulated(gait, seed, ramp=True, minutes=minutes)
            site = f"{muscle}_{side}"
            motion = sensor_motion(
                run, site, rate_hz=imu.rate_hz, range_g=imu.range_g, range_dps=imu.range_dps
            )
            motion = spoil_motion(motion, run.contacts[side], share, seed)
            score.add(run.contacts[side], contacts_from_motion(motion, site, imu))
        where = {"MGAS": "calf", "BFLH": "thigh", "GMAX": "buttock"}[muscle]
        rows.append([name, where, gait, f"{100 * share:g}", *row(score)])
        scores.append(score)
    return Section(
        "Strides from the motion of one sensor",
        f"simulated, seeds {seeds[0]} to {seeds[-1]}",
        "Acceleration and rotation of a sensor mounted in any way, each reading known only by the packet of "
        "EMG before it. A spoiled stride has a knock (0.2 s of noise of half of the greatest values) or a "
        f"foot that drags (motion and shock at 30 %). {minutes:g} minutes each. {HOW_COUNTED}",
        ("sensor", "where", "gait", "strides spoiled, %", *COLUMNS),
        rows,
        BAR,
        meets(scores),
    )


def real_section(real_data: Path) -> list[Section]:
    """The treadmill walk with measured contacts."""
    found = sorted(real_data.glob("santuz*/*_gait_cycles.csv"))
    if not found:
        return []
    with found[0].open(newline="") as file:
        truth = np.array([float(r["touchdown_s"]) for r in csv.DictReader(file)])
    with found[0].with_name(found[0].name.replace("_gait_cycles", "")).open(newline="") as file:
        head, *lines = list(csv.reader(file))
    x = np.array(lines, dtype=np.float64)
    sites = {
        "GMAX_R": "GMAX_R",
        "BFLH_R": "BF_R",
        "ST_R": "ST_R",
        "MGAS_R": "GM_R",
        "LGAS_R": "GL_R",
        "SOL_R": "SOL_R",
    }
    emg = {site: x[:, [name.split(" ")[0] for name in head].index(column)] for site, column in sites.items()}
    rows, sds = [], []
    for less in (None, *emg):
        times = contacts_found({s: v for s, v in emg.items() if s != less}, fs=1000.0)["R"] + x[0, 0]
        errors = np.array([times[np.argmin(np.abs(times - t))] - t for t in truth])
        sds.append(1000.0 * float(errors.std()))
        rows.append(
            [
                "all six" if less is None else f"without {less}",
                len(truth),
                int((np.abs(errors) < TOLERANCE * np.diff(truth).mean()).sum()),
                f"{1000 * errors.mean():+.0f}",
                f"{sds[-1]:.1f}",
                f"{1000 * np.abs(errors).max():.0f}",
            ]
        )
    return [
        Section(
            "Strides of a real walk from the EMG alone",
            "real: Santuz walk",
            "Six contacts of the right foot as the recording states them; 7.6 s: nothing was learned before.",
            ("muscles", "contacts", "found", "bias, ms", "SD, ms", "greatest error, ms"),
            rows,
            "SD below 30 ms, all found",
            all(sd < 30.0 for sd in sds) and all(r[1] == r[2] for r in rows),
        )
    ]


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """All sections; ``quick`` is a smoke version."""
    seeds, minutes = ((1,), 1.0) if quick else ((1, 2), MINUTES)
    cases = (
        [("a mixture", 0.2)]
        if quick
        else [
            *(("a mixture", share) for share in (0.0, 0.05, 0.1, 0.2)),
            *((how, 0.2) for how in WHOLE[1:]),
            *((how, share) for how in CHANNELS for share in (0.0, 0.2)),
        ]
    )
    silent = [("no burst in any muscle", share) for share in ((0.1,) if quick else (0.05, 0.1, 0.2))]
    return [
        emg_section(cases, seeds, minutes, silent=False),
        emg_section(silent, seeds, minutes, silent=True),
        motion_section(seeds, min(minutes, 2.0), (0.1,) if quick else (0.0, 0.2)),
        *(real_section(real_data) if real_data is not None else []),
    ]
