"""The options of an analysis, the same for every verb that makes one."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emgsmr.analysis import Settings
    from emgsmr.analysis.reference import Reference
    from emgsmr.recording import Recording
if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:  # generic for type checkers only: click before 8.2 does not know it
    ParamType = click.ParamType


class Range(ParamType):
    """Two numbers with a colon between them."""

    def __init__(self, name: str, example: str) -> None:
        self.name = name
        self._example = example

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        if isinstance(value, tuple):
            return value
        try:
            start, end = (float(part) for part in str(value).split(":"))
        except ValueError:
            self.fail(f"{value!r} is not {self.name}; write two numbers, {self._example}.", param, ctx)
        return start, end


class Names(ParamType):
    """Names with commas between them."""

    def __init__(self, name: str, example: str) -> None:
        self.name = name
        self._example = example

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = tuple(part.strip() for part in str(value).split(","))
        if not all(names):
            self.fail(f"{value!r} has an empty name; write names with commas, {self._example}.", param, ctx)
        return names


CYCLES = ("auto", "events", "imu", "emg", "bursts", "windows")
"""As in `emgsmr.analysis.Settings`, which a help page must not wait for."""

OPTIONS = (
    click.option(
        "--baseline",
        type=Range("T0:T1", "seconds from start to end, such as 120:420"),
        help="Baseline in seconds, such as 120:420; default: the phase marked so.",
    ),
    click.option(
        "--cycles",
        type=click.Choice(CYCLES),
        default="auto",
        show_default=True,
        help="Where strides come from: foot contacts among the events, the motion of a sensor (imu), the "
        "EMG's rhythm (emg), or the best of these that there is (auto). For exercises bursts: each "
        "contraction is a repetition; for held contractions windows of half a second.",
    ),
    click.option(
        "--normalize",
        type=click.Choice(["baseline", "mvc", "reference", "none"]),
        help="What an activation of 1 is: the own baseline (default), the best half second of the phases "
        "marked mvc, the strides of the phases marked reference, or nothing (µV).",
    ),
    click.option(
        "--reference",
        type=click.Path(path_type=Path),
        help="Recording to take the maximal contractions, or the reference run, from.",
    ),
    click.option(
        "--band",
        type=Range("LOW:HIGH", "such as 20:450"),
        help="Corners of the band-pass in Hz; default 30:450, 20:450 is usual for slow tasks.",
    ),
    click.option(
        "--pairs",
        type=Names("PAIR,PAIR", "such as P1,P2,P5"),
        help="Pairs of muscles to watch, such as P1,P2,P5; default: those that are on (see emgsmr slings).",
    ),
    click.option(
        "--catalog",
        type=click.Path(path_type=Path),
        help="Your own slings, pairs or muscles (TOML).",
    ),
)


earlier_option = click.option(
    "--earlier",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Earlier session of the same person, with phases marked mvc, to compare standing patterns with; may "
    "be repeated.",
)


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[list[Recording]]:
    """Several recordings, open at the same time."""
    from contextlib import ExitStack

    from emgsmr.recording import open_recording

    with ExitStack() as stack:
        yield [stack.enter_context(open_recording(path)) for path in paths]


def analysis_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of an analysis; it hands them on to `chosen`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@contextmanager
def chosen(
    *,
    baseline: tuple[float, float] | None,
    cycles: str,
    normalize: str | None,
    reference: Path | None,
    band: tuple[float, float] | None,
    pairs: tuple[str, ...] | None,
    catalog: Path | None,
) -> Iterator[tuple[Settings, Recording | None]]:
    """The settings that the options ask for, and the recording that is the reference."""
    from emgsmr.analysis import Settings
    from emgsmr.recording import open_recording

    wanted: dict[str, Any] = {"baseline": baseline, "cycles": cycles, "pairs": pairs}
    if catalog is not None:
        wanted["catalog"] = str(catalog)
    if normalize is not None:
        wanted["normalization"] = normalize
    if band is not None:
        wanted |= {"low_hz": band[0], "high_hz": band[1]}
    settings = dataclasses.replace(Settings(), **wanted)
    if reference is None:
        yield settings, None
        return
    with open_recording(reference) as other:
        yield settings, other


def normalized(settings: Settings, reference: Recording | None) -> tuple[Settings, Reference | None]:
    """The same as a pipeline takes them."""
    from emgsmr.analysis.reference import with_reference

    return (settings, None) if reference is None else with_reference(settings, reference)
