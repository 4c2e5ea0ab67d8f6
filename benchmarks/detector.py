"""How the detector does: changes found, false alarms, what must stay silent, and what it costs.

Writes docs/detector.md, its numbers as CSV and a picture (``--write``). Real strides are used where
``EMGSMR_REAL_DATA`` names their folder. The whole takes well over an hour on two
cores (it has not been run to its end in one go); ``--minutes`` measures what fits, runner by runner, and
``--results FILE`` keeps what was measured and goes on from there, as long as the software is the same.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from validate import real_data_folder
from validation.detector_changes import Outcome as ChangeOutcome
from validation.detector_cost import live_cost
from validation.detector_direct import direct_silence
from validation.detector_disturbances import CASES
from validation.detector_document import detector_document
from validation.detector_engines import FULL, QUICK, Engine, Plan, engines
from validation.detector_picture import draw
from validation.detector_silent import silence_and_outcomes, stays_silent
from validation.detector_silent_tables import cost_section, disturbances_section, hours_section, story_section
from validation.detector_story import only_tires, tell
from validation.detector_strides import outcomes_both
from validation.detector_tables import NUMBER_COLUMNS, changes_section, levels_section, numbers
from validation.document import Outcome, topic_markdown
from validation.section import Section

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "detector.md"
PICTURE = ROOT / "docs" / "images" / "detector.svg"
NUMBERS = ROOT / "docs" / "detector.csv"
PARTS = ("changes", "silence", "hours", "disturbances", "story", "cost")

progress = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Job:
    """One runner of one part: a function and what it is called with."""

    part: str
    turn: float
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    named: tuple[tuple[str, Any], ...] = ()

    def run(self) -> Any:
        """Do it."""
        return self.call(*self.arguments, **dict(self.named))


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    plan: Plan = FULL
    sizes: tuple[float, ...] = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
    one_sided: tuple[float, ...] = (20.0, 30.0, 40.0)
    runners: int = 4
    silent_runs: int = 8
    silent_minutes: float = 36.0
    direct_runs: int = 20
    direct_minutes: float = 40.0
    seeds_each: int = 3
    cases: tuple[str, ...] = tuple(CASES)
    stories: int = 6
    story_minutes: float = 24.0
    cost_minutes: float = 5.0
    engines: tuple[str, ...] = field(default=("surrogate", "pool", "real strides"))


WHOLE = Extent()
SMOKE = Extent(
    plan=QUICK,
    sizes=(30.0,),
    one_sided=(40.0,),
    runners=1,
    silent_runs=1,
    silent_minutes=1.0,
    direct_runs=1,
    direct_minutes=1.0,
    seeds_each=1,
    cases=("gain step: a gluteus to 70 %",),
    stories=1,
    story_minutes=1.0,
    cost_minutes=0.1,
    engines=("surrogate",),
)
WITH_OUTCOMES = (silence_and_outcomes, direct_silence)
"""What gives a silence and what became of changes in its strides."""
# these show results and change none
TABLES = ("document", "picture", "statistics", "tables")
PAGES = ("cli", "export", "report")


def jobs(
    found: Sequence[Engine], extent: Extent, parts: Sequence[str], strides: Path | None = None
) -> list[Job]:
    """All that there is to do: the first runner of everything, then the second, and so on."""
    made: list[Job] = []
    plan = ("plan", extent.plan)
    sizes = (("sizes", extent.sizes), ("one_sided", extent.one_sided))
    for engine in (e for e in found if e.name in extent.engines):
        gaits = ("run",) if engine.name == "real strides" else ("run", "run", "walk")
        for k in range(extent.runners):
            how = (("contacts", k % 2 == 0), *sizes, plan)
            made.append(Job("changes", 3 * k + 2, outcomes_both, (engine, 100 + k), how))
        for k in range(extent.silent_runs):
            how = (("contacts", k % 2 == 0), *sizes, plan)
            how += (("minutes", extent.silent_minutes), ("gait", gaits[k % len(gaits)]), ("kept", strides))
            made.append(Job("silence", 2 * k + 1, silence_and_outcomes, (engine, 1000 + k), how))
        for k in range(extent.direct_runs):
            how = (("minutes", extent.direct_minutes), ("gait", gaits[k % len(gaits)]), *sizes, plan)
            made.append(Job("hours", k / 3, direct_silence, (engine, 5000 + k), how))
        for place, name in enumerate(extent.cases):
            case = CASES[name]
            if {"real strides": case.real, "pool": case.pool}.get(engine.name, True):
                for k in range(extent.seeds_each):
                    turn = 2.0 * (k + place / len(extent.cases))
                    how = (("contacts", k % 2 == 0), plan, ("kept", strides))
                    made.append(Job("disturbances", turn, stays_silent, (engine, name, 2000 + k), how))
    for engine in (e for e in found if e.name == "pool"):
        for k in range(extent.stories):
            minutes = ("minutes", extent.story_minutes)
            made.append(Job("story", k, tell, (engine, 3000 + k), (minutes, plan)))
            made.append(Job("story", k + 0.5, only_tires, (engine, 3000 + k), (minutes,)))
    made.append(Job("cost", 0, live_cost, (), (("seed", 1), ("minutes", extent.cost_minutes), plan)))
    return sorted((job for job in made if job.part in parts), key=lambda job: job.turn)


def software() -> str:
    """Fingerprint of everything that a result depends on."""
    product = ROOT / "src" / "emgsmr"
    files = [path for path in product.rglob("*.py") if path.relative_to(product).parts[0] not in PAGES]
    benchmarks = ROOT / "benchmarks"
    files += [benchmarks / "real_strides.py", benchmarks / "validation" / "strides.py"]
    files += [*(benchmarks / "validation").glob("detector_*.py")]
    digest = hashlib.sha256()
    for path in sorted(files):
        if not path.stem.endswith(TABLES):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _kept(path: Path | None, state: str) -> dict[str, Any]:
    """Results that are there already, if the software is the same."""
    if path is None or not path.exists():
        return {}
    with path.open("rb") as file:
        was, results = pickle.load(file)
    return dict(results) if was == state else {}


def measure(todo: Sequence[Job], kept: Path | None, *, workers: int, minutes: float) -> list[tuple[Job, Any]]:
    """Do the jobs that begin within some minutes; those whose results are kept are not done again."""
    state, ends = software(), time.monotonic() + 60.0 * minutes
    known = _kept(kept, state)
    left = [job for job in todo if _key(job) not in known]
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=progress) as bar:
        task = bar.add_task("detector", total=len(left))
        for job, result in _done(left, workers, ends):
            known[_key(job)] = result
            bar.advance(task)
            if kept is not None:
                kept.write_bytes(pickle.dumps((state, known)))
    return [(job, known[_key(job)]) for job in todo if _key(job) in known]


def _done(left: Sequence[Job], workers: int, ends: float) -> Iterator[tuple[Job, Any]]:
    """Jobs and their results as they come; without workers, one after the other in this process."""
    if workers == 0:
        yield from ((job, job.run()) for job in left if time.monotonic() < ends)
        return
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(job.run): job for job in left}
        for done in as_completed(running):
            if not done.cancelled():
                yield running[done], done.result()
            if time.monotonic() > ends:
                for future in running:
                    future.cancel()


def _key(job: Job) -> str:
    return repr((job.part, job.call.__qualname__, job.arguments, job.named))


def sections(results: Sequence[tuple[Job, Any]], found: Sequence[Engine], extent: Extent) -> list[Section]:
    """The tables."""
    of: dict[Callable[..., Any], list[Any]] = {}
    for job, result in results:
        of.setdefault(job.call, []).append(result)
    everything = outcomes_in(results)
    made = []
    for engine in found:
        for level in ("signals", "strides"):
            ours = [o for o in everything if (o.engine, o.level) == (engine.name, level)]
            if ours:
                made.append(changes_section(engine, level, ours, extent.plan))
    if outcomes_both in of:
        made.append(levels_section(of[outcomes_both]))
    silences = [silence for call in WITH_OUTCOMES for silence, _ in of.get(call, [])]
    if silences:
        made.append(hours_section(silences))
    if stays_silent in of:
        made.append(disturbances_section(of[stays_silent]))
    if tell in of:
        made.append(story_section(of[tell], of.get(only_tires, [])))
    if live_cost in of:
        made.append(cost_section(of[live_cost]))
    return made


def outcomes_in(results: Sequence[tuple[Job, Any]]) -> list[ChangeOutcome]:
    """What became of the changes, of all jobs."""
    both = [o for job, result in results if job.call is outcomes_both for o in result]
    return both + [o for job, result in results if job.call in WITH_OUTCOMES for o in result[1]]


def write(
    made: Sequence[Section], results: Sequence[tuple[Job, Any]], *, planned: int, seconds: float
) -> None:
    """The page, its picture and its numbers."""
    everything = outcomes_in(results)
    draw([o for o in everything if o.level == "strides"], PICTURE)
    outcome = Outcome("detector", "Detector", list(made), seconds)
    DOCUMENT.write_text(
        detector_document(outcome, real_data_folder(), done=len(results), planned=planned), encoding="utf-8"
    )
    with NUMBERS.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([NUMBER_COLUMNS, *numbers(everything)])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke version")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; may be repeated")
    parser.add_argument("--workers", type=int, default=2, help="0: in this process")
    parser.add_argument("--minutes", type=float, default=600.0, help="begin nothing new after that")
    parser.add_argument("--results", type=Path, metavar="FILE", help="keep results here, and go on from them")
    parser.add_argument(
        "--strides",
        type=Path,
        metavar="FOLDER",
        help="keep the strides of silent runs, and use them again; only for work on the detector itself: "
        "empty it when anything before the detector changes",
    )
    parser.add_argument("--write", action="store_true", help="also into docs/")
    asked = parser.parse_args(arguments)
    if asked.write and (asked.quick or asked.part):
        parser.error("--write needs the whole run: leave out --quick and --part.")
    began = time.perf_counter()
    extent = SMOKE if asked.quick else WHOLE
    found = engines(real_data_folder())
    todo = jobs(found, extent, asked.part or PARTS, asked.strides)
    results = measure(todo, asked.results, workers=asked.workers, minutes=asked.minutes)
    made = sections(results, found, extent)
    seconds = time.perf_counter() - began
    print(topic_markdown(Outcome("detector", "Detector", made, seconds)))
    if asked.write:
        write(made, results, planned=len(todo), seconds=seconds)
        progress.print("Written: docs/detector.md, its picture and its numbers")
    return int(any(section.met is False for section in made))


if __name__ == "__main__":
    sys.exit(main())
