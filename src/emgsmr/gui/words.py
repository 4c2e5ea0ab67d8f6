"""Words of the window: names of muscles and sides, strength of a signal, who does more."""

from __future__ import annotations

from emgsmr.analysis.finding import SIDES, muscle_name
from emgsmr.gui.screen import Light, Status

STRONG_DBM, FAIR_DBM = -65, -80
"""Above the first a link holds across a room; below the second packets begin to be lost."""

BATTERY_LOW_PCT, BATTERY_EMPTY_PCT = 20, 10
"""Warned of before a start; an hour's run is not to be expected of the second."""

MANY = frozenset({"HAM"})
"""Names that are plural."""


def site_title(site: str) -> str:
    """Name a site for people.

    Examples
    --------
    >>> site_title("GMAX_R")
    'right gluteus maximus'
    """
    code, _, side = site.rpartition("_")
    return f"{SIDES.get(side, side)} {muscle_name(code).partition(' (')[0]}"


def pair_title(side: str, prime: str, compensator: str) -> str:
    """Name a pair on a side.

    Examples
    --------
    >>> pair_title("R", "GMAX", "HAM")
    'Right hamstrings : gluteus maximus'
    """
    return f"{SIDES.get(side, side).capitalize()} {muscle_name(compensator)} : {muscle_name(prime)}"


def does(code: str, what: str) -> str:
    """Say what a muscle does.

    Examples
    --------
    >>> does("HAM", "more"), does("CALF", "less")
    ('hamstrings do more', 'calf does less')
    """
    return f"{muscle_name(code)} {'do' if code in MANY else 'does'} {what}"


def signal_light(rssi_dbm: int) -> Light:
    """Strength of a sensor's radio signal, in words.

    Examples
    --------
    >>> signal_light(-50).word, signal_light(-90).status.value
    ('strong', 'warn')
    """
    if rssi_dbm >= STRONG_DBM:
        return Light(Status.GOOD, "strong")
    if rssi_dbm >= FAIR_DBM:
        return Light(Status.GOOD, "fair")
    return Light(Status.WARN, "weak", "Bring the sensor and the computer closer together.")


def listed(names: list[str]) -> str:
    """Join names.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
