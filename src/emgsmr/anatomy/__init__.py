"""Muscles, sites, the fifteen slings and the compensation pairs: cited data, and the types that read it."""

from __future__ import annotations

from emgsmr.anatomy.catalog import Catalog, load_catalog
from emgsmr.anatomy.muscle import GROUPS, Muscle
from emgsmr.anatomy.pair import Pair
from emgsmr.anatomy.site import SIDES, Side, Site, parse_site
from emgsmr.anatomy.sling import Member, Sling, Source

__all__ = [
    "GROUPS",
    "SIDES",
    "Catalog",
    "Member",
    "Muscle",
    "Pair",
    "Side",
    "Site",
    "Sling",
    "Source",
    "load_catalog",
    "parse_site",
]
