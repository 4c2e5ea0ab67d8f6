"""A finding: one episode in which a pair's ratio left its baseline, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from emgsmr.anatomy import Pair, load_catalog
from emgsmr.recording.event import clock

Pattern = Literal[
    "compensation",
    "prime_down",
    "compensator_up",
    "opposite",
    "standing",
    "gain_drift",
    "harder_work",
    "speed_change",
    "signal",
]

NAMES = {
    "GMAX": "gluteus maximus",
    "GMED": "gluteus medius",
    "TFL": "tensor fasciae latae",
    "HAM": "hamstrings",
    "CALF": "calf",
    "SOL": "soleus",
    "ES": "erector spinae",
    "TA": "tibialis anterior",
}
SIDES = {"L": "left", "R": "right"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of ``findings.csv``; ``None`` = not reached or not known."""

    finding: str
    pair: str
    side: str
    prime: str
    compensator: str
    t_onset_s: float
    t_alarm_s: float
    t_tier2_s: float | None
    t_tier3_s: float | None
    t_end_s: float | None
    tier: int
    change_pct: float
    ci_low_pct: float
    ci_high_pct: float
    d_prime_pct: float
    d_compensator_pct: float
    z: float
    pattern: Pattern
    overload_index: float | None
    n_strides: int
    text: str


NO_CLAIM = "no claim about compensation"


def muscle_name(code: str) -> str:
    """Name of a muscle or group for people; its code where it has none.

    Examples
    --------
    >>> muscle_name("HAM"), muscle_name("MGAS"), muscle_name("XYZ")
    ('hamstrings', 'gastrocnemius medialis', 'XYZ')
    """
    muscle = load_catalog().muscles.get(code)
    return NAMES.get(code) or (muscle.name if muscle else code)


def sentence(
    pair: Pair,
    side: str,
    *,
    pattern: Pattern,
    change_pct: float,
    ci_pct: tuple[float, float],
    d_prime_pct: float,
    d_compensator_pct: float,
    t_onset_s: float,
    sdc_pct: float,
    z: float | None = None,
    fatigue: str = "",
    notes: Sequence[str] = (),
) -> str:
    """What was found, in plain words with its uncertainty and its comparator.

    ``fatigue``: what the compensator's amplitude and spectrum say together (JASA); empty where that is not
    known yet. ``notes``: sentences that follow.
    """
    prime, compensator = muscle_name(pair.prime_name), muscle_name(pair.compensator_name)
    which = SIDES[side]
    of_error = "" if z is None else f", z {z:+.1f}"
    start = (
        f"{which.capitalize()} {compensator} {change_pct:+.0f} % relative to {which} {prime} "
        f"(95 % CI {ci_pct[0]:+.0f} to {ci_pct[1]:+.0f} %{of_error}) since {clock(t_onset_s)}"
    )
    parts = f"{prime} {d_prime_pct:+.0f} %, {compensator} {d_compensator_pct:+.0f} %"
    if pattern == "compensation":
        why = (
            f"as the {prime} fell ({d_prime_pct:+.0f} %) and the {compensator} rose "
            f"({d_compensator_pct:+.0f} %), a pattern consistent with compensation"
        )
    elif pattern == "gain_drift":
        why = (
            "while the quiet part of the same signal changed alike: suspected change of the electrode "
            f"contact, {NO_CLAIM}"
        )
    else:
        said = {
            "prime_down": f"mostly because the {prime} fell",
            "compensator_up": f"mostly because the {compensator} rose",
            "opposite": "a shift away from the compensator",
            "harder_work": f"while both rose: harder work, {NO_CLAIM}",
        }
        why = f"{said[pattern]} ({parts})" if pattern in said else parts
    larger = "larger" if abs(change_pct) > sdc_pct else "not larger"
    text = f"{start}, {why}; {larger} than this session's smallest detectable change ({sdc_pct:.0f} %)."
    if fatigue:
        text += f" Amplitude and spectrum of the {compensator} together (JASA): {fatigue}."
    return " ".join([text, *notes])
