"""What the live window costs: frames per second and part of one core with the run page moving.

``python benchmarks/live.py [--seconds 60] [--channels 1] [--page traces] [--size 1280x800] [--hours 4]``

Eight sensors of 1 kHz come at real pace in radio-sized blocks; the page of the run is shown anew 30 times a
second, with levels that move in every frame, gauges that move once a second (in life: every ten strides),
and ten seconds of traces. It is drawn by Qt's offscreen platform: the same raster painting as on a screen,
without handing the picture to one. Making the samples is part of what is measured. Afterwards the ring
buffers and the time line are fed hours of samples as fast as they go, and memory is compared. Exits with 1
above a bar.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from emgsmr.gui.screen import (
    Action,
    Fact,
    Gauge,
    Light,
    Line,
    Mark,
    Muscle,
    Screen,
    SensorRow,
    Status,
    Step,
)
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.run_page import RunPage
from emgsmr.recording import Placement, SampleBlock, SensorInfo, Wiring

FS = 1000.0
SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R", "SOL_L", "SOL_R")
INTERVAL_MS = 32
LEAST_FRAMES, MOST_CORE, MOST_GROWTH_MB = 30.0, 0.60, 5.0
BLOCK = 20
"""Samples per notification."""


def wiring(channels: int) -> Wiring:
    sensors = tuple(
        SensorInfo(k + 1, "umyo", "", f"sensor {k + 1}", "", FS, channels, "<i4", 0.1, "known")
        for k in range(len(SITES))
    )
    placements = tuple(Placement(k + 1, 0, site) for k, site in enumerate(SITES))
    return Wiring(sensors, placements)


class Source:
    """Bursts at running pace, endless, in blocks."""

    def __init__(self, channels: int) -> None:
        rng = np.random.default_rng(7)
        t = np.arange(round(20 * FS)) / FS
        self._counts = []
        for k in range(len(SITES)):
            envelope = np.clip(np.sin(2 * np.pi * 1.4 * t + k), 0, 1) ** 2 * 1500 + 40
            self._counts.append(
                (rng.normal(size=(len(t), channels)) * envelope[:, np.newaxis]).astype(np.int32)
            )
        self._sent = 0

    def until(self, seconds: float, *, block: int = BLOCK) -> Iterator[SampleBlock]:
        """Everything not sent yet up to a time."""
        whole = len(self._counts[0])
        while self._sent + block <= seconds * FS:
            at = self._sent % whole
            for k, counts in enumerate(self._counts):
                yield SampleBlock(k + 1, self._sent, counts[at : at + block])
            self._sent += block


def screen(now_s: float, *, traces: bool) -> Screen:
    """A run in which everything moves."""
    wave = np.sin(2 * np.pi * 1.4 * now_s + np.arange(len(SITES)))
    good = Light(Status.GOOD, "good")
    t_s = np.arange(60.0, max(now_s, 60.0), 8.0)
    pairs = [(pair, side) for pair in ("P1", "P2") for side in "LR"]
    return Screen(
        Step.RUN,
        "Run",
        actions=tuple(
            Action(name, name.title(), name[0].upper())
            for name in ("cramp", "fatigue", "lap", "note", "mute", "traces", "stop")
        ),
        sensors=tuple(
            SensorRow(f"sensor {k}", "umyo", "", good, 1, battery_pct=80, sites=(site,))
            for k, site in enumerate(SITES)
        ),
        gauges=tuple(
            Gauge(
                pair,
                side,
                f"{side} {pair}",
                float(20 * np.sin(int(now_s) / 3)),
                (-10.0, 11.0),
                Status.GOOD,
                "usual",
                "",
            )
            for pair, side in pairs
        ),
        muscles=tuple(
            Muscle(site, float(level), Status.GOOD) for site, level in zip(SITES, np.abs(wave), strict=True)
        ),
        lines=tuple(
            Line(pair, side, f"{side} {pair}", t_s, 10 * np.sin(t_s / 50), ((300.0, 400.0, 1),))
            for pair, side in pairs
        ),
        marks=(Mark(420.0, "cramp", "cramp"),),
        facts=(Fact("elapsed", f"{now_s:.0f} s"), Fact("file", f"{now_s * 0.02:.1f} MB")),
        now_s=now_s,
        traces=traces,
    )


def drawing(
    app: QApplication, page: RunPage, *, seconds: float, channels: int, traces: bool
) -> list[tuple[float, float]]:
    """Frames per second and part of one core, of each second."""
    source, began = Source(channels), time.perf_counter()
    rows: list[tuple[float, float]] = []
    state = {"wall": began, "cpu": time.process_time(), "frames": 0}

    def frame() -> None:
        now = time.perf_counter()
        page.take(source.until(now - began))
        page.show_values(screen(600 + now - began, traces=traces))
        state["frames"] += 1
        if now - state["wall"] >= 1.0:
            cpu = time.process_time()
            spent = now - state["wall"]
            rows.append((state["frames"] / spent, (cpu - state["cpu"]) / spent))
            state.update(wall=now, cpu=cpu, frames=0)
        if now - began >= seconds:
            app.quit()

    timer = QTimer()
    timer.setTimerType(timer.timerType().PreciseTimer)
    timer.timeout.connect(frame)
    timer.start(INTERVAL_MS)
    app.exec()
    timer.stop()
    return rows[1:]  # the first second makes fonts and layouts


def memory_mb() -> float:
    """Now, where the system tells; else the most so far."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def growth(app: QApplication, page: RunPage, *, hours: float, channels: int) -> tuple[float, float]:
    """Memory after a quarter of an hour of samples and at the end, MB."""
    source, early = Source(channels), 0.0
    page.show_channels(None)
    page.show_channels(wiring(channels), placed_only=False)
    for second in range(1, round(hours * 3600) + 1):
        page.take(source.until(second, block=500))
        if second % 30 == 0:
            page.show_values(screen(float(second), traces=second % 60 == 0))
            app.processEvents()
        if second == 900:
            early = memory_mb()
    return early, memory_mb()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--page", choices=("traces", "timeline"), default="traces")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--hours", type=float, default=4.0, help="0 leaves the memory out")
    args = parser.parse_args()
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.Theme(app, "dark")
    page = RunPage()
    page.resize(*map(int, args.size.split("x")))
    page.show_channels(wiring(args.channels), placed_only=False)
    page.show()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    rows = drawing(app, page, seconds=args.seconds, channels=args.channels, traces=args.page == "traces")
    frames, core = (statistics.median(column) for column in zip(*rows, strict=True))
    drawn = page.traces.frames if args.page == "traces" else 0
    what = f"{len(SITES)} sensors x {args.channels} channels x {FS:g} Hz"
    print(f"{args.page}, {what}, {args.size}, {len(rows)} s")
    print(f"  {frames:5.1f} frames/s  (bar {LEAST_FRAMES:g}); traces drawn {drawn} times")
    print(f"  {core:5.1%} of one core (bar {MOST_CORE:.0%})")
    print(f"  {statistics.median(c / f for f, c in rows) * 1e3:5.1f} ms of processor time per frame")
    over = frames < LEAST_FRAMES or core > MOST_CORE
    if args.hours * 3600 > 900:
        early, late = growth(app, page, hours=args.hours, channels=args.channels)
        rings = page.traces.n_bytes / 1e6
        print(f"  {early:.1f} MB after 15 min, {late:.1f} MB after {args.hours:g} h; rings {rings:.1f} MB")
        over |= late - early > MOST_GROWTH_MB
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
