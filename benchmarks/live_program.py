"""What the whole program with the window costs: eight emulated sensors over Bleak, session, analysis, window.

``python benchmarks/live_program.py [--seconds 60] [--hours 0] [--speed 10]``

Eight uMyo (1150 samples per second each, more than the eight times 1 kHz of the bar) play a simulated runner
at life's pace into ``emgsmr live``, which goes through its steps by itself; then the traces are shown and one
row a second is measured: frames, and processor time of the window's thread, of the session's thread and of
the whole process. The session's thread holds the emulated sensors and their radio, too: what real sensors
would not cost is in it and cannot be separated without changing it, so the sum is an upper bound, and the
window's thread is what drawing and presenting cost. Qt paints offscreen: the same painting, without handing
the picture to a screen.

The runner's hamstrings take over soon after the baseline. How late the alert comes is told in strides: after
the end of the last stride that it rests on, and after the data with which the analysis can first know of it.
Between the two lies what the analysis itself waits for: foot contacts that are found in the EMG need some
seconds of what follows them. It is measured by pushing the recording through the pipeline, block by block.

With ``--hours`` the same runs as fast as it goes for so long (four hours take some twenty minutes), ten
minutes again and again, and memory is compared between a quarter and the end. What simulating the runner left
free is given back when the run begins: it would take up for a long time what the session adds, and hide it.
Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import dataclasses
import gc
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from emgsmr.analysis import Pipeline, Settings
from emgsmr.gui.app import Options, Program
from emgsmr.gui.screen import Screen, Step
from emgsmr.gui.summary import Summary
from emgsmr.radio.repertoire import Repertoire, repertoire
from emgsmr.radio.runner_on_call import RunnerOnCall
from emgsmr.recording import SampleBlock, open_recording
from emgsmr.simulate.scenario import Scenario, Shift

SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "ST_L", "ST_R", "MGAS_L", "MGAS_R")
SENSORS = tuple(("umyo", f"uMyo-{k}", (site,)) for k, site in enumerate(SITES, start=1))
LEAST_FRAMES, MOST_CORE, MOST_STRIDES, MOST_GROWTH_MB = 30.0, 0.60, 2.0, 20.0
LOOP_MIN = 10.0


def runner(seconds: float, speed: float) -> RunnerOnCall:
    """Runs for so long after the baseline, and compensates after a quarter of a minute of it."""
    scenario = Scenario(
        "benchmark",
        "The right hamstrings take over for the right glute.",
        minutes=(110.0 + seconds) / 60,
        start_s=2.0,
        shifts=(Shift("P1", "R", 0.35, onset_s=62.0, ramp_s=5.0),),
    )
    learned = repertoire(scenario, seed=1, sensors=SENSORS, with_companions=False)
    return RunnerOnCall(lambda: learned, speed=speed, seed=1)


def again_and_again(hours: float) -> RunnerOnCall:
    """Ten minutes of running, repeated, as fast as it goes."""
    scenario = Scenario("long", "Nothing happens.", minutes=LOOP_MIN, start_s=2.0)
    learned: Repertoire = repertoire(scenario, seed=1, sensors=SENSORS, with_companions=False)
    times = int(np.ceil(hours * 60 / LOOP_MIN)) + 1
    sensors = tuple(
        dataclasses.replace(s, counts=np.tile(s.counts, (times, 1))) for s in learned.cast.sensors
    )
    cast = dataclasses.replace(learned.cast, sensors=sensors, duration_s=times * LOOP_MIN * 60)
    long = dataclasses.replace(learned, cast=cast)
    return RunnerOnCall(lambda: long, speed=None, seed=1, longest_s=120.0)


def rss_mb() -> float:
    """Memory of this process, MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def give_back() -> None:
    """Let the system have what is free in the heap (glibc)."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Meter:
    """Follows the screens: one row a second while the run is shown."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.program = seconds, None
        self.rows: list[tuple[float, float, float, float]] = []
        self.alerts: dict[str, tuple[float, float]] = {}
        self.known_s: dict[str, float] = {}
        self.stride_s = 0.7
        self.memory: list[tuple[float, float]] = []
        self._last: tuple[float, ...] | None = None
        self._began = False

    def alert(self, finding) -> None:
        """An alert was raised: how long after the end of its data?"""
        snapshot = self.program.engine.snapshot()
        self.alerts.setdefault(finding.finding, (snapshot.elapsed_s, finding.t_alarm_s))
        self.stride_s = 120.0 / (snapshot.cadence_spm or 171.0)

    def follow(self, screen: Screen) -> None:
        """Take a row where a second is over; end when enough were taken."""
        if screen.step is Step.AFTER and not screen.busy:
            self.program.end()
        if screen.step is not Step.RUN or screen.busy:
            return
        if not self._began:
            self._began = True
            give_back()
            self.program.presenter.do("traces")
        now = self._now()
        if self._last is None:
            self._last = now
        spent = now[0] - self._last[0]
        if spent >= 1.0:
            frames, window, session, whole = (
                (b - a) / spent for a, b in zip(self._last[1:], now[1:], strict=True)
            )
            self.rows.append((frames, window, session, whole))
            self.memory.append((screen.now_s, rss_mb()))
            self._last = now
        if screen.now_s >= self.seconds:
            self.program.presenter.do("stop")

    def _now(self) -> tuple[float, ...]:
        clocks = {thread.name: time.pthread_getcpuclockid(thread.ident) for thread in threading.enumerate()}
        session = time.clock_gettime(clocks["session"]) if "session" in clocks else 0.0
        window = time.clock_gettime(time.pthread_getcpuclockid(threading.main_thread().ident))
        return time.perf_counter(), float(self.program.window.frames), window, session, time.process_time()


def run(runner_: RunnerOnCall, seconds: float, speed: float) -> Meter:
    """Run the program until so much was recorded."""
    meter = Meter(seconds)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        options = Options(
            Path(folder) / "recordings",
            speed=speed,
            by_itself=True,
            on_alert=meter.alert,
            summarize=lambda path: Summary(("Not made.",), str(path)),
        )
        meter.program = Program(options, runner_)
        meter.program._followers.append(meter.follow)
        ended = meter.program.run()
        if meter.alerts and speed == 1.0:
            meter.known_s = known_at(Path(ended.recording))
    return meter


def known_at(path: Path) -> dict[str, float]:
    """When each alarm of a recording can first be known: the end of the data that tell of it, s.

    The samples go through the pipeline as they came, in pieces of 20 ms.
    """
    known: dict[str, float] = {}
    with open_recording(path) as recording:
        pipeline = Pipeline(recording.montage, Settings(), events=recording.events())
        rates = {info.id: info.rate_hz for info in recording.sensors}
        pieces = [piece for block in recording.blocks() for piece in _pieces(block, rates[block.sensor])]
        for piece in sorted(pieces, key=lambda piece: piece.end_index / rates[piece.sensor]):
            for finding in pipeline.push(piece):
                if finding.tier:
                    known.setdefault(finding.finding, piece.end_index / rates[piece.sensor])
    return known


def _pieces(block: SampleBlock, rate_hz: float) -> Iterator[SampleBlock]:
    size = round(0.02 * rate_hz)
    while block.n > size:
        head, block = block.cut(size)
        yield head
    yield block


def at_lifes_pace(seconds: float) -> bool:
    """Frames, processor time, latency."""
    meter = run(runner(seconds, 1.0), 100.0 + seconds, 1.0)  # an alarm takes most of a minute
    frames, window, session, whole = (statistics.median(column) for column in zip(*meter.rows, strict=True))
    print(f"{len(meter.rows)} s with traces, median of each second:")
    print(f"  frames {frames:.1f} per second (bar: {LEAST_FRAMES:.0f} or more)")
    print(f"  window's thread {window:.0%} of a core; session's, with eight emulated sensors, {session:.0%}")
    print(f"  the whole process {whole:.0%} of a core (bar: {MOST_CORE:.0%} or less)")
    late = [
        (at_s - meter.known_s[name]) / meter.stride_s
        for name, (at_s, _) in meter.alerts.items()
        if name in meter.known_s
    ]
    rests = [(at_s - alarm_s) / meter.stride_s for at_s, alarm_s in meter.alerts.values()]
    print(f"  alert, strides after the last stride that it rests on: {_told(rests)}")
    print(f"  ... after the data with which it can be known: {_told(late)} (bar: {MOST_STRIDES:.0f} or less)")
    return frames >= LEAST_FRAMES and whole <= MOST_CORE and bool(late) and max(late) <= MOST_STRIDES


def _told(strides: list[float]) -> str:
    return ", ".join(f"{one:.1f}" for one in strides) or "none was raised"


def for_hours(hours: float, speed: float) -> bool:
    """Memory of an accelerated session."""
    meter = run(again_and_again(hours), hours * 3600, speed)
    end_s = meter.memory[-1][0]
    quarter = next(mb for t_s, mb in meter.memory if t_s >= end_s / 4)
    growth = meter.memory[-1][1] - quarter
    print(
        f"memory: {quarter:.0f} MB after {end_s / 4 / 3600:.2f} h, {growth:+.1f} MB at {end_s / 3600:.2f} h"
    )
    print(f"  (bar: {MOST_GROWTH_MB:.0f} MB or less; what the sensors will play is in memory from the start)")
    return growth <= MOST_GROWTH_MB


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--hours", type=float, default=0.0)
    parser.add_argument("--speed", type=float, default=10.0, help="of the window's clock with --hours")
    given = parser.parse_args()
    good = at_lifes_pace(given.seconds) if given.seconds else True
    if given.hours:
        good = for_hours(given.hours, given.speed) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
