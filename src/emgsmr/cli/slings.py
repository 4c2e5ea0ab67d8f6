"""``emgsmr slings``: the fifteen slings, what of them a montage measures, and the compensation pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table
    from rich.text import Text

    from emgsmr.anatomy import Catalog, Pair, Sling, Source
    from emgsmr.cli.terminal import Marks

NOTE = (
    "The evidence is about whether a sling exists as anatomy. That one muscle works more because another "
    "works less is the hypothesis that emgsmr measures. For education, training and research; not a "
    "medical device."
)


@click.command()
@click.option(
    "--montage",
    type=click.Path(path_type=Path),
    help="Montage file (default: glutes, hamstrings and calves).",
)
@click.option("--catalog", type=click.Path(path_type=Path), help="Your own slings, pairs or muscles (TOML).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(montage: Path | None, catalog: Path | None, as_json: bool) -> None:
    """The 15 slings: members, evidence, what a montage measures, and the pairs."""
    from emgsmr.anatomy import load_catalog
    from emgsmr.recording import default_montage, load_montage

    sites = (default_montage() if montage is None else load_montage(montage)).sites
    report = slings_report(load_catalog(catalog), sites)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _show(report)


def slings_report(catalog: Catalog, sites: Sequence[str]) -> dict[str, Any]:
    """What is said about slings and pairs, as the JSON object has it."""
    return {
        "slings": [_sling(catalog, sling, sites) for sling in catalog.slings],
        "pairs": [_pair(catalog, pair, sites) for pair in catalog.pairs.values()],
        "sites": list(sites),
        "muscles": [
            {
                "code": muscle.code,
                "name": muscle.name,
                "semg": muscle.semg,
                "limit": muscle.limit,
                "group": muscle.group,
                "posture": muscle.posture,
                "electrode": muscle.electrode,
                "direction": muscle.direction,
                "test": muscle.test,
            }
            for muscle in catalog.muscles.values()
        ],
        "note": NOTE,
    }


def _cite(sources: Sequence[Source]) -> list[dict[str, str]]:
    return [{"key": source.key, "citation": source.citation, "read": source.read} for source in sources]


def _sling(catalog: Catalog, sling: Sling, sites: Sequence[str]) -> dict[str, Any]:
    measured = catalog.measured(sling, sites)
    somewhere = {member for found in measured.values() for member in found}
    return {
        "id": sling.id,
        "name": sling.name,
        "system": sling.system,
        "lines": [line.id for line in sling.lines],
        "members": [
            {
                "name": member.name,
                "site": member.site,
                "depth": member.depth,
                "side": member.side,
                "muscle": member.muscle,
                "optional": member.optional,
                "uncertain": member.uncertain,
                "measured": {side: found.get(member) for side, found in measured.items()},
            }
            for member in sling.members
        ],
        "evidence": sling.evidence,
        "tendency": sling.tendency,
        "tendency_uncertain": sling.tendency_uncertain,
        "sources": _cite(sling.sources),
        "pairs": list(sling.pairs),
        "measured": {side: list(dict.fromkeys(found.values())) for side, found in measured.items()},
        "n_measured": len(somewhere),
        "n_measured_by_side": {side: len(found) for side, found in measured.items()},
        "n_members": len(sling.members),
    }


def _pair(catalog: Catalog, pair: Pair, sites: Sequence[str]) -> dict[str, Any]:
    return {
        "id": pair.id,
        "prime": list(pair.prime),
        "compensator": list(pair.compensator),
        "prime_name": pair.prime_name,
        "compensator_name": pair.compensator_name,
        "compensator_side": pair.compensator_side,
        "enabled": pair.enabled,
        "status": pair.status,
        "derived_from": pair.derived_from,
        "shared_task": pair.shared_task,
        "run_window_pct": list(pair.run_window),
        "level": pair.level,
        "evidence": pair.evidence,
        "note": pair.note,
        "sources": _cite(pair.sources),
        "measured": catalog.pair_measured(pair, sites),
    }


def _show(report: dict[str, Any]) -> None:
    from emgsmr.cli.terminal import marks, wide_console

    console = wide_console()
    mark = marks(console)
    numbers: dict[str, int] = {}
    for record in (*report["slings"], *report["pairs"]):
        for source in record["sources"]:
            numbers.setdefault(source["citation"], len(numbers) + 1)
    console.print(f"[bold]Sites:[/bold] {' '.join(report['sites'])}")
    console.print(
        f"[green]{mark.yes}[/green] measured here   {mark.open} a surface electrode could   "
        f"[dim]{mark.no} no surface EMG, or no site[/dim]"
    )
    console.print("(opp.) on the other side   ? not re-checked   [1] source, at the end\n", markup=False)
    console.print(_sling_table(report["slings"], mark, numbers))
    console.print(_pair_table(report["pairs"], mark, numbers))
    console.print("[bold]Sites for electrodes[/bold]: code and side, such as GMAX_L")
    console.print(", ".join(f"{muscle['code']} {muscle['name']}" for muscle in report["muscles"]) + "\n")
    console.print("[bold]Sources[/bold]")
    for citation, number in numbers.items():
        console.print(f"[{number}] {citation}", markup=False)
    console.print("\n" + report["note"])


def _numbered(record: dict[str, Any], numbers: dict[str, int]) -> str:
    return "[" + ", ".join(str(numbers[source["citation"]]) for source in record["sources"]) + "]"


def _members(sling: dict[str, Any], mark: Marks) -> Text:
    from rich.text import Text

    text = Text()
    for member in sling["members"]:
        if any(member["measured"].values()):
            sign, style = mark.yes, "bold green"
        elif member["site"] is not None:
            sign, style = mark.open, ""
        else:
            sign, style = mark.no, "dim"
        side = " (opp.)" if member["side"] == "opposite" else ""
        doubt = "?" if member["uncertain"] else ""
        code = f" {member['site']}" if member["site"] else ""
        text.append(f"{sign}{code} {member['name']}{side}{doubt}\n", style=style)
    text.rstrip()
    return text


def _sling_table(slings: list[dict[str, Any]], mark: Marks, numbers: dict[str, int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_lines=True, pad_edge=False, title="The slings", title_justify="left")
    table.add_column("sling", width=20)
    table.add_column("members", ratio=1)
    table.add_column("measured", width=8)
    table.add_column("evidence that it exists", width=25)
    for sling in slings:
        name = Text(f"{sling['id']}\n", style="bold")
        name.append(sling["name"], style="not bold")
        if sling["tendency"]:
            doubt = " (uncertain)" if sling["tendency_uncertain"] else ""
            name.append(f"\n{sling['tendency']}{doubt}", style="dim not bold")
        if sling["pairs"]:
            name.append("\npairs " + ", ".join(sling["pairs"]), style="not bold")
        by_side = sling["n_measured_by_side"]
        measured = f"{sling['n_measured']} of {sling['n_members']}"
        if by_side["L"] != by_side["R"]:
            measured += f"\nL {by_side['L']}, R {by_side['R']}"
        evidence = Text(f"{sling['evidence']} {_numbered(sling, numbers)}")
        table.add_row(name, _members(sling, mark), measured, evidence)
    return table


def _pair_table(pairs: list[dict[str, Any]], mark: Marks, numbers: dict[str, int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Compensation pairs", title_justify="left")
    table.add_column("pair", width=4)
    table.add_column("prime mover and compensator", width=23)
    table.add_column("computed", width=11)
    table.add_column("measured", width=8)
    table.add_column("level", width=5)
    table.add_column("shared task; evidence", ratio=1)
    for pair in pairs:
        on = Text(f"{mark.yes} on", style="bold green") if pair["enabled"] else Text(f"{mark.open} off")
        if not pair["enabled"] and pair["status"] in ("note", "described"):
            on = Text(f"{mark.no} {'with ' + pair['derived_from'] if pair['derived_from'] else 'described'}")
        about = Text(f"{pair['shared_task']}; {pair['evidence']} {_numbered(pair, numbers)}")
        if pair["note"]:
            about.append(f"\n{pair['note']}", style="dim")
        sides = [side for side, measured in pair["measured"].items() if measured]
        table.add_row(
            pair["id"],
            f"{pair['prime_name']} {mark.arrow} {pair['compensator_name']}",
            on,
            " and ".join(sides) or mark.no,
            pair["level"],
            about,
        )
    table.caption = "Level: A trial, B some human EMG, C indirect, D doctrine."
    table.caption_justify = "left"
    return table
