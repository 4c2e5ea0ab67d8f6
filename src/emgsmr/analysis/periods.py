"""The periods of a session whose strides are summed up: baseline, all, flagged, and each labeled phase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.finding import Finding
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.phases import labeled_spans
from emgsmr.recording import Event

Spans = tuple[tuple[float, float], ...]

RESERVED = ("baseline", "all", "flagged")
"""A phase with one of these labels is called ``baseline (phase)`` and so on, but for the baseline's own."""

EVER: Spans = ((float("-inf"), float("inf")),)


class Period(NamedTuple):
    """A part of the session, perhaps in several pieces.

    ``spans``: (from, to before) in s, for each side. ``sides``: legs that are summed up. ``both``: whether
    left and right are compared.
    """

    name: str
    spans: dict[str, Spans]
    sides: tuple[str, ...]
    both: bool


def session_periods(
    legs: Iterable[Leg], findings: Sequence[Finding] = (), events: Iterable[Event] = ()
) -> list[Period]:
    """What a session is divided into, for the legs that have a reference.

    Notes
    -----
    The baseline is a period only where there was one (else all strides are the reference). Flagged strides
    are those of the side's episodes of tier 1 and above, but for standing patterns, which are there all the
    time; left and right are compared over the episodes of both. Several phases of one label are one period.
    """
    baselines = {leg.side: leg.baseline for leg in legs if leg.baseline is not None}
    sides = tuple(sorted(baselines))
    own: dict[str, Spans] = {
        s: ((b.t0_s, b.t1_s),) for s, b in baselines.items() if b.source != "whole recording"
    }
    periods = [_period("baseline", own)] if own else []
    periods.append(_period("all", dict.fromkeys(sides, EVER)))
    flagged = {
        side: tuple(
            (f.t_onset_s, float("inf") if f.t_end_s is None else f.t_end_s)
            for f in findings
            if f.side == side and f.tier > 0 and f.pattern != "standing"
        )
        for side in sides
    }
    periods += [
        Period("flagged", dict.fromkeys(sides, spans), (side,), both=False)
        for side, spans in flagged.items()
        if spans
    ]
    either = tuple(sorted(span for spans in flagged.values() for span in spans))
    if either and len(sides) == 2:
        periods.append(Period("flagged", dict.fromkeys(sides, either), (), both=True))
    return periods + _labeled(sides, events)


def inside(t_s: NDArray[np.float64], spans: Spans) -> NDArray[np.bool_]:
    """Which times lie in any of some spans.

    Examples
    --------
    >>> inside(np.array([0.0, 1.0, 2.0, 5.0]), ((1.0, 2.0), (4.0, 6.0))).tolist()
    [False, True, False, True]
    """
    found = np.zeros(len(t_s), dtype=np.bool_)
    for begin, end in spans:
        found |= (t_s >= begin) & (t_s < end)
    return found


def _period(name: str, spans: dict[str, Spans]) -> Period:
    return Period(name, spans, tuple(sorted(spans)), both=len(spans) == 2)


def _labeled(sides: tuple[str, ...], events: Iterable[Event]) -> list[Period]:
    spans: dict[str, dict[str, Spans]] = {}
    for span in labeled_spans(events):
        if span.label == "baseline":
            continue  # it is a period already
        of = span.side or (span.site[-1] if span.site else None)
        name = f"{span.label} (phase)" if span.label in RESERVED else span.label
        for side in sides:
            if of in (None, side):
                here = spans.setdefault(name, {})
                here[side] = (*here.get(side, ()), (span.t0_s, span.t1_s))
    return [_period(name, found) for name, found in spans.items()]
