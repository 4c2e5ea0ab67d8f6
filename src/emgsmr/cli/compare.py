"""``emgsmr compare``: before and after a treatment, bout by bout."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import click

from emgsmr.cli.analysis_options import Names, analysis_options, chosen
from emgsmr.errors import ArgumentError

LABELS = Names("LABEL,LABEL", "such as A1,A2")


@click.command()
@click.argument("before_file", metavar="BEFORE", type=click.Path(path_type=Path))
@click.argument("after_file", metavar="[AFTER]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--before",
    type=LABELS,
    help="Labels of the bouts before; default: A1,A2 (two sets without treatment between), else before.",
)
@click.option("--after", type=LABELS, help="Labels of the bouts after; default: B, else after.")
@click.option("--primary", type=Names("PAIR,PAIR", "such as P1,P2"), help="Pairs that count; default: P1,P2.")
@click.option(
    "--margin", type=float, metavar="PERCENT", help="Also test whether the change lies within this margin."
)
@click.option(
    "--treated", type=click.Choice(["L", "R"]), help="The treated leg; the other one is the control."
)
@click.option(
    "--electrodes",
    type=click.Choice(["kept", "replaced"]),
    help="Whether they stayed on between two recordings; default: by time and sensors.",
)
@click.option("--exercise", help="Only the bouts of this exercise, such as bridge.")
@click.option("--paired", is_flag=True, help="Bouts of the same number belong together (same speed or load).")
@click.option("--sides-checked", is_flag=True, help="Left and right were checked and are right.")
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the tables here as CSV."
)
@analysis_options
@click.option("--json", "as_json", is_flag=True, help="Print the tables as one JSON object.")
def command(
    before_file: Path,
    after_file: Path | None,
    before: tuple[str, ...] | None,
    after: tuple[str, ...] | None,
    primary: tuple[str, ...] | None,
    margin: float | None,
    treated: Literal["L", "R"] | None,
    electrodes: Literal["kept", "replaced"] | None,
    exercise: str | None,
    paired: bool,
    sides_checked: bool,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """What changed from before to after, against the smallest change that could be told.

    BEFORE and AFTER are two recordings, or BEFORE alone holds both. Its bouts are phases with a duration and
    a label: three or more before and after, better in the order A1, A2, treatment, B.
    """
    from emgsmr.analysis.comparison import ComparisonPlan, compare
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording

    for name, value in (("--baseline", options["baseline"]), ("--reference", options["reference"])):
        if value is not None:
            raise ArgumentError(
                f"{name} has no meaning here: bouts before are what the others are compared with"
            )
    plan = ComparisonPlan(
        before=before or (),
        after=after or (),
        **({"primary": primary} if primary else {}),
        margin_pct=margin,
        treated=treated,
        electrodes=electrodes,
        exercise=exercise,
        paired=paired,
        sides_checked=sides_checked,
    )
    with ExitStack() as stack:
        settings, _ = stack.enter_context(chosen(**options))
        recording = stack.enter_context(open_recording(before_file))
        other = None if after_file is None else stack.enter_context(open_recording(after_file))
        stack.enter_context(with_progress("Comparing"))
        comparison = compare(recording, other, settings=settings, plan=plan)
    written: list[Path] = []
    if out is not None:
        from emgsmr.export import write_comparison

        written = write_comparison(comparison, out)
    _print(comparison, as_json=as_json, written=written)
    if written and not as_json:
        click.echo(f"Tables written to {out}{'' if str(out).endswith('/') else '/'}")


def _print(comparison: Any, *, as_json: bool, written: list[Path]) -> None:
    """The summary for people, or the tables as one JSON object."""
    if not as_json:
        for line in comparison.summary():
            click.echo(line)
        return
    import json

    from emgsmr.export.tables import as_records, checked, comparison_frames, plain

    content = {
        **as_records(checked(comparison_frames(comparison))),
        "summary": comparison.summary(),
        "session": plain(comparison.session),
        "files": [str(path) for path in written],
    }
    click.echo(json.dumps(content, allow_nan=False, ensure_ascii=False))
