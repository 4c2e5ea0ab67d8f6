"""``emgsmr compare``: before and after a treatment, bout by bout."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.analysis_options import analysis_options, chosen
from emgsmr.cli.comparison_options import (
    check_analysis_options,
    comparison_options,
    language_option,
    planned,
    taken,
)

if TYPE_CHECKING:
    from emgsmr.analysis.comparison import Comparison
    from emgsmr.recording import Recording


@click.command()
@click.argument("before_file", metavar="BEFORE", type=click.Path(path_type=Path))
@click.argument("after_file", metavar="[AFTER]", required=False, type=click.Path(path_type=Path))
@comparison_options
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the tables here as CSV, and the page comparison.html.",
)
@language_option
@analysis_options
@click.option("--json", "as_json", is_flag=True, help="Print the tables as one JSON object.")
def command(
    before_file: Path,
    after_file: Path | None,
    out: Path | None,
    lang: str,
    as_json: bool,
    **options: Any,
) -> None:
    """What changed from before to after, against the smallest change that could be told.

    BEFORE and AFTER are two recordings, or BEFORE alone holds both. Its bouts are phases with a duration and
    a label: three or more before and after, better in the order A1, A2, treatment, B.
    """
    from emgsmr.analysis.comparison import compare
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording

    check_analysis_options(options)
    wanted = taken(options)
    with ExitStack() as stack:
        settings, _ = stack.enter_context(chosen(**options))
        recording = stack.enter_context(open_recording(before_file))
        other = None if after_file is None else stack.enter_context(open_recording(after_file))
        stack.enter_context(with_progress("Comparing"))
        both = (recording,) if other is None else (recording, other)
        comparison = compare(recording, other, settings=settings, plan=planned(wanted, *both))
        written: list[Path] = []
        if out is not None:
            from emgsmr.export import write_comparison

            written = write_comparison(comparison, out)
            written += _page(comparison, out / "comparison.html", lang, recording, other)
    _print(comparison, as_json=as_json, written=written)
    if out is not None and not as_json:
        click.echo(f"Tables written to {out}{'' if str(out).endswith('/') else '/'}")
        if written[-1].suffix == ".html":
            click.echo(f"Page: {written[-1]}")


def _page(
    comparison: Comparison, path: Path, lang: str, before: Recording, after: Recording | None
) -> list[Path]:
    """Write the page too, where its packages are installed: tables need none of them."""
    try:
        from emgsmr.report import write_comparison_page
    except ModuleNotFoundError as error:
        from emgsmr.cli.main import explain

        click.echo(f"No page: {explain(error)[0]}", err=True)
        return []
    return [write_comparison_page(comparison, path, lang=lang, before=before, after=after)]


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
