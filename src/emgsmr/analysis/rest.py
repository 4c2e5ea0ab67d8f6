"""Seconds of a marked phase in which a channel can be believed, and what it shows at rest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

import numpy as np

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.phases import Span, labeled_spans
from emgsmr.analysis.seconds import Second
from emgsmr.recording import Event


def usable_seconds(
    stream: SensorStream, column: int, span: Span, *, before_s: float = 0.0
) -> Iterator[Second]:
    """Seconds that lie within a span, together with ``before_s`` before them, and have no fault."""
    if not stream.timed:
        return
    before = round(before_s * stream.fs)
    for second in stream.seconds[_place(stream, span.t0_s, -2.0) : _place(stream, span.t1_s, 2.0)]:
        first, stop = second.first_index - before, second.first_index + second.n
        start_s, stop_s = stream.timeline.time(np.array([first, stop]))
        if start_s >= span.t0_s and stop_s <= span.t1_s and not stream.fault(first, stop, column):
            yield second


def _place(stream: SensorStream, t_s: float, margin_s: float) -> int:
    """Where a time, give or take, lies among the seconds: there is no need to look at all of a session."""
    if not np.isfinite(t_s):
        return 0 if t_s < 0 else len(stream.seconds)
    index = float(stream.timeline.index(t_s)) + margin_s * stream.fs
    return bisect_left(stream.seconds, index, key=lambda second: second.first_index)


def rest_power(
    stream: SensorStream, column: int, *, site: str, events: Iterable[Event], until_s: float = float("inf")
) -> float | None:
    """Median power (µV²) of a channel's usable seconds in phases labeled ``rest``; None if there are none.

    Seconds that end after ``until_s`` do not count: a live analysis has to say the same as a later one.
    """
    powers = [
        float(second.power[column])
        for span in labeled_spans(events, "rest")
        if span.has(site)
        for second in usable_seconds(stream, column, span._replace(t1_s=min(span.t1_s, until_s)))
    ]
    known = [power for power in powers if np.isfinite(power)]
    return float(np.median(known)) if known else None
