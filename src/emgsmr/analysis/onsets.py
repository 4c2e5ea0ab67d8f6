"""When a muscle's main burst begins and ends in a stride, or why that cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp

if TYPE_CHECKING:
    from emgsmr.analysis.strides import SiteGroup, Stride

FloatArray = NDArray[np.float64]

QUIET_SHARE = 0.2
"""Share of the stride in which a muscle is taken to rest: its quietest part of this length."""

SHORTEST_S = 0.03
"""A shorter burst is none (Bonato 1998)."""

MARGIN_S = 0.5
"""How far around a repetition, the burst of all muscles together, each muscle's own burst is sought."""

HELD = "a held contraction has no beginning in each of its windows"
NO_QUIET = "no quiet part of the stride to compare with"
NO_BURST = "no activity above the quiet part"
NO_BEGIN = "active from the beginning of the search: no quiet signal before the burst"
NO_END = "still active where the search ends: no quiet signal after the burst"
CUT = "a gap, or the filter settling after it, before the burst"
SHORT = "shorter than 30 ms"


class BurstTimes(NamedTuple):
    """Begin and end of a burst on the recording's clock, s; both NaN where ``reason`` says why."""

    t_on_s: float = float("nan")
    t_off_s: float = float("nan")
    reason: str = NO_QUIET


NO_TIMES = BurstTimes()


def burst_times(
    group: SiteGroup,
    stride: Stride,
    bins: FloatArray,
    *,
    x: FloatArray,
    first_index: int,
    quiet: Mapping[str, float] | None = None,
) -> list[BurstTimes]:
    """When each muscle of a group was active in a stride.

    Parameters
    ----------
    group : SiteGroup
    stride : Stride
    bins : ndarray, shape (n_bins, n_sites), µV²
        Power in equal parts of the stride.
    x : ndarray, shape (n_samples, n_sites), µV
        Filtered signal of the stride, from ``first_index``: used where the signal before it is gone.
    first_index : int
    quiet : dict of site to µV², optional
        Power between repetitions; their cycle is the burst, so it does not hold its own quiet part.

    Notes
    -----
    The search goes from the middle of the quiet part before the main window to the middle of that after it,
    so it may begin in the stride before; it never goes beyond the stride's end, because a live analysis does
    not wait. The filter's delay is taken off (`emgsmr.dsp.burst_delay_s`).
    """
    if stride.gait == "hold":
        return [BurstTimes(reason=HELD)] * len(group.sites)
    stream, n = group.stream, len(group.sites)
    if stride.gait == "rep":
        noise = np.array([(quiet or {}).get(site, np.nan) for site in group.sites])
        begin_s, end_s = stride.t_start_s, stride.t_end_s
        times = np.repeat([begin_s - MARGIN_S, end_s + MARGIN_S, begin_s, end_s], [n, n, 1, 1])
    else:
        noise, times = _between_rests(group, stride, bins)
    if not times.max() <= stream.timeline.end_s:
        return [BurstTimes(reason=NO_END)] * n
    at = np.ceil(stream.timeline.index(times)).astype(np.int64)
    begin, end = int(at[:n].min()), int(at[n : 2 * n].max())
    signal = stream.read(begin, end)
    cut = signal is None
    if signal is None:
        begin, end = first_index, first_index + len(x)
    else:
        x = group.of(signal)
    at = np.minimum(np.maximum(at - begin, 0), len(x))
    find = (
        dsp.likelihood_edges if stream.settings.onset_method == "likelihood" else dsp.double_threshold_edges
    )
    edges = find(
        x,
        fs=stream.fs,
        noise_power=noise,
        peak_within=(int(at[-2]), int(at[-1])),
        limits=at[: 2 * n].reshape(2, n),
    )
    found_s = stream.timeline.time(begin + np.array(edges)) - stream.delay_s
    found = []
    for k, column in enumerate(group.columns):
        fault = "" if cut else stream.fault(begin, end, column)
        times_of = (float(found_s[0, k]), float(found_s[1, k]))
        reason = fault or _reason(times_of, quiet=bool(noise[k] > 0), cut=cut)
        found.append(BurstTimes(reason=reason) if reason else BurstTimes(*times_of, ""))
    return found


def _between_rests(group: SiteGroup, stride: Stride, bins: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Noise of each site, and times (s): where each search begins, where each ends, and the main window."""
    window = group.windows[stride.gait]["main"]
    first, noise = dsp.quiet_part(
        bins, n_bins=round(QUIET_SHARE * len(bins)), allowed=_beside(window, len(bins))
    )
    middle = 100.0 * (first / len(bins) + QUIET_SHARE / 2) % 100.0
    if window[1] - window[0] > 100.0 * (1.0 - QUIET_SHARE):
        # the window is the whole cycle: around its strongest part
        peak = 100.0 * (np.argmax(bins, axis=0) + 0.5) / len(bins)
        before, after = _search(middle, peak, peak)
    else:
        before, after = _search(middle, *window)
    pct = np.concatenate([before, after, window])
    length = np.where(pct >= 0, stride.duration_s, stride.previous_s)
    return noise, stride.t_start_s + pct / 100.0 * length


def _reason(times: tuple[float, float], *, quiet: bool, cut: bool) -> str:
    """Why a burst has no times; empty if it has."""
    on, off = times
    if not quiet:
        return NO_QUIET
    if np.isnan(on) and np.isnan(off):
        return NO_BURST
    if np.isnan(on):
        return CUT if cut else NO_BEGIN
    if np.isnan(off):
        return NO_END
    return SHORT if off - on < SHORTEST_S else ""


def _search(
    middle: FloatArray, start: FloatArray | float, stop: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """From where to where to look for each burst, % of the stride (negative: in the stride before).

    ``middle``: of the quiet parts; ``start`` and ``stop``: what has to lie between two of them.

    Examples
    --------
    >>> before, after = _search(np.array([50.0, 80.0]), -15.0, 20.0)
    >>> before.tolist(), after.tolist()
    ([-50.0, -20.0], [50.0, 80.0])
    """
    before = np.where(middle <= start, middle, middle - 100.0)
    after = np.where(middle >= stop, middle, middle + 100.0)
    return before, np.minimum(after, 100.0)


@lru_cache(maxsize=64)
def _beside(window: tuple[float, float], n_bins: int) -> NDArray[np.bool_] | None:
    """Bins at which a quiet part may begin that does not touch the window; None: it fills the cycle."""
    share = 100.0 * QUIET_SHARE
    if window[1] - window[0] > 100.0 - share:
        return None
    begins = 100.0 * np.arange(n_bins) / n_bins
    free = np.ones(n_bins, dtype=np.bool_)
    for turn in (-100.0, 0.0, 100.0):
        free &= (begins + share <= window[0] + turn) | (begins >= window[1] + turn)
    free.flags.writeable = False
    return free if free.any() else None
