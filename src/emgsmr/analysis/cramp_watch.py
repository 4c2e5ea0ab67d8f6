"""The cramp watch: one muscle active without rest, outside its usual phase of the stride or in standing.

A research output beside the findings: it changes no tier, and no number rests on it. What it says is said
once, from what was known then, so that a live session and an analysis of its recording say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.columns import frame
from emgsmr.analysis.exercises import exercise_spans
from emgsmr.analysis.phases import labeled_spans
from emgsmr.analysis.resting import LASTING_S, Resting, Sustained
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import Catalog, parse_site
from emgsmr.recording import Event

SAID_AFTER_S = 5.0
"""So long activity must be sustained before anything is said of it."""

ALIKE = 0.5
"""Another muscle without rest counts from this part of the strength on; less may be cross-talk."""

MIN_STRIDES = 3
"""From so many on it is outside of a phase; with fewer the person hardly moved."""

Sites = Mapping[str, tuple[SensorStream, int]]


@dataclass(slots=True)
class Episode:
    """Sustained activity of one site, from when on it was said, and why it may be something else."""

    site: str
    sustained: Sustained
    t_said_s: float
    burst_uv: float
    rest_uv: float
    reason: str
    open: bool = True


class CrampWatch:
    """Watches all sites of a session, as far as everything about them is known.

    Parameters
    ----------
    sites : mapping of str to (SensorStream, int)
    settings : Settings
        Where cycles are repetitions or held contractions, which are sustained, nothing is watched.
    """

    def __init__(self, sites: Sites, settings: Settings) -> None:
        self.episodes: list[Episode] = []
        """All that was said, in the order of time."""
        self._streams: list[tuple[SensorStream, dict[str, Resting]]] = []
        self._next: list[int] = []
        self._resting: dict[str, Resting] = {}
        if settings.cycles in ("bursts", "windows"):
            return
        for site in sorted(sites):
            stream, column = sites[site]
            resting = Resting(column, in_uv=stream.info.scale_known == "known")
            self._resting[site] = resting
            for known, of in self._streams:
                if known is stream:
                    of[site] = resting
                    break
            else:
                self._streams.append((stream, {site: resting}))
                self._next.append(0)

    def until(self, known_s: float, *, last: bool = False) -> list[Episode]:
        """Go on with what is known up to then; return the episodes that are said now.

        All sites go on together, to one whole second of the recording's clock after the other: what is said
        of one depends on what the others do.
        """
        said: list[Episode] = []
        while self._streams:
            ends = [self._end_s(k, last=last) for k in range(len(self._streams))]
            tick = min(ends)
            if not tick < float("inf") or (ceil(tick) > known_s and not last):
                break
            tick = ceil(tick)
            for k in range(len(self._streams)):
                self._advance(k, tick, last=last)
            now = list(self._say())
            self.episodes += now
            said += now
        return said

    def _end_s(self, k: int, *, last: bool) -> float:
        """When the next second of a sensor ends; infinity if that is not known."""
        stream = self._streams[k][0]
        if self._next[k] >= len(stream.seconds) or not stream.timed:
            return float("inf")
        second = stream.seconds[self._next[k]]
        end_s = float(stream.timeline.time(second.first_index + second.n))
        return end_s if last or end_s < stream.timeline.end_s else float("inf")

    def _advance(self, k: int, tick_s: float, *, last: bool) -> None:
        stream, of = self._streams[k]
        while (end_s := self._end_s(k, last=last)) <= tick_s:
            second = stream.seconds[self._next[k]]
            self._next[k] += 1
            for site, resting in of.items():
                resting.second(second, end_s)
                if resting.ended is not None:
                    self._close(site)

    def _close(self, site: str) -> None:
        for episode in reversed(self.episodes):
            if episode.site == site:
                episode.open = False
                break

    def _say(self) -> Iterator[Episode]:
        """Episodes that are long enough now."""
        for site, resting in self._resting.items():
            sustained = resting.sustained
            if sustained is None or sustained.said or sustained.length_s < SAID_AFTER_S:
                continue
            sustained.said = True
            reason = self._something_else(site, resting)
            yield Episode(site, sustained, sustained.t_end_s, resting.burst_uv, resting.rest_uv, reason)

    def _something_else(self, site: str, resting: Resting) -> str:
        """Why it is not the one muscle's own; empty if it is."""
        others = {name: other for name, other in self._resting.items() if name != site}
        alike = [name for name, other in others.items() if other.share >= ALIKE * resting.share]
        if alike:
            return f"{', '.join(alike)} active without rest as well: several muscles work together"
        if not any(other.good for name, other in others.items() if name[-1] == site[-1]):
            return "no other muscle of this leg to compare with"
        return ""


def watch_table(
    watch: CrampWatch, strides: Mapping[str, Sequence[Stride]], events: Iterable[Event], catalog: Catalog
) -> pd.DataFrame:
    """One row per episode; ``strides``: those of each side."""
    events = list(events)
    rows = [_row(episode, strides.get(episode.site[-1], []), events, catalog) for episode in watch.episodes]
    rows.sort(key=lambda row: (row["t_start_s"], row["site"]))
    return frame("watch", rows)


def _row(
    episode: Episode, strides: Sequence[Stride], events: list[Event], catalog: Catalog
) -> dict[str, Any]:
    sustained, site = episode.sustained, episode.site
    begin_s, end_s = sustained.t_start_s, sustained.t_end_s
    n_strides = sum(
        s.gait in ("run", "walk") and s.t_start_s >= begin_s and s.t_end_s <= end_s for s in strides
    )
    reason, kind = episode.reason, "left_out" if episode.reason else "sustained"
    if not reason and _exercise(site, begin_s, end_s, events):
        reason, kind = "in a phase of exercise or maximal contractions", "left_out"
    elif not reason and sustained.length_s > LASTING_S:
        reason, kind = "lasts longer than cramps do: the electrode, or a new way to stand or move?", "lasting"
    share_pct = 100.0 * sustained.level_uv / episode.burst_uv
    return {
        "t_start_s": begin_s,
        "t_end_s": None if episode.open else end_s,
        "t_said_s": episode.t_said_s,
        "site": site,
        "level_uV": sustained.level_uv,
        "level_pct": share_pct,
        "rest_uV": episode.rest_uv,
        "n_strides": n_strides,
        "kind": kind,
        "reason": reason or None,
        "text": _text(site, sustained.length_s, share_pct, n_strides, reason, catalog),
    }


def _exercise(site: str, begin_s: float, end_s: float, events: list[Event]) -> bool:
    spans = exercise_spans(events, site[-1]) + [s for s in labeled_spans(events, "mvc") if s.has(site)]
    return any(begin_s < span.t1_s and end_s > span.t0_s for span in spans)


def _text(site: str, length_s: float, share_pct: float, n: int, reason: str, catalog: Catalog) -> str:
    parsed = parse_site(site, codes=catalog.muscles)
    side = {"L": "left", "R": "right"}[parsed.side]
    names = " or ".join(catalog.muscles[code].name for code in parsed.muscles)
    where = f"outside the usual phase of the {side} {names}" if n >= MIN_STRIDES else f"of the {side} {names}"
    text = f"sustained activity {where} for {length_s:.0f} s, without rest at {share_pct:.0f} % of its burst"
    if reason:
        return f"{text}; {reason} (research output)"
    other = "" if n >= MIN_STRIDES else ", and so can a held contraction"
    return f"{text}; a cramp can look like this{other} (research output, not a diagnosis)"
