"""What a review shows and what can be done with it, without Qt: the window asks, draws and passes keys on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgsmr.errors import ArgumentError, EmgsmrError, NotEnoughDataError
from emgsmr.gui.review.findings import neighbor, words_at
from emgsmr.gui.review.job import Job, ProcessJob
from emgsmr.gui.review.marks import add_mark
from emgsmr.gui.review.overview import Pyramid
from emgsmr.gui.review.picture import Trace, traces
from emgsmr.gui.review.rows import Rows
from emgsmr.gui.review.signal import Signal
from emgsmr.gui.review.span import Span
from emgsmr.gui.review.worker import Task
from emgsmr.recording import Recording
from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.gui.review.findings import Result
    from emgsmr.recording import Event

FIRST_WIDTH_S = 10.0
HIDDEN_KINDS = ("foot_contact", "toe_off", "gap")
"""Thousands of them would hide everything else."""


class Review:
    """A recording that is looked at.

    Parameters
    ----------
    path : path-like
    start_job : callable, optional
        Starts a `Task` elsewhere; default: in a process.

    Raises
    ------
    RecordingError
        It is no recording, or damaged.
    NotEnoughDataError
        It holds no samples.
    """

    def __init__(self, path: str | Path, *, start_job: Callable[[Task], Job] = ProcessJob) -> None:
        self.path = Path(path)
        self._recording = Recording(self.path)
        try:
            self.signal = Signal(self._recording)
            if not any(known.n_samples for known in self.signal.sensors.values()):
                raise NotEnoughDataError(
                    f"{self.path} holds no samples: nothing was received before it was closed, so there is "
                    "nothing to show"
                )
            self.whole = self._whole()
            self.events: tuple[Event, ...] = self._recording.events()
        except BaseException:
            self._recording.close()
            raise
        self._start_job = start_job
        self._jobs: dict[str, Job] = {}
        self.progress: dict[str, float] = {}
        """How far the overview and an analysis are (0 to 1); only what goes on."""
        self.span = self.whole.around(self.whole.start_s + FIRST_WIDTH_S / 2, FIRST_WIDTH_S)
        self.cursor_s = self.span.middle_s
        self.filtered = True
        self.pyramids = {
            (key, filtered): Pyramid(known.n_samples, known.info.channels)
            for key, known in self.signal.sensors.items()
            for filtered in (False, True)
        }
        self.complete = False
        """Whether the overview is."""
        self.results: list[Result] = []
        self.shown = -1
        """Which of the results is drawn in front; -1 = there is none."""
        self.baseline: tuple[float, float] | None = None
        """Drawn by the user, for the next analysis."""
        self.pairs: tuple[str, ...] | None = None
        self.said = ""
        """What came of the last action, in a sentence."""
        self.rows = Rows()

    @property
    def notice(self) -> str:
        """What has to be known about this file; empty if nothing."""
        if self.signal.trouble:
            return f"Some samples cannot be shown: {self.signal.trouble}"
        if "ended_utc" not in self._recording.session:
            return (
                "This recording was not closed: it is still being recorded, or its program was ended. What "
                f"was there when it was opened is shown ({clock(self.whole.stop_s)}); open it again for more."
            )
        return ""

    @property
    def title(self) -> str:
        """File, length and channels in a line."""
        n = len(self.signal.channels)
        rates = sorted({known.info.rate_hz for known in self.signal.sensors.values()})
        said = " and ".join(f"{rate:g} Hz" for rate in rates)
        return f"{self.path.name}: {clock(self.whole.width_s)}, {n} channel{'s' * (n != 1)} at {said}"

    @property
    def result(self) -> Result | None:
        """The result in front."""
        return self.results[self.shown] if self.results else None

    # -- looking ---

    def start(self) -> None:
        """Begin to build the overview."""
        self._begin(Task("overview", self.path))

    def traces(self, columns: int) -> tuple[Trace, ...]:
        """All channels in the stretch that is seen, for ``columns`` pixels."""
        found = traces(
            self.signal,
            self.pyramids,
            self.span,
            columns=columns,
            filtered=self.filtered,
            complete=self.complete,
        )
        self.rows.learn(found)
        return found

    def fit(self, columns: int) -> None:
        """Fit all rows to what is seen."""
        self.rows.forget()
        self.traces(columns)

    def _fit_whole(self) -> None:
        """Fit all rows to the whole session, unless the user has made them larger or smaller already."""
        if self.complete and not self.rows.touched:
            self.rows.forget()
            whole = traces(self.signal, self.pyramids, self.whole, columns=800, filtered=self.filtered)
            self.rows.learn(whole, percentile=90.0)  # of bins' extremes: artifacts are rarer

    def move(self, share: float) -> None:
        """Go on by a share of the width; the cursor keeps its place on the screen."""
        before = self.cursor_s - self.span.start_s
        self._see(self.span.moved(share, self.whole), before)

    def go_to(self, t_s: float) -> None:
        """Put a time and the cursor in the middle."""
        t_s = min(max(t_s, self.whole.start_s), self.whole.stop_s)
        self.span = self.whole.around(t_s, self.span.width_s)
        self.cursor_s = t_s

    def set_cursor(self, t_s: float) -> None:
        """Put the cursor at a time that is seen."""
        self.cursor_s = min(max(t_s, self.span.start_s), self.span.stop_s)

    def go_to_start(self) -> None:
        """See the beginning."""
        self._see(Span(self.whole.start_s, self.whole.start_s + self.span.width_s).within(self.whole), 0.0)

    def go_to_end(self) -> None:
        """See the end."""
        width_s = self.span.width_s
        self._see(Span(self.whole.stop_s - width_s, self.whole.stop_s).within(self.whole), width_s)

    def zoom(self, steps: int, at_s: float | None = None) -> None:
        """See more (or less, where negative), around the cursor or ``at_s``."""
        if at_s is None:
            seen = self.span.start_s <= self.cursor_s <= self.span.stop_s
            at_s = self.cursor_s if seen else self.span.middle_s
        self.span = self.span.zoomed(steps, self.whole, at_s=at_s)

    def next_finding(self, step: int) -> None:
        """Go to the next finding of the result in front (or the one before, where negative)."""
        t_s = neighbor(self.result, self.cursor_s, step)
        if t_s is None:
            self.said = f"There is no finding {'after' if step > 0 else 'before'} {clock(self.cursor_s)}."
            return
        self.go_to(t_s)
        self.said = ""

    def shown_events(self) -> tuple[Event, ...]:
        """Marks, phases and notes: what is drawn."""
        return tuple(event for event in self.events if event.kind not in HIDDEN_KINDS)

    def at_cursor(self) -> str:
        """What is known about the cursor's time, in words."""
        return "  ·  ".join([clock(self.cursor_s), *words_at(self.result, self.cursor_s)])

    # -- changing ---

    def mark(self, kind: str, note: str = "") -> None:
        """Mark the cursor's time in the file; `said` tells how it went."""
        try:
            add_mark(self.path, self.whole, kind, self.cursor_s, note=note)
            self.events = self._recording.events()
        except EmgsmrError as error:
            self.said = str(error)
            return
        self.said = f"{kind.capitalize()} marked at {clock(self.cursor_s)}; it is in the file."

    def set_baseline(self, start_s: float, stop_s: float) -> None:
        """Take a stretch as the baseline of the next analysis."""
        low = min(max(min(start_s, stop_s), self.whole.start_s), self.whole.stop_s)
        high = min(max(max(start_s, stop_s), self.whole.start_s), self.whole.stop_s)
        self.baseline = (low, high) if high > low else None

    def analyze(self) -> None:
        """Analyze with the baseline and pairs that were chosen, in the background; beside what there is."""
        if "analyze" in self._jobs:
            self.said = "An analysis is still going on: wait for it, or stop it."
            return
        options: dict[str, Any] = {}
        if self.baseline is not None:
            options["baseline"] = self.baseline
        if self.pairs is not None:
            options["pairs"] = self.pairs
        self.said = ""
        self._begin(Task("analyze", self.path, options))

    def stop_analysis(self) -> None:
        """End an analysis that goes on; what there is stays."""
        if (job := self._jobs.pop("analyze", None)) is not None:
            job.stop()
            self.progress.pop("analyze", None)
            self.said = "The analysis was stopped."

    def choose(self, place: int) -> None:
        """Draw another result in front."""
        if not 0 <= place < len(self.results):
            raise ArgumentError(f"there is no result {place}: there are {len(self.results)}")
        self.shown = place

    def hear(self) -> bool:
        """Take in what the jobs have done since; whether anything changed."""
        changed = False
        for kind, job in list(self._jobs.items()):
            for what, value in job.news():
                changed = True
                if what == "progress":
                    self.progress[kind] = value
                elif what == "parts":
                    for sensor, filtered, first, low, high in value:
                        self.pyramids[sensor, filtered].put(first, low, high)
                elif what == "result":
                    self._take(value)
                else:
                    self._end(kind, error=value if what == "error" else "")
        return changed

    def close(self) -> None:
        """End what goes on and let go of the file; safe to call again."""
        for job in self._jobs.values():
            job.stop()
        self._jobs.clear()
        self.progress.clear()
        self._recording.close()

    def _begin(self, task: Task) -> None:
        self.progress[task.kind] = 0.0
        self._jobs[task.kind] = self._start_job(task)

    def _end(self, kind: str, *, error: str) -> None:
        self._jobs.pop(kind).stop()
        self.progress.pop(kind, None)
        if kind == "overview":
            self.complete = not error
            self._fit_whole()
        if error:
            self.said = f"No {'overview' if kind == 'overview' else 'analysis'}: {error}"

    def _take(self, result: Result) -> None:
        same = [k for k, old in enumerate(self.results) if old.fingerprint == result.fingerprint]
        if same:
            self.results[same[0]] = result
            self.shown = same[0]
        else:
            self.results.append(result)
            self.shown = len(self.results) - 1

    def _see(self, span: Span, cursor_after_s: float) -> None:
        self.span = span
        self.cursor_s = min(max(span.start_s + cursor_after_s, span.start_s), span.stop_s)

    def _whole(self) -> Span:
        """From the first to the last sample on the recording's clock."""
        ends = [
            float(t)
            for known in self.signal.sensors.values()
            if known.n_samples
            for t in known.times.time([0, known.n_samples])
        ]
        start_s = self._recording.start_s if min(ends) >= 0 else min(ends)
        return Span(min(start_s, min(ends)), max(ends))
