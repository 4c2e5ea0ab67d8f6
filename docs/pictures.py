"""The pictures of docs/measurement.md: one stride of a real walk at each step of the pipeline.

Usage: EMGSMR_REAL_DATA=FOLDER python docs/pictures.py (``make pictures``). FOLDER has the public walk
(Santuz et al. 2019, MIT license) as CSV in ``santuz*``.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis import Pipeline, Settings
from emgsmr.analysis.strides import Stride
from emgsmr.recording import Recording, import_file

FloatArray = NDArray[np.float64]

OUT = Path(__file__).parent / "images" / "measurement"
SITES = {"GMAX_R": "GMAX_R", "BF_R": "BFLH_R", "ST_R": "ST_R", "GM_R": "MGAS_R", "GL_R": "LGAS_R"}
SHOWN, FS = "BFLH_R", 1000.0
SECOND_STRIDE = 1
# Okabe and Ito's colors: told apart by color-blind readers, too
INK, GRAY, BLUE, ORANGE, GREEN, RED = "#1f2933", "#9aa5ad", "#0072b2", "#e69f00", "#009e73", "#d55e00"


def walk(folder: Path, scratch: Path) -> Recording:
    """The walk as a recording, with its foot contacts."""
    (src,) = [path for path in folder.glob("santuz*/*.csv") if "cycles" not in path.name]
    (cycles,) = folder.glob("santuz*/*_gait_cycles.csv")
    events = scratch / "contacts.csv"
    with cycles.open(newline="") as file:
        rows = [
            f"{row['touchdown_s']},foot_contact,R\n{row['liftoff_s']},toe_off,R\n"
            for row in csv.DictReader(file)
        ]
    events.write_text("t_s,kind,side\n" + "".join(rows))
    return import_file(src, scratch / "walk.emgsmr", sites=SITES, unit="uV", events=events)


class Walk:
    """What the pictures need: raw signal, filtered signal, strides."""

    def __init__(self, recording: Recording) -> None:
        info = recording.sensors[0]
        self.pipeline = Pipeline(recording.montage, Settings(), events=recording.events())
        self.pipeline.run(recording.blocks())
        self.stream, self.column = self.pipeline.sites[SHOWN]
        counts = np.concatenate([block.counts for block in recording.pieces(info.id)])
        placed = next(p.channel for p in recording.placements if p.site == SHOWN)
        self.raw = counts[:, placed] * info.scale_uv
        self.t = self.stream.timeline.time(np.arange(len(self.raw)))
        self.leg = self.pipeline.legs["R"]
        self.stride: Stride = self.leg.strides[SECOND_STRIDE]
        first, last = int(self.stream.first_index or 0), self.stream.end_index
        self.sos = dsp.design_bandpass(low_hz=30, high_hz=450, fs=FS)
        self.filtered = dsp.bandpass(self.raw[:, np.newaxis], sos=self.sos)[0][first:last, 0]

    def pct(self, t: FloatArray) -> FloatArray:
        """Time in % of the stride that is shown."""
        return 100 * (t - self.stride.t_start_s) / self.stride.duration_s


def new(height: float, title: str, rows: int = 1) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(8, height), layout="constrained")
    axes = [figure.add_subplot(rows, 1, row + 1) for row in range(rows)]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
    axes[0].set_title(title, loc="left", fontsize=11, color=INK)
    return figure, axes


def over_the_stride(axes: Axes) -> None:
    axes.set_xlim(-30, 110)
    axes.axvline(0, color=INK, lw=0.8, ls=":")
    axes.axvline(100, color=INK, lw=0.8, ls=":")
    axes.set_xlabel("% of the stride (0 and 100: right foot contact)")
    axes.set_ylabel("µV")


def filtering(w: Walk) -> Figure:
    figure, (top, bottom) = new(4.6, "1, 2  Counts as µV, and the causal band-pass of 30 to 450 Hz", 2)
    top.plot(w.pct(w.t), w.raw, color=GRAY, lw=0.7, label="as recorded")
    bottom.plot(w.pct(w.t), w.filtered, color=INK, lw=0.7, label="causal: every number")
    zero = dsp.filtfilt_bandpass(w.raw[:, np.newaxis], low_hz=30, high_hz=450, fs=FS)[:, 0]
    bottom.plot(w.pct(w.t), zero, color=ORANGE, lw=0.7, alpha=0.8, label="zero-phase: pictures only")
    for axes in (top, bottom):
        over_the_stride(axes)
        axes.legend(frameon=False, fontsize=9, loc="upper center")
    top.set_xlabel("")
    return figure


def mains(w: Walk) -> Figure:
    figure, (top, bottom) = new(
        4.6, "3  Mains: hum that was added here for the picture, found and subtracted", 2
    )
    second = slice(2000, 3000)
    t = np.arange(1000) / FS
    hum = sum(a * np.sin(2 * np.pi * 49.95 * k * t + k) for k, a in ((1, 40.0), (3, 15.0), (5, 6.0)))
    with_hum = w.filtered[second] + hum
    cleaned, found = dsp.remove_mains(with_hum[:, np.newaxis], fs=FS, mains_hz=(50.0, 60.0), high_hz=450)
    pct = w.pct(w.t[second])
    top.plot(pct, with_hum, color=RED, lw=0.7, label=f"with hum ({found.freq_hz[0]:.2f} Hz found)")
    top.plot(pct, cleaned[:, 0], color=INK, lw=0.7, label="what is left")
    top.set_xlabel("% of the stride")
    top.set_ylabel("µV")
    for x, color, name in (
        (with_hum, RED, "with hum"),
        (w.filtered[second], BLUE, "before"),
        (cleaned[:, 0], INK, "left"),
    ):
        freqs, power = dsp.burst_spectrum(x[:, np.newaxis], fs=FS)
        bottom.semilogy(freqs, power[:, 0], color=color, lw=0.8, label=name)
    bottom.set(xlim=(20, 300), ylim=(1e-3, None), xlabel="Hz", ylabel="µV²/Hz")
    for axes in (top, bottom):
        axes.legend(frameon=False, fontsize=9, loc="upper center")
    return figure


def amplitude(w: Walk) -> Figure:
    figure, (axes,) = new(
        3.2, "5  Amplitude: power in the muscle's window of the stride, less the noise floor"
    )
    facts, baseline = w.stride.sites[SHOWN], w.leg.baseline
    assert baseline is not None
    axes.plot(w.pct(w.t), w.filtered, color=GRAY, lw=0.5)
    edges = np.linspace(0, 100, len(facts.bins) + 1)
    axes.stairs(np.sqrt(facts.bins), edges, color=BLUE, lw=1.4, label="RMS of fifty parts")
    window = w.pipeline.legs["R"].builder._groups
    begin, end = next(g.windows[w.stride.gait]["main"] for g in window if SHOWN in g.sites)
    axes.axvspan(begin, end, color=GREEN, alpha=0.15, label=f"window {begin:g} to {end:g} %")
    rms = baseline.rms(w.stride, SHOWN, "main")
    axes.hlines(rms, begin, end, color=GREEN, lw=2.5, label=f"RMS {rms:.0f} µV")
    noise = np.sqrt(baseline.noise[SHOWN])
    axes.axhline(noise, color=RED, lw=1.2, ls="--", label=f"noise floor {noise:.1f} µV")
    over_the_stride(axes)
    axes.legend(frameon=False, fontsize=9, loc="upper center", ncols=2)
    return figure


def timing(w: Walk) -> Figure:
    figure, (axes,) = new(3.2, "6  Timing: begin and end of the burst, and its center")
    facts = w.stride.sites[SHOWN]
    axes.plot(w.pct(w.t), w.filtered, color=INK, lw=0.6)
    on, off = (w.pct(np.array([t]))[0] for t in (facts.burst.t_on_s, facts.burst.t_off_s))
    axes.axvspan(on, off, color=ORANGE, alpha=0.25, label=f"burst {on:.0f} to {off:.0f} %")
    center = facts.center_pct - (100 if facts.center_pct > 50 else 0)
    axes.plot(center, 0, "o", color=RED, ms=8, label=f"center {center:.0f} %")
    over_the_stride(axes)
    axes.legend(frameon=False, fontsize=9, loc="upper center")
    return figure


def spectrum(w: Walk) -> Figure:
    figure, (axes,) = new(3.2, "7  Spectrum: bursts of the same phase, one by one and pooled")
    rows = []
    for stride in w.leg.strides:
        begin, end = stride.time_at(-15.0), stride.time_at(10.0)
        rows.append(w.filtered[(w.t >= begin) & (w.t < end)])
    powers = []
    for burst in rows:
        freqs, power = dsp.burst_spectrum(burst[:, np.newaxis], fs=FS)
        powers.append(power[:, 0])
        axes.plot(freqs, power[:, 0], color=GRAY, lw=0.6)
    band = dsp.band_slice(freqs, low_hz=30, high_hz=450)
    pooled = np.mean(powers, axis=0)
    axes.plot(freqs, pooled, color=INK, lw=1.6, label=f"mean of {len(powers)}")
    found = dsp.spectral_indices(freqs[band], pooled[band, np.newaxis], low_hz=30, high_hz=450)
    for value, color, name in ((found.mdf_hz[0], BLUE, "MDF"), (found.mnf_hz[0], RED, "MNF")):
        axes.axvline(value, color=color, lw=1.4, label=f"{name} {value:.0f} Hz")
    axes.set(xlim=(20, 300), xlabel="Hz", ylabel="µV²/Hz")
    axes.legend(frameon=False, fontsize=9)
    return figure


def profiles(w: Walk) -> Figure:
    figure, axes = new(
        5.2, "8  Over the stride: mean ± SD of five strides, each muscle relative to its reference", 3
    )
    for one, site, color in zip(axes, ("GMAX_R", "BFLH_R", "MGAS_R"), (GREEN, BLUE, ORANGE), strict=True):
        bins = np.sqrt([s.sites[site].bins for s in w.leg.strides])
        assert w.leg.baseline is not None
        relative = bins / w.leg.baseline.level["main", site]
        pct = np.linspace(1, 99, bins.shape[1])
        mean, sd = relative.mean(axis=0), relative.std(axis=0, ddof=1)
        one.fill_between(pct, mean - sd, mean + sd, color=color, alpha=0.25, lw=0)
        one.plot(pct, mean, color=color, lw=1.6, label=site)
        one.axhline(1, color=INK, lw=0.8, ls=":")
        one.set(xlim=(0, 100), ylim=(0, None), ylabel="1 = reference")
        one.legend(frameon=False, fontsize=9, loc="upper center")
    axes[-1].set_xlabel("% of the stride (0 and 100: right foot contact)")
    return figure


PICTURES: dict[str, Callable[[Walk], Figure]] = {
    "filtering": filtering, "mains": mains, "amplitude": amplitude, "timing": timing, "spectrum": spectrum,
    "profiles": profiles,
}  # fmt: skip


def main() -> None:
    folder = os.environ.get("EMGSMR_REAL_DATA")
    if not folder:
        sys.exit("Set EMGSMR_REAL_DATA to the folder of the public recordings.")
    OUT.mkdir(parents=True, exist_ok=True)
    mpl.rcParams |= {"svg.hashsalt": "emgsmr", "font.size": 10}
    with tempfile.TemporaryDirectory() as scratch, walk(Path(folder), Path(scratch)) as recording:
        w = Walk(recording)
        for name, draw in PICTURES.items():
            draw(w).savefig(OUT / f"{name}.png", dpi=100, metadata={"Software": None})
            print(OUT / f"{name}.png")


if __name__ == "__main__":
    main()
