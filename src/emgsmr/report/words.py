"""The words of the page: names of muscles, patterns and tiers, numbers as people read them.

Every wording keeps to one rule: say what was measured against which reference, never what it must mean.
"""

from __future__ import annotations

import math

from emgsmr.analysis.finding import SIDES, muscle_name
from emgsmr.recording.event import clock

__all__ = [
    "NOT_A_DEVICE",
    "PATTERNS",
    "SIDES",
    "STANDING",
    "STATES",
    "THEORY",
    "TIERS",
    "clock",
    "muscle_name",
    "muscle_rank",
    "pair_name",
    "percent",
    "site_name",
    "tier_name",
]

NOT_A_DEVICE = (
    "emgsmr analyzes surface EMG recordings for education, training and research. It is not a medical "
    "device. It does not diagnose, treat, cure, mitigate, prevent or predict any disease or injury."
)

THEORY = (
    "Sensorimotor Repatterning (SMR) theorizes that a muscle often cramps because it does another's work. "
    "That is the hypothesis this page helps to test, and one of several about cramps. EMG amplitude shows "
    "activation relative to the same muscle's own reference; it is not force, and a changed pattern does not "
    "prove its cause."
)

TIERS = {
    0: "notice",
    1: "ratio drift",
    2: "compensation pattern",
    3: "compensation pattern with myoelectric fatigue",
}

STANDING = "standing difference"

PATTERNS = {
    "compensation": "pattern consistent with compensation",
    "prime_down": "prime mover less active",
    "compensator_up": "compensator more active",
    "opposite": "shift away from the compensator",
    "standing": "standing pattern, present from the start",
    "gain_drift": "suspected change of an electrode's contact",
    "harder_work": "both muscles more active: harder work",
    "speed_change": "cadence or speed changed",
    "signal": "signal too poor to judge",
}

STATES = {
    "good": "good",
    "noisy": "noisy: used, with mains hum",
    "motion": "motion: not used",
    "clipped": "clipped: not used",
    "flat": "flat: not used",
    "off": "electrode off: not used",
    "gap": "gap: nothing received",
}


def tier_name(tier: int, pattern: str | None = None) -> str:
    """What a tier is called; a standing pattern is a difference and no drift.

    Examples
    --------
    >>> tier_name(1), tier_name(1, "standing")
    ('ratio drift', 'standing difference')
    """
    return STANDING if pattern == "standing" else TIERS[tier]


def site_name(site: str) -> str:
    """Name of a site.

    Examples
    --------
    >>> site_name("GMAX_L")
    'left gluteus maximus'
    """
    code, _, side = site.rpartition("_")
    return f"{SIDES.get(side, side)} {muscle_name(code)}".strip()


_ORDER = ("GMAX", "GMED", "TFL", "HAM", "BFLH", "ST", "CALF", "MGAS", "LGAS", "SOL")


def muscle_rank(site: str) -> tuple[int, str, str]:
    """Sorts sites from the hip down, left before right.

    Examples
    --------
    >>> sorted(["MGAS_L", "BFLH_R", "GMAX_R", "BFLH_L"], key=muscle_rank)
    ['GMAX_R', 'BFLH_L', 'BFLH_R', 'MGAS_L']
    """
    code, _, side = site.rpartition("_")
    return (_ORDER.index(code) if code in _ORDER else len(_ORDER), code, side)


def pair_name(prime: str, compensator: str) -> str:
    """What a pair's ratio compares.

    Examples
    --------
    >>> pair_name("GMAX", "HAM")
    'hamstrings relative to gluteus maximus'
    """
    return f"{muscle_name(compensator)} relative to {muscle_name(prime)}"


def percent(value: float | None, *, signed: bool = True, digits: int = 0) -> str:
    """A percentage with a real minus sign; a dash where there is none.

    Examples
    --------
    >>> percent(34.6), percent(-3.2), percent(0.2), percent(float("nan")), percent(12.0, signed=False)
    ('+35 %', '−3 %', '0 %', '–', '12 %')
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return f"{abs(float(text)):.{digits}f} %"
    return (f"+{text}" if signed and value > 0 else text.replace("-", "−")) + " %"
