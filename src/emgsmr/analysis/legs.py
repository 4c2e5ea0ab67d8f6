"""The legs of a pipeline: which sides have sites, what makes their strides, which pairs are watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.detector import PairMonitor
from emgsmr.analysis.leg import Leg, members_on, watched_pairs
from emgsmr.analysis.long_list import Shelf
from emgsmr.analysis.motion_track import MotionTrack
from emgsmr.analysis.pace import PaceLog
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.site_windows import site_windows
from emgsmr.analysis.stride_source import contacts_of
from emgsmr.analysis.strides import SiteChannel, StrideBuilder
from emgsmr.anatomy import SIDES, Catalog, Pair

Sites = Mapping[str, tuple[SensorStream, int]]
"""Where each site's signal is: sensor and column."""

RestPower = Callable[[str, float], "float | None"]
"""Mean square (µV²) of a site at rest until a time."""


def legs_of(
    sites: Sites,
    *,
    settings: Settings,
    catalog: Catalog,
    stepped: Set[str | None],
    tracks: dict[int, MotionTrack],
    paces: PaceLog,
    rest_power: RestPower,
    shelf: Shelf,
) -> dict[str, Leg]:
    """Each side that has a site. Strides of a side in ``stepped`` come from its foot contacts."""
    pairs = watched_pairs(catalog, settings)
    found = {
        (pair.id, side): members
        for side in SIDES
        for pair in pairs
        if (members := members_on(pair, side, list(sites))) is not None
    }
    legs: dict[str, Leg] = {}
    for side in SIDES:
        channels = _channels_of(side, sites, pairs, catalog)
        if not channels:
            continue
        contacts = contacts_of(
            side, settings=settings, stepped=side in stepped, sites=sites, tracks=tracks, catalog=catalog
        )
        monitors = [
            PairMonitor(
                pair,
                side,
                found[pair.id, side],
                n_charts=2 * len(found),  # toward the compensator and away from it
                settings=settings,
                paces=paces,
            )
            for pair in pairs
            if (pair.id, side) in found
        ]
        names = [channel.site for channel in channels]
        legs[side] = Leg(
            StrideBuilder(side, contacts, channels),
            monitors,
            settings,
            rest=partial(_rest_powers, names, rest_power),
            rates={channel.site: channel.stream.fs for channel in channels},
            shelf=shelf,
        )
    return legs


def _channels_of(side: str, sites: Sites, pairs: Sequence[Pair], catalog: Catalog) -> list[SiteChannel]:
    return [
        SiteChannel(site, *sites[site], site_windows(site, pairs, catalog))
        for site in sorted(sites)
        if site.endswith(f"_{side}")
    ]


def _rest_powers(names: list[str], rest_power: RestPower, until_s: float) -> dict[str, float]:
    powers = {site: rest_power(site, until_s) for site in names}
    return {site: power for site, power in powers.items() if power is not None}
