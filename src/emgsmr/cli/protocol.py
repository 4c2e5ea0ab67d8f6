"""``emgsmr protocol``: exercises and runs in bouts, guided at the console."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import ArgumentError, RecordingExistsError

if TYPE_CHECKING:
    from emgsmr.analysis.protocols import Protocol, Step


@click.group("protocol")
def command() -> None:
    """Guided protocols: what to do in which bout, before and after.

    The recommended order is A1, A2, treatment, B: two sets without treatment tell the person's own error.
    """


lang_option = click.option(
    "--lang",
    default="en",
    show_default=True,
    help="Language of cues and titles: de, en, or another that your own protocol has.",
)


@command.command("list")
@lang_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def list_(lang: str, as_json: bool) -> None:
    """Show the protocols that come with emgsmr."""
    from emgsmr.analysis.protocols import guide_words, load_protocol, protocol_names

    found = [load_protocol(name, lang) for name in protocol_names()]
    if as_json:
        click.echo(json.dumps({"protocols": [_record(protocol) for protocol in found]}, ensure_ascii=False))
        return
    from rich.table import Table

    from emgsmr.cli.terminal import wide_console

    table = Table(box=None, pad_edge=False)
    words = guide_words(lang)
    for heading in ("name", "title", "bouts", "takes", "pairs"):
        table.add_column(words[f"show.{heading}"])
    for protocol in found:
        a_leg = f" {words['show.a_leg']}" if protocol.sides == "each" else ""
        bouts = f"{protocol.bouts} × {protocol.bout_s:g} s{a_leg}"
        minutes = f"{_length(protocol) / 60:.0f} min"
        table.add_row(protocol.name, protocol.title, bouts, minutes, ", ".join(protocol.primary))
    wide_console().print(table)


@command.command("show")
@click.argument("name")
@lang_option
def show(name: str, lang: str) -> None:
    """Show what protocol NAME (or your own file, ending in .toml) asks for, step by step."""
    from emgsmr.analysis.protocols import load_protocol, set_schedule
    from emgsmr.recording.event import clock

    protocol = load_protocol(name, lang)
    about = protocol.words["show.about"].format(title=protocol.title, pairs=", ".join(protocol.primary))
    click.echo(f"{about}\n")
    for step in set_schedule(protocol, "A1", warm_up=True):
        click.echo(f"{clock(step.t_s):>6}  {_said(step)}")
    click.echo(f"\n{protocol.words['show.order']}")


@command.command("copy")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def copy(name: str, file: Path) -> None:
    """Copy protocol NAME to FILE (.toml), to make it your own."""
    from emgsmr.analysis.protocols import protocol_text

    if file.suffix != ".toml":
        raise ArgumentError(f"{file} must end in .toml, so that protocol run takes it for a file of yours")
    text = protocol_text(name)
    if file.exists():
        raise ArgumentError(f"{file} exists already: choose another name")
    file.write_text(text, encoding="utf-8")
    click.echo(f"Copied to {file}; change it, then: emgsmr protocol run {file} -o session.emgsmr")


PHASES = ("a1", "a2", "b", "before", "after")


@command.command("run")
@click.argument("name")
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), required=True, help="Recording to make."
)
@click.option(
    "--phase",
    "phases",
    type=click.Choice(PHASES, case_sensitive=False),
    multiple=True,
    help="Record this set only; may be repeated. Default: A1, A2, treatment, B in one recording.",
)
@click.option(
    "--montage", "montage_path", type=click.Path(path_type=Path), help="Which sensor sits where (TOML)."
)
@click.option(
    "--radio",
    default="bluetooth",
    show_default=True,
    help="bluetooth, virtual (a person who does as told) or virtual:treatment_0, _20 ...",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Virtual radio: times life's pace.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Virtual radio.")
@click.option("--first-side", type=click.Choice(["L", "R"]), default="R", show_default=True)
@click.option(
    "--treatment",
    "treatment_s",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Length of the treatment; default: until Enter is pressed.",
)
@lang_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def run(
    name: str,
    out: Path,
    phases: tuple[str, ...],
    montage_path: Path | None,
    radio: str,
    speed: float,
    seed: int,
    first_side: str,
    treatment_s: float | None,
    lang: str,
    as_json: bool,
) -> None:
    """Record while cues and countdowns lead through protocol NAME (or your own file, ending in .toml).

    Each bout lands in the recording as a phase with its label and length, ready for emgsmr report.
    """
    from emgsmr.analysis.protocols import load_protocol
    from emgsmr.cli.guided import GuidedRun
    from emgsmr.recording import load_montage

    protocol = load_protocol(name, lang)
    if out.exists():
        raise RecordingExistsError(f"{out} exists and is never overwritten: choose another name")
    sets = _sets(protocol, phases, first_side)
    montage = load_montage(montage_path) if montage_path is not None else None
    guided = GuidedRun(protocol, sets, out, treatment_s=treatment_s, as_json=as_json)
    guided.record(montage, radio=radio, speed=speed, seed=seed)
    labels = list(dict.fromkeys(steps[0].label for steps in sets if steps[0].label))
    if as_json:
        summary = {**guided.summary(), "protocol": protocol.name, "sets": guided.done}
        click.echo(json.dumps(summary, allow_nan=False))
        return
    click.echo(f"Recorded: {out}")
    missing = [label for label in labels if label not in guided.done]
    if missing:
        click.echo(protocol.words["guide.not_finished"].format(sets=", ".join(missing)))
    click.echo(_next(name, protocol, out, labels))


def _next(name: str, protocol: Protocol, out: Path, labels: list[str]) -> str:
    """What to do with the recording."""
    from emgsmr.analysis.protocols import guide_languages

    before = [label for label in labels if label in ("A1", "A2", "before")]
    after = [label for label in labels if label in ("B", "after")]
    page = out.with_suffix(".html")
    say, lang = protocol.words, "" if protocol.lang == "en" else f" --lang {protocol.lang}"
    if before and not after:
        command = f"emgsmr protocol run {name} --phase after{lang} -o AFTER.emgsmr"
        return say["guide.then"].format(command=command)
    lang = lang if protocol.lang in guide_languages() else ""
    files = f"{out}" if before else f"BEFORE.emgsmr {out}"
    return say["guide.now"].format(command=f"emgsmr report {files}{lang} -o {page}")


def _sets(protocol: Protocol, phases: tuple[str, ...], first_side: str) -> tuple[tuple[Step, ...], ...]:
    """The sets that were asked for, with the treatment between before and after."""
    from emgsmr.analysis.protocols import session_schedule, set_schedule

    if not phases:
        return session_schedule(protocol, first_side=first_side)
    treatment = session_schedule(protocol)[2]
    labels = [phase.upper() if len(phase) < 3 else phase for phase in map(str.lower, phases)]
    sets: list[tuple[Step, ...]] = []
    for k, label in enumerate(labels):
        if k and label in ("B", "after"):
            sets.append(treatment)
        warm_up = k == 0 and label not in ("B", "after", "A2")
        sets.append(set_schedule(protocol, label, warm_up=warm_up, first_side=first_side))
    return tuple(sets)


def _said(step: Step) -> str:
    length = f" ({step.duration_s:g} s)" if step.duration_s else ""
    return f"{step.title}{length}: {step.say}"


def _length(protocol: Protocol) -> float:
    from emgsmr.analysis.protocols import set_schedule

    return set_schedule(protocol, "A1")[-1].end_s


def _record(protocol: Protocol) -> dict[str, Any]:
    from dataclasses import asdict

    content = {**asdict(protocol), "set_s": _length(protocol)}
    content["translations"] = {code: own._asdict() for code, own in protocol.translations.items()}
    del content["words"]
    return content
