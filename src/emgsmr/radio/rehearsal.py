"""What a virtual runner has learned to do for a protocol: one act for each of its sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emgsmr.radio.cast import SCENARIO_SENSORS, scenario_sensor
from emgsmr.radio.client import START_S, client_scenario
from emgsmr.radio.repertoire import turned_down
from emgsmr.recording import Event
from emgsmr.simulate import simulate_runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emgsmr.radio.client import Asked, Told
    from emgsmr.radio.repertoire import Counts, Sensor

TREATMENT_S = 10.0
"""Of the rehearsal; in earnest it takes as long as it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """One set, from its first step to its last.

    Attributes
    ----------
    counts : mapping of address to counts
        What each EMG sensor measures.
    events : tuple of Event
        What happens besides, on the clock of the set.
    """

    counts: Mapping[str, Counts]
    events: tuple[Event, ...]

    def after(self, skip_s: float, rates_hz: Mapping[str, float]) -> Act:
        """Leave out the beginning, for who comes late."""
        late = {address: round(skip_s * rates_hz[address]) for address in self.counts}
        return Act(
            {address: counts[late[address] :] for address, counts in self.counts.items()},
            tuple(replace(e, t_s=e.t_s - skip_s) for e in self.events if e.t_s >= skip_s),
        )


def rehearse(
    protocol: Asked,
    sets: Sequence[Sequence[Told]],
    *,
    change_pct: float,
    seed: int,
    sensors: Sequence[Sensor] = SCENARIO_SENSORS,
) -> dict[str, Act]:
    """Learn the sets of a protocol, by their labels.

    Parameters
    ----------
    protocol : Protocol
        Of `emgsmr.analysis.protocols`.
    sets : sequence of sequence of Step
    change_pct : float, %
        By the treatment (`emgsmr.radio.client.client_scenario`).
    seed : int
        Of the person: the same as of the repertoire.
    sensors : sequence of (family key, name, sites)
    """
    scenario = client_scenario(protocol, sets, change_pct=change_pct, treatment_s=TREATMENT_S)
    run = simulate_runner(turned_down(scenario), seed=seed)
    played = [scenario_sensor(run, number, *entry) for number, entry in enumerate(sensors, start=1)]
    events = tuple(Event(**event) for event in run.events if event["kind"] != "phase")
    acts, now_s = {}, START_S
    for steps in sets:
        length_s = TREATMENT_S if steps[0].kind == "treatment" else steps[-1].end_s
        if steps[0].kind != "treatment":
            acts[steps[0].label] = Act(
                {
                    sensor.address: sensor.counts[
                        round(now_s * sensor.rate_hz) : round((now_s + length_s) * sensor.rate_hz)
                    ]
                    for sensor in played
                },
                tuple(replace(e, t_s=e.t_s - now_s) for e in events if now_s <= e.t_s < now_s + length_s),
            )
        now_s += length_s
    return acts
