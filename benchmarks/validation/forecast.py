"""Forecast: two simulated folders of 60 runner-sessions, in one of which cramps depend on the load."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pandas as pd

from emgsmr.analysis import analyze
from emgsmr.analysis.validation import RunnerSession, Validation, assess, runner_session
from emgsmr.cli.validate import n_workers, processes
from emgsmr.cli.validation_text import event_lines, verdict
from emgsmr.radio.cast_diary import write_session
from emgsmr.recording import open_recording
from emgsmr.simulate.diary import MINUTES, DiarySession, World, draw_diary
from validation.section import Section

SEED = 2027
"""Not one of those (1 to 12) on which the worlds of `emgsmr.simulate.diary` were set."""
SESSIONS = 60

HORIZONS_MIN = (5.0, 10.0)
"""Sessions of a diary are told about twice as fast as in life, so five minutes stand for the usual ten: the
bars hold there. Ten are shown beside it."""

WORLDS: dict[World, str] = {
    "load": "cramps depend on the load",
    "independent": "cramps know nothing of the load",
}


Pair = dict[World, DiarySession]


def diaries(*, quick: bool) -> list[Pair]:
    """The sessions of both worlds, one beside the other: the same EMG, and cramps of their own."""
    sessions, minutes = (3, 10.0) if quick else (SESSIONS, MINUTES)
    drawn = {world: draw_diary(world, sessions=sessions, seed=SEED, minutes=minutes) for world in WORLDS}
    return [dict(zip(drawn, pair, strict=True)) for pair in zip(*drawn.values(), strict=True)]


def analyze_pair(pair: Pair, folder: Path) -> dict[World, RunnerSession | str]:
    """Write and analyze the longer of two sessions once, and mark in it the cramp of either world.

    They differ in the cramp alone, which ends what is watched, and no minute knows of a later one.
    """
    longest = max(pair.values(), key=lambda session: session.scenario.minutes)
    path, _ = write_session(replace(longest, event_s=None), folder, "load")
    with open_recording(path) as recording:
        started = str(recording.session["started_utc"])
        analysis = analyze(recording)
    path.unlink()
    return {
        world: runner_session(
            replace(analysis, events=_marked(analysis.events, session)),
            name=session.name,
            runner=session.runner,
            started=started,
            simulated=True,
        )
        for world, session in pair.items()
    }


def _marked(events: pd.DataFrame, session: DiarySession) -> pd.DataFrame:
    """Events with the cramp of a session, if it has one."""
    if session.event_s is None:
        return events
    return pd.concat([events, pd.DataFrame({"t_s": [session.event_s], "kind": ["cramp"]})])


def predictors(found: Validation, world: World, *, quick: bool) -> Section:
    """How each predictor ranks minutes before an event."""
    minutes = found.horizon_s / 60.0
    judged = minutes == HORIZONS_MIN[0] and not quick and bool(found.areas)
    bar, met = "", None
    if judged and world == "load":
        bar = (
            "the index ranks better than every naive rule: 95 % intervals of the differences of AUC exclude 0"
        )
        met = all(area.difference_ci[0] > 0 for area in found.areas if area.naive)
    elif judged:
        bar = "no skill of the index is shown: the 95 % interval of its AUC includes 0.5"
        met = found.areas[0].auc_ci[0] <= 0.5 <= found.areas[0].auc_ci[1]
    return Section(
        title=f"{WORLDS[world].capitalize()}: ranking minutes, {minutes:g} min ahead",
        source=f"simulated, diary of seed {SEED}, {len(found.sessions)} sessions of {found.n_runners} "
        "runners, through the whole analysis",
        text=" ".join(verdict(found)),
        columns=[
            "predictor", "AUC", "95 % CI", "PR-AUC", "sensitivity up to 0.5 false/h", "at the flags' cost",
            "index less this", "95 % CI",
        ],
        rows=[
            [
                area.name + ("" if not area.naive else " (naive)"), f"{area.auc:.2f}", _interval(area.auc_ci),
                f"{area.precision:.2f}", f"{100 * area.partial:.0f} %", f"{100 * area.at_flags_cost:.0f} %",
                "" if not number else f"{area.difference:+.2f}",
                "" if not number else _interval(area.difference_ci),
            ]
            for number, area in enumerate(found.areas)
        ],
        bar=bar,
        met=met,
    )  # fmt: skip


def _interval(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.2f} to {ends[1]:.2f}"


def flags(found: dict[World, Validation]) -> Section:
    """The flags event by event, in both worlds."""
    lines = {world: dict(event_lines(validation)) for world, validation in found.items()}
    names = list(dict.fromkeys(name for own in lines.values() for name in own))
    return Section(
        title=f"Flags and events, {HORIZONS_MIN[0]:g} min ahead",
        source=f"simulated, diaries of seed {SEED}, through the whole analysis",
        text="The flags of `emgsmr analyze` (tier 1 and above), as `emgsmr validate` counts them. A flag is "
        "false if no event came while it was on or within the horizon after it; most of those here are of "
        "compensations that were really there and ended in no cramp. Chance catches an event by flags at the "
        "rate of the false ones; shifted flags are as many and as long as the real ones.",
        columns=["", *(WORLDS[world] for world in found)],
        rows=[[name, *(lines[world].get(name, "") for world in found)] for name in names],
    )


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    del real_data  # no published recording has a diary of cramps
    pairs = diaries(quick=quick)
    with (
        tempfile.TemporaryDirectory() as folder,
        processes(min(n_workers(None), len(pairs))) as pool,
    ):
        analyzed = list(pool.map(analyze_pair, pairs, repeat(Path(folder))))
    at_first: dict[World, Validation] = {}
    sections = []
    for world in WORLDS:
        sessions = [pair[world] for pair in analyzed]
        judged = [session for session in sessions if not isinstance(session, str)]
        for minutes in HORIZONS_MIN:
            found = assess(judged, horizon_s=60.0 * minutes)
            at_first.setdefault(world, found)
            sections.append(predictors(found, world, quick=quick))
    return [flags(at_first), *sections]
