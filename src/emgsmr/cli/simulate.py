"""``emgsmr simulate``: a simulated runner as a recording, with its ground truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import ArgumentError, RecordingError, RecordingExistsError

if TYPE_CHECKING:
    from emgsmr.radio.played import Cast
    from emgsmr.simulate import Engine
    from emgsmr.simulate.diary import World


@click.command()
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path),
    required=True,
    help="Recording (or folder) to make.",
)
@click.option("--scenario", default="glute_inhibition", show_default=True, help="What happens.")
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), help="Length; default: the scenario's own."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another seed, another runner."
)
@click.option(
    "--engine",
    type=click.Choice(["surrogate", "pool"]),
    default="surrogate",
    show_default=True,
    help="EMG as shaped noise, or from motor units that tire and share loads (several times slower).",
)
@click.option(
    "--diary",
    type=click.Choice(["load", "independent"]),
    help="Make a folder of sessions with marked cramps instead, whose hazard grows with the load on the "
    "compensating muscle, or does not know of it.",
)
@click.option(
    "--sessions", type=click.IntRange(min=1), help="Of a diary; default: 60, three for each runner."
)
@click.option(
    "--truth", "truth_path", type=click.Path(path_type=Path), help="Write the ground truth (JSON) here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about what was made.")
def command(
    out: Path,
    scenario: str,
    minutes: float | None,
    seed: int,
    engine: Engine,
    diary: World | None,
    sessions: int | None,
    truth_path: Path | None,
    as_json: bool,
) -> None:
    """Make a recording of a simulated runner, and say what was put into it.

    The sensors are those of `record --radio virtual`: a uMyo on each glute, an NPG Lite on each thigh and
    calf. A scenario that does not fit into --minutes is compressed. A name that is none lists them all.

    With --diary, a folder for `emgsmr validate`: one sensor on the right glute and hamstrings, 36 minutes a
    session, and cramps in the diary. Their link to the load, or its absence, is put in, not found.
    """
    if diary is not None:
        from emgsmr.cli.simulate_diary import make_folder

        if truth_path is not None:
            raise ArgumentError("a diary brings the truth of all sessions in its folder: leave out --truth")
        make_folder(out, diary, sessions=sessions, minutes=minutes, seed=seed, as_json=as_json)
        return
    if sessions is not None:
        raise ArgumentError("--sessions are those of a diary: add --diary load or --diary independent")
    from emgsmr.cli.progress import progress_bar
    from emgsmr.radio.cast import cast_scenario
    from emgsmr.radio.write_cast import write_cast

    _check_name(scenario)
    _check_free(out, truth_path)
    with progress_bar(f"Simulating {scenario}") as bar:
        advance = bar or (lambda _: None)
        cast = cast_scenario(
            scenario, seed=seed, minutes=minutes, engine=engine, progress=lambda part: advance(part / 2)
        )
        write_cast(cast, out, progress=lambda part: advance(0.5 + part / 2)).close()
    if truth_path is not None:
        _write_truth(truth_path, cast.truth)
    result = _result(cast, out, truth_path)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        _say(result)


def _check_name(scenario: str) -> None:
    from emgsmr.simulate import SCENARIOS, TREATMENTS

    known = SCENARIOS | TREATMENTS
    if scenario not in known:
        width = max(map(len, known))
        lines = "\n".join(f"  {name:{width}}  {script.description}" for name, script in known.items())
        raise ArgumentError(f"there is no scenario {scenario!r}; choose one of these:\n{lines}")


def _check_free(*paths: Path | None) -> None:
    """Refuse before minutes of work what could not be written afterwards."""
    given = [path for path in paths if path is not None]
    for path in given:
        if path.exists():
            raise RecordingExistsError(f"{path} exists and is never overwritten: choose another name")
    if len({path.absolute() for path in given}) < len(given):
        raise ArgumentError("the recording and its truth need two names: choose another one for --truth")


def _write_truth(path: Path, truth: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            json.dump(truth, file, ensure_ascii=False, indent=1)
            file.write("\n")
    except OSError as error:
        raise RecordingError(f"the truth cannot be written to {path}: {error.strerror or error}") from error


def _result(cast: Cast, out: Path, truth_path: Path | None) -> dict[str, Any]:
    return {
        "recording": str(out),
        "truth": None if truth_path is None else str(truth_path),
        "scenario": cast.truth["scenario"],
        "description": cast.description,
        "seed": cast.truth["seed"],
        "duration_s": cast.duration_s,
        "sensors": [sensor.name for sensor in cast.sensors],
        "sites": list(cast.montage.sites),
        "expected": cast.truth["expected"],
    }


def _say(result: dict[str, Any]) -> None:
    click.echo(
        f"{result['scenario']}, seed {result['seed']}: {result['duration_s'] / 60:g} min of "
        f"{len(result['sensors'])} sensors on {len(result['sites'])} sites. {result['description']}"
    )
    click.echo(f"Recording: {result['recording']}")
    if result["truth"] is not None:
        click.echo(f"Ground truth: {result['truth']}")
