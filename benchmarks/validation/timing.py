"""Noise floor, onset and center of activity, against simulated truth and textbook windows."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from emgsmr import dsp
from emgsmr.analysis import Pipeline, Settings, analyze
from emgsmr.recording import ClockRow, Event, Placement, SampleBlock, SensorInfo, Wiring, import_file
from emgsmr.simulate.spectrum import Spectrum, shaped_noise
from validation.section import Section

FloatArray = NDArray[np.float64]

FS = 1000.0
STRIDE_S = 0.7
SCALE_UV = 0.005
SPECTRUM = Spectrum(60.0, 120.0)
SNR_DB = (10, 15, 20, 30)
SHAPES = (("step", 0.0, -10.0, 20.0), ("rise 15 %", 15.0, -12.0, 24.0), ("rise 30 %", 30.0, -20.0, 42.0))
"""Name, rise and fall (% of the stride, half a cosine each), true onset and end (% of the stride)."""

HELD_MS, LOWPASS_HZ, TIMES_SD = 25, 50.0, 3.0
"""Of the two textbook threshold methods."""

TEXTBOOK = {
    "GMAX_R": (-5, 15),
    "GMED_R": (-5, 40),
    "BFLH_R": (-15, 10),
    "ST_R": (-15, 10),
    "VL_R": (-10, 15),
    "VM_R": (-10, 15),
    "TA_R": (-42, 10),
    "MGAS_R": (26, 55),
    "LGAS_R": (26, 55),
    "SOL_R": (26, 55),
}
"""Windows of walking, % of the stride: calf from Gazendam and Hof 2007, the others from textbooks."""

SANTUZ = {"BF_R": "BFLH_R", "GM_R": "MGAS_R", "GL_R": "LGAS_R"}


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """All sections; those of real recordings only where there are some."""
    n = 40 if quick else 200
    sections = [
        noise_section(n),
        ratio_section(n, seeds=1 if quick else 5),
        onset_section(n),
        rate_section(n),
        center_section(n),
    ]
    if real_data is not None:
        sections.append(walk_section(real_data))
    return sections


# ---- simulated signals ----


class Simulated(NamedTuple):
    """EMG (µV) of one site, its contacts (s), and the variance of its noise after the band-pass (µV²)."""

    x: FloatArray
    contacts: FloatArray
    noise_power: float


def shape(pct: FloatArray, rise: float, on: float, off: float) -> FloatArray:
    """Amplitude of a burst, 0 to 1."""
    if rise == 0:
        return ((pct >= on) & (pct < off)).astype(float)
    inside = np.clip(np.minimum((pct - on) / rise, (off - pct) / rise), 0.0, 1.0)
    return np.asarray(0.5 * (1.0 - np.cos(np.pi * inside)))


def simulated(
    n_strides: int,
    *,
    snr_db: float,
    rise: float,
    on: float,
    off: float,
    seed: int,
    gain: Callable[[FloatArray], FloatArray] = np.ones_like,
    fs: float = FS,
) -> Simulated:
    """Even strides with a burst each in white noise; SNR between onset and end, after the band-pass."""
    rng = np.random.default_rng(seed)
    contacts = 1.0 + STRIDE_S * np.arange(n_strides + 1)
    t = np.arange(int((contacts[-1] + 1.0) * fs)) / fs
    pct = 100.0 * ((t - contacts[0]) / STRIDE_S % 1.0)
    level = shape(np.where(pct > (on + off) / 2 + 50.0, pct - 100.0, pct), rise, on, off)
    sos = dsp.design_bandpass(low_hz=30.0, high_hz=450.0, fs=fs)
    noise = rng.standard_normal(len(t))
    burst = level * shaped_noise(len(t), spectrum=SPECTRUM, fs=fs, rng=rng)
    power = [
        float(np.mean(dsp.bandpass(v[:, None], sos=sos)[0][round(fs / 2) :] ** 2)) for v in (noise, burst)
    ]
    power[1] *= 100.0 / (off - on)
    factor = np.sqrt(10.0 ** (snr_db / 10.0) * power[0] / power[1])
    return Simulated(20.0 * (noise + factor * gain(t) * burst), contacts, 400.0 * power[0])


def analyzed(
    signals: dict[str, FloatArray], contacts: FloatArray, settings: Settings, *, fs: float = FS
) -> Pipeline:
    """Through the product's own pipeline, with running foot contacts (toe off at 35 %)."""
    placements = tuple(Placement(1, k, site) for k, site in enumerate(signals))
    info = SensorInfo(1, "file", "", "simulated", "", fs, len(signals), "<i4", SCALE_UV, "known")
    wiring = Wiring((info,), placements, {1: ClockRow(1, 0, 0.0, fs, 0.0, "file")})
    events = [Event(float(t), kind="foot_contact", side="R") for t in contacts]
    events += [Event(float(t + 0.35 * STRIDE_S), kind="toe_off", side="R") for t in contacts[:-1]]
    pipeline = Pipeline(wiring, settings, events=sorted(events))
    counts = np.round(np.column_stack(list(signals.values())) / SCALE_UV).astype("<i4")
    pipeline.push(SampleBlock(1, 0, counts))
    pipeline.finish()
    return pipeline


# ---- noise floor ----


def noise_section(n: int) -> Section:
    """How far the estimated noise floor is from the true one."""
    rows = []
    worst = 0.0
    for n_strides in (5, 20, n):
        for snr_db in (5, 30):
            new, old = [], []
            for seed in range(max(2 * n // n_strides, 4)):
                _, rise, on, off = SHAPES[1]
                sim = simulated(n_strides, snr_db=snr_db, rise=rise, on=on, off=off, seed=seed)
                leg = analyzed({"GMAX_R": sim.x}, sim.contacts, Settings()).legs["R"]
                assert leg.baseline is not None
                new.append(leg.baseline.noise["GMAX_R"] / sim.noise_power)
                quiet = [s.sites["GMAX_R"].quiet for s in leg.strides if s.sites["GMAX_R"].valid]
                old.append(np.median(quiet) / sim.noise_power)
            bias = 100.0 * (np.mean(new) - 1.0)
            worst = max(worst, abs(bias)) if n_strides >= 20 else worst
            rows.append(
                (
                    n_strides,
                    snr_db,
                    f"{bias:+.1f}",
                    f"{100 * np.std(new):.1f}",
                    f"{100 * (np.mean(old) - 1):+.1f}",
                )
            )
    return Section(
        "Noise floor",
        "simulated bursts (15 % rise) in white noise, stride 0.7 s, 1000 Hz, through the pipeline",
        "Power of the noise floor against the true one: the mean of the stride's quiet fifth, found on half "
        "of the strides and measured on the other half; and for comparison the lower tenth of fifty bins.",
        ("strides", "SNR (dB)", "bias (%)", "SD (%)", "bias of the lower tenth (%)"),
        rows,
        "bias within 5 % from 20 strides on",
        worst <= 5.0,
    )


def ratio_section(n: int, *, seeds: int) -> Section:
    """What a halved prime mover looks like."""
    rows = []
    worst = 0.0
    _, rise, on, off = SHAPES[1]
    truth = np.log(2.0)
    half = 1.0 + STRIDE_S * n

    def halved(t: FloatArray) -> FloatArray:
        return np.where(t > half - 0.15, 0.5, 1.0)

    for snr_db in (5, 10, 15, 20, 30):
        corrected, plain = [], []
        for seed in range(seeds):
            prime, other = (
                simulated(
                    2 * n,
                    snr_db=snr_db,
                    rise=rise,
                    on=on,
                    off=off,
                    seed=10 * seed + k,
                    gain=gain,
                )
                for k, gain in enumerate((halved, np.ones_like))
            )
            pipeline = analyzed(
                {"GMAX_R": prime.x, "BFLH_R": other.x}, prime.contacts, Settings(baseline=(1.0, half))
            )
            leg = pipeline.legs["R"]
            baseline, monitor = leg.baseline, leg.monitors[0]
            assert baseline is not None
            after = [s for s in leg.strides if s.valid and s.t_start_s > half + 0.1]
            before = [s for s in leg.strides if s.valid and s.t_start_s < half - 1.0]
            found = [baseline.log_ratio(s, monitor.pair, monitor.members) for s in after]
            corrected.append(np.median([r.y for r in found if r is not None]))

            plain.append(
                sum(
                    sign * np.median([0.5 * np.log(s.sites[site].power["P1"]) for s in strides])
                    for site, direction in (("BFLH_R", 1), ("GMAX_R", -1))
                    for strides, sign in ((after, direction), (before, -direction))
                )
            )
        bias = np.array([np.mean(corrected) - truth, np.mean(plain) - truth])
        worst = max(worst, abs(float(np.expm1(bias[0]))))
        rows.append(
            (
                snr_db,
                f"{np.exp(np.mean(corrected)):.3f}",
                f"{100 * np.expm1(bias[0]):+.1f}",
                f"{np.exp(np.mean(plain)):.3f}",
                f"{100 * np.expm1(bias[1]):+.1f}",
            )
        )
    return Section(
        "Ratio with and without the noise correction",
        f"simulated, seeds 0 to {seeds - 1}, {n} strides before and after, through the pipeline",
        "The prime mover's bursts halve after the baseline, so the true ratio is 2. The SNR is that of both "
        "muscles in the baseline; the halved muscle has 6 dB less.",
        ("SNR (dB)", "ratio, corrected", "bias (%)", "ratio, not corrected", "bias (%)"),
        rows,
        "bias of the corrected ratio within 5 % at 5 dB and more",
        worst <= 0.05,
    )


# ---- onset and end ----


def held_threshold(x: FloatArray, sim: Simulated, *, teager: bool) -> tuple[FloatArray, FloatArray]:
    """Hodges and Bui 1996 (3 SD over a rest, 25 ms, 50 Hz), or the same on the Teager-Kaiser energy.

    They are given what the product has to find: a true stretch of rest (55 to 75 % of the stride before), and
    the middle of the rest before and after the burst as limits.
    """
    y = x.copy()
    if teager:
        y[1:-1] = x[1:-1] ** 2 - x[2:] * x[:-2]
    lowpass = signal.butter(2, LOWPASS_HZ, fs=FS, output="sos")
    y = signal.sosfiltfilt(lowpass, np.abs(y))
    edges = []
    held = round(HELD_MS * FS / 1000)
    for contact in sim.contacts[1:-1]:
        start, stop = (round((contact + share * STRIDE_S) * FS) for share in (-0.35, 0.65))
        rest = y[round((contact - 0.45 * STRIDE_S) * FS) : round((contact - 0.25 * STRIDE_S) * FS)]
        above = y[start:stop] > rest.mean() + TIMES_SD * rest.std()
        count = np.concatenate([[0], np.cumsum(above)])
        whole = np.flatnonzero(count[held:] - count[:-held] == held)
        found = (start + whole[0], start + whole[-1] + held) if len(whole) else (np.nan, np.nan)
        edges.append(found)
    on, off = np.array(edges, dtype=float).T / FS
    return on, off


def onset_errors(
    n: int, snr_db: float, rise: float, on: float, off: float
) -> dict[str, tuple[FloatArray, ...]]:
    """Errors of onset and end (ms) of each method, over the strides."""
    sim = simulated(n, snr_db=snr_db, rise=rise, on=on, off=off, seed=round(snr_db))
    true_on, true_off = (sim.contacts[1:-1] + share / 100.0 * STRIDE_S for share in (on, off))
    errors = {
        method: product_errors(sim, on=on, off=off, method=method, fs=FS)
        for method in ("likelihood", "double_threshold")
    }
    sos = dsp.design_bandpass(low_hz=30.0, high_hz=450.0, fs=FS)
    x = dsp.bandpass(sim.x[:, None], sos=sos)[0][:, 0]
    delay = dsp.burst_delay_s(sos, fs=FS)
    for name, teager in (("Hodges-Bui", False), ("TKEO", True)):
        found_on, found_off = held_threshold(x, sim, teager=teager)
        errors[name] = (1000 * (found_on - delay - true_on), 1000 * (found_off - delay - true_off))
    return errors


def onset_section(n: int) -> Section:
    """Bias and SD of onset and end."""
    rows = []
    met = True
    for name, rise, on, off in SHAPES:
        for snr_db in SNR_DB:
            for method, (e_on, e_off) in onset_errors(n, snr_db, rise, on, off).items():
                found = np.isfinite(e_on)
                rows.append((name, snr_db, method, spread(e_on), spread(e_off), share_found(e_on)))
                if method == "likelihood" and name == "step" and snr_db >= 15:
                    met &= abs(np.mean(e_on[found])) < 10 and np.std(e_on[found]) < 15
    return Section(
        "Onset and end of a burst",
        f"simulated, {n} bursts each, stride 0.7 s, 1000 Hz, through the pipeline",
        "Error against the true times, mean ± SD over the bursts found (positive = late). The SNR is the "
        "burst's mean power over the noise after the band-pass; nothing is claimed below 15 dB, and the rows "
        "at 10 dB show why. Every method gets the band-passed signal and the same correction of the "
        "filter's delay; Hodges-Bui and TKEO are given a true stretch of rest. A burst that rises over 105 "
        "or 210 ms is found when it leaves the noise, late by a tenth to a third of its rise, by any method; "
        "the end of a step is late because the causal filter rings.",
        ("burst", "SNR (dB)", "method", "onset (ms)", "end (ms)", "found (%)"),
        rows,
        "likelihood, step, 15 dB and more: bias under 10 ms, SD under 15 ms",
        bool(met),
    )


def product_errors(
    sim: Simulated, *, on: float, off: float, method: str, fs: float
) -> tuple[FloatArray, ...]:
    """Errors of onset and end (ms) of the product, over the strides; NaN where nothing is claimed."""
    settings = Settings(onset_method=method, onset_snr_db=0.0)
    table = analyzed({"GMAX_R": sim.x}, sim.contacts, settings, fs=fs).analysis().bursts
    table = table.set_index("stride").reindex(range(2, len(sim.contacts)))
    return tuple(
        1000 * (table[name].to_numpy(float) - sim.contacts[1:-1] - share / 100.0 * STRIDE_S)
        for name, share in (("t_on_s", on), ("t_off_s", off))
    )


def rate_section(n: int) -> Section:
    """What a slower or faster sensor does to onset and end."""
    rows = []
    for fs in (200.0, 250.0, 500.0, 1000.0, 2000.0):
        for name, rise, on, off in SHAPES[:2]:
            sim = simulated(n, snr_db=20, rise=rise, on=on, off=off, seed=1, fs=fs)
            errors = product_errors(sim, on=on, off=off, method="likelihood", fs=fs)
            rows.append((f"{fs:g}", name, *(spread(e) for e in errors), share_found(errors[0])))
    return Section(
        "Onset at other sampling rates",
        f"simulated, {n} bursts each, SNR 20 dB, stride 0.7 s, method likelihood, through the pipeline",
        "Mean ± SD. Below 1 kHz the band ends at 0.45 of the rate; the filter's sharp upper corner then "
        "rings into the end of a sudden burst, and a millisecond can no longer be told.",
        ("rate (Hz)", "burst", "onset (ms)", "end (ms)", "found (%)"),
        rows,
    )


def spread(error: FloatArray) -> str:
    """Mean ± SD of what was found."""
    found = error[np.isfinite(error)]
    return f"{np.mean(found):+.0f} ± {np.std(found):.0f}" if len(found) else ""


def share_found(error: FloatArray) -> str:
    """How many were found, %."""
    return f"{100 * np.mean(np.isfinite(error)):.0f}"


def center_section(n: int) -> Section:
    """Error of the center of activity."""
    rows = []
    _, rise, on, off = SHAPES[1]
    for snr_db in (*SNR_DB,):
        sim = simulated(n, snr_db=snr_db, rise=rise, on=on, off=off, seed=round(snr_db))
        table = analyzed({"GMAX_R": sim.x}, sim.contacts, Settings(onset_snr_db=0.0)).analysis().activation
        pct = table["burst_center_pct"].to_numpy(float)
        bias = (dsp.circular_mean(pct) - (on + off) / 2 + 50.0) % 100.0 - 50.0
        rows.append((snr_db, f"{bias:+.1f}", f"{dsp.circular_sd(pct):.1f}"))
    return Section(
        "Center of activity",
        f"simulated, {n} bursts each (rise 15 %), stride 0.7 s, 1000 Hz, through the pipeline",
        "Circular mean of the envelope over the stride, against the middle of the symmetric burst.",
        ("SNR (dB)", "bias (% of the stride)", "SD of a stride (%)"),
        rows,
    )


# ---- a real walk ----


def walk_section(real_data: Path) -> Section:
    """Medians over the strides of one person's walk, beside the textbook's windows."""
    folder = real_data / "santuz_walk_13muscle"
    with (folder / "ID0012_TW_01_gait_cycles.csv").open(newline="") as file:
        cycles = [(row["touchdown_s"], row["liftoff_s"]) for row in csv.DictReader(file)]
    sites = {name: name for name in ("GMED_R", "GMAX_R", "VL_R", "VM_R", "ST_R", "TA_R", "SOL_R")} | SANTUZ
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        events = Path(temporary) / "contacts.csv"
        lines = [f"{down},foot_contact,R\n{off},toe_off,R\n" for down, off in cycles]
        events.write_text("t_s,kind,side\n" + "".join(lines))
        with import_file(
            folder / "ID0012_TW_01.csv",
            Path(temporary) / "walk.emgsmr",
            sites=sites,
            unit="uV",
            events=events,
        ) as recording:
            result = analyze(recording)
            other = analyze(recording, Settings(onset_method="double_threshold"))
    for site, (on, off) in TEXTBOOK.items():
        cells = []
        for table in (result.bursts, other.bursts):
            own = table[(table["site"] == site) & table["valid"]]
            cells += [
                f"{own[name].median():.0f} (SD {own[name].std():.0f})" for name in ("on_pct", "off_pct")
            ]
        pct = result.activation.loc[result.activation["site"] == site, "burst_center_pct"].to_numpy(float)
        center = f"{dsp.circular_mean(pct):.0f} (SD {dsp.circular_sd(pct):.0f})"
        snr = result.bursts.loc[result.bursts["site"] == site, "snr_db"].median()
        rows.append((site, f"{snr:.0f}", f"{on} to {off}", *cells, center))
    return Section(
        "Timing of a real walk",
        "real: Santuz walk, one person, five strides, foot contacts of the recording",
        "% of the stride, median over the strides. Textbook windows hold where a muscle is clearly active, "
        "as a share of its peak; these are where it is above the noise, 20 dB below that, so they begin "
        "earlier and end later: the calf muscles' weak activity in early stance counts.",
        (
            "site",
            "SNR (dB)",
            "textbook",
            "onset, likelihood",
            "end, likelihood",
            "onset, double threshold",
            "end, double threshold",
            "center",
        ),
        rows,
    )
