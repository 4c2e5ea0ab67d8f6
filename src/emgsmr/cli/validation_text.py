"""What a validation says, in words for people."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.validation_record import lead_quartiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emgsmr.analysis.validation import Validation
    from emgsmr.analysis.validation.events import EventScore

SIMULATED = (
    "Recordings here are simulated: this shows whether injected compensation is found, and what the measures "
    "do with an assumed link to cramps. It says nothing about cramps of people."
)


def verdict(validation: Validation) -> list[str]:
    """What follows, in plain sentences; never more than the intervals carry."""
    events, lines = validation.events, []
    if not events.n_events:
        lines.append(
            "No cramp or fatigue is marked after a baseline, so nothing can be said about forecasting. What "
            f"can be said: {events.n_false} flags in {events.hours:.1f} h, {_rate(events)}."
        )
    elif not validation.areas:
        lines.append(
            f"Only {events.n_events} sessions have a marked event: too few to compare with chance or naive "
            "rules."
        )
    else:
        lines.append(_skill(validation))
    if validation.risk.calibrated:
        lines.append(
            "On other runners the hazard model is calibrated: its output may be called a probability."
        )
    else:
        lines.append(
            f"The overload index stays an {validation.risk.label}: {validation.risk.why_not}. "
            "It is no probability."
        )
    lines += [SIMULATED] if validation.simulated else []
    return lines


def _skill(validation: Validation) -> str:
    index = validation.areas[0]
    low, high = index.auc_ci
    if low <= 0.5 <= high or not isfinite(low):
        return (
            f"No skill is shown: the overload index ranks minutes before an event with AUC {index.auc:.2f} "
            f"(95 % CI {low:.2f} to {high:.2f}), which includes chance (0.5)."
        )
    beaten = [a.name for a in validation.areas if a.naive and a.difference_ci[0] > 0]
    others = [a.name for a in validation.areas if a.naive and not a.difference_ci[0] > 0]
    better = "better" if low > 0.5 else "worse"
    text = (
        f"The overload index ranks minutes before an event {better} than chance (AUC {index.auc:.2f}, "
        f"95 % CI {low:.2f} to {high:.2f})"
    )
    if not others:
        return f"{text} and than every naive rule ({', '.join(beaten)})."
    text += f" and than {', '.join(beaten)}" if beaten else ""
    return f"{text}, but not detectably than {', '.join(others)}."


def _rate(events: EventScore) -> str:
    low, high = events.false_per_hour_ci
    return f"{events.false_per_hour:.2f} per hour (95 % CI {low:.2f} to {high:.2f})"


def _percent(value: float, interval: tuple[float, float] | None = None) -> str:
    if not isfinite(value):
        return "not known"
    text = f"{100 * value:.0f} %"
    return (
        text if interval is None else f"{text} (95 % CI {100 * interval[0]:.0f} to {100 * interval[1]:.0f} %)"
    )


def event_lines(validation: Validation) -> list[tuple[str, str]]:
    """The event-level results, as pairs of what and how much."""
    events = validation.events
    minutes = validation.horizon_s / 60.0
    lines = [
        (
            "Sessions",
            f"{len(validation.sessions)} of {validation.n_runners} runners, {events.n_events} with an event",
        ),
        ("False flags", f"{events.n_false} in {events.hours:.1f} event-free hours: {_rate(events)}"),
        ("Flagged event-free time", _percent(events.false_on)),
    ]
    if not events.n_events:
        return lines
    leads = lead_quartiles(events)
    caught = (
        f"{events.n_caught} of {events.n_events}, {_percent(events.sensitivity, events.sensitivity_ci)}; "
        f"{events.n_began_within} by a flag that began within the horizon"
    )
    lines += [
        (f"Flagged within {minutes:g} min before", caught),
        (
            "Lead time",
            "none" if leads is None else f"median {leads[1]:.1f} min ({leads[0]:.1f} to {leads[2]:.1f})",
        ),
        ("PPV of a flag", _percent(events.ppv, events.ppv_ci)),
        (
            "By chance",
            f"{_percent(events.chance)} at this rate of false flags; {_percent(events.shifted)} "
            f"({100 * events.shifted_range[0]:.0f} to {100 * events.shifted_range[1]:.0f} %) if the same "
            f"flags are shifted in time, p = {events.p_shifted:.3f}",
        ),
    ]
    return lines


def print_validation(validation: Validation, refused: Mapping[str, str]) -> None:
    """Print tables and verdict."""
    from rich.table import Table
    from rich.text import Text

    from emgsmr.cli.list import visible
    from emgsmr.cli.terminal import wide_console

    console = wide_console()
    facts = Table.grid(padding=(0, 2))
    for what, value in event_lines(validation):
        facts.add_row(Text(what), Text(value))
    console.print(facts)
    if validation.areas:
        console.print()
        console.print(_areas(validation))
        known = validation.known
        console.print(
            f"{known.positive.sum()} of {len(known.positive)} known minutes are before an event "
            f"({_percent(validation.prevalence)} after weighing: the PPV of chance). Intervals by resampling "
            "runners. Sensitivity: mean up to one false flag in two hours, and at the flags' cost in "
            "event-free time.",
            style="dim",
        )
    for path, why in refused.items():
        console.print(Text(visible(f"Left out: {path}: {why}")))
    console.print()
    for line in verdict(validation):
        click.echo(line)


def _areas(validation: Validation) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in (
        "Predictor",
        "AUC (95 % CI)",
        "PR-AUC",
        "Sens. ≤ 0.5/h",
        "at flags' cost",
        "Index less this",
    ):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "Predictor" else "right")
    for number, area in enumerate(validation.areas):
        low, high = area.auc_ci
        less = f"{area.difference:+.2f} ({area.difference_ci[0]:+.2f} to {area.difference_ci[1]:+.2f})"
        table.add_row(
            area.name,
            f"{area.auc:.2f} ({low:.2f} to {high:.2f})",
            f"{area.precision:.2f}",
            _percent(area.partial),
            _percent(area.at_flags_cost),
            less if number else "",
        )
    return table
