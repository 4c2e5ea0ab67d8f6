"""Quality states: false alarms on clean signals, faults found by their size, and real recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal

from emgsmr import simulate
from emgsmr.analysis import analyze
from emgsmr.analysis.quality import UNUSABLE, Verdict
from emgsmr.analysis.usual import Judge
from emgsmr.dsp import signal_measures
from emgsmr.simulate import SCENARIOS, artifact, simulate_runner
from validation.section import Section

FloatArray = NDArray[np.float64]
STEP_UV = 0.5  # of a 12-bit sensor
RANGE = 2047  # counts
CLEAN_S, FAULT_S = 30, 30
SITES = ("GMAX_R", "BFLH_R", "MGAS_R")
STATES = ("noisy", "motion", "clipped", "flat", "off")
NO_EMG = ("KNEE_FLEX", "FORCE", "GL_INVALID")


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """All sections; those with real recordings only where these are."""
    sections = [_false_alarms(quick=quick), _found(quick=quick), _hints(quick=quick)]
    if real_data is not None:
        judged = [(channel, channel.verdicts()) for channel in _channels(real_data, quick=quick)]
        sections += [_real_hum(judged), _real_clipping(judged), _real_motion(judged)]
    return sections


def _verdicts(
    counts: NDArray[np.int64], fs: float, *, scale_uv: float = nan, rails: tuple[int, int] | None = None
) -> list[Verdict]:
    second = round(fs)
    judge = Judge(1, scale_uv=scale_uv)
    return [
        judge.second(signal_measures(x, fs=fs, mains_hz=(50.0, 60.0), rails=rails))[0]
        for x in counts[: len(counts) // second * second].reshape(-1, 1, second, 1)
    ]


def _counts(x_uv: FloatArray) -> NDArray[np.int64]:
    return np.clip(np.rint(x_uv / STEP_UV), -RANGE - 1, RANGE).astype(np.int64)


def _false_alarms(*, quick: bool) -> Section:
    rows = []
    worst = n_fast = lost_fast = 0.0
    for gait in ("run", "walk"):
        for fs in (200.0, 250.0, 500.0, 1000.0, 2000.0):
            found: Counter[str] = Counter()
            for seed in range(1 if quick else 8):
                for site in SITES[: 1 if quick else None]:
                    scenario = SCENARIOS["healthy" if gait == "run" else "walk"]
                    x = simulate_runner(scenario, seed=seed, minutes=1 if quick else 3).emg(site, fs=fs)
                    found.update(v.state for v in _verdicts(_counts(x), fs, scale_uv=STEP_UV))
            n = found.total()
            lost = 100 * sum(found[state] for state in UNUSABLE) / n
            if fs >= 500:
                n_fast, lost_fast = n_fast + n, lost_fast + lost * n / 100
                worst = max(worst, lost)
            rows.append([gait, f"{fs:g}", n, *(f"{100 * found[s] / n:.2f}" for s in STATES), f"{lost:.2f}"])
    share = 100 * lost_fast / n_fast
    return Section(
        "Quality states where nothing is wrong",
        f"simulated healthy runners and walkers, {len(SITES)} muscles, seeds 0 to 7, standing included",
        "Each second of a clean signal that is called anything but good is a false alarm. The last column is "
        "what strides would be lost by. Below 500 Hz a burst of low frequencies is now and then taken for "
        "movement, because the power above is missing.",
        ["gait", "Hz", "seconds", *(f"{state} %" for state in STATES), "unusable %"],
        rows,
        f"unusable at most 0.1 % of all seconds from 500 Hz on ({share:.3f} %; worst row {worst:.2f} %)",
        share <= 0.1,
    )


@dataclass(frozen=True, slots=True)
class _Fault:
    """A fault of growing size; ``make`` puts it on clean counts (µV in, µV out)."""

    name: str
    unit: str
    sizes: Sequence[float]
    word: str
    make: Callable[[FloatArray, float, np.random.Generator], FloatArray]


def _tone(x: FloatArray, rms: float, hz: float = 50.1) -> FloatArray:
    return x + np.sqrt(2) * rms * np.sin(2 * np.pi * hz * np.arange(len(x)) / 1000)


def _hum(x: FloatArray, share_pct: float, _: np.random.Generator) -> FloatArray:
    return _tone(x, float(np.sqrt(np.mean(x**2) * share_pct / (100 - share_pct))))


def _off(x: FloatArray, rms: float, rng: np.random.Generator) -> FloatArray:
    return _tone(20 * rng.standard_normal(len(x)), rms)


def _cut(x: FloatArray, share_pct: float, _: np.random.Generator) -> FloatArray:
    limit = float(np.quantile(np.abs(x), 1 - share_pct / 100))
    return np.clip(x, -limit, limit)


def _dead(x: FloatArray, ms: float, rng: np.random.Generator) -> FloatArray:
    x = x.copy()
    for second in range(len(x) // 1000):
        start = 1000 * second + int(rng.integers(0, 1000 - int(ms)))
        x[start : start + int(ms)] = x[start]
    return x


def _spikes(x: FloatArray, times_rms: float, rng: np.random.Generator) -> FloatArray:
    x = x.copy()
    at = 1000 * np.arange(len(x) // 1000) + rng.integers(100, 900, len(x) // 1000)
    x[at] += times_rms * np.sqrt(np.mean(x**2)) * rng.choice((-1, 1), len(at))
    return x


def _impacts(x: FloatArray, peak_uv: float, rng: np.random.Generator) -> FloatArray:
    t = np.arange(len(x)) / 1000
    contacts = np.arange(0.3, t[-1], 0.7)
    return x + artifact.impacts(t, contacts, fs=1000, peak_uv=peak_uv, rng=rng)


FAULTS = (
    _Fault("hum that is always there", "% of the power", (3, 5, 8, 12, 20, 50), "mains hum", _hum),
    _Fault("electrode off", "µV rms hum", (5, 20, 50, 100, 200), "off", _off),
    _Fault("cut off at unknown limits", "% of samples", (0.05, 0.2, 0.5, 1, 2, 5), "end of the range", _cut),
    _Fault("one value repeated", "ms", (50, 90, 110, 150, 300), "repeated", _dead),
    _Fault("one spike a second", "× rms", (5, 10, 15, 20, 40), "spike", _spikes),
    _Fault("impacts of 5 to 25 Hz", "µV peak", (15, 60, 120, 250, 500, 1000), "movement", _impacts),
)


def _found(*, quick: bool) -> Section:
    rows = []
    for fault in FAULTS:
        for size in fault.sizes[:: 3 if quick else 1]:
            n = named = lost = 0
            for seed in range(1 if quick else 4):
                for site in SITES[: 1 if quick else None]:
                    rng = np.random.default_rng(seed)
                    scenario = replace(SCENARIOS["healthy"], motion_uv=0.0, start_s=0.0)
                    x = simulate_runner(scenario, seed=seed, minutes=1.1).emg(site, fs=1000.0)
                    clean, faulty = x[: CLEAN_S * 1000], x[CLEAN_S * 1000 : (CLEAN_S + FAULT_S) * 1000]
                    both = np.concatenate([clean, fault.make(faulty, size, rng)])
                    for v in _verdicts(_counts(both), 1000.0, scale_uv=STEP_UV)[CLEAN_S:]:
                        n, named = n + 1, named + (fault.word in v.reason or fault.word == v.state)
                        lost += v.state in UNUSABLE
            rows.append(
                [fault.name, f"{size:g} {fault.unit}", f"{100 * named / n:.0f}", f"{100 * lost / n:.0f}"]
            )
    return Section(
        "Faults of growing size",
        f"simulated runners, {len(SITES)} muscles, {CLEAN_S} s clean, then {FAULT_S} s with the fault",
        "Seconds in which the fault is named, and those that no stride may use. Hum needs five seconds "
        "before it is sure; limits of the range have to be met five times.",
        ["fault", "size", "named %", "unusable %"],
        rows,
    )


def _hints(*, quick: bool) -> Section:
    rows = []
    expected = {"sweat": "gain_drift GMAX_L", "gain_step": "gain_drift GMAX_R"}
    for name in ("healthy", "sweat", "gain_step", "speed_ramp", "fatigue_only", "glute_inhibition"):
        if quick and name not in ("healthy",):
            continue
        recording, _ = simulate(name, minutes=2 if quick else 6, seed=1)
        found = [f"{h.kind} {h.site}" for h in analyze(recording).hints.itertuples()]
        rows.append([name, ", ".join(found) or "none", expected.get(name, "none")])
    return Section(
        "Hints about the set-up",
        "simulated scenarios, compressed to six minutes, seed 1",
        "A channel whose gain drifts steadily is named; a sudden step of the gain is missed, for the hint "
        "asks for a steady change. Effort, fatigue and compensation must not be taken for one.",
        ["scenario", "hints", "what there is"],
        rows,
    )


# --- real recordings --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Channel:
    """One channel in steps of 0.01 µV."""

    file: str
    name: str
    fs: int
    counts: NDArray[np.int64]

    def verdicts(self) -> list[Verdict]:
        return _verdicts(self.counts, float(self.fs), scale_uv=0.01)

    def hum_share(self) -> float:
        """Mains over all power above 20 Hz, by scipy: of all seconds or of their quieter half.

        A line counts where it stands 10 dB above its neighbors.
        """
        whole = self.counts[: len(self.counts) // self.fs * self.fs].reshape(-1, self.fs) / 100
        freqs, power = signal.periodogram(whole, self.fs, window="hann", axis=1)
        fast = freqs >= 20
        order = np.argsort(power[:, fast].sum(axis=1))
        shares = [0.0]
        for spectrum in (power.mean(axis=0), power[order[: (len(order) + 1) // 2]].mean(axis=0)):
            for hz in (50.0, 60.0):
                hum = 0.0
                for line in np.arange(hz, min(450.0, 0.45 * self.fs), hz):
                    distance = np.abs(freqs - line)
                    beside = np.median(spectrum[(distance > 2) & (distance <= 10)])
                    here = spectrum[distance <= 1]
                    hum += float(here.sum() - beside * len(here)) if here.max() > 10 * beside else 0.0
                shares.append(hum / float(spectrum[fast].sum()))
        return max(shares)


Judged = Sequence[tuple[_Channel, list[Verdict]]]


def _channels(folder: Path, *, quick: bool) -> Iterator[_Channel]:
    paths = [*sorted(folder.glob("uci*/*.npz")), *sorted(folder.glob("elderly*/*.npz"))]
    for path in paths[:: 20 if quick else 1]:
        with np.load(path) as file:
            scale = 1e5 if str(file["units"][0]) == "mV" else 1e2
            for k, name in enumerate(str(name) for name in file["channels"]):
                if name not in NO_EMG:
                    counts = np.rint(file["data"][:, k].astype(float) * scale).astype(np.int64)
                    yield _Channel(path.stem, name, round(float(file["fs_hz"])), counts)
    for path in [*sorted(folder.glob("plux*/*.csv")), *sorted(folder.glob("santuz*/*01.csv"))]:
        table = pd.read_csv(path)
        fs = round(1 / float(np.median(np.diff(table.iloc[:, 0]))))
        for name in table.columns[1:]:
            counts = np.rint(table[name].to_numpy() * (1e5 if "mV" in name else 1e2)).astype(np.int64)
            yield _Channel(path.stem, name.split(" ")[0], fs, counts)


def _real_hum(judged: Judged) -> Section:
    rows = []
    clean = wrong = missed = 0
    elsewhere = []
    for channel, verdicts in judged:
        truth = channel.hum_share()
        named = sum("mains hum" in v.reason for v in verdicts[5:])
        if truth > 0.05:
            missed += named == 0
            share = f"{100 * named / max(len(verdicts) - 5, 1):.0f}"
            rows.append([channel.file, channel.name, f"{100 * truth:.0f}", share])
        elif truth == 0:
            false = sum("mains hum" in v.reason for v in verdicts)
            clean, wrong = clean + len(verdicts), wrong + false
            elsewhere += [f"{channel.file} {channel.name} ({false} s)"] if false else []
    share = 100 * wrong / max(clean, 1)
    return Section(
        "Hum in real recordings",
        f"real: {len(judged)} channels of uci_lower_limb, elderly_isometric_cc0, plux and santuz",
        "Where scipy finds lines of 50 or 60 Hz that are a twentieth of the power or more (of the recording, "
        f"or of its quieter half), and in how many seconds, from the sixth on, the state says so. In {clean} "
        f"seconds of channels without such a line {wrong} are called hum ({share:.2f} %): "
        f"{', '.join(elsewhere) or 'none'}.",
        ["file", "channel", "hum, % of the power", "seconds named %"],
        rows,
        "hum is found in each of these channels and in at most 0.1 % of the seconds elsewhere",
        missed == 0 and share <= 0.1,
    )


def _real_clipping(judged: Judged) -> Section:
    rows = []
    elsewhere = 0
    agree = True
    for channel, verdicts in judged:
        found = np.array([v.clipped_pct for v in verdicts])
        if channel.file != "emg_fatigue":
            elsewhere += int(np.count_nonzero(found))
            continue
        codes = np.rint((channel.counts / 1e5 + 1.5) * 4096 / 3)[: len(found) * channel.fs]
        ends = np.stack([codes <= 1, codes >= 4094]).reshape(2, -1, channel.fs).sum(axis=2)
        learned = int(np.flatnonzero((np.cumsum(ends, axis=1) >= 5).all(axis=0))[0]) + 1
        truth = ends.sum(axis=0)
        named = np.array(["end of the range" in v.reason for v in verdicts])
        several = truth >= 2
        agree = bool(named[learned:][several[learned:]].all() and not named[~several].any())
        rows += [
            ["samples at the ends (codes 0, 1, 4094, 4095)", int(truth.sum())],
            ["seconds with two or more of them", int(several.sum())],
            ["of these named", int(named[several].sum())],
            ["before both ends were learned", f"{int(several[:learned].sum())} (second {learned})"],
            ["seconds named without two samples there", int(named[~several].sum())],
            [
                "largest difference of the share after that, %",
                f"{np.abs(found - truth / 10)[learned:].max():.2f}",
            ],
        ]
    rows.append(["seconds with clipping in all other channels", elsewhere])
    return Section(
        "Clipping in real recordings",
        "real: plux_biceps_fatigue (a 12-bit converter), and all others",
        "The importer does not know the converter's range; it is learned from values at which samples pile "
        "up. The data's notes count 0.03 % of samples at codes 0 and 4095; the lower end is in fact code 1, "
        "with 157 samples more.",
        ["what", "number"],
        rows,
        "all of it is found once the ends are learned, and none elsewhere",
        agree and elsewhere == 0,
    )


def _real_motion(judged: Judged) -> Section:
    found: dict[tuple[str, str], Counter[str]] = {}
    for channel, verdicts in judged:
        task = "uci " + channel.file.partition("_")[2] if channel.file[0] in "AN" else "others"
        task = "elderly holds" if channel.file.endswith("task") else task
        key = (task, channel.name if task.startswith(("uci", "eld")) else "all")
        found.setdefault(key, Counter()).update(v.state for v in verdicts)
    rows = [
        [task, name, states.total(), *(f"{100 * states[s] / states.total():.1f}" for s in STATES)]
        for (task, name), states in sorted(found.items())
    ]
    gait = [
        found[key]["motion"] / found[key].total()
        for key in found
        if key[0] == "uci gait" and key[1] in ("RF", "VM")
    ]
    return Section(
        "States in real recordings",
        "real: all channels, all whole seconds",
        "The notes of uci_lower_limb speak of strong movement artifact in RF and VM during gait (median "
        "frequency 20 to 45 Hz); a spike is called there, too, when a foot lands.",
        ["recordings", "channel", "seconds", *(f"{state} %" for state in STATES)],
        rows,
        "movement shows in RF and VM during gait" + "".join(f", {100 * share:.0f} %" for share in gait),
        bool(gait) and min(gait) > 0.3,
    )
