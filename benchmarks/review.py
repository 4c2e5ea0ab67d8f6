"""How long an hour's recording takes to open, how fast it scrolls and zooms, and what memory it needs.

``python benchmarks/review.py [--minutes 60] [--frames 200] [--json FILE]``

The recording is synthetic: counts of Gaussian noise, 8 sensors of 1 channel at 1 kHz, written with `Recorder`
in radio notifications of 20 samples (1.4 million rows in an hour). Opening is the time from the call to
the first picture of the window, with libraries loaded; what loading them takes is told apart. A
frame is a step of
the view, everything drawn anew and painted by Qt's offscreen platform, which is raster painting as
on a screen.
Wall time says what this machine does now, processor time what an idle one would do. Exits with 1 above a bar.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from emgsmr.recording import Recorder, SampleBlock

SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R", "SOL_L", "SOL_R")
FS = 1000
MOST_OPENING_S, LEAST_FRAMES = 2.0, 30.0


def write(path: Path, minutes: float) -> None:
    """The recording."""
    rng = np.random.default_rng(1)
    started_ns = 10**12
    with Recorder(path, started_ns=started_ns) as recorder:
        sensors = [
            recorder.add_sensor(
                family="umyo", address=site, name=site, firmware="", rate_hz=float(FS), channels=1,
                dtype="<i2",
                scale_uv=0.5, scale_known="known", placements=[(0, site)],
            )
            for site in SITES
        ]  # fmt: skip
        for first in range(0, round(minutes * 60 * FS), FS):
            ends = np.arange(first + 20, first + FS + 1, 20)
            for sensor in sensors:
                late = rng.integers(0, 20_000_000, len(ends))
                arrivals = np.column_stack([ends, started_ns + ends * 1_000_000 + late])
                counts = rng.normal(0, 200, (FS, 1)).astype(np.int16)
                recorder.write(SampleBlock(sensor.id, first, counts, arrivals))


def frames(window, width_s: float, n: int, step) -> dict[str, float]:
    """Wall and processor time of ``n`` frames, ms."""
    review = window.review
    review.span = review.whole.around(review.whole.middle_s, width_s)
    wall, processor = [], []
    for number in range(n):
        began = time.perf_counter(), time.process_time()
        step(review, number)
        window.redraw()
        window.traces.grab()
        window.session.grab()
        wall.append(1e3 * (time.perf_counter() - began[0]))
        processor.append(1e3 * (time.process_time() - began[1]))
    return {
        "wall_median_ms": round(float(np.median(wall)), 1),
        "wall_worst_1pct_ms": round(float(np.percentile(wall, 99)), 1),
        "processor_median_ms": round(float(np.median(processor)), 1),
        "processor_worst_1pct_ms": round(float(np.percentile(processor, 99)), 1),
    }


def measure(path: Path, n: int) -> dict[str, object]:
    """All numbers, in this process."""
    began = time.perf_counter()
    from PySide6.QtWidgets import QApplication

    from emgsmr.gui.review.model import Review
    from emgsmr.gui.review.window import ReviewWindow

    app = QApplication([])
    loading_s = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    window = ReviewWindow(Review(path), analyze=False)
    window.show()
    window.redraw()
    window.grab()
    opening_s = time.perf_counter() - began
    while not window.review.complete:
        app.processEvents()
        time.sleep(0.02)
        if window.review.said:
            raise SystemExit(window.review.said)
    overview_s = time.perf_counter() - began
    found: dict[str, object] = {
        "loading_libraries_s": round(loading_s, 2),
        "opening_to_first_picture_s": round(opening_s, 3),
        "overview_complete_s": round(overview_s, 1),
    }
    for width_s in (10.0, 30.0, 120.0, 600.0):
        found[f"scroll_{width_s:g}_s"] = frames(window, width_s, n, lambda review, _: review.move(0.02))
    found["zoom"] = frames(window, 10.0, n, lambda review, k: review.zoom(1 if k // 8 % 2 == 0 else -1))
    found["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    found["peak_memory_before_opening_mb"] = round(before)
    window.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--recording", type=Path, help="one that is there already")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        path = options.recording or Path(folder) / "hour.emgsmr"
        if options.recording is None:
            write(path, options.minutes)
        found = {"minutes": options.minutes, "machine": platform.machine(), "cores": os.cpu_count()}
        found |= {"load_1min": round(os.getloadavg()[0], 1)} | measure(path, options.frames)
    text = json.dumps(found, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", "utf-8")
    slow = [
        name
        for name, value in found.items()
        if isinstance(value, dict) and 1000.0 / value["wall_median_ms"] < LEAST_FRAMES
    ]
    if found["opening_to_first_picture_s"] > MOST_OPENING_S or slow:
        sys.exit(f"above a bar: {slow or 'opening'}")


if __name__ == "__main__":
    main()
