"""``emgsmr report``: one self-contained page about a recording, or about before and after."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.analysis_options import analysis_options, chosen, earlier_option, opened
from emgsmr.cli.comparison_options import (
    asked_for,
    check_analysis_options,
    comparison_options,
    language_option,
    planned,
    taken,
)
from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from emgsmr.recording import Recording


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("after_file", metavar="[AFTER]", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", "path", type=click.Path(path_type=Path), help="Page to write; FILE.html, if not given."
)
@language_option
@click.option("--pdf", is_flag=True, help="Before and after: also as PDF, two A4 pages, beside the page.")
@analysis_options
@earlier_option
@comparison_options
@click.option("--json", "as_json", is_flag=True, help="Say what was found and written as one JSON object.")
def command(
    file: Path,
    after_file: Path | None,
    path: Path | None,
    lang: str,
    pdf: bool,
    as_json: bool,
    earlier: tuple[Path, ...],
    **options: Any,
) -> None:
    """Write one page about FILE: what changed when, how sure that is, and what it rests on.

    With AFTER, with --before and --after for one recording that holds both, or where a protocol led through
    both, the page compares before and after (see emgsmr compare). It needs nothing else: it can be mailed,
    printed and opened without a network.
    """
    import emgsmr.report  # says at once if its packages are not installed

    del emgsmr
    path = path or file.with_suffix(".html")
    if path.suffix == ".emgsmr":
        raise ArgumentError(
            f"{path} is the name of a recording: choose another name for the page, such as run.html"
        )
    asked = asked_for(options)
    if after_file is not None or "--before" in asked or "--after" in asked or _was_guided(file):
        if earlier:
            raise ArgumentError("--earlier has no meaning for before and after: leave it out")
        written, summary = _before_and_after(file, after_file, path, lang=lang, pdf=pdf, options=options)
    else:
        if asked or pdf:
            name = asked[0] if asked else "--pdf"
            raise ArgumentError(
                f"{name} is for before and after: give a second recording, or --before and --after"
            )
        taken(options)
        written, summary = _one_session(file, path, earlier, lang=lang, options=options)
    if as_json:
        said = {"report": str(written[0]), "files": [str(page) for page in written], "summary": summary}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for sentence in summary:
        click.echo(sentence)
    for page in written:
        click.echo(f"Report: {page}")


def _was_guided(file: Path) -> bool:
    """Whether a protocol led through bouts before and after in this recording."""
    from emgsmr.analysis.comparison.bouts import holds_both
    from emgsmr.analysis.protocols import declared_pairs
    from emgsmr.recording import open_recording

    with open_recording(file) as recording:
        events = recording.events()
    return bool(declared_pairs(events)) and holds_both(events)


def _one_session(
    file: Path, path: Path, earlier: tuple[Path, ...], *, lang: str, options: dict[str, Any]
) -> tuple[list[Path], list[str]]:
    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording
    from emgsmr.report import write_report

    with (
        chosen(**options) as (settings, reference),
        opened(earlier) as sessions,
        open_recording(file) as recording,
        with_progress("Analyzing"),
    ):
        analysis = analyze(recording, settings, reference=reference, earlier=sessions)
        return [write_report(analysis, path, recording, lang=lang)], analysis.summary()


def _before_and_after(
    file: Path, after_file: Path | None, path: Path, *, lang: str, pdf: bool, options: dict[str, Any]
) -> tuple[list[Path], list[str]]:
    from emgsmr.analysis.comparison import compare
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording
    from emgsmr.report import write_comparison_page, write_comparison_pdf

    check_analysis_options(options)
    wanted = taken(options)
    with ExitStack() as stack:
        settings, _ = stack.enter_context(chosen(**options))
        before: Recording = stack.enter_context(open_recording(file))
        after = None if after_file is None else stack.enter_context(open_recording(after_file))
        stack.enter_context(with_progress("Comparing"))
        both = (before,) if after is None else (before, after)
        comparison = compare(before, after, settings=settings, plan=planned(wanted, *both))
        written = [write_comparison_page(comparison, path, lang=lang, before=before, after=after)]
        if pdf:
            paper = path.with_suffix(".pdf")
            written.append(write_comparison_pdf(comparison, paper, lang=lang, before=before, after=after))
        return written, comparison.summary()
