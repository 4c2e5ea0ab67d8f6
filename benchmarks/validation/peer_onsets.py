"""Bursts of other software against ours: on simulated bursts with known edges, then on real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import peers
from scipy import signal

from emgsmr.analysis import Settings
from validation.peer_bursts import (
    CYCLE_S,
    SNR_DB,
    Bursts,
    Case,
    FloatArray,
    analyzed,
    biceps,
    high_passed,
    quiet_parts,
    simulated,
    walk,
    walk_sites,
)
from validation.peer_envelopes import seconds
from validation.peer_signals import FILES, Recording, walk_cycles
from validation.section import Section

Find = Callable[[Case], Bursts]


COLUMNS = ["method", "bursts", "matched", "onset ms", "offset ms", "level at onset", "why"]
WHY = {
    "emgsmr": "",
    "emgsmr, double threshold": "the other of our two methods",
    "NeuroKit2 `threshold`": (
        "a tenth of the SD of an energy (amplitude squared) smoothed at 8 Hz: it hangs on the strongest "
        "bursts, not on the noise"
    ),
    "NeuroKit2 `mixture`": "two Gaussians fitted to the same energy: as above",
    "NeuroKit2 `biosppy`": (
        "1.2 times the mean of the whole recording: higher, the more of the time the muscle works"
    ),
    "NeuroKit2 `silva`": (
        "0.05 in the signal's unit: in µV noise is above it and no burst ends, which it answers with an error"
    ),
    "NeuroKit2 `silva`, mV": "the same signal in mV: few samples are above 0.05",
    "biosignalsnotebooks": (
        "10 % of the maximum of an energy smoothed over 0.4 s, after a causal 0.1 s: wider than a burst with "
        "sharp edges, later at the end than early at the beginning"
    ),
}


def methods(units: bool) -> dict[str, Find]:
    """Ours, and the peers' with their own settings; with ``units``, where another unit matters, that, too."""
    found: dict[str, Find] = {
        "emgsmr": lambda case: case.ours["likelihood"],
        "emgsmr, double threshold": lambda case: case.ours["double_threshold"],
    }
    for name in peers.NEUROKIT_METHODS:
        found[f"NeuroKit2 `{name}`"] = _from_start(
            lambda x, fs, name=name: peers.neurokit_bursts(x, fs=fs, method=name)
        )
    if units:
        found["NeuroKit2 `silva`, mV"] = _from_start(
            lambda x, fs: peers.neurokit_bursts(x / 1000.0, fs=fs, method="silva")
        )
    found["biosignalsnotebooks"] = _from_start(lambda x, fs: peers.biosignals_bursts(x, fs=fs)[0])
    return found


def _from_start(find: Callable[[FloatArray, float], Bursts]) -> Find:
    return lambda case: find(case.x, case.fs) + case.t0_s


def matched(theirs: Bursts, reference: Bursts) -> FloatArray:
    """Onset and offset, theirs minus the reference's, and their onset: one burst that meets just one."""
    begins = np.maximum(theirs[:, np.newaxis, 0], reference[:, 0])
    meet = np.minimum(theirs[:, np.newaxis, 1], reference[:, 1]) > begins
    one_to_one = meet & (meet.sum(axis=1, keepdims=True) == 1) & (meet.sum(axis=0) == 1)
    i, k = np.nonzero(one_to_one)
    return np.column_stack([theirs[i] - reference[k], theirs[i, 0]])


def compared(cases: list[Case], reference: list[Bursts], *, units: bool = False) -> list[list[object]]:
    """A row per method: its bursts, those that match the reference's, and by how much they differ."""
    rows: list[list[object]] = []
    for name, find in methods(units).items():
        found, failed, off, levels = 0, 0, [np.empty((0, 3))], [np.empty(0)]
        for case, want in zip(cases, reference, strict=True):
            try:
                bursts = case.inside(find(case))
            except Exception:  # noqa: BLE001 - what a peer raises is a result, too
                failed += 1
                continue
            found += len(bursts)
            off.append(matched(bursts, want))
            levels.append(case.level(off[-1][:, 2]))
        count = f"{found}, error on {failed} of {len(cases)} channels" if failed else found
        ms, level = 1000.0 * np.concatenate(off), np.concatenate(levels)
        height = f"{np.median(level):.1f}" if len(level) else ""
        rows.append([name, count, len(ms), _spread(ms[:, 0]), _spread(ms[:, 1]), height, WHY[name]])
    return rows


def _spread(off_ms: FloatArray) -> str:
    if not len(off_ms):
        return ""
    low, middle, high = np.percentile(off_ms, [25, 50, 75])
    return f"{middle:+.0f} [{low:+.0f}, {high:+.0f}]"


def on_simulated(n_cycles: int) -> Section:
    case, truth = simulated(n_cycles)
    return Section(
        title="Bursts with known edges",
        source="simulated, seed 1",
        text=(
            f"{n_cycles} bursts of 0.37 s with sharp edges, {SNR_DB:g} dB above white noise, every "
            f"{CYCLE_S:g} s. Found minus true (ms, median and quartiles), each with its own settings, where "
            "one burst found meets one true one. The level is the RMS of 50 ms around the onset, over that "
            "of the quiet part."
        ),
        columns=COLUMNS,
        rows=compared([case], [truth], units=True),
    )


def on_real(name: str, cases: list[Case], text: str) -> Section:
    ours = [case.ours["likelihood"] for case in cases]
    rows = compared(cases, ours)
    rows[0][3:5] = ["", ""]
    return Section(
        title=f"Bursts: {name}",
        source=f"real: {name}, {len(cases)} channels" if len(cases) > 1 else f"real: {name}",
        text="Theirs minus our default, each with its own settings, otherwise as above. " + text,
        columns=COLUMNS,
        rows=rows,
    )


def plain_bursts(
    case: Case, *, high_pass_hz: float, smooth_hz: float, energy: bool, on_noise: bool, pause_s: float
) -> Bursts:
    """Above a threshold for 50 ms: NeuroKit2's with ``energy`` and without ``on_noise``."""
    fs = case.fs
    clean = high_passed(case.x, fs, high_pass_hz)
    if energy:
        band = signal.butter(2, [10, 400], "bandpass", fs=fs, output="sos")
        clean = signal.sosfiltfilt(band, peers.teager_kaiser(clean))
    low = signal.butter(2, smooth_hz, "low", fs=fs, output="sos")
    smooth = signal.sosfiltfilt(low, np.abs(clean))
    mean, sd = quiet_parts(smooth, fs, case.cycle_s) if on_noise else (0.0, float(smooth.std()) / 30.0)
    steps = np.diff(np.concatenate([[0], (smooth > mean + 3.0 * sd).astype(int), [0]]))
    on, off = np.flatnonzero(steps == 1) / fs, np.flatnonzero(steps == -1) / fs
    apart = on[1:] - off[:-1] >= pause_s
    bursts = np.stack([on[np.append(True, apart)], off[np.append(apart, True)]], axis=1) + case.t0_s
    return bursts[bursts[:, 1] - bursts[:, 0] >= 0.05]


STEPS: tuple[tuple[str, dict[str, Any], str], ...] = (
    (
        "as it is",
        {"high_pass_hz": 100, "smooth_hz": 8, "energy": True, "on_noise": False, "pause_s": 0.0},
        "the threshold hangs on the strongest bursts",
    ),
    (
        "30 Hz high-pass, as ours, instead of 100",
        {"high_pass_hz": 30, "smooth_hz": 8, "energy": True, "on_noise": False, "pause_s": 0.0},
        "a good half of the power lies below 100 Hz",
    ),
    (
        "amplitude, above the mean and 3 SD of the quiet part of the cycles",
        {"high_pass_hz": 30, "smooth_hz": 8, "energy": False, "on_noise": True, "pause_s": 0.0},
        "squares hide the weak beginning of a burst beside its strong middle",
    ),
    (
        "smoothed at 50 Hz instead of 8, and pauses below 50 ms, as ours, end no burst",
        {"high_pass_hz": 30, "smooth_hz": 50, "energy": False, "on_noise": True, "pause_s": 0.05},
        "8 Hz forward and backward spread a burst to both sides",
    ),
)


def threshold_steps(cases: list[Case]) -> Section:
    """From NeuroKit2's threshold to one that stands on the noise, with what each step changes."""
    rows, middle = [], np.inf
    for step, settings, why in STEPS:
        off = [
            matched(case.inside(plain_bursts(case, **settings)), case.ours["likelihood"]) for case in cases
        ]
        ms = 1000.0 * np.concatenate(off)
        middle = float(np.median(ms[:, 0]))
        rows.append([step, len(ms), _spread(ms[:, 0]), _spread(ms[:, 1]), why])
    return Section(
        title="From NeuroKit2's threshold to ours",
        source=f"real: walk, {len(cases)} channels",
        text=(
            "Theirs minus ours (ms, median and quartiles), taking one difference after another away. The "
            "first step is NeuroKit2's rule, and the last a plain threshold with our reference and our "
            "pauses; both written with scipy."
        ),
        columns=["step", "matched", "onset ms", "offset ms", "why"],
        rows=rows,
        bar="with the differences taken away, onsets differ by at most 10 ms in the median",
        met=abs(middle) <= 10.0,
    )


def speed(walk: Recording, real_data: Path) -> Section:
    """All of ours against all of NeuroKit2's EMG functions and pyemgpipeline's envelope."""
    file = real_data / FILES["walk"][0]
    ours = min(analyzed(file, walk_sites(walk), walk_cycles(real_data), Settings())[1] for _ in range(3))
    n = walk.x.shape[1]
    times = {
        f"NeuroKit2 `emg_process`, one channel, times {n}": (
            n * seconds(lambda: peers.neurokit_process(walk.x[:, :1], fs=walk.fs), 1),
            "cleaned signal, amplitude, activity",
        ),
        "pyemgpipeline": (
            seconds(lambda: peers.pyemgpipeline_envelope(walk.x, fs=walk.fs)),
            "one linear envelope per channel",
        ),
    }
    rows = [[name, f"{took / ours:.2f}", what] for name, (took, what) in times.items()]
    return Section(
        title="Time for the walk",
        source=f"real: walk, {n} channels of {len(walk.x) / walk.fs:.1f} s; this run and machine",
        text=f"Over `emgsmr.analyze`, which took {1000 * ours:.0f} ms for all of its tables. Not a bar.",
        columns=["software", "its time over ours", "for"],
        rows=rows,
    )


def sections(found: dict[str, Recording], real_data: Path, *, n_cycles: int) -> list[Section]:
    made = [on_simulated(n_cycles)]
    if "biceps bursts" in found:
        text = (
            "The biceps is a little active long before and after each curl: ours begin where it leaves its "
            "quiet level, theirs, which know only the strongest bursts, where it is several times above."
        )
        made.append(on_real("biceps bursts", [biceps(found["biceps bursts"])], text))
    if "walk" in found:
        cases = walk(real_data, found["walk"])
        text = "Ours are those 15 dB above the noise, with quiet signal on both sides, of five strides."
        made += [on_real("walk", cases, text), threshold_steps(cases), speed(found["walk"], real_data)]
    return made
