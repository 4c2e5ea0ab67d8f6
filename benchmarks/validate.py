"""Everything that is claimed about the numbers, measured: one module per topic in ``benchmarks/validation``.

``--write`` makes docs/validation.md of it. Real recordings are used where ``EMGSMR_REAL_DATA`` names their
folder. Exits with 1 where a bar is not met or a topic failed; the document is written nevertheless.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from rich.console import Console
from validation import __path__ as validation_path
from validation.document import Outcome, document, topic_markdown, with_topic
from validation.section import Section

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "validation.md"

# In the order in which data flow; a topic that is not named here comes last, under its module's name.
HEADINGS = {
    "signal": "Signal chain",
    "strides": "Strides",
    "repetitions": "Repetitions of an exercise",
    "spectrum": "Spectra and fatigue",
    "timing": "Timing",
    "quality": "Signal quality and garbage",
    "measures": "Normalization, ratios and their uncertainty",
    "cramp_watch": "Cramp watch (research output)",
    "standing": "Standing patterns",
    "comparison": "Before and after",
    "forecast": "Forecasting marked events",
    "peers": "Other software on the same signals",
}

progress = Console(stderr=True, highlight=False)


def topics() -> list[str]:
    """Modules of ``benchmarks/validation`` that have a ``run``, in the document's order; none is imported."""
    files = [path for folder in validation_path for path in Path(folder).glob("*.py")]
    found = [path.stem for path in files if _has_run(path)]
    order = list(HEADINGS)
    return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))


def _has_run(path: Path) -> bool:
    body = ast.parse(path.read_text("utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in body)


def heading(topic: str) -> str:
    return HEADINGS.get(topic, topic.replace("_", " ").capitalize())


def _module(topic: str) -> ModuleType:
    return importlib.import_module(f"validation.{topic}")


def measure(topic: str, real_data: Path | None, *, quick: bool) -> Outcome:
    """Run one topic; one that raises is a section that says so, and the others go on."""
    began = time.perf_counter()
    try:
        sections = list(_module(topic).run(real_data, quick=quick))
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs into the document
        progress.print_exception()
        sections = [_failed(error, real_data)]
    return Outcome(topic, heading(topic), sections, seconds=time.perf_counter() - began)


def _failed(error: Exception, real_data: Path | None) -> Section:
    message = " ".join(f"{type(error).__name__}: {error}".split())
    for folder in filter(None, (real_data, ROOT, Path.home())):
        message = message.replace(str(folder), "…")
    return Section(
        title="failed",
        source="not measured",
        text="The measurement ended with an error.",
        columns=["error"],
        rows=[[message.replace("|", "\\|")]],
        bar="The measurement runs to its end",
        met=False,
    )


def measure_all(names: Iterable[str], real_data: Path | None, *, quick: bool) -> list[Outcome]:
    outcomes = []
    for name in names:
        outcome = measure(name, real_data, quick=quick)
        missed = sum(section.met is False for section in outcome.sections)
        state = "nothing measured" if not outcome.sections else f"{len(outcome.sections)} sections"
        progress.print(
            f"{name:<12} {outcome.seconds:6.1f} s  {state}" + (f", {missed} not met" * bool(missed))
        )
        outcomes.append(outcome)
    return outcomes


def real_data_folder() -> Path | None:
    folder = os.environ.get("EMGSMR_REAL_DATA", "")
    if folder and not Path(folder).is_dir():
        raise SystemExit("EMGSMR_REAL_DATA names no folder; unset it to validate without real recordings.")
    return Path(folder) if folder else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke version of a few seconds per topic")
    parser.add_argument("--only", action="append", choices=topics(), metavar="TOPIC", help="may be repeated")
    parser.add_argument(
        "--write", action="store_true", help="also into docs/validation.md; with --only, in its place there"
    )
    asked = parser.parse_args(arguments)
    if asked.write and asked.quick:
        parser.error("--write needs the whole measurement: leave out --quick.")
    real_data = real_data_folder()
    outcomes = measure_all(asked.only or topics(), real_data, quick=asked.quick)
    print("\n".join(topic_markdown(outcome) for outcome in outcomes))
    if asked.write:
        if asked.only:
            text = DOCUMENT.read_text("utf-8")
            for outcome in outcomes:
                text = with_topic(text, outcome)
        else:
            left_out = [heading for name, heading in HEADINGS.items() if name not in topics()]
            text = document(outcomes, real_data, left_out=left_out)
        DOCUMENT.write_text(text, encoding="utf-8")
        progress.print("Written: docs/validation.md")
    return int(any(section.met is False for outcome in outcomes for section in outcome.sections))


if __name__ == "__main__":
    sys.exit(main())
