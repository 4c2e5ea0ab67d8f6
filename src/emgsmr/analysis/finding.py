"""A finding: one episode in which a pair's ratio left its baseline, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emgsmr.anatomy import Pair
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
) -> str:
    """What was found, in one plain sentence with its uncertainty and its comparator."""
    prime = NAMES.get(pair.prime_name, pair.prime_name)
    compensator = NAMES.get(pair.compensator_name, pair.compensator_name)
    which = SIDES[side]
    start = (
        f"{which.capitalize()} {compensator} {change_pct:+.0f} % relative to {which} {prime} "
        f"(95 % CI {ci_pct[0]:+.0f} to {ci_pct[1]:+.0f} %) since {clock(t_onset_s)}"
    )
    why = {
        "compensation": f"as the {prime} fell ({d_prime_pct:+.0f} %) and the {compensator} rose "
        f"({d_compensator_pct:+.0f} %), a pattern consistent with compensation",
        "prime_down": f"mostly because the {prime} fell ({d_prime_pct:+.0f} %)",
        "compensator_up": f"mostly because the {compensator} rose ({d_compensator_pct:+.0f} %)",
        "harder_work": f"while both rose ({prime} {d_prime_pct:+.0f} %, {compensator} "
        f"{d_compensator_pct:+.0f} %): harder work, no claim about compensation",
        "gain_drift": "while the quiet part of the same signal changed alike: suspected change of the "
        "electrode contact, no claim about compensation",
    }.get(pattern, "")
    larger = "larger" if abs(change_pct) > sdc_pct else "not larger"
    because = f", {why}" if why else ""
    return f"{start}{because}; {larger} than this session's smallest detectable change ({sdc_pct:.0f} %)."
