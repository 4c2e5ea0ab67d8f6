"""Rest windows: how quiet each muscle is where nothing is asked of it, and how many spikes it shows there.

A research output: fasciculations in pauses have been described before cramps, and a forecast has not been
shown. Computed at the end, from the seconds' measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf, isfinite, sqrt
from statistics import median
from typing import Any

import pandas as pd

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.columns import frame
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.limits import SPECTRUM_HZ
from emgsmr.analysis.phases import Span, labeled_spans
from emgsmr.analysis.rest import usable_seconds
from emgsmr.analysis.seconds import Second
from emgsmr.recording import Event

PAUSE_S = 5.0
"""A pause between strides that is at least this long is a rest window where the muscle is found quiet."""

EDGE_S = 1.0
"""Left out on either side of a pause: the last step and the first."""

ENOUGH_S = 3
"""Usable seconds that a window must have."""

QUIET = 2.0
"""Times the usual amplitude (of the window, and of the noise floor) from which on a muscle does not rest."""

MOVED_SHARE = 0.2
"""Of the seconds: with more above `QUIET` it was no rest."""


def rest_table(
    legs: Mapping[str, Leg], sites: Mapping[str, tuple[SensorStream, int]], events: Iterable[Event]
) -> pd.DataFrame:
    """One row per rest window and site: phases labeled ``rest``, and pauses in which the muscle is quiet."""
    marked = labeled_spans(events, "rest")
    paused = [span for span in _pauses(legs) if not any(_overlap(span, other) for other in marked)]
    rows = []
    for site, (stream, column) in sorted(sites.items()):
        leg = legs.get(site[-1])
        noise = leg.baseline.noise.get(site, 0.0) if leg is not None and leg.baseline is not None else 0.0
        for span in marked:
            if span.has(site):
                rows.append(_row(span, site, "phase", stream, column))
        for span in paused:
            row = _row(span, site, "pause", stream, column)
            if row["state"] == "rest" and 0 < row["rms_uV"] <= QUIET * sqrt(noise):
                rows.append(row)
    rows.sort(key=lambda row: (row["t_start_s"], row["site"]))
    return frame("rest", rows)


def _pauses(legs: Mapping[str, Leg]) -> Iterator[Span]:
    """Between the strides of both legs."""
    spans = sorted((s.t_start_s, s.t_end_s) for leg in legs.values() for s in leg.strides)
    until_s = -inf
    for (_, end_s), (start_s, _) in pairwise(spans):
        until_s = max(until_s, end_s)
        if start_s - until_s >= PAUSE_S + 2 * EDGE_S:
            yield Span("pause", until_s + EDGE_S, start_s - EDGE_S)


def _overlap(span: Span, other: Span) -> bool:
    return span.t0_s < other.t1_s and other.t0_s < span.t1_s


def _row(span: Span, site: str, source: str, stream: SensorStream, column: int) -> dict[str, Any]:
    seconds = [s for s in usable_seconds(stream, column, span) if isfinite(s.power[column])]
    row: dict[str, Any] = {
        "t_start_s": span.t0_s,
        "t_end_s": span.t1_s if isfinite(span.t1_s) else None,
        "site": site,
        "source": source,
        "n_seconds": len(seconds),
        "state": "rest",
    }
    if len(seconds) < ENOUGH_S:
        return row | {"state": "short", "reason": f"{len(seconds)} usable seconds; {ENOUGH_S} are needed"}
    usual = median(second.level[column] for second in seconds)  # which a spike does not move
    moved = [second for second in seconds if second.level[column] > QUIET * usual]
    row["rms_uV"] = sqrt(median(second.power[column] for second in seconds))
    if len(moved) > MOVED_SHARE * len(seconds):
        reason = f"active or moved in {len(moved)} of {len(seconds)} seconds"
        return row | {"state": "not_quiet", "reason": reason}
    near = 1.5 * stream.fs  # a movement may begin in the second before, and the filter rings into the next
    quiet = [s for s in seconds if all(abs(s.first_index - m.first_index) > near for m in moved)]
    return row | _spikes(quiet, column, stream.fs)


def _spikes(quiet: Sequence[Second], column: int, fs: float) -> dict[str, Any]:
    if fs < SPECTRUM_HZ:
        return {"reason": f"spikes are counted from {SPECTRUM_HZ:g} Hz on"}
    counted = [second for second in quiet if isfinite(second.spikes[column])]
    if not counted:
        return {}
    n = int(sum(second.spikes[column] for second in counted))
    return {"n_spikes": n, "spikes_per_min": 60.0 * n * fs / sum(second.n for second in counted)}
