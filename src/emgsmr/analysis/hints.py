"""Hints: what looks wrong with the set-up, in one sentence each. No verdict, and nothing is left out for it.

Computed at the end, from the facts of the strides and the measures of the seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.columns import frame
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.quality import UNUSABLE
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import Catalog, parse_site

FloatArray = NDArray[np.float64]
Sites = dict[str, tuple[SensorStream, int]]
Row = dict[str, Any]

# Why these limits and no others: docs/decisions/0075.
CROSS_TALK_R = 0.9
DUPLICATE_R = 0.9999
MIN_STRIDES = 8
BURST_UV = (5.0, 10_000.0)  # rms of a muscle's burst on skin, in the loudest fiftieth of a stride
SECOND_UV = (1.0, 10_000.0)  # rms of a channel's loudest seconds
HALF_STRIDE_PCT = 30.0  # from here on a burst fits the other leg better
MUSCLE_PCT = (12.0, 25.0)  # this near to another muscle's burst, and that far from its own
DRIFT_STRIDES, DRIFT_BLOCK = 100, 10
DRIFT_LN, DRIFT_RHO = 0.18, 0.8  # a fifth of the amplitude, and how steadily
UNUSABLE_SHARE = 0.2  # of the seconds of a channel
PHASES = 5  # parts of the stride that must change alike

SYNERGISTS = (
    frozenset({"BFLH", "ST"}),
    frozenset({"MGAS", "LGAS", "SOL"}),
    frozenset({"VL", "VM", "RF"}),
    frozenset({"GMED", "TFL"}),
)
"""Muscles that work alike: that their envelopes agree is no sign of cross-talk."""


def hints_table(legs: Iterable[Leg], sites: Sites, catalog: Catalog) -> pd.DataFrame:
    """One row for each thing to check, in the order of kinds."""
    legs = list(legs)
    strides = [list(_usable(leg)) for leg in legs]
    swapped = list(_swapped_sides(strides, catalog))
    rows = [row for site in sorted(sites) for row in _unusable(site, *sites[site])]
    rows += [*_units(sites, strides), *swapped]
    duplicates = list(_duplicates(sites))
    same = {(row["site"], row["other_site"]) for row in duplicates}
    for found in strides:
        rows += () if swapped else _swapped_muscles(found, catalog)
        rows += [row for row in _cross_talk(found) if (row["site"], row["other_site"]) not in same]
        rows += _gain_drift(found)
    return frame("hints", rows + duplicates)


def _usable(leg: Leg) -> Iterator[Stride]:
    """Valid strides of a leg's usual gait."""
    gait = None if leg.baseline is None else leg.baseline.gait
    return (stride for stride in leg.strides if stride.valid and gait in (None, stride.gait))


def _sites(strides: Sequence[Stride]) -> list[str]:
    return sorted({site for stride in strides for site in stride.sites})


def _profile(strides: Sequence[Stride], site: str) -> FloatArray:
    """Amplitude (n_strides, n_bins), µV; NaN where the site is not valid."""
    return np.array([np.sqrt(np.maximum(s.sites[site].bins, 0.0)) for s in strides if site in s.sites])


def _row(kind: str, text: str, strides: Sequence[Stride] = (), site: str = "", other: str = "") -> Row:
    span = {"t_s": strides[0].t_start_s, "t_end_s": strides[-1].t_end_s} if strides else {}
    return {**span, "site": site or None, "other_site": other or None, "kind": kind, "text": text}


def _cross_talk(strides: Sequence[Stride]) -> Iterator[Row]:
    """Two muscles whose envelopes agree in every piece of every stride, as only one source does."""
    profiles = {site: _profile(strides, site) for site in _sites(strides)}
    for site, other in combinations(profiles, 2):
        a, b = profiles[site], profiles[other]
        if len(a) != len(b):
            continue
        both = np.isfinite(a) & np.isfinite(b)
        if both.all(axis=1).sum() < MIN_STRIDES:
            continue
        r = _correlation(a[both], b[both])
        if r > DUPLICATE_R:
            yield _duplicate(site, other, strides)
        elif r > CROSS_TALK_R and not _work_alike(site, other):
            text = (
                f"The envelopes of {site} and {other} agree in every part of the stride (r = {r:.2f}): "
                "one may pick up the other, which cannot be proven from the signal; check where their "
                "electrodes are."
            )
            yield _row("cross_talk", text, strides, site, other)


def _work_alike(site: str, other: str) -> bool:
    codes = {*parse_site(site).muscles, *parse_site(other).muscles}
    return any(codes <= group for group in SYNERGISTS)


def _correlation(a: FloatArray, b: FloatArray) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _duplicate(site: str, other: str, strides: Sequence[Stride] = ()) -> Row:
    text = (
        f"{site} and {other} carry the same signal: check if one channel was mapped to two sites, or if "
        "both electrodes are on one muscle."
    )
    return _row("duplicate", text, strides, site, other)


def _duplicates(sites: Sites) -> Iterator[Row]:
    """Channels of one sensor with the same power in every second, up to the sign of the signal."""
    for (site, (stream, column)), (other, (stream2, column2)) in combinations(sorted(sites.items()), 2):
        if stream is not stream2 or len(stream.seconds) < 2:
            continue
        pairs = [(second.power[column], second.power[column2]) for second in stream.seconds]
        pairs = [pair for pair in pairs if not np.isnan(pair).any()]  # a piece with nothing but start-up
        if len(pairs) > 1 and all(a > 0 and abs(a - b) <= 1e-9 * a for a, b in pairs):
            yield _duplicate(site, other)


def _unusable(site: str, stream: SensorStream, column: int) -> Iterator[Row]:
    """Channels of which too little can be used, or nothing be said at all."""
    verdicts = [second.verdicts[column] for second in stream.seconds]
    bad = [verdict for verdict in verdicts if verdict.state in UNUSABLE]
    if not verdicts:
        text = f"{site} has no tenth of a second without a gap, so nothing can be said of it: check the link."
        yield _row("too_short", text, site=site)
    elif len(bad) > UNUSABLE_SHARE * len(verdicts):
        [(worst, _)] = Counter(verdict.state for verdict in bad).most_common(1)
        [(reason, _)] = Counter(v.reason for v in bad if v.state == worst).most_common(1)
        text = (
            f"{site} could not be used in {100 * len(bad) / len(verdicts):.0f} % of its seconds, mostly "
            f"{worst} ({reason}): check electrode, cable and place."
        )
        yield _row("unusable", text, site=site)


def _units(sites: Sites, strides: Sequence[Sequence[Stride]]) -> Iterator[Row]:
    """Amplitudes that no muscle has on the skin, where the file claims to know the unit."""
    for site, (stream, column) in sorted(sites.items()):
        if stream.info.scale_known != "known":
            continue
        bursts = [float(np.nanmax(s.sites[site].bins)) for leg in strides for s in leg if _has(s, site)]
        power = [
            second.power[column]
            for second in stream.seconds
            if second.verdicts[column].state in ("good", "noisy", "clipped") and second.power[column] > 0
        ]
        if len(bursts) >= MIN_STRIDES:
            rms, limits = float(np.sqrt(np.median(bursts))), BURST_UV
        elif power:
            rms, limits = float(np.sqrt(np.quantile(power, 0.95))), SECOND_UV
        else:
            continue
        if not limits[0] <= rms <= limits[1]:
            text = (
                f"{site} reaches {_volts(rms)} rms where a muscle on the skin gives {limits[0]:g} µV to "
                f"{limits[1] / 1e3:g} mV: check the unit (and the electrode)."
            )
            yield _row("wrong_unit", text, site=site)


def _has(stride: Stride, site: str) -> bool:
    return site in stride.sites and stride.sites[site].valid and "main" in stride.sites[site].power


def _volts(uv: float) -> str:
    for size, unit in ((1e6, "V"), (1e3, "mV"), (1.0, "µV")):
        if uv >= size:
            return f"{uv / size:.3g} {unit}"
    return f"{uv * 1e3:.3g} nV"


def _centers(strides: Sequence[Stride], catalog: Catalog) -> dict[str, tuple[float, float]]:
    """Circular mean of each site's burst center, and the textbook's, % of the stride."""
    told = [s for s in strides if s.source in ("events", "imu")]  # the EMG's own rhythm knows no other leg
    found = {}
    for site in _sites(told):
        muscle = catalog.muscles[parse_site(site).muscles[0]]
        centers = np.array([s.sites[site].center_pct for s in told if _has(s, site)])
        centers = centers[np.isfinite(centers)]
        book = muscle.center_run_pct if told[0].gait == "run" else muscle.center_walk_pct
        if book is None or len(centers) < MIN_STRIDES:
            continue
        mean = np.exp(2j * np.pi * centers / 100).mean()
        if abs(mean) > 0.7:  # else there is no burst to speak of
            found[site] = (float(np.angle(mean)) / (2 * np.pi) * 100 % 100, book)
    return found


def _apart(a: float, b: float) -> float:
    """Distance (%) of two points of the stride, at most 50."""
    return abs((a - b + 50) % 100 - 50)


def _swapped_sides(strides: Sequence[Sequence[Stride]], catalog: Catalog) -> Iterator[Row]:
    """Legs most of whose muscles work half a stride away from the textbook's time."""
    off: dict[str, list[str]] = {}
    known: dict[str, int] = {}
    for leg in strides:
        centers = _centers(leg, catalog)
        if centers:
            known[leg[0].side] = len(centers)
            off[leg[0].side] = [s for s, (c, book) in centers.items() if _apart(c, book) > HALF_STRIDE_PCT]
    wrong = [side for side, sites in off.items() if len(sites) > 0.7 * known[side]]
    sites = sorted(site for side in wrong for site in off[side])
    if len(sites) < 2:
        return  # a single muscle: something else
    span = [s for leg in strides for s in leg]
    text = (
        f"{', '.join(sites)} work about half a stride away from the foot contacts of their own leg: check "
        "whether left and right are exchanged, in the sensors or in the foot contacts."
    )
    yield _row("swapped_sides", text, sorted(span, key=lambda s: s.t_start_s))


def _swapped_muscles(strides: Sequence[Stride], catalog: Catalog) -> Iterator[Row]:
    """Two muscles each of which works when the other should."""
    near, far = MUSCLE_PCT
    for (site, (a, book_a)), (other, (b, book_b)) in combinations(_centers(strides, catalog).items(), 2):
        if _apart(book_a, book_b) >= far and max(_apart(a, book_b), _apart(b, book_a)) <= near:
            text = f"{site} works when {other} should, and {other} when {site}: check if they are exchanged."
            yield _row("swapped_muscles", text, strides, site, other)


def _gain_drift(strides: Sequence[Stride]) -> Iterator[Row]:
    """Channels whose noise floor and all phases change slowly and alike, and no other channel with them."""
    drifts = {site: _drift(strides, site) for site in _sites(strides)}
    for site, changes in drifts.items():
        if changes is None:
            continue
        change = float(np.median(changes))
        others = [float(np.median(c)) for other, c in drifts.items() if other != site and c is not None]
        if abs(change) < DRIFT_LN or np.min(changes * np.sign(change)) < 0.5 * abs(change):
            continue
        if others and float(np.median(others)) * np.sign(change) > 0.5 * abs(change):
            continue  # all change alike: speed or effort
        text = (
            f"The noise floor and all phases of {site} {'rose' if change > 0 else 'fell'} alike by "
            f"{100 * abs(np.expm1(change)):.0f} %, and no other channel did: check electrode, gel and sweat."
        )
        yield _row("gain_drift", text, strides, site)


def _drift(strides: Sequence[Stride], site: str) -> FloatArray | None:
    """Change of ln amplitude of the noise floor and of each phase; None unless it goes on steadily."""
    facts = [s.sites[site] for s in strides if site in s.sites and s.sites[site].valid]
    if len(facts) < DRIFT_STRIDES:
        return None
    phases = np.array([[*f.bins.reshape(PHASES, -1).mean(axis=1), f.quiet] for f in facts])
    logs = 0.5 * np.log(np.maximum(phases, np.finfo(np.float64).tiny))
    n = len(logs) // DRIFT_BLOCK
    blocks = np.median(logs[: n * DRIFT_BLOCK].reshape(n, DRIFT_BLOCK, -1), axis=1)
    fifth = max(n // 5, 1)
    changes = np.median(blocks[-fifth:], axis=0) - np.median(blocks[:fifth], axis=0)
    steady = _correlation(
        np.argsort(np.argsort(blocks.mean(axis=1))).astype(np.float64), np.arange(n, dtype=float)
    )
    return np.asarray(changes if abs(steady) >= DRIFT_RHO else np.zeros_like(changes))
