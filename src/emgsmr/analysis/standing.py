"""Standing patterns: who compensates from the first stride shows no drift, but a difference that stands.

Shares are compared with the other leg, with the same person's earlier sessions and, in exercises, with what
has been published; each against the error of that comparison. No norm for running exists, and none is made
up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.analysis.earlier import EarlierSession, compare_with_earlier
from emgsmr.analysis.finding import NAMES, SIDES, Finding
from emgsmr.analysis.published import compare_with_published
from emgsmr.analysis.shares import ONE_LEG, Shares, measure_shares
from emgsmr.analysis.standing_difference import Difference, percent

if TYPE_CHECKING:
    from emgsmr.analysis.pipeline import Pipeline
    from emgsmr.anatomy import Pair

MAXIMA = "own maximal contractions"

MOSTLY = 2.0 / 3.0
"""A muscle that makes up this part of a difference is named as the one that differs."""

SAID_OF = {
    "other leg": "Healthy legs differ too (Arsenault 1986, Ounpuu and Winter 1989; by how much in running is "
    "not known), which of the two is the unusual one cannot be told, and no norm for running exists.",
    "earlier sessions": "The electrodes were placed anew; no norm for running exists.",
    "published": "That is the mean of a group and no norm: how much its people differ and what another load "
    "does are not in it.",
}
IDS = {"other leg": "standing", "earlier sessions": "standing_earlier", "published": "standing_published"}


class StandingPatterns:
    """What stands from the first stride on, found when the evidence is complete.

    That is when the baselines of both legs are decided, with what was recorded until then; for pairs that
    lack their maxima at that moment, and for exercises, at the end. So no cut of the stream changes the
    result.

    Parameters
    ----------
    earlier : sequence of EarlierSession
    """

    def __init__(self, earlier: Sequence[EarlierSession] = ()) -> None:
        self._earlier = tuple(earlier)
        self.restart()

    def restart(self) -> None:
        """Forget all: the baseline that it rests on lies elsewhere now."""
        self.findings: list[Finding] = []
        self.differences: list[Difference] = []
        self.shares: Shares | None = None
        self._looked = False
        self._finished = False

    def look(self, pipeline: Pipeline, *, last: bool = False) -> list[Finding]:
        """Compare, if the time has come; the findings that this brought."""
        if self._finished or (self._looked and not last):
            return []
        baselines = [leg.baseline for leg in pipeline.legs.values()]
        tested = [b for b in baselines if b is not None and b.source != "whole recording"]
        new: list[Finding] = []
        if not self._looked and tested and len(tested) == len(baselines):
            self._looked = True
            new += self._compare(pipeline, max(baseline.t1_s for baseline in tested), last=False)
        if last:
            self._finished = True
            new += self._compare(pipeline, float("inf"), last=True)
        return new

    def as_dict(self) -> dict[str, Any]:
        """For ``session.json``."""
        shares = self.shares
        legs = {} if shares is None else shares.legs
        return {
            "normalization": None if shares is None else shares.normalization,
            "shares": [
                {
                    "pair": pair,
                    "side": side,
                    "log_ratio": share.y,
                    "log_prime": share.prime,
                    "log_compensator": share.compensator,
                    "sd": share.error.sd,
                    "n": share.n,
                }
                for (pair, side), share in legs.items()
            ],
            "comparisons": [difference.as_dict() for difference in self.differences],
            "says": self.sentences(),
        }

    def sentences(self) -> list[str]:
        """What was compared without a finding, and what could not be compared and why: for a summary."""
        lines = []
        reasons: dict[tuple[str, str], list[str]] = {}
        for difference in self.differences:
            what = f"{difference.pair} {difference.side or ''}".strip()
            against = difference.against or f"the {difference.comparator}"
            if difference.reason and not np.isfinite(difference.y):
                reasons.setdefault((against, difference.reason), []).append(what)
            elif difference.reason:
                lines.append(
                    f"{what} against {against}: {percent(difference.y):+.0f} %; {difference.reason}."
                )
            elif not difference.found:
                needed = f"{percent(difference.bound):.0f} % would have counted"
                lines.append(f"{what} against {against}: {percent(difference.y):+.0f} %; {needed}.")
        for (against, reason), pairs in reasons.items():
            if reason != ONE_LEG:
                lines.append(f"{', '.join(pairs)} not compared with {against}: {reason}.")
        return lines

    def _compare(self, pipeline: Pipeline, until_s: float, *, last: bool) -> list[Finding]:
        floor_pct = pipeline.settings.floor_pct
        known = {d.key for d in self.differences if np.isfinite(d.y)}
        new: list[Difference] = []
        shares = self.shares
        if shares is None or len(known) < len(self.differences):  # else there is nothing left to learn
            shares = measure_shares(pipeline, until_s)
            found = [
                *_between_legs(shares, pipeline, floor_pct=floor_pct),
                *compare_with_earlier(shares, self._earlier, floor_pct=floor_pct),
            ]
            new += [d for d in found if d.key not in known]
            if self.shares is None or len(shares.legs) > len(self.shares.legs):
                self.shares = shares
        if last:
            new += compare_with_published(pipeline, floor_pct=floor_pct)
        replaced = {d.key for d in new}
        self.differences = [d for d in self.differences if d.key not in replaced] + new
        complete_s = min(until_s, _end_s(pipeline))
        findings = [_finding(d, pipeline, shares, complete_s) for d in new if d.found]
        self.findings += findings
        return findings


def _end_s(pipeline: Pipeline) -> float:
    ends = [stream.measured_s for stream in pipeline.streams.values() if np.isfinite(stream.measured_s)]
    return max(ends, default=0.0)


def _between_legs(shares: Shares, pipeline: Pipeline, *, floor_pct: float) -> list[Difference]:
    """Right against left, for each pair; said of the leg whose compensator carries more."""
    found: list[Difference] = [
        Difference("other leg", pair, None, reason=reason) for pair, reason in shares.reasons.items()
    ]
    said: dict[str, Difference] = {}
    for pair, share in shares.differences.items():
        side, sign = ("R", 1.0) if share.y >= 0 else ("L", -1.0)
        difference = Difference(
            "other leg",
            pair,
            side,
            sign * share.y,
            sign * share.prime,
            sign * share.compensator,
            n=share.n,
            against=f"the {SIDES['L' if side == 'R' else 'R']} leg",
            error_from="strides and repeated maxima",
        ).judged(share.error, n_comparisons=len(shares.differences), floor_pct=floor_pct)
        about = pipeline.catalog.pairs[pair]
        earlier = said.get(about.prime_name)
        own = sign * share.compensator > share.compensator_error.times(0.05)
        if difference.found and earlier is not None and earlier.side != side and not own:
            reason = f"{NAMES.get(about.prime_name, about.prime_name)} differ, as said of {earlier.pair}"
            difference = replace(difference, reason=reason)
        if difference.found:
            said[about.compensator_name] = difference
        found.append(difference)
    return found


def _finding(difference: Difference, pipeline: Pipeline, shares: Shares, complete_s: float) -> Finding:
    pair = pipeline.catalog.pairs[difference.pair]
    assert difference.side is not None
    low, high = difference.interval_pct
    published = difference.comparator == "published"
    return Finding(
        finding=f"{pair.id}_{difference.side}_{IDS[difference.comparator]}",
        pair=pair.id,
        side=difference.side,
        prime=pair.prime_name,
        compensator="BFLH" if published else pair.compensator_name,
        t_onset_s=pipeline.legs[difference.side].strides[0].t_start_s,
        t_alarm_s=complete_s,
        t_tier2_s=None,
        t_tier3_s=None,
        t_end_s=None,
        tier=0 if published else 1,
        change_pct=percent(difference.y),
        ci_low_pct=low,
        ci_high_pct=high,
        d_prime_pct=percent(difference.prime),
        d_compensator_pct=percent(difference.compensator),
        z=difference.y / difference.sd,
        pattern="standing",
        overload_index=None,
        n_strides=difference.n,
        text=sentence(difference, pair, relative_to=MAXIMA if published else _relative_to(shares)),
    )


def _relative_to(shares: Shares) -> str:
    reference = shares.reference
    assert reference is not None
    name = {"mvc": MAXIMA, "reference": "own reference run"}[reference.normalization]
    return name if shares.normalization else f"{name} in {reference.source}"


def sentence(difference: Difference, pair: Pair, *, relative_to: str) -> str:
    """What stands, against what, how sure, and what it does not say."""
    assert difference.side is not None
    side = SIDES[difference.side]
    published = difference.comparator == "published"
    prime = NAMES.get(pair.prime_name, pair.prime_name)
    compensator = "biceps femoris" if published else NAMES.get(pair.compensator_name, pair.compensator_name)
    low, high = difference.interval_pct
    needed = percent(difference.bound)
    return (
        f"{side.capitalize()} {compensator} {percent(difference.y):+.0f} % relative to {side} {prime} "
        f"(95 % CI {low:+.0f} to {high:+.0f} %), compared with {difference.against}"
        f"{_which(difference, pair)}; each muscle relative to its {relative_to}. It stands since the first "
        f"stride and is no change; larger than the {needed:.0f} % that count with this error "
        f"({difference.error_from}). {SAID_OF[difference.comparator]}"
    )


def _which(difference: Difference, pair: Pair) -> str:
    """Which muscle makes the difference, where one of them does."""
    if not np.isfinite(difference.prime):
        return ""
    prime, compensator = (NAMES.get(name, name) for name in (pair.prime_name, pair.compensator_name))
    parts = (
        f"{compensator} {percent(difference.compensator):+.0f} %, {prime} {percent(difference.prime):+.0f} %"
    )
    if difference.compensator >= MOSTLY * difference.y:
        return f", mostly because the {compensator} did more ({parts})"
    if -difference.prime >= MOSTLY * difference.y:
        return f", mostly because the {prime} did less ({parts})"
    return f" ({parts})"
