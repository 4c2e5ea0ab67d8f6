"""What a virtual runner can be asked for: to stand, to contract one muscle, to run a scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.radio.cast import SCENARIO_SENSORS, Cast, scenario_sensor
from emgsmr.radio.cast_companions import companions
from emgsmr.radio.played import montage_of
from emgsmr.recording import Event
from emgsmr.simulate import SCENARIOS, Scenario, simulate_runner
from emgsmr.simulate.scenario import Contraction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Counts = NDArray[np.integer[Any]]
Sensor = tuple[str, str, tuple[str, ...]]
"""Family key, name, sites of its channels."""

QUIET_S = 8.0
"""Of standing, again and again until something is asked for."""
CONTRACTION_S = 4.0
_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Repertoire:
    """What a runner can be asked for.

    Attributes
    ----------
    cast : Cast
        The run, without the phases that its script marks: here the user does.
    standing : mapping of address to counts
        What each EMG sensor measures in `QUIET_S` of standing.
    contractions : mapping of site to mapping of address to counts
        What each EMG sensor measures while the muscle of a site contracts with all its force; the other
        muscles do a quarter of what they can.
    sensors : sequence of (family key, name, sites)
    seed : int
        Of the person.
    """

    cast: Cast
    standing: Mapping[str, Counts]
    contractions: Mapping[str, Mapping[str, Counts]]
    sensors: Sequence[Sensor] = SCENARIO_SENSORS
    seed: int = 0


def repertoire(
    scenario: str | Scenario,
    *,
    seed: int,
    minutes: float | None = None,
    sensors: Sequence[Sensor] = SCENARIO_SENSORS,
    with_companions: bool = True,
) -> Repertoire:
    """Let a simulated runner learn what may be asked for, and what a scenario plays.

    Parameters
    ----------
    scenario : str or Scenario
    seed : int
    minutes : float, optional
    sensors : sequence of (family key, name, sites)
    with_companions : bool
        Whether there are a heart rate strap and a foot pod as well.

    Examples
    --------
    >>> known = repertoire("demo", seed=1, minutes=0.2, sensors=(("umyo", "uMyo-1", ("GMAX_L",)),))
    >>> list(known.contractions), [sensor.name for sensor in known.cast.sensors]
    (['GMAX_L'], ['uMyo-1', 'HRM-Demo', 'Pod-Demo'])
    """
    if isinstance(scenario, str):
        scenario = SCENARIOS[scenario]
    run = simulate_runner(turned_down(scenario), seed=seed, minutes=minutes)
    played = [scenario_sensor(run, number, *entry) for number, entry in enumerate(sensors, start=1)]
    if with_companions:
        played += companions(run, first_number=len(played) + 1)
    cast = Cast(
        sensors=tuple(played),
        montage=montage_of(played),
        events=tuple(Event(**event) for event in run.events if event["kind"] != "phase"),
        duration_s=run.duration_s,
        truth=run.truth,
        description=run.scenario.description,
    )
    standing, contractions = _learned(run.scenario, seed=seed, sensors=sensors)
    return Repertoire(cast, standing, contractions, sensors, seed)


def _learned(
    scenario: Scenario, *, seed: int, sensors: Sequence[Sensor]
) -> tuple[dict[str, Counts], dict[str, dict[str, Counts]]]:
    """What each sensor measures while the runner stands, and while each muscle is contracted."""
    sites = [site for _, _, on in sensors for site in on]
    each_s = CONTRACTION_S + _PAUSE_S
    begins = {site: QUIET_S + each_s * number for number, site in enumerate(sites)}
    trials = tuple(
        Contraction(start + _PAUSE_S / 2, start + _PAUSE_S / 2 + CONTRACTION_S, (site,))
        for site, start in begins.items()
    )
    end_s = QUIET_S + each_s * len(sites)
    told = Scenario(
        "asked for",
        "Stands, and contracts one muscle after the other.",
        minutes=end_s / 60,
        start_s=end_s,
        contractions=trials,
        gait=scenario.gait,
    )
    run = simulate_runner(told, seed=seed)
    standing: dict[str, Counts] = {}
    contractions: dict[str, dict[str, Counts]] = {site: {} for site in sites}
    for number, entry in enumerate(sensors, start=1):
        played = scenario_sensor(run, number, *entry)
        rate_hz = played.rate_hz
        standing[played.address] = played.counts[: round(QUIET_S * rate_hz)]
        for site, start in begins.items():
            first = round(start * rate_hz)
            contractions[site][played.address] = played.counts[first : first + round(each_s * rate_hz)]
    return standing, contractions


def turned_down(scenario: Scenario) -> Scenario:
    """With a contraction of no length: amplifiers of unknown gain are turned down where there are any."""
    return replace(scenario, contractions=(*scenario.contractions, Contraction(0.0, 0.0)))
