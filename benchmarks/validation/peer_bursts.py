"""Signals on which bursts are compared, and our bursts in them: known edges, a walk, a biceps."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from emgsmr import dsp
from emgsmr.analysis import Analysis, Settings, analyze
from emgsmr.recording import import_file
from validation.peer_signals import FILES, Recording, walk_cycles

FloatArray = NDArray[np.float64]
Bursts = FloatArray  # (n_bursts, 2): onset and offset, s

CODES = {"BF": "BFLH", "GM": "MGAS", "GL": "LGAS"}
SNR_DB = 20.0
CYCLE_S, BURST_PCT = 1.05, (15.0, 50.0)
QUIET_SHARE = 0.2  # of a cycle, as in the product


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One channel (µV) with our bursts, by onset method."""

    x: FloatArray
    fs: float
    t0_s: float
    cycle_s: float
    ours: dict[str, Bursts]
    span: tuple[float, float]

    def inside(self, bursts: Bursts) -> Bursts:
        """Those that lie in the span, or partly."""
        return bursts[(bursts[:, 1] > self.span[0]) & (bursts[:, 0] < self.span[1])]

    def level(self, times: FloatArray) -> FloatArray:
        """RMS of 50 ms around each time, over that of the quiet part of a cycle."""
        clean = high_passed(self.x, self.fs, 30.0)
        quiet = float(np.sqrt(quiet_parts(clean**2, self.fs, self.cycle_s)[0]))
        half = round(0.025 * self.fs)
        at = np.clip(np.round((times - self.t0_s) * self.fs).astype(int), half, len(clean) - half)
        return np.array([np.sqrt(np.mean(clean[k - half : k + half] ** 2)) / quiet for k in at])


def high_passed(x: FloatArray, fs: float, hz: float) -> FloatArray:
    return signal.sosfiltfilt(signal.butter(4, hz, "high", fs=fs, output="sos"), x)


def quiet_parts(y: FloatArray, fs: float, cycle_s: float) -> tuple[float, float]:
    """Mean and SD of the quietest fifth of each cycle, medians over the cycles."""
    n, cycle = round(QUIET_SHARE * cycle_s * fs), round(cycle_s * fs)
    found = []
    for begin in range(0, len(y) - cycle + 1, cycle):
        piece = y[begin : begin + cycle]
        first = int(np.convolve(piece, np.ones(n), "valid").argmin())
        found.append((piece[first : first + n].mean(), piece[first : first + n].std()))
    mean, sd = np.median(found, axis=0)
    return float(mean), float(sd)


def analyzed(
    source: Path, sites: dict[str, str], contacts: FloatArray, settings: Settings
) -> tuple[Analysis, float]:
    """The product's analysis of a file, with foot contacts (and lift-offs, second column); its time."""
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.csv"
        kinds = ("foot_contact", "toe_off")
        rows = [f"{t},{kind},R\n" for row in contacts for t, kind in zip(row, kinds, strict=False)]
        events.write_text("t_s,kind,side\n" + "".join(rows), encoding="utf-8")
        target = Path(folder) / "x.emgsmr"
        with import_file(source, target, sites=sites, unit="uV", events=events) as recording:
            began = time.perf_counter()
            result = analyze(recording, settings)
            return result, time.perf_counter() - began


def our_bursts(source: Path, sites: dict[str, str], contacts: FloatArray, method: str) -> dict[str, Bursts]:
    """Valid bursts of each channel."""
    table = analyzed(source, sites, contacts, Settings(onset_method=method))[0].bursts
    valid = table[table["valid"]]
    return {
        channel: valid.loc[valid["site"] == site, ["t_on_s", "t_off_s"]].to_numpy(dtype=float)
        for channel, site in sites.items()
    }


def simulated(n_cycles: int, seed: int = 1) -> tuple[Case, Bursts]:
    """Bursts with sharp edges in noise, once per cycle; the truth."""
    fs, rng = 1000.0, np.random.default_rng(seed)
    n = round((n_cycles + 2) * CYCLE_S * fs)
    t_s = np.arange(n) / fs
    band = signal.butter(2, [30, 200], "bandpass", fs=fs, output="sos")
    emg = signal.sosfilt(band, rng.normal(size=n))
    pct = 100.0 * (t_s / CYCLE_S % 1.0)
    active = (pct >= BURST_PCT[0]) & (pct < BURST_PCT[1])
    x = 100.0 * active * emg / emg.std() + rng.normal(scale=100.0 * 10 ** (-SNR_DB / 20), size=n)
    starts = np.arange(n_cycles + 1) * CYCLE_S
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "simulated.csv"
        table = np.stack([t_s, x], axis=1)
        np.savetxt(source, table, delimiter=",", header="time_s,A [uV]", comments="", fmt="%.6f")
        ours = {
            method: our_bursts(source, {"A": "MGAS_R"}, starts[:, np.newaxis], method)["A"]
            for method in ("likelihood", "double_threshold")
        }
    truth = starts[:-1, np.newaxis] + CYCLE_S * np.array(BURST_PCT) / 100.0
    return Case(x, fs, 0.0, CYCLE_S, ours, (0.0, float(starts[-1]))), truth


def walk_sites(recording: Recording) -> dict[str, str]:
    return {name: "_".join([CODES.get(name[:-2], name[:-2]), name[-1]]) for name in recording.channels}


def walk(real_data: Path, recording: Recording) -> list[Case]:
    """All muscles of the walk that have bursts by our rules."""
    source, cycles, sites = real_data / FILES["walk"][0], walk_cycles(real_data), walk_sites(recording)
    ours = {
        method: our_bursts(source, sites, cycles, method) for method in ("likelihood", "double_threshold")
    }
    cycle_s = float(np.diff(cycles[:, 0]).mean())
    span = (float(cycles[0, 0]) - 0.3, float(cycles[-1, 0]))
    return [
        Case(
            x, recording.fs, recording.t0_s, cycle_s, {method: of[name] for method, of in ours.items()}, span
        )
        for name, x in zip(recording.channels, recording.x.T, strict=True)
        if len(ours["likelihood"][name])
    ]


def biceps(recording: Recording) -> Case:
    """Separate curls: our functions between the middles of the pauses, which a plain envelope tells."""
    fs, x = recording.fs, 1000.0 * recording.x  # mV to µV
    low = signal.butter(2, 1.0, "low", fs=fs, output="sos")
    coarse = signal.sosfiltfilt(low, np.abs(x[:, 0] - x[:, 0].mean()))
    peaks, _ = signal.find_peaks(coarse, prominence=0.2 * coarse.max())
    pauses = [int(a + np.argmin(coarse[a:b])) for a, b in pairwise(peaks)]
    cycle_s = float(np.diff(peaks).mean() / fs)
    sos = dsp.design_bandpass(low_hz=Settings().low_hz, high_hz=Settings().high_hz, fs=fs)
    filtered, _ = dsp.bandpass(x, sos=sos)
    noise = np.array([quiet_parts(filtered[:, 0] ** 2, fs, cycle_s)[0]])
    ours = {}
    for method, find in (
        ("likelihood", dsp.likelihood_edges),
        ("double_threshold", dsp.double_threshold_edges),
    ):
        rows = []
        for begin, end in pairwise([0, *pauses, len(x)]):
            limits = np.array([[0], [end - begin]])
            edges = find(
                filtered[begin:end], fs=fs, noise_power=noise, peak_within=(0, end - begin), limits=limits
            )
            rows.append([(begin + float(edge[0])) / fs for edge in edges])
        found = np.array(rows) + recording.t0_s - dsp.burst_delay_s(sos, fs=fs)
        ours[method] = found[np.isfinite(found).all(axis=1)]
    return Case(x[:, 0], fs, recording.t0_s, cycle_s, ours, (recording.t0_s, recording.t0_s + len(x) / fs))
