"""Envelopes of other software against ours: with their settings, then each with its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import peers
from numpy.typing import NDArray
from scipy import signal

from emgsmr.dsp import bandpass, design_bandpass
from validation.peer_signals import Recording, walk_cycles
from validation.section import Section

FloatArray = NDArray[np.float64]
Envelope = Callable[[FloatArray, float], FloatArray]

PUBLISHED = Path(__file__).parents[1] / "published" / "musclesynergies_walk.csv"
EDGE_S = 1.0
ROUNDING = 1e-6  # of the peak
OURS_BAND = (30.0, 450.0, 4)  # the product's default


def zero_phase(x: FloatArray, sos: FloatArray) -> FloatArray:
    """Our causal filter, forward and then backward."""
    forward, _ = bandpass(x, sos=sos)
    backward, _ = bandpass(forward[::-1], sos=sos)
    return backward[::-1]


def low_pass(fs: float, high_hz: float, order: int) -> FloatArray:
    return np.asarray(signal.butter(order, high_hz, "low", fs=fs, output="sos"))


def ours_like_neurokit(x: FloatArray, fs: float) -> FloatArray:
    low_hz, high_hz, order = peers.NEUROKIT_BAND
    energy = np.stack([peers.teager_kaiser(channel) for channel in x.T], axis=1)
    band = signal.butter(order, [low_hz, high_hz], "bandpass", fs=fs, output="sos")
    return zero_phase(np.abs(zero_phase(energy, band)), low_pass(fs, *peers.NEUROKIT_SMOOTH))


def ours_like_pyemgpipeline(x: FloatArray, fs: float) -> FloatArray:
    low_hz, high_hz, order = peers.PYEMGPIPELINE_BAND
    band = design_bandpass(low_hz=low_hz, high_hz=high_hz, fs=fs, order=order)
    return zero_phase(np.abs(zero_phase(x, band)), low_pass(fs, *peers.PYEMGPIPELINE_SMOOTH))


def ours_like_synergies(x: FloatArray, fs: float) -> FloatArray:
    high_hz, order = peers.SYNERGIES_HIGH
    high = np.asarray(signal.butter(order, high_hz, "high", fs=fs, output="sos"))
    return zero_phase(np.abs(zero_phase(x, high)), low_pass(fs, *peers.SYNERGIES_SMOOTH))


SAME: dict[str, tuple[Envelope, Envelope, str]] = {
    "NeuroKit2 `emg_amplitude`": (
        lambda x, fs: peers.neurokit_envelope(x, fs=fs),
        ours_like_neurokit,
        "Teager-Kaiser energy first (µV², not µV), 10-400 Hz, 8 Hz; scipy's `sosfiltfilt` mirrors the ends.",
    ),
    "pyemgpipeline defaults": (
        lambda x, fs: peers.pyemgpipeline_envelope(x, fs=fs),
        ours_like_pyemgpipeline,
        "10-450 Hz, 6 Hz; coefficients instead of second-order sections; `filtfilt` mirrors the ends.",
    ),
    "musclesyneRgies `filtEMG`": (
        lambda x, fs: peers.synergies_envelope(x, fs=fs),
        ours_like_synergies,
        "50 Hz, 20 Hz; coefficients; R's `filtfilt` begins at rest and appends zeros.",
    ),
}


def same_settings(found: dict[str, Recording]) -> Section:
    rows, worst = [], 0.0
    for peer, (theirs, ours, why) in SAME.items():
        for recording in found.values():
            x, fs = recording.x, recording.fs
            a, b = theirs(x, fs), ours(x, fs)
            off = np.abs(a - b) / np.abs(a).max(axis=0)
            edge = round(EDGE_S * fs)
            inside = float(off[edge:-edge].max())
            worst = max(worst, inside)
            speed = seconds(lambda: theirs(x, fs)) / seconds(lambda: ours(x, fs))  # noqa: B023 - called at once
            rows.append(
                [peer, recording.name, x.shape[1], f"{inside:.0e}", f"{off.max():.0e}", f"{speed:.1f}", why]
            )
    return Section(
        title="Envelopes with their settings",
        source="real: " + ", ".join(found),
        text=(
            "Our causal filters, run forward and backward with a peer's corners and orders, against the peer "
            "itself. Largest difference of any channel, as a part of its peak; inside is "
            f"{EDGE_S:g} s and more from both ends. At the ends all differ by what they assume beyond them. "
            "Time is theirs over ours, in this run."
        ),
        columns=["peer", "recording", "channels", "inside", "with the ends", "time", "what differs"],
        rows=rows,
        bar=f"inside, at most {ROUNDING:g} of the peak",
        met=worst <= ROUNDING,
    )


def published(real_data: Path, walk: Recording) -> Section:
    """The R package's own result for the walk, which its authors publish with it."""
    want = np.genfromtxt(PUBLISHED, delimiter=",", skip_header=_comment_lines(PUBLISHED))
    cycles = walk_cycles(real_data)

    def profiles(envelope: FloatArray) -> FloatArray:
        scaled = peers.synergies_scaled(envelope)
        got = peers.synergies_cycles(scaled, t_s=walk.t_s, cycles=cycles)
        return got.reshape(-1, walk.x.shape[1])[: len(want)]

    theirs = peers.synergies_envelope(walk.x, fs=walk.fs)
    ours = ours_like_synergies(walk.x, walk.fs)
    edge = round(EDGE_S * walk.fs)
    same_ends = np.concatenate([theirs[:edge], ours[edge:-edge], theirs[-edge:]])
    rows = []
    for name, envelope, why in (
        ("their formulas, in scipy", theirs, "five digits are published"),
        ("our filters", ours, "the trial's minimum and maximum, which scale it, may lie at its ends"),
        ("our filters, the ends theirs", same_ends, "so the ends are all that differs"),
    ):
        off = np.abs(profiles(envelope) - want)
        rows.append([name, f"{off.max():.1e}", f"{np.sqrt(np.mean(off**2)):.1e}", why])
    return Section(
        title="The R package's published profiles of the walk",
        source="real: walk, 13 muscles, 3 cycles of 200 points",
        text=(
            "Envelope, minimum subtracted, divided by the maximum, 100 points of stance and 100 of swing, "
            "against `FILT_EMG` of musclesyneRgies. The unit is the trial's maximum."
        ),
        columns=["", "largest difference", "RMS difference", "why"],
        rows=rows,
        bar="at most 1e-5 where the ends are theirs (half a digit of what is published, and rounding)",
        met=float(rows[-1][1]) <= 1e-5,
    )


def _comment_lines(path: Path) -> int:
    """Lines to skip: the comments, and the names."""
    lines = path.read_text("utf-8").splitlines()
    return sum(line.startswith("#") for line in lines) + 1


def seconds(call: Callable[[], object], rounds: int = 3) -> float:
    """The quickest of some calls."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return min(took)


def sections(found: dict[str, Recording], real_data: Path) -> list[Section]:
    made = [same_settings(found)] if found else []
    if "walk" in found:
        made.append(published(real_data, found["walk"]))
    return made
