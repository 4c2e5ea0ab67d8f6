"""Bursts of other software against ours: on simulated bursts with known edges, then on real ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import peers
from numpy.typing import NDArray
from scipy import signal

from emgsmr.analysis import Settings, analyze
from emgsmr.recording import import_file
from validation.peer_signals import FILES, Recording, walk_cycles
from validation.section import Section

FloatArray = NDArray[np.float64]
Bursts = FloatArray  # (n_bursts, 2): onset and offset, s
Find = Callable[[FloatArray, float], Bursts]

CODES = {"BF": "BFLH", "GM": "MGAS", "GL": "LGAS"}
SNR_DB = 20.0
CYCLE_S, BURST_PCT, N_CYCLES = 1.05, (15.0, 50.0), 30

WHY = {
    "NeuroKit2 `threshold`": "a tenth of the SD of an energy smoothed at 8 Hz both ways: low, so a strong burst is wide",
    "NeuroKit2 `mixture`": "two Gaussians fitted to the same smoothed energy, whose spread follows the strongest bursts",
    "NeuroKit2 `biosppy`": "1.2 times the mean of the whole recording: the more it works, the higher the threshold",
    "NeuroKit2 `silva`": "0.05 in the signal's unit: here µV, so any noise is above it and only a mean of 22 ms decides",
    "NeuroKit2 `silva`, mV": "the same signal in another unit",
    "biosignalsnotebooks": "an energy smoothed over 0.4 s, and 0.1 s causally; bursts closer than this become one",
    "emgsmr, double threshold": "pairs of samples, five at a time",
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One channel of one unit (µV) with our bursts, and what is left to peers."""

    x: FloatArray
    fs: float
    t0_s: float
    ours: dict[str, Bursts]  # by onset method
    span: tuple[float, float]


def methods() -> dict[str, Find]:
    """What peers find in one channel (µV), s from its first sample."""
    found: dict[str, Find] = {
        f"NeuroKit2 `{method}`": lambda x, fs, method=method: peers.neurokit_bursts(x, fs=fs, method=method)
        for method in peers.NEUROKIT_METHODS
    }
    found["NeuroKit2 `silva`, mV"] = lambda x, fs: peers.neurokit_bursts(x / 1000.0, fs=fs, method="silva")
    found["biosignalsnotebooks"] = lambda x, fs: peers.biosignals_bursts(x, fs=fs)[0]
    return found


def our_bursts(source: Path, sites: dict[str, str], contacts: FloatArray, **settings: str) -> dict[str, Bursts]:
    """Valid bursts of each channel, from foot contacts (and lift-offs, where there is a second column)."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.csv"
        kinds = ("foot_contact", "toe_off")
        rows = [f"{t},{kind},R\n" for row in contacts for t, kind in zip(row, kinds, strict=False)]
        events.write_text("t_s,kind,side\n" + "".join(rows), encoding="utf-8")
        with import_file(source, Path(folder) / "x.emgsmr", sites=sites, unit="uV", events=events) as recording:
            table = analyze(recording, Settings(**settings)).bursts
    valid = table[table["valid"]]
    times = {
        site: valid.loc[valid["site"] == site, ["t_on_s", "t_off_s"]].to_numpy(dtype=float)
        for site in sites.values()
    }
    return {channel: times[site] for channel, site in sites.items()}


def simulated(seed: int = 1) -> tuple[Case, Bursts]:
    """Bursts with sharp edges in noise, once per cycle; the truth."""
    fs, rng = 1000.0, np.random.default_rng(seed)
    n = round((N_CYCLES + 2) * CYCLE_S * fs)
    t_s = np.arange(n) / fs
    band = signal.butter(2, [30, 200], "bandpass", fs=fs, output="sos")
    emg = signal.sosfilt(band, rng.normal(size=n))
    pct = 100.0 * (t_s / CYCLE_S % 1.0)
    active = (pct >= BURST_PCT[0]) & (pct < BURST_PCT[1])
    x = 100.0 * active * emg / emg.std() + rng.normal(scale=100.0 * 10 ** (-SNR_DB / 20), size=n)
    starts = np.arange(N_CYCLES + 1) * CYCLE_S
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "simulated.csv"
        np.savetxt(source, np.stack([t_s, x], 1), delimiter=",", header="time_s,A [uV]", comments="", fmt="%.6f")
        ours = {
            method: our_bursts(source, {"A": "MGAS_R"}, starts[:, np.newaxis], onset_method=method)["A"]
            for method in ("likelihood", "double_threshold")
        }
    truth = starts[:-1, np.newaxis] + CYCLE_S * np.array(BURST_PCT) / 100.0
    return Case(x, fs, 0.0, ours, (0.0, float(starts[-1]))), truth


def walk(real_data: Path, recording: Recording) -> list[Case]:
    """All muscles of the walk that have bursts by our rules."""
    sites = {name: "_".join([CODES.get(name[:-2], name[:-2]), name[-1]]) for name in recording.channels}
    source, cycles = real_data / FILES["walk"][0], walk_cycles(real_data)
    ours = {
        method: our_bursts(source, sites, cycles, onset_method=method)
        for method in ("likelihood", "double_threshold")
    }
    span = (float(cycles[0, 0]) - 0.3, float(cycles[-1, 0]))
    return [
        Case(recording.x[:, k], recording.fs, recording.t0_s, {m: of[name] for m, of in ours.items()}, span)
        for k, name in enumerate(recording.channels)
        if len(ours["likelihood"][name])
    ]


def matched(theirs: Bursts, reference: Bursts) -> FloatArray:
    """Theirs minus the reference, onset and offset, where one of theirs overlaps one of the reference alone."""
    overlap = np.minimum(theirs[:, np.newaxis, 1], reference[:, 1]) > np.maximum(
        theirs[:, np.newaxis, 0], reference[:, 0]
    )
    alone = overlap.sum(axis=1) == 1
    only = overlap & alone[:, np.newaxis]
    pairs = [(np.flatnonzero(only[:, k])[0], k) for k in range(len(reference)) if overlap[:, k].sum() == 1 and only[:, k].any()]
    return np.array([theirs[i] - reference[k] for i, k in pairs]).reshape(-1, 2)


def compared(cases: list[Case], reference: list[Bursts]) -> list[list[object]]:
    """A row per method: how many bursts it has and in how many of the reference's it agrees, with what error."""
    finders: dict[str, Callable[[Case], Bursts]] = {
        name: lambda case, find=find: find(case.x, case.fs) + case.t0_s for name, find in methods().items()
    }
    finders["emgsmr, double threshold"] = lambda case: case.ours["double_threshold"]
    rows: list[list[object]] = []
    for name, find in finders.items():
        found, failed, errors = 0, 0, [np.empty((0, 2))]
        for case, want in zip(cases, reference, strict=True):
            try:
                bursts = find(case)
            except Exception:  # noqa: BLE001 - what a peer raises is a result, too
                failed += 1
                continue
            inside = bursts[(bursts[:, 1] > case.span[0]) & (bursts[:, 0] < case.span[1])]
            found += len(inside)
            errors.append(matched(inside, want))
        off = 1000.0 * np.concatenate(errors)
        count = f"{found}, error on {failed} of {len(cases)}" if failed else found
        rows.append([name, count, len(off), *(_spread(off[:, k]) for k in (0, 1)), WHY[name]])
    return rows


def _spread(off_ms: FloatArray) -> str:
    if not len(off_ms):
        return ""
    low, middle, high = np.percentile(off_ms, [25, 50, 75])
    return f"{middle:+.0f} [{low:+.0f}, {high:+.0f}]"
