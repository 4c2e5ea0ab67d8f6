"""The sessions of a simulated diary as recordings: one sensor on the right glute and hamstrings."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgsmr.radio.cast import scenario_sensor
from emgsmr.radio.played import Cast, montage_of
from emgsmr.radio.write_cast import write_cast
from emgsmr.recording import Event
from emgsmr.simulate import simulate_runner
from emgsmr.simulate.diary import COMPENSATOR, PRIME, SIDE, DiarySession

if TYPE_CHECKING:
    from emgsmr.simulate.diary import World

FIRST_DAY = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
DAYS_APART = 3


def cast_session(session: DiarySession, world: World) -> Cast:
    """Cast one session: its EMG at 500 Hz, foot contacts as events, and what the diary says.

    Parameters
    ----------
    session : DiarySession
    world : {"load", "independent"}
        For the truth.

    Returns
    -------
    Cast
    """
    run = simulate_runner(session.scenario, seed=session.seed)
    sensor = scenario_sensor(run, 1, "npg_lite", "NPG-R", (PRIME, COMPENSATOR))
    events = [Event(**event) for event in run.events]
    events += [Event(float(t), None, "foot_contact", SIDE) for t in run.contacts[SIDE]]
    if session.event_s is not None:
        events.append(Event(session.event_s, None, "cramp", SIDE, COMPENSATOR, note="simulated diary"))
    facts = dataclasses.asdict(session)
    del facts["scenario"]
    return Cast(
        sensors=(sensor,),
        montage=dataclasses.replace(montage_of([sensor]), person=session.runner),
        events=tuple(events),
        duration_s=run.duration_s,
        truth={**run.truth, "diary": {"world": world, **facts}},
        description=session.scenario.description,
    )


def write_session(session: DiarySession, folder: Path, world: World) -> tuple[Path, dict[str, Any]]:
    """Write one session as ``RUNNER-NUMBER.emgsmr``; give its path and its truth."""
    cast = cast_session(session, world)
    began = FIRST_DAY + timedelta(days=DAYS_APART * (session.number - 1))
    stamps = [t.isoformat(timespec="milliseconds").replace("+00:00", "Z") for t in (began, _end(began, cast))]
    facts = {"diary": world, "started_utc": stamps[0], "ended_utc": stamps[1]}
    path = folder / f"{session.name}.emgsmr"
    write_cast(cast, path, session=facts).close()
    return path, cast.truth


def _end(began: datetime, cast: Cast) -> datetime:
    return began + timedelta(seconds=cast.duration_s)
