"""``emgsmr simulate --diary``: a folder of simulated sessions with marked cramps, for ``emgsmr validate``."""

from __future__ import annotations

import json
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import ArgumentError, RecordingExistsError

if TYPE_CHECKING:
    from emgsmr.simulate.diary import World

SESSIONS = 60
TRUTHS = "truths.json"


def make_folder(
    out: Path, world: World, *, sessions: int | None, minutes: float | None, seed: int, as_json: bool
) -> None:
    """Simulate a diary into a new folder, and say what is in it."""
    from emgsmr.cli.progress import progress_bar
    from emgsmr.cli.validate import n_workers, processes
    from emgsmr.radio.cast_diary import write_session
    from emgsmr.simulate.diary import MINUTES, draw_diary

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RecordingExistsError(f"{out} exists and is not an empty folder: choose another one")
    if out.suffix == ".emgsmr":
        raise ArgumentError(f"{out} is the name of a recording: a diary needs a folder, such as diary")
    diary = draw_diary(world, sessions=sessions or SESSIONS, seed=seed, minutes=minutes or MINUTES)
    out.mkdir(parents=True, exist_ok=True)
    truths = []
    n = min(n_workers(None), len(diary))
    with ExitStack() as stack:
        bar = stack.enter_context(progress_bar(f"Simulating {len(diary)} sessions"))
        each = stack.enter_context(processes(n)).map if n > 1 else map
        for path, truth in each(write_session, diary, repeat(out), repeat(world)):
            truths.append({"recording": path.name, **_kept(truth)})
            if bar is not None:
                bar(len(truths) / len(diary))
    (out / TRUTHS).write_text(json.dumps(truths, indent=1) + "\n", encoding="utf-8")
    result = {
        "folder": str(out),
        "world": world,
        "seed": seed,
        "sessions": len(diary),
        "runners": len({session.runner for session in diary}),
        "cramps": sum(session.event_s is not None for session in diary),
        "truths": str(out / TRUTHS),
    }
    if as_json:
        click.echo(json.dumps(result))
        return
    depends = "depends on the load" if world == "load" else "knows nothing of the load"
    click.echo(
        f"{result['sessions']} sessions of {result['runners']} simulated runners, {result['cramps']} of them "
        f"with a cramp, whose hazard {depends}. Folder: {out}"
    )


def _kept(truth: dict[str, Any]) -> dict[str, Any]:
    """The truth without the contacts: they are events of the recording."""
    return {key: value for key, value in truth.items() if key != "contacts"}
