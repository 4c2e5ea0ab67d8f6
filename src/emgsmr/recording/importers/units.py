"""Units of imported columns: read from the header, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emgsmr.errors import ArgumentError

UNITS = ("uV", "mV", "V", "au")
UV_PER_UNIT = {"uV": 1.0, "mV": 1e3, "V": 1e6}  # au has none
_SYNONYMS = {
    "uv": "uV",
    "microvolt": "uV",
    "microvolts": "uV",
    "mv": "mV",
    "millivolt": "mV",
    "millivolts": "mV",
    "v": "V",
    "volt": "V",
    "volts": "V",
    "au": "au",
    "a.u.": "au",
    "arb": "au",
    "arbitrary": "au",
    "fraction": "au",
    "counts": "au",
}
_IN_BRACKETS = re.compile(r"^(.*?)\s*[\[(]([^\[\]()]*)[\])]$", re.DOTALL)
_SUFFIX = re.compile(r"_(uV|mV|V)$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header: as it stands, without its unit, and the unit's text (None if there is none).

    Examples
    --------
    >>> read_header("GMAX_R [mV]"), read_header("BF (uV?)").unit
    (Column(header='GMAX_R [mV]', name='GMAX_R', unit='mV'), 'uV?')
    >>> read_header("GMAX_L_uV"), read_header("SOL").unit
    (Column(header='GMAX_L_uV', name='GMAX_L_uV', unit='uV'), None)
    """

    header: str
    name: str
    unit: str | None


def read_header(text: str) -> Column:
    """Split a header such as ``GMAX_R [uV]`` or ``GMAX_R (mV)``."""
    header = text.strip()
    if match := _IN_BRACKETS.match(header):
        return Column(header, match[1], match[2].strip())
    suffix = _SUFFIX.search(header)
    return Column(header, header, suffix[1] if suffix else None)


def known_unit(text: str) -> str | None:
    """One of `UNITS` for a unit's text, None for what is none.

    Examples
    --------
    >>> known_unit("µV"), known_unit("MilliVolts"), known_unit("uV?")
    ('uV', 'mV', None)
    """
    return _SYNONYMS.get(text.strip().lower().replace("µ", "u").replace("μ", "u"))


def settle_unit(column: Column, given: str | None) -> str:
    """The unit of a column, from its header or else from what the user gave.

    Raises
    ------
    ArgumentError
        Neither says it, or they contradict each other.
    """
    if given is not None and given not in UNITS:
        raise ArgumentError(f"{given!r} is no unit: --unit takes {', '.join(UNITS)}")
    written = None if column.unit is None else known_unit(column.unit)
    if written is not None:
        if given not in (None, written):
            raise ArgumentError(
                f"the file says that {column.name!r} is in {written}, --unit says {given}: leave --unit out "
                "or correct the file"
            )
        return written
    if given is not None:
        return given
    choice = "with --unit uV, mV, V or au"
    if not column.unit:
        raise ArgumentError(f"the file does not say the unit of {column.name!r}: say it {choice}")
    if "?" in column.unit:
        raise ArgumentError(
            f"the file is unsure of the unit of {column.name!r} ({column.unit!r}): say it {choice}"
        )
    raise ArgumentError(f"{column.unit!r}, the unit of {column.name!r}, is not known: say it {choice}")
