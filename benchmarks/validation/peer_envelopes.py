"""Envelopes of other software against ours: with their settings, then each with its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import peers
from numpy.typing import NDArray
from scipy import signal

from emgsmr import dsp
from emgsmr.analysis import Settings
from validation.peer_signals import Recording, walk_cycles
from validation.section import Section

FloatArray = NDArray[np.float64]
Filter, Smooth = tuple[float, float, int], tuple[float, int]
Envelope = Callable[[FloatArray, float], FloatArray]

PUBLISHED = Path(__file__).parents[1] / "published" / "musclesynergies_walk.csv"
EDGE_S = 1.0
ROUNDING = 1e-6  # of the peak
BAND_HZ, ENVELOPE_HZ = (
    (Settings().low_hz, Settings().high_hz),
    6.0,
)  # ours; the envelope's is usual for walking


def narrower(low_hz: float, high_hz: float, order: int, fs: float) -> tuple[float, float]:
    """Where a band-pass of that order has -3 dB after it has run both ways."""
    low, high = np.tan(np.pi * np.array([low_hz, high_hz]) / fs)
    width = (high - low) * _two_passes(order)
    first = (np.sqrt(width**2 + 4 * low * high) - width) / 2
    corners = np.arctan([first, first + width]) * fs / np.pi
    return float(corners[0]), float(corners[1])


def lower(high_hz: float, order: int, fs: float) -> float:
    """Where a low-pass of that order has -3 dB after it has run both ways."""
    return float(np.arctan(np.tan(np.pi * high_hz / fs) * _two_passes(order)) * fs / np.pi)


def _two_passes(order: int) -> float:
    return float((np.sqrt(2.0) - 1.0) ** (1.0 / (2 * order)))


def zero_phase(x: FloatArray, fs: float, band: Filter, smooth: Smooth) -> FloatArray:
    """Our zero-phase functions at the -3 dB that a peer's filters have after two passes."""
    low_hz, high_hz = narrower(*band, fs)
    filtered = dsp.filtfilt_bandpass(x, low_hz=low_hz, high_hz=high_hz, fs=fs, order=band[2])
    return dsp.filtfilt_envelope(filtered, cutoff_hz=lower(*smooth, fs), fs=fs, order=smooth[1])


def ours_like_neurokit(x: FloatArray, fs: float) -> FloatArray:
    energy = np.stack([peers.teager_kaiser(channel) for channel in x.T], axis=1)
    return zero_phase(energy, fs, peers.NEUROKIT_BAND, peers.NEUROKIT_SMOOTH)


def ours_like_pyemgpipeline(x: FloatArray, fs: float) -> FloatArray:
    return zero_phase(x, fs, peers.PYEMGPIPELINE_BAND, peers.PYEMGPIPELINE_SMOOTH)


def ours_like_synergies(x: FloatArray, fs: float) -> FloatArray:
    """No high-pass of ours runs both ways: the causal one does, forward and then backward."""
    high_hz, order = peers.SYNERGIES_HIGH
    high = np.asarray(signal.butter(order, high_hz, "high", fs=fs, output="sos"))
    forward, _ = dsp.bandpass(x, sos=high)
    backward, _ = dsp.bandpass(forward[::-1], sos=high)
    smooth_hz, order = peers.SYNERGIES_SMOOTH
    return dsp.filtfilt_envelope(backward[::-1], cutoff_hz=lower(smooth_hz, order, fs), fs=fs, order=order)


def theirs_synergies(x: FloatArray, fs: float) -> FloatArray:
    return peers.synergies_envelope(x, fs=fs)


def theirs_neurokit(x: FloatArray, fs: float) -> FloatArray:
    return peers.neurokit_envelope(x, fs=fs)


def theirs_neurokit_cleaned(x: FloatArray, fs: float) -> FloatArray:
    return peers.neurokit_envelope(peers.neurokit_cleaned(x, fs=fs), fs=fs)


def theirs_pyemgpipeline(x: FloatArray, fs: float) -> FloatArray:
    return peers.pyemgpipeline_envelope(x, fs=fs)


SAME: dict[str, tuple[Envelope, Envelope, str]] = {
    "NeuroKit2 `emg_amplitude`": (
        theirs_neurokit,
        ours_like_neurokit,
        "Teager-Kaiser energy first; 10-400 Hz and 8 Hz, of which two passes leave -3 dB at 6.4 Hz",
    ),
    "pyemgpipeline": (
        theirs_pyemgpipeline,
        ours_like_pyemgpipeline,
        "10-450 Hz and 6 Hz, of which two passes leave -3 dB at 4.8 Hz; coefficients, not sections",
    ),
    "musclesyneRgies `filtEMG`": (
        theirs_synergies,
        ours_like_synergies,
        "50 Hz and 20 Hz, of which two passes leave -3 dB at 17.9 Hz; begins at rest, ends with zeros",
    ),
}


def same_settings(found: dict[str, Recording]) -> Section:
    rows, worst = [], 0.0
    for peer, (theirs, ours, why) in SAME.items():
        inside, with_ends, took = 0.0, 0.0, np.zeros(2)
        for recording in found.values():
            x, fs = recording.x, recording.fs
            a, b = theirs(x, fs), ours(x, fs)
            off = np.abs(a - b) / np.abs(a).max(axis=0)
            edge = round(EDGE_S * fs)
            inside = max(inside, float(off[edge:-edge].max()))
            with_ends = max(with_ends, float(off.max()))
            took += [seconds(lambda f=f: f(x, fs)) for f in (theirs, ours)]  # noqa: B023 - called at once
        worst = max(worst, inside)
        rows.append([peer, f"{inside:.0e}", f"{with_ends:.0e}", f"{took[0] / took[1]:.1f}", why])
    return Section(
        title="Envelopes with their settings",
        source="real: " + ", ".join(found),
        text=(
            "Our zero-phase functions with a peer's corners and orders, against the peer. Ours take the "
            "-3 dB of the result, theirs of each pass; here ours get what their two passes leave. Largest "
            "difference of any channel of any recording, as a part of its peak; inside is "
            f"{EDGE_S:g} s and more from both ends, where all differ by what they assume beyond them. Time "
            "is theirs over ours, in this run."
        ),
        columns=["peer", "inside", "with the ends", "time", "what differs otherwise"],
        rows=rows,
        bar=f"inside, at most {ROUNDING:g} of the peak",
        met=worst <= ROUNDING,
    )


def own_settings(found: dict[str, Recording]) -> Section:
    """Each with what it comes with, beside our causal envelope of the live analysis."""
    rows: list[list[object]] = []
    between: list[bool] = []
    for number, (name, recording) in enumerate(found.items()):
        x, fs = recording.x, recording.fs
        causal, (slow_ms, corner_ms) = our_causal(x, fs)
        picture = dsp.filtfilt_envelope(
            dsp.filtfilt_bandpass(x, low_hz=BAND_HZ[0], high_hz=BAND_HZ[1], fs=fs),
            cutoff_hz=ENVELOPE_HZ,
            fs=fs,
        )
        others = {
            "emgsmr, zero-phase": (picture, "the same bands without delay"),
            "pyemgpipeline": (theirs_pyemgpipeline(x, fs), "a wider band and a lower corner: smoother"),
            "NeuroKit2": (theirs_neurokit_cleaned(x, fs), "above 100 Hz only, and squares: peaks stand out"),
            "musclesyneRgies": (theirs_synergies(x, fs), "20 Hz: follows every flicker of the amplitude"),
        }
        edge = round(EDGE_S * fs)
        for other, (envelope, why) in others.items():
            lag_ms, r, rms_pct = alike(envelope[edge:-edge], causal[edge:-edge], fs)
            rows.append(
                [
                    name,
                    other,
                    f"{lag_ms:.0f}",
                    f"{slow_ms:.0f} to {corner_ms:.0f}",
                    f"{r:.3f}",
                    f"{rms_pct:.0f}",
                    why if number == 0 else "as above",
                ]
            )
            if envelope is picture:
                between.append(slow_ms <= lag_ms <= corner_ms)
    return Section(
        title="Envelopes, each with its own settings",
        source="real: " + ", ".join(found),
        text=(
            f"Our causal envelope (`linear_envelope`, {BAND_HZ[0]:g}-{BAND_HZ[1]:g} Hz, {ENVELOPE_HZ:g} Hz) "
            "against the others, which all need the future. Its lag is where the correlation is largest; "
            "correlation and RMS difference (% of the peak, each scaled to its own mean) are at this lag. "
            "Medians over the channels. The delay stated is that of the band and that of the low-pass, for "
            "slow changes and at its corner: real envelopes lie between, 10 ms later than slow changes alone."
        ),
        columns=[
            "recording",
            "other",
            "our lag, ms",
            "stated, ms",
            "correlation",
            "RMS difference, %",
            "why",
        ],
        rows=rows,
        bar="our causal envelope lags behind our zero-phase one by what is stated",
        met=all(between),
    )


def our_causal(x: FloatArray, fs: float) -> tuple[FloatArray, FloatArray]:
    """The envelope that runs live, and its stated delay for slow changes and at the corner, ms."""
    band = dsp.design_bandpass(low_hz=BAND_HZ[0], high_hz=BAND_HZ[1], fs=fs)
    low = dsp.design_lowpass(cutoff_hz=ENVELOPE_HZ, fs=fs)
    filtered, _ = dsp.bandpass(x, sos=band)
    envelope, _ = dsp.linear_envelope(filtered, sos=low)
    delay_s = dsp.group_delay(low, fs=fs, freqs=np.array([0.0, ENVELOPE_HZ]))
    return envelope, 1000.0 * (delay_s + dsp.burst_delay_s(band, fs=fs))


def alike(other: FloatArray, causal: FloatArray, fs: float) -> tuple[float, float, float]:
    """Lag (ms) of the second, correlation and RMS difference (% of the first's peak) there; medians."""
    found = []
    for a, b in zip(
        other.T / other.mean(axis=0)[:, np.newaxis],
        causal.T / causal.mean(axis=0)[:, np.newaxis],
        strict=True,
    ):
        n = round(0.2 * fs)
        r = [float(np.corrcoef(a[: len(a) - n], b[k : len(b) - n + k])[0, 1]) for k in range(n)]
        lag = int(np.argmax(r))
        off = a[: len(a) - n] - b[lag : len(b) - n + lag]
        found.append((1000.0 * lag / fs, r[lag], 100.0 * np.sqrt(np.mean(off**2)) / a.max()))
    return tuple(float(value) for value in np.median(found, axis=0))


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
    made = [same_settings(found), own_settings(found)] if found else []
    if "walk" in found:
        made.append(published(real_data, found["walk"]))
    return made
