"""docs/detector.md around its tables."""

from __future__ import annotations

from pathlib import Path

from validation.detector_engines import CAVEAT
from validation.document import Outcome, bars_markdown, data_markdown, run_markdown, topic_markdown

HEAD = f"""# How the detector does

Written by `make validate-detector` from an actual run; not edited by hand. How it is judged, and why so, is
in [decision 0066](decisions/0066-how-the-detector-is-judged.md); what else was measured, in
[validation.md](validation.md).

**{CAVEAT}**
Whether compensation leads to cramps is what SMR assumes and the model of motor units has built in; no cramp
was measured here.

Signals come from three engines: a *surrogate* (noise of each muscle's spectrum in the shape of its bursts,
running), *pools* of motor units that share a load and tire (running), and *real strides* of one person's
treadmill walk. Each table says whether they went through the whole pipeline that runs live, or whether its
detector got strides that a change was scripted into.

To reproduce it: `make validate-detector`, with `EMGSMR_REAL_DATA` naming a folder with the public walk below
for the real strides. The numbers of the first tables for programs: [detector.csv](detector.csv).

![Compensations found, delay and error of the ratio over the size of the change](images/detector.svg)
"""
PART = (
    "\n**Of {planned} planned runs, {done} were measured**; with few runs the intervals are wide. They may "
    "have been measured in several goes: the time above is that of the last.\n"
)


def detector_document(outcome: Outcome, real_data: Path | None, *, done: int, planned: int) -> str:
    """The whole page; ``done`` of the ``planned`` runs were measured."""
    ran = run_markdown([outcome]) + (PART.format(done=done, planned=planned) if done < planned else "")
    parts = [HEAD, ran, data_markdown(real_data, only=("santuz_walk_13muscle",)), bars_markdown([outcome])]
    return "\n".join([*parts, topic_markdown(outcome)])
