"""Since when channels have no usable signal: a bad second while running is usual, and no news for the eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgsmr.gui.lights import has_signal

if TYPE_CHECKING:
    from collections.abc import Collection

    from emgsmr.session.snapshot import Snapshot

LASTS_S = 3.0
"""A shorter outage is not shown; alerts wait for a good signal all the same."""


class Outages:
    """What is out, on the session's clock.

    Examples
    --------
    >>> from emgsmr.session.snapshot import ChannelSignal, Snapshot
    >>> shaking = ChannelSignal("uMyo", 0, "GMAX_L", 90.0, "motion", "")
    >>> outages = Outages()
    >>> for t_s in (10.0, 12.0, 13.0):
    ...     outages.take(Snapshot(channels=(shaking,), elapsed_s=t_s))
    ...     print(outages.lasts(["GMAX_L"]))
    False
    False
    True
    """

    def __init__(self) -> None:
        self._since_s: dict[str, float] = {}
        self._now_s = 0.0

    def take(self, snapshot: Snapshot) -> None:
        """Take in how the placed channels are."""
        self._now_s = snapshot.elapsed_s
        out = [signal.site for signal in snapshot.channels if signal.site and not has_signal(signal)]
        self._since_s = {site: self._since_s.get(site, self._now_s) for site in out}

    def lasts(self, sites: Collection[str]) -> bool:
        """Whether any of some sites has been out for `LASTS_S`."""
        return any(self._now_s - self._since_s[site] >= LASTS_S for site in sites if site in self._since_s)
