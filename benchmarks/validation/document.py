"""docs/validation.md around the sections: how to run it, on what it ran, and all bars in one table."""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from validation.section import Section

# Folder, what is in it, where it is from, licence.
RECORDINGS = {
    "santuz_walk_13muscle": (
        "One person walks on a treadmill: 13 muscles of the right leg, foot contacts, 1000 Hz, 8 s",
        "Santuz et al. 2019, iScience, doi:10.1016/j.isci.2019.100796; from the R package musclesyneRgies",
        "MIT",
    ),
    "uci_lower_limb": (
        "Men walk, extend and flex the knee: 4 muscles and a goniometer, 1000 Hz",
        "Sanchez and Sotelo, EMG dataset in Lower Limb, UCI Machine Learning Repository",
        "CC BY 4.0",
    ),
    "elderly_isometric_cc0": (
        "30 older adults hold for ten seconds: VL, BF, TA and a load cell, 2000 Hz",
        "Silva et al. 2024, Biomed Signal Process Control 88:105635, doi:10.1016/j.bspc.2023.105635",
        "CC0 1.0",
    ),
    "plux_biceps_fatigue": (
        "One person curls until the biceps tires (127 s), and separate bursts (29 s), 1000 Hz",
        "biosignalsnotebooks, PLUX wireless biosignals",
        "MIT",
    ),
    "ceinms_run_walk_ENVELOPES": (
        "One person walks and runs on a treadmill: envelopes (no raw EMG) of 9 muscles, 100 Hz, 3 minutes",
        "CEINMS-RT LowerLimbModel, doi:10.5281/zenodo.6457662",
        "Apache 2.0",
    ),
}
LIBRARIES = ("emgsmr", "numpy", "scipy", "pandas")

HEAD = """# Validation: what agrees, by how much, on what

Written by `make validate` from an actual run; not edited by hand. What each step does, with its formulas and
delays, is in {where}.

How the detector does has its own page, [detector.md](detector.md).

To reproduce it: `make validate` (everything that is simulated or has a closed form), or the same with the
environment variable `EMGSMR_REAL_DATA` set to a folder with the public recordings below.
`.venv/bin/python benchmarks/validate.py --only TOPIC` runs one topic, `--quick` a smoke version.

No hardware was available: nothing here was measured on a sensor or with electrodes of ours. Simulated signals
come from `emgsmr.simulate` or are made of noise with fixed seeds; real ones are other people's published
recordings.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one topic gave."""

    topic: str
    heading: str
    sections: Sequence[Section]
    seconds: float


def with_topic(text: str, outcome: Outcome) -> str:
    """The document with one topic measured anew: its section, its bars, and when that was.

    A topic stays in its place; a new one comes before the last, which is other software.
    """
    head, *parts = (part.strip() for part in re.split(r"(?m)^(?=## )", text))
    names = [part.partition("\n")[0] for part in parts]
    bars, name = names.index("## Bars"), f"## {outcome.heading}"
    if name in names:
        parts[names.index(name)] = topic_markdown(outcome).strip()
    else:
        parts.insert(len(parts) - 1, topic_markdown(outcome).strip())
    others = [row for row in parts[bars].splitlines() if not row.startswith(f"| {outcome.heading}: ")]
    parts[bars] = "\n".join([*others, *bars_markdown([outcome]).strip().splitlines()[4:]])
    run = run_markdown([outcome]).strip().replace("Run of", "run of")
    lines = [part for part in head.split("\n\n") if not part.startswith(f"{outcome.heading}: run of ")]
    return "\n\n".join([*lines, f"{outcome.heading}: {run}", *parts]) + "\n"


def _head() -> str:
    docstrings = "the docstrings of `emgsmr.dsp` and `emgsmr.analysis`"
    page = Path(__file__).parents[2] / "docs" / "measurement.md"
    return HEAD.format(
        where=f"[measurement.md](measurement.md) and {docstrings}" if page.exists() else docstrings
    )


def document(outcomes: Sequence[Outcome], real_data: Path | None, *, left_out: Sequence[str] = ()) -> str:
    """The whole document; ``left_out`` are headings of topics that have no measurement yet."""
    parts = [_head(), run_markdown(outcomes), data_markdown(real_data), bars_markdown(outcomes)]
    parts += [topic_markdown(outcome) for outcome in outcomes]
    parts += [f"## {text}\n\nNo measurement yet.\n" for text in left_out]
    return "\n".join(parts)


def topic_markdown(outcome: Outcome) -> str:
    sections = [section.markdown() for section in outcome.sections]
    return "\n".join([f"## {outcome.heading}\n", *(sections or ["Nothing was measured in this run.\n"])])


def run_markdown(outcomes: Sequence[Outcome]) -> str:
    """When it ran, with what, on what."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    machine = f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()})"
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return (
        f"Run of {today}: {versions}, Python {platform.python_version()}; {machine}, {minutes:.1f} minutes.\n"
    )


def data_markdown(real_data: Path | None, *, only: Sequence[str] = ()) -> str:
    """The recordings that were there; ``only`` = of these."""
    lines = ["## Recordings\n"]
    wanted = {key: row for key, row in RECORDINGS.items() if not only or key in only}
    present = {key: row for key, row in wanted.items() if real_data and (real_data / key).is_dir()}
    if not present:
        lines.append("Run without real recordings (`EMGSMR_REAL_DATA` was not set).")
    else:
        lines += ["| folder | recording | source | license |", "|---|---|---|---|"]
        lines += [f"| `{key}` | {' | '.join(row)} |" for key, row in present.items()]
        absent = [f"`{key}`" for key in wanted if key not in present]
        if absent:
            lines += ["", f"Not there in this run: {', '.join(absent)}."]
    return "\n".join(lines) + "\n"


def bars_markdown(outcomes: Sequence[Outcome]) -> str:
    """All bars in one table."""
    rows = []
    for outcome in outcomes:
        for section in outcome.sections:
            if section.bar:
                state = "not judged" if section.met is None else "yes" if section.met else "**no**"
                rows.append(f"| {outcome.heading}: {section.title} | {section.bar} | {state} |")
    if not rows:
        return "## Bars\n\nNone was measured in this run.\n"
    return "\n".join(["## Bars\n", "| section | bar | met |", "|---|---|---|", *rows]) + "\n"
