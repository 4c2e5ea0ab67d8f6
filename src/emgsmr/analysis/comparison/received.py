"""How much of a bout was received: broken off, or mostly a gap, it is no bout like the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emgsmr.analysis.comparison.bouts import Bout, Bouts

if TYPE_CHECKING:
    from emgsmr.analysis.channels import SensorStream
    from emgsmr.analysis.pipeline import Pipeline

ENDS_EARLY = 0.1
"""A recording that ends this part of a bout before the bout does broke it off. Less is the way of the last
samples through the air: a second at most, where bouts last ten and more."""

LEAST_RECEIVED = 0.5
"""Of a bout, from every muscle of a pair at once: what is mostly a gap is another bout than was asked for."""


class LeftOut(NamedTuple):
    """A bout that does not count, and why."""

    condition: str
    bout: Bout
    why: str

    @property
    def sentence(self) -> str:
        """For people: part of a sentence.

        Examples
        --------
        >>> LeftOut("after", Bout("B", 4, 90.0, 122.0), "it was broken off after 10 of 32 s").sentence
        'after, bout 4 of B was left out: it was broken off after 10 of 32 s'
        """
        return f"{self.condition}, bout {self.bout.number} of {self.bout.label} was left out: {self.why}"


def without_broken_off(bouts: Bouts, pipeline: Pipeline, condition: str) -> Bouts:
    """The same without the bouts that the end of the recording broke off; those are in ``left_out``.

    Parameters
    ----------
    bouts : Bouts
    pipeline : Pipeline
        Finished.
    condition : str
        before or after.
    """
    ends = [stream.ends_s for stream in pipeline.streams.values() if stream.timed]
    end_s = max(ends, default=float("-inf"))
    whole, broken = [], []
    for bout in bouts.bouts:
        length_s = bout.t1_s - bout.t0_s
        if bout.t1_s - end_s > ENDS_EARLY * length_s:
            recorded_s = max(end_s - bout.t0_s, 0.0)
            why = f"it was broken off after {recorded_s:.0f} of {length_s:.0f} s"
            broken.append(LeftOut(condition, bout, why))
        else:
            whole.append(bout)
    return replace(bouts, bouts=tuple(whole), left_out=tuple(broken)) if broken else bouts


def mostly_missing(pipeline: Pipeline, bout: Bout, sites: Iterable[str]) -> str:
    """Why too little of a bout was received from some sites at once; empty if it was enough."""
    names = list(sites)
    streams = {id(pipeline.sites[site][0]): pipeline.sites[site][0] for site in names}.values()
    length_s = bout.t1_s - bout.t0_s
    received_s = length_s - _missing_s(streams, bout)
    if received_s >= LEAST_RECEIVED * length_s:
        return ""
    return f"{received_s:.0f} of its {length_s:.0f} s were received from {', '.join(names)}"


def _missing_s(streams: Iterable[SensorStream], bout: Bout) -> float:
    """Seconds of a bout in which not every sensor was received."""
    spans = [
        (max(begin, bout.t0_s), min(end, bout.t1_s)) for stream in streams for begin, end in _missing(stream)
    ]
    missing_s, known_to = 0.0, bout.t0_s
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        missing_s += max(end - max(begin, known_to), 0.0)
        known_to = max(known_to, end)
    return missing_s


def _missing(stream: SensorStream) -> list[tuple[float, float]]:
    """From when to when nothing came from a sensor, before its first and after its last sample too."""
    infinite = float("inf")
    if not stream.timed:
        return [(-infinite, infinite)]
    assert stream.first_index is not None
    gaps = stream.timeline.time(np.array(stream.gaps, dtype=np.float64).reshape(-1, 2)).tolist()
    first_s = float(stream.timeline.time(stream.first_index))
    return [(-infinite, first_s), *((begin, end) for begin, end in gaps), (stream.ends_s, infinite)]
