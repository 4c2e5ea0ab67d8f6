"""Median and mean frequency of other software against ours, on the same windows, one difference at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import peers
from numpy.typing import NDArray
from scipy import signal

from emgsmr.dsp import burst_spectrum, spectral_indices
from validation.peer_envelopes import seconds
from validation.peer_signals import Recording
from validation.section import Section

FloatArray = NDArray[np.float64]
Pair = tuple[float, float]
Index = Callable[[FloatArray, float], Pair]

BAND = (20.0, 450.0)  # Hz; the comparison's, the same for every rung that has a band
WINDOW_S = {"walk": 0.25, "knee flexions": 0.5, "hold (elderly)": 1.0}
OTHER_WINDOW_S = 1.0
ACTIVE = 0.3  # of the 90th percentile of the windows' RMS
ROUNDING_HZ = 1e-6


def windows(recording: Recording) -> Iterator[FloatArray]:
    """Windows without overlap in which the muscle works, of every channel."""
    n = round(WINDOW_S.get(recording.name, OTHER_WINDOW_S) * recording.fs)
    for channel in recording.x.T:
        pieces = channel[: len(channel) // n * n].reshape(-1, n)
        rms = pieces.std(axis=1)
        yield from pieces[rms > ACTIVE * np.percentile(rms, 90)]


def n_fft(x: FloatArray) -> int:
    return max(1024, 1 << (len(x) - 1).bit_length())


def ours(x: FloatArray, fs: float) -> Pair:
    freqs, power = burst_spectrum(x[:, np.newaxis], fs=fs, n_fft=n_fft(x))
    found = spectral_indices(freqs, power, low_hz=BAND[0], high_hz=BAND[1])
    return float(found.mdf_hz[0]), float(found.mnf_hz[0])


def mean_frequency(freqs: FloatArray, power: FloatArray) -> float:
    return float((freqs * power).sum() / power.sum())


def median_between_bins(freqs: FloatArray, power: FloatArray) -> float:
    """Where half of the power is reached, half of each bin's own lying at its frequency; bin by bin."""
    half, below, at = 0.5 * sum(power), 0.0, 0.0
    for k in range(len(power)):
        before, at = at, below + 0.5 * power[k]
        if at >= half:
            part = (half - before) / (at - before)
            return float(freqs[k - 1] + part * (freqs[k] - freqs[k - 1]))
        below += power[k]
    raise ValueError("no power")


def in_band(freqs: FloatArray, power: FloatArray) -> tuple[FloatArray, FloatArray]:
    kept = (freqs >= BAND[0]) & (freqs <= BAND[1])
    return freqs[kept], power[kept]


def first_bin(freqs: FloatArray, power: FloatArray) -> float:
    total = np.cumsum(power)
    return float(freqs[np.searchsorted(total, total[-1] / 2)])


def one_periodogram(x: FloatArray, fs: float) -> tuple[FloatArray, FloatArray]:
    """The whole window at once: Hann without its zeros, padded as ours."""
    taper = signal.windows.hann(len(x) + 2)[1:-1]
    return signal.periodogram(x, fs=fs, window=taper, nfft=n_fft(x))


def biosignals(x: FloatArray, fs: float) -> Pair:
    return peers.biosignals_median_frequency(x, fs=fs), mean_frequency(*peers.biosignals_spectrum(x, fs=fs))


def biosignals_between_bins(x: FloatArray, fs: float) -> Pair:
    found = peers.biosignals_spectrum(x, fs=fs)
    return median_between_bins(*found), mean_frequency(*found)


def biosignals_in_band(x: FloatArray, fs: float) -> Pair:
    found = in_band(*peers.biosignals_spectrum(x, fs=fs))
    return median_between_bins(*found), mean_frequency(*found)


def neurokit(x: FloatArray, fs: float) -> Pair:
    found = peers.neurokit_psd(x, fs=fs)
    return first_bin(*found), mean_frequency(*found)


def neurokit_in_band(x: FloatArray, fs: float) -> Pair:
    found = in_band(*peers.neurokit_psd(x, fs=fs))
    return median_between_bins(*found), mean_frequency(*found)


def same_definition(x: FloatArray, fs: float) -> Pair:
    found = in_band(*one_periodogram(x, fs))
    return median_between_bins(*found), mean_frequency(*found)


LADDERS: dict[str, tuple[tuple[str, Index, str], ...]] = {
    "biosignalsnotebooks": (
        (
            "as published (MNF from its spectrum by us: it has none)",
            biosignals,
            "Welch, Hann, segments of 256 samples; MDF is the first bin with half of the area below it",
        ),
        (
            "MDF between bins",
            biosignals_between_bins,
            "the whole bin was half of its 3.9 Hz too high on average",
        ),
        (
            "only 20 to 450 Hz",
            biosignals_in_band,
            "motion below and noise above had counted, in both directions",
        ),
        (
            "the whole window at once",
            same_definition,
            "averaged segments give each part of the window the same weight, one Hann window its middle the "
            "most: hardly a bias, but another estimate of the same thing",
        ),
    ),
    "NeuroKit2": (
        (
            "`signal_psd` as it is (MDF, MNF from it by us: it has none)",
            neurokit,
            "Welch, Hann, segments of half the window, overlapping by half, padded to twice",
        ),
        ("MDF between bins, only 20 to 450 Hz", neurokit_in_band, "as above; its bins are finer"),
        (
            "the whole window at once",
            same_definition,
            "as above: it takes no segment longer than half the window",
        ),
    ),
}


def ladders(pieces: dict[str, list[FloatArray]], fs: dict[str, float]) -> Section:
    """From a peer's definition to ours, over all windows of all recordings."""
    each = [(x, fs[name]) for name, windows in pieces.items() for x in windows]
    mine = np.array([ours(*one) for one in each])
    took = seconds(lambda: [ours(*one) for one in each], 1)
    rows, last = [], 0.0
    for peer, rungs in LADDERS.items():
        for step, index, why in rungs:
            off = np.array([index(*one) for one in each]) - mine
            longer = seconds(lambda: [index(*one) for one in each], 1) / took  # noqa: B023 - called at once
            speed = "" if index is same_definition else f"{longer:.1f}"
            rows.append([peer, step, *map(_spread, off.T), speed, why])
            if index is same_definition:
                last = max(last, float(np.abs(off).max()))
    return Section(
        title="Median and mean frequency: from their definition to ours",
        source="real: " + ", ".join(pieces),
        text=(
            f"{len(each)} windows of 0.25 to 1 s in which the muscle works. Theirs minus ours (Hz; median "
            "and quartiles), from a peer as it is, taking one difference after another away. The last step "
            "is scipy's periodogram and a slow loop, so that its rest is rounding. Time is theirs over ours, "
            "in this run."
        ),
        columns=["peer", "step", "MDF Hz", "MNF Hz", "time", "why"],
        rows=rows,
        bar=f"with all differences taken away, at most {ROUNDING_HZ:g} Hz are left",
        met=last <= ROUNDING_HZ,
    )


def per_recording(pieces: dict[str, list[FloatArray]], fs: dict[str, float]) -> Section:
    rows = []
    for name, windows in pieces.items():
        mine, bio, kit = (
            np.array([index(x, fs[name]) for x in windows]) for index in (ours, biosignals, neurokit)
        )
        middle = [f"{value:.1f}" for value in np.median(mine, axis=0)]
        rows.append(
            [name, len(windows), *middle, *map(_spread, (bio - mine).T), *map(_spread, (kit - mine).T)]
        )
    return Section(
        title="Median and mean frequency, recording by recording",
        source="real: " + ", ".join(pieces),
        text="The first step of the table above: ours (median, Hz), and what the peers say more or less.",
        columns=[
            "recording", "windows", "MDF, ours", "MNF, ours", "MDF, biosignalsnotebooks", "MNF, its spectrum",
            "MDF, NeuroKit2's spectrum", "MNF, NeuroKit2's spectrum",
        ],
        rows=rows,
    )  # fmt: skip


def fatigue(pieces: list[FloatArray], fs: float) -> Section:
    tenth = max(len(pieces) // 10, 1)
    rows = []
    for name, index in (
        ("emgsmr", ours),
        ("biosignalsnotebooks", biosignals),
        ("NeuroKit2's spectrum", neurokit),
    ):
        mdf, mnf = np.array([index(x, fs) for x in pieces]).T
        row = [name]
        for values in (mdf, mnf):
            first, last = np.median(values[:tenth]), np.median(values[-tenth:])
            row += [f"{first:.1f}", f"{last:.1f}", f"{100 * (last / first - 1):+.0f}"]
        rows.append(row)
    return Section(
        title="A tiring biceps, by each",
        source="real: biceps fatigue",
        text=f"Medians over the first and the last {tenth} of {len(pieces)} windows of 1 s with activity.",
        columns=["", "MDF first", "MDF last", "%", "MNF first", "MNF last", "%"],
        rows=rows,
    )


def _spread(off: FloatArray) -> str:
    low, middle, high = np.percentile(off, [25, 50, 75])
    if np.abs(off).max() < ROUNDING_HZ:
        return f"below {ROUNDING_HZ:g}"
    return f"{middle:+.2f} [{low:+.2f}, {high:+.2f}]"


def sections(found: dict[str, Recording]) -> list[Section]:
    pieces = {name: list(windows(recording)) for name, recording in found.items()}
    fs = {name: recording.fs for name, recording in found.items()}
    made = [ladders(pieces, fs), per_recording(pieces, fs)] if found else []
    if "biceps fatigue" in found:
        made.append(fatigue(pieces["biceps fatigue"], fs["biceps fatigue"]))
    return made
