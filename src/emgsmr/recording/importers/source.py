"""What every importer makes of its file, and the choice of columns that all share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError
from emgsmr.recording.importers.units import Column, settle_unit
from emgsmr.recording.montage import site_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Choice:
    """A column that becomes a channel: where it stands in the file, its site and unit."""

    position: int
    column: Column
    site: str
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Samples of a file, ready to be written.

    Attributes
    ----------
    path : Path
    columns : tuple of Column
        All columns of the file.
    choices : tuple of Choice
    time : int, optional
        Position of the time column.
    values : list of float64 arrays, shape (n_rows, n_choices), in each choice's unit
        Rows in order, in pieces (they are emptied while being written); NaN = missing.
    index : ndarray of int64, shape (n_samples,), optional
        Sample index of each row; None if no row is missing.
    fs : float, Hz
    t0_s : float, s
        Time of sample 0.
    notes : tuple of str
        What the user should know.
    """

    path: Path
    columns: tuple[Column, ...]
    choices: tuple[Choice, ...]
    time: int | None
    values: list[NDArray[np.float64]]
    index: NDArray[np.int64] | None
    fs: float
    t0_s: float
    notes: tuple[str, ...] = ()


def choose(columns: Sequence[Column], sites: Mapping[str, str], unit: str | None) -> tuple[Choice, ...]:
    """The columns that ``sites`` names, by their header as it stands or without its unit.

    Raises
    ------
    ArgumentError
        A name that is no column or several, a column or site twice, no column at all, no unit.
    MontageError
        An unknown site.

    Examples
    --------
    >>> from emgsmr.recording.importers.units import read_header
    >>> [chosen] = choose([read_header("time_s"), read_header("GM [mV]")], {"GM": "MGAS_R"}, None)
    >>> chosen.position, chosen.site, chosen.unit
    (1, 'MGAS_R', 'mV')
    """
    listing = ", ".join(column.header for column in columns[:50]) or "none"
    if not sites:
        raise ArgumentError(
            f"no column is mapped to a site: say it with --map COLUMN=SITE; the columns are {listing}"
        )
    choices: list[Choice] = []
    for name, site in sites.items():
        found = [i for i, column in enumerate(columns) if column.header == name.strip()]
        found = found or [i for i, column in enumerate(columns) if column.name == name.strip()]
        if not found:
            raise ArgumentError(f"there is no column {name!r} to map: the columns are {listing}")
        if len(found) > 1:
            raise ArgumentError(
                f"there are {len(found)} columns {name!r}: give them different names in the file"
            )
        canonical = site_name(site, source=f"column {name!r}")
        for other in choices:
            if other.position == found[0]:
                raise ArgumentError(
                    f"column {name!r} is mapped to {other.site} and to {canonical}: choose one"
                )
            if other.site == canonical:
                raise ArgumentError(
                    f"{canonical} is mapped to {other.column.name!r} and {name!r}: give each site one column"
                )
        column = columns[found[0]]
        choices.append(Choice(found[0], column, canonical, settle_unit(column, unit)))
    return tuple(sorted(choices, key=lambda choice: choice.position))
