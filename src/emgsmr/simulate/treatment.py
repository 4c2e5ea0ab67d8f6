"""Sessions of a practitioner: bouts before (A1, A2), a treatment, bouts after (B), electrodes untouched.

Runs on a treadmill with rests. Bouts of an unchanged person differ: each muscle's amplitude has one factor in
each bout. What the treatment changed, or that it changed nothing, is put in.
"""

from __future__ import annotations

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.simulate.incident import Pause
from emgsmr.simulate.scenario import Phase, Scenario, Shift

BOUT_SD = float(np.sqrt(np.log1p(0.14**2)))
"""SD of ln amplitude from bout to bout: a CV of 14 % (one muscle, within a session; Colyer and McGuigan
2018)."""


def treatment_session(
    change_pct: float,
    *,
    n_bouts: int = 3,
    bout_s: float = 60.0,
    rest_s: float = 30.0,
    bout_sd: float = BOUT_SD,
    pair: str = "P1",
    side: str = "R",
) -> Scenario:
    """Make the script of a session.

    Parameters
    ----------
    change_pct : float, %
        Of the ratio compensator : prime mover of one pair and leg, by the treatment; half of it (log scale,
        nearly) falls to each muscle.
    n_bouts : int
        In each of the sets A1, A2 and B.
    bout_s, rest_s : float, s
        The runner stands still between bouts.
    bout_sd : float
        SD of ln amplitude from bout to bout, of each muscle by itself.
    pair, side : str

    Examples
    --------
    >>> script = treatment_session(20.0, n_bouts=3)
    >>> [phase.label for phase in script.phases if phase.label != "rest"]
    ['A1', 'A1', 'A1', 'A2', 'A2', 'A2', 'B', 'B', 'B']
    >>> round(script.shifts[0].change_pct, 6)
    20.0
    """
    if not -90.0 <= change_pct <= 900.0:
        raise ArgumentError(f"a treatment changes the ratio by -90 to 900 %, not {change_pct:g} %")
    if n_bouts < 1 or not (bout_s > 0.0 and rest_s > 0.0):
        raise ArgumentError("a set has one bout or more, and bouts and rests have a length")
    start_s = 10.0
    phases, pauses = [Phase("rest", 0.0, start_s)], []
    treated_s = now = start_s
    for label in ("A1", "A2", "B"):
        if label == "B":
            treated_s = now
        for _ in range(n_bouts):
            phases.append(Phase(label, now, now + bout_s))
            pauses.append(Pause(now + bout_s, now + bout_s + rest_s))
            now += bout_s + rest_s
    ratio = 1.0 + change_pct / 100.0
    shift = Shift(pair, side, (ratio - 1.0) / (ratio + 1.0), onset_s=treated_s - 0.5 * rest_s, ramp_s=0.01)
    return Scenario(
        f"treatment_{change_pct:g}",
        f"{n_bouts} bouts before (A1), {n_bouts} more (A2), a treatment that changes {pair} of the {side} "
        f"leg by {change_pct:g} %, and {n_bouts} bouts after (B).",
        minutes=now / 60.0,
        start_s=start_s,
        phases=tuple(phases),
        pauses=tuple(pauses),
        shifts=(shift,) if change_pct else (),
        bout_sd=bout_sd,
    )


TREATMENTS: dict[str, Scenario] = {
    script.name: script
    for script in (treatment_session(change_pct) for change_pct in (0.0, 10.0, 20.0, 40.0))
}
"""Sessions that come with emgsmr, by name: ``treatment_0`` changed nothing."""
