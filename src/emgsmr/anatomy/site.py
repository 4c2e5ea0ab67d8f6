"""A site: a muscle (or a group of muscles) on one side of the body."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emgsmr.anatomy.muscle import GROUPS
from emgsmr.errors import MontageError

if TYPE_CHECKING:
    from collections.abc import Collection

Side = Literal["L", "R"]
SIDES: tuple[Side, Side] = ("L", "R")


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A muscle or group, and a side; `parse_site` makes one from text.

    Examples
    --------
    >>> str(Site("GMAX", "L")), Site("HAM", "R").muscles, Site("HAM", "R").opposite
    ('GMAX_L', ('BFLH', 'ST'), Site(muscle='HAM', side='L'))
    """

    muscle: str
    side: Side

    def __str__(self) -> str:
        return f"{self.muscle}_{self.side}"

    @property
    def is_group(self) -> bool:
        """Whether this is a group such as ``HAM_L`` (one unspecific electrode over several muscles)."""
        return self.muscle in GROUPS

    @property
    def muscles(self) -> tuple[str, ...]:
        """Codes of the muscles under it: the group's, or the one."""
        return GROUPS.get(self.muscle, (self.muscle,))

    @property
    def opposite(self) -> Site:
        """The same muscle on the other side."""
        return Site(self.muscle, "R" if self.side == "L" else "L")


def parse_site(text: str, *, codes: Collection[str] | None = None) -> Site:
    """Read a site such as ``GMAX_L``.

    Parameters
    ----------
    text : str
        Muscle or group code, underscore, L or R; in capitals.
    codes : collection of str, optional
        The muscle codes that are known, for a catalog with additions of its own (``catalog.muscles``);
        by default those that come with emgsmr. Groups are always known.

    Raises
    ------
    MontageError
        For anything else; the message names the nearest site.

    Examples
    --------
    >>> parse_site("BFLH_R")
    Site(muscle='BFLH', side='R')
    >>> parse_site("GMX_L")
    Traceback (most recent call last):
    ...
    emgsmr.errors.MontageError: unknown site 'GMX_L': did you mean GMAX_L? ('emgsmr slings' lists the sites)
    """
    if codes is None:
        from emgsmr.anatomy.catalog import load_catalog  # the catalog itself reads sites

        codes = load_catalog().muscles
    code, _, side = text.rpartition("_")
    if side in SIDES and (code in codes or code in GROUPS):
        return Site(code, side)
    raise MontageError(
        f"unknown site {text[:40]!r}: {_suggestion(text, codes)} ('emgsmr slings' lists the sites)"
    )


def _suggestion(text: str, codes: Collection[str]) -> str:
    known = [*codes, *GROUPS]
    capital = text.strip().upper().replace("-", "_").replace(" ", "_")
    if capital in known:
        return f"say which side, {capital}_L or {capital}_R"
    near = difflib.get_close_matches(capital, [f"{code}_{side}" for code in known for side in SIDES], n=1)
    return f"did you mean {near[0]}?" if near else "a site is a muscle code and a side, such as GMAX_L"
