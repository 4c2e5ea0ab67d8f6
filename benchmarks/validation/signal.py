"""The signal chain: filters against closed forms, amplitudes of noise, mains hum and what removal costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import signal

from emgsmr import dsp
from validation.section import Section

RATES = (200.0, 250.0, 500.0, 1000.0, 1116.0, 2000.0)
LOW_HZ, HIGH_HZ = 30.0, 450.0
Signal = np.ndarray


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """All sections of this topic."""
    seconds = 20 if quick else 200
    sections = [
        bandpass_section(),
        envelope_section(),
        amplitude_section(200_000 if quick else 5_000_000),
        depth_section(seconds),
        eaten_section(seconds),
        false_section(2 * seconds if quick else 10 * seconds),
    ]
    if real_data is not None:
        sections.append(real_section(real_data, quick=quick))
    return sections


def steady(f_hz: Signal, sos: Signal, fs: float) -> Signal:
    """What the causal filter makes of unit sines that have whole turns in two seconds: complex gains."""
    t = np.arange(int(8 * fs))[:, np.newaxis] / fs
    y, _ = dsp.bandpass(np.sin(2 * np.pi * f_hz * t), sos=sos)
    late = slice(int(6 * fs), None)
    return np.asarray(2j * np.mean(y[late] * np.exp(-2j * np.pi * f_hz * t[late]), axis=0))


def bandpass_section() -> Section:
    rows, worst_gain, worst_delay = [], 0.0, 0.0
    for fs in RATES:
        sos = dsp.design_bandpass(low_hz=LOW_HZ, high_hz=HIGH_HZ, fs=fs)
        high = min(HIGH_HZ, 0.45 * fs)
        freqs = np.arange(LOW_HZ / 2, high + 1, 7.5)
        expected = butterworth_gain(freqs, low_hz=LOW_HZ, high_hz=high, fs=fs)
        gain = steady(freqs, sos, fs)
        by_scipy = np.abs(signal.sosfreqz(sos, worN=freqs, fs=fs)[1])
        error = float(np.max(np.abs(np.abs(gain) - expected)))
        apart = float(np.max(np.abs(by_scipy - expected)))
        at = np.array([30.0, 50.0, 80.0])
        turn = np.angle(steady(at + 0.5, sos, fs) / steady(at - 0.5, sos, fs))
        measured = -turn / (2 * np.pi)
        declared = dsp.group_delay(sos, fs=fs, freqs=at)
        worst_gain = max(worst_gain, error, apart)
        worst_delay = max(worst_delay, float(np.max(np.abs(measured - declared) / declared)))
        settled = 1000 * dsp.settling_samples(sos) / fs
        pairs = [f"{1000 * d:.2f} / {1000 * m:.2f}" for d, m in zip(declared, measured, strict=True)]
        rows.append(
            [f"{fs:g}", f"{LOW_HZ:g}-{high:g}", f"{error:.1e}", f"{apart:.1e}", *pairs, f"{settled:.0f}"]
        )
    return Section(
        "Band-pass: gain and delay of sines",
        "closed form: the Butterworth magnitude after the bilinear transform",
        "Sines of 15 Hz to the upper corner are filtered causally, as live. The gain is compared with the"
        " textbook formula and scipy's `sosfreqz` with the same formula; the delay declared by `group_delay`"
        " with that measured from sines 1 Hz apart.",
        [
            "rate (Hz)", "band (Hz)", "gain: largest error", "scipy: largest error",
            "delay at 30 Hz, declared / measured (ms)", "at 50 Hz (ms)", "at 80 Hz (ms)", "settling (ms)",
        ],
        rows,
        bar="gains within 0.001, delays within 2 %",
        met=worst_gain < 1e-3 and worst_delay < 0.02,
    )  # fmt: skip


def butterworth_gain(f_hz: Signal, *, low_hz: float, high_hz: float, fs: float, order: int = 4) -> Signal:
    w, w1, w2 = (np.tan(np.pi * np.asarray(f) / fs) for f in (f_hz, low_hz, high_hz))
    return np.asarray(1 / np.sqrt(1 + ((w * w - w1 * w2) / (w * (w2 - w1))) ** (2 * order)))


def envelope_section() -> Section:
    rows, met = [], True
    for fs in RATES:
        t = np.arange(int(8 * fs))[:, np.newaxis] / fs
        middle = slice(int(2 * fs), int(6 * fs))
        sine = np.sin(2 * np.pi * 6 * t)
        zero = dsp.filtfilt_envelope(1 + 0.5 * sine, cutoff_hz=6, fs=fs)
        db = 20 * np.log10(2 * np.sqrt(2 * np.mean(np.square(zero[middle] - 1))))
        sos = dsp.design_lowpass(cutoff_hz=6, fs=fs)
        slow, _ = dsp.linear_envelope(1 + 0.5 * np.sin(np.pi * t), sos=sos)
        late = slice(int(4 * fs), None)
        turned = np.sum((slow - 1)[late] * np.exp(-1j * np.pi * t[late]))
        measured = -np.angle(turned * 1j) / np.pi
        declared = float(dsp.group_delay(sos, fs=fs, freqs=np.array(0.0)))
        corners = [LOW_HZ, min(HIGH_HZ, 0.45 * fs)]
        both = dsp.filtfilt_bandpass(
            np.sin(2 * np.pi * np.array(corners) * t + 0.3), low_hz=LOW_HZ, high_hz=HIGH_HZ, fs=fs
        )
        edge_db = 10 * np.log10(2 * np.mean(np.square(both[middle]), axis=0))
        met &= bool(
            np.abs([db + 3.01, *(edge_db + 3.01)]).max() < 0.05 and abs(measured / declared - 1) < 0.01
        )
        rows.append(
            [
                f"{fs:g}",
                f"{db:.2f}",
                f"{edge_db[0]:.2f} / {edge_db[1]:.2f}",
                f"{1000 * declared:.1f} / {1000 * measured:.1f}",
            ]
        )
    return Section(
        "Envelopes and pictures: corners of two passes, delay of one",
        "closed form: -3.01 dB at the corner",
        "Zero-phase filters run twice; without Winter's correction the gain at the corner would be -6 dB. The"
        " causal envelope (6 Hz, order 4) is late by its group delay at 0 Hz.",
        [
            "rate (Hz)", "envelope of 6 Hz, zero-phase: gain at 6 Hz (dB)",
            "band-pass, zero-phase: gain at its corners (dB)",
            "causal envelope: delay declared / measured (ms)",
        ],
        rows,
        bar="corners within 0.05 dB, delay within 1 %",
        met=met,
    )  # fmt: skip


def amplitude_section(n: int) -> Section:
    rows, met = [], True
    for seed in (1, 2, 3):
        x = np.random.default_rng(seed).normal(0, 40.0, (n, 1))
        ratio = float(dsp.arv(x)[0] / dsp.rms(x)[0])
        expected = float(np.sqrt(2 / np.pi))
        error_sd = np.sqrt((1 - 2 / np.pi) / n)  # of the ARV; that of the ratio is smaller
        met &= abs(ratio - expected) < 5 * error_sd
        rows.append([seed, f"{n}", f"{float(dsp.rms(x)[0]):.3f}", f"{ratio:.5f}", f"{expected:.5f}"])
    return Section(
        "ARV and RMS of Gaussian noise",
        "closed form: sqrt(2 / pi); seeds 1 to 3",
        "Noise with a standard deviation of 40 µV.",
        ["seed", "samples", "RMS (µV)", "ARV / RMS", "expected"],
        rows,
        bar="within five standard errors",
        met=met,
    )


def emg(seconds: int, n_channels: int, fs: float, *, task: str, seed: int) -> Signal:
    """Noise shaped like EMG: held at 50 µV, or in bursts of up to 90 µV; on 2 µV of white noise."""
    rng = np.random.default_rng(seed)
    n = round(seconds * fs)
    f = np.fft.rfftfreq(n, 1 / fs)
    gain = np.sqrt(120.0**4 * f**2 / ((f**2 + 60.0**2) * (f**2 + 120.0**2) ** 2))
    x = np.fft.irfft(np.fft.rfft(rng.normal(size=(n, n_channels)), axis=0) * gain[:, None], n=n, axis=0)
    t = np.arange(n)[:, np.newaxis] / fs
    if task == "held":
        level: Signal | float = 50.0
    else:
        period, width = {"run": (0.7, 6), "walk": (1.05, 4)}[task]
        level = 90 * np.exp(width * (np.cos(2 * np.pi * t / period) - 1))
    noisy = level * x / x.std(axis=0) + 2 * rng.normal(size=x.shape)
    return filtered(noisy, fs)


def hum(seconds: int, hz: float, fs: float, rms_uv: float) -> Signal:
    """Fundamental with its 2nd, 3rd and 5th harmonic at 10, 40 and 20 % of its amplitude."""
    t = np.arange(round(seconds * fs))[:, np.newaxis] / fs
    parts = [(1, 1.0), (2, 0.1), (3, 0.4), (5, 0.2)]
    x = sum(a * np.sin(2 * np.pi * k * hz * t + k) for k, a in parts if k * hz < 0.45 * fs)
    return filtered(np.asarray(rms_uv * x / np.sqrt(np.mean(np.square(x)))), fs)


def filtered(x: Signal, fs: float) -> Signal:
    return dsp.bandpass(x, sos=dsp.design_bandpass(low_hz=LOW_HZ, high_hz=HIGH_HZ, fs=fs))[0]


def cleaned(x: Signal, fs: float) -> tuple[Signal, list[dsp.Mains]]:
    """As the pipeline does it: second by second, 50 and 60 Hz tried."""
    n, state, pieces, found = round(fs), None, [], []
    for first in range(0, len(x), n):
        y, state = dsp.remove_mains(
            x[first : first + n], fs=fs, mains_hz=(50.0, 60.0), high_hz=HIGH_HZ, state=state
        )
        pieces.append(y)
        found.append(state)
    return np.concatenate(pieces), found


def notched(x: Signal, fs: float, hz: float, q: float = 30.0) -> Signal:
    """A notch at each harmonic, scipy's `iirnotch`."""
    for k in range(1, int(min(HIGH_HZ, 0.45 * fs) / hz) + 1):
        x = signal.lfilter(*signal.iirnotch(k * hz, q, fs), x, axis=0)
    return x


def power(x: Signal) -> float:
    return float(np.mean(np.square(x)))


def depth_section(seconds: int) -> Section:
    """How far hum goes down, by level, frequency and task, next to notches."""
    fs, rows, met = 1000.0, [], True
    for task in ("run", "walk", "held"):
        muscle = emg(seconds, 4, fs, task=task, seed=1)
        for level_db in (-20, -10, 0, 20):
            for hz in (49.93, 50.45):
                rms_uv = float(np.sqrt(power(muscle) * 10 ** (level_db / 10)))
                x = muscle + hum(seconds, hz, fs, rms_uv)
                late = slice(round(fs), None)  # the filter's start is in the first second
                ours, found = cleaned(x, fs)
                depths = [
                    10 * np.log10(power((x - muscle)[late]) / power((y - muscle)[late]))
                    for y in (ours, notched(x, fs, 50.0))
                ]
                share = 100 * np.mean([mains.lines.any(axis=1) for mains in found])
                change = [100 * (power(y[late]) / power(muscle[late]) - 1) for y in (x, ours)]
                if level_db >= -10 and task != "held":
                    met &= depths[0] >= 30
                rows.append(
                    [
                        task,
                        level_db,
                        hz,
                        f"{share:.0f}",
                        *(f"{depth:.1f}" for depth in depths),
                        *(f"{percent:+.2f}" for percent in change),
                    ]
                )
    return Section(
        "Mains hum: how far it goes down",
        f"simulated: EMG-shaped noise and hum with three harmonics, {seconds} s, 4 channels, 1000 Hz, seed 1",
        "Level: power of the hum relative to the muscle's mean power. Depth: power of the hum relative to"
        " that of all error left, which includes what is taken from the muscle. 50.45 Hz is the grid seen"
        " by a sensor whose clock is off by 0.9 %. Notches: nine of Q 30 at multiples of 50 Hz.",
        [
            "task", "hum (dB)", "at (Hz)", "seconds in which it is found (%)", "depth (dB)",
            "depth of notches (dB)", "power with hum (%)", "power after removal (%)",
        ],
        rows,
        bar="at least 30 dB where the muscle rests within the second and the hum has a tenth of its power",
        met=met,
    )  # fmt: skip


def eaten_section(seconds: int) -> Section:
    """What removal takes from a muscle without hum, next to notches."""
    rows, met = [], True
    for fs in RATES:
        for task in ("run", "held"):
            muscle = emg(seconds, 4, fs, task=task, seed=2)
            ours, _ = cleaned(muscle, fs)
            changes = [100 * (power(y) / power(muscle) - 1) for y in (ours, notched(muscle, fs, 50.0))]
            met &= abs(changes[0]) < 0.1
            rows.append([f"{fs:g}", task, f"{changes[0]:+.4f}", f"{changes[1]:+.2f}"])
    return Section(
        "Mains hum: what removal takes where there is none",
        f"simulated: EMG-shaped noise without hum, {seconds} s, 4 channels, seed 2",
        "Change of the muscle's power.",
        ["rate (Hz)", "task", "removal (%)", "notches of Q 30 (%)"],
        rows,
        bar="below 0.1 %",
        met=met,
    )


def false_section(seconds: int) -> Section:
    """How often a line is found by chance."""
    rows, met = [], True
    for fs in RATES:
        for task in ("run", "walk", "held"):
            x = emg(seconds, 4, fs, task=task, seed=3)
            ours, found = cleaned(x, fs)
            hit = np.array([mains.lines.any(axis=1) for mains in found])
            same = (ours == x).reshape(-1, round(fs), 4).all(axis=1)
            met &= bool(hit.mean() < 0.005) and bool((same == ~hit).all())
            rows.append([f"{fs:g}", task, hit.size, int(hit.sum()), f"{1000 * hit.mean():.1f}"])
    return Section(
        "Mains hum: lines found by chance",
        f"simulated: EMG-shaped noise without hum, {seconds} s, 4 channels, seed 3",
        "All other seconds come out the same to the bit.",
        ["rate (Hz)", "task", "seconds", "with a line", "per 1000"],
        rows,
        bar="at most 5 in 1000 seconds, the others the same to the bit",
        met=met,
    )


def real_section(real_data: Path, *, quick: bool) -> Section:
    """Channels of real recordings in which hum is found most of the time, and how often in all others."""
    rows: list[list[object]] = []
    others: dict[str, list[bool]] = {}
    sets = {"santuz": "*_01.csv", "plux": "emg*.csv", "uci": "*.npz", "elderly": "*.npz"}
    for name, pattern in sets.items():
        paths = [
            path for folder in sorted(real_data.glob(f"{name}*")) for path in sorted(folder.glob(pattern))
        ]
        for path in paths[:2] if quick else paths:
            for channel, freq_hz, removed_db in real_channels(path):
                hit = np.isfinite(freq_hz)
                if hit.mean() > 0.5:
                    rows.append(
                        [
                            path.stem,
                            channel,
                            f"{100 * hit.mean():.0f}",
                            f"{np.nanmedian(freq_hz):.2f}",
                            f"{np.nanmedian(removed_db):.1f}",
                        ]
                    )
                else:
                    others.setdefault(name, []).extend(hit.tolist())
    rows += [
        [f"{name}: all others", "", f"{100 * np.mean(hit):.2f} of {len(hit)}", "", ""]
        for name, hit in others.items()
    ]
    return Section(
        "Mains hum in real recordings",
        "real: walk of Santuz et al., fatigue of PLUX, lower limb of UCI, isometric holds of the elderly",
        "Channels with hum in more than half of their seconds; the others together. In two holds of person 9"
        " and one of person 10 it is a buzz at multiples of 100.3 Hz: no mains, and removed like it.",
        ["recording", "channel", "seconds with hum (%)", "frequency (Hz)", "removed (dB of what remains)"],
        rows,
    )  # fmt: skip


def real_channels(path: Path) -> list[tuple[str, Signal, Signal]]:
    """Per muscle: frequency and level of what was removed in each second."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            x, fs = file["data"].astype(float), float(file["fs_hz"])
            names = [str(name) for name in file["channels"]]
    else:
        with path.open() as lines:
            names = next(lines).strip().split(",")[1:]
        table = np.genfromtxt(path, delimiter=",", skip_header=1)
        x, fs = table[:, 1:], round(1 / float(np.median(np.diff(table[:, 0]))))
    emg_columns = [k for k, name in enumerate(names) if not name.startswith(("FORCE", "KNEE", "GL_INVALID"))]
    n = len(x) // round(fs) * round(fs)
    _, found = cleaned(filtered(np.nan_to_num(x[:n, emg_columns]), fs), fs)
    freq_hz = np.array([mains.freq_hz for mains in found])
    removed_db = np.array([mains.removed_db for mains in found])
    return [(names[k], freq_hz[:, c], removed_db[:, c]) for c, k in enumerate(emg_columns)]
