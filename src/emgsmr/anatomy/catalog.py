"""The catalog: muscles, slings and pairs, as they come with emgsmr or with a user's own file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from emgsmr.anatomy import catalog_build, catalog_file
from emgsmr.anatomy.site import SIDES, Side, Site, parse_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emgsmr.anatomy.muscle import Muscle
    from emgsmr.anatomy.pair import Pair
    from emgsmr.anatomy.sling import Member, Sling, Source

_DATA = Path(__file__).parent / "data"
_FILES = ("sources.toml", "muscles.toml", "pairs.toml", "slings.toml")


@dataclass(frozen=True, slots=True)
class Catalog:
    """What emgsmr knows of anatomy; `load_catalog` makes one.

    Attributes
    ----------
    muscles : mapping of str to Muscle
        By code.
    slings : tuple of Sling
        As shown: fifteen, in order, and those added.
    lines : tuple of Sling
        The twelve atomic lines of the meridians.
    pairs : mapping of str to Pair
        By id.
    sources : mapping of str to Source
        By key.
    """

    muscles: Mapping[str, Muscle]
    slings: tuple[Sling, ...]
    lines: tuple[Sling, ...]
    pairs: Mapping[str, Pair]
    sources: Mapping[str, Source]

    def parse_site(self, text: str) -> Site:
        """Read a site, of the muscles of this catalog; see `emgsmr.anatomy.parse_site`."""
        return parse_site(text, codes=self.muscles)

    def measured(self, sling: Sling, sites: Iterable[str]) -> dict[Side, dict[Member, str]]:
        """Tell which members of a sling some sites measure, and by which: for the left and the right sling.

        A member on the opposite side is measured there: the left sling's latissimus by ``LD_R``. An electrode
        over a group (``HAM_L``) counts where all of the group belong to the sling and no electrode is closer.

        Examples
        --------
        >>> catalog = load_catalog()
        >>> back = next(sling for sling in catalog.slings if sling.id == "BFL")
        >>> found = catalog.measured(back, ["GMAX_L", "LD_R", "BFLH_L"])
        >>> {member.name: site for member, site in found["L"].items()}
        {'gluteus maximus, lower fibers': 'GMAX_L', 'latissimus dorsi': 'LD_R'}
        >>> found["R"]
        {}
        """
        present = [self.parse_site(str(site)) for site in sites]
        by_muscle: dict[tuple[str, Side], Site] = {}
        for site in sorted(present, key=lambda site: not site.is_group):  # the specific overwrites the group
            if set(site.muscles) <= set(sling.muscles):
                by_muscle.update({(code, site.side): site for code in site.muscles})
        found: dict[Side, dict[Member, str]] = {}
        for side in SIDES:
            other: Side = "R" if side == "L" else "L"
            found[side] = {
                member: str(by_muscle[key])
                for member in sling.members
                if (key := (member.site or "", side if member.side == "same" else other)) in by_muscle
            }
        return found

    def pair_measured(self, pair: Pair, sites: Iterable[str]) -> dict[Side, bool]:
        """Tell whether some sites measure both parts of a pair, for the left and the right leg.

        Examples
        --------
        >>> catalog = load_catalog()
        >>> catalog.pair_measured(catalog.pairs["P1"], ["GMAX_L", "ST_L", "GMAX_R"])
        {'L': True, 'R': False}
        """
        present = {(code, s.side) for s in map(self.parse_site, map(str, sites)) for code in s.muscles}
        found: dict[Side, bool] = {}
        for side in SIDES:
            other: Side = "R" if side == "L" else "L"
            sides = {"same": (side,), "opposite": (other,), "both": (side, other)}[pair.compensator_side]
            found[side] = any((code, side) in present for code in pair.prime) and any(
                (code, where) in present for code in pair.compensator for where in sides
            )
        return found


@cache
def _shipped() -> catalog_file.Records:
    return catalog_file.merge(catalog_file.read(_DATA / name) for name in _FILES)


@cache
def _default() -> Catalog:
    return _build(_shipped())


def _build(records: catalog_file.Records) -> Catalog:
    sources = catalog_build.sources(records)
    muscles = catalog_build.muscles(records, sources)
    pairs = catalog_build.pairs(records, muscles, sources)
    atomic = catalog_build.slings(records, muscles, pairs, sources)
    return Catalog(
        muscles=MappingProxyType(muscles),
        slings=catalog_build.shown(records, atomic),
        lines=tuple(sling for sling in atomic if sling.system == "anatomy_trains"),
        pairs=MappingProxyType(pairs),
        sources=MappingProxyType(sources),
    )


def load_catalog(extra: Path | None = None) -> Catalog:
    """Load the catalog that comes with emgsmr, with what a file of the user's own adds or changes.

    Parameters
    ----------
    extra : Path, optional
        A TOML file with any of ``[[muscle]]``, ``[[sling]]``, ``[[pair]]``, ``[[merge]]``, ``[source]`` and
        ``count_as``, as in the files of ``emgsmr/anatomy/data``. A record whose code or id is known changes
        the keys that it gives; others are added.

    Raises
    ------
    SettingsError
        If the file cannot be read or says something that does not fit; the message says where.

    Examples
    --------
    >>> catalog = load_catalog()
    >>> len(catalog.slings), len(catalog.lines), catalog.pairs["P1"].compensator
    (15, 12, ('BFLH', 'ST'))
    """
    if extra is None:
        return _default()
    return _build(catalog_file.merge([_shipped(), catalog_file.read(Path(extra))]))
