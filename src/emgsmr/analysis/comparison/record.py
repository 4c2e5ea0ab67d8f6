"""How a comparison was made: what another person needs to judge and repeat it (``session.json``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emgsmr.analysis.comparison.detectable import published_error
from emgsmr.analysis.comparison.effect import ALPHA
from emgsmr.analysis.provenance import session_record
from emgsmr.analysis.reference import Reference

if TYPE_CHECKING:
    from emgsmr.analysis.comparison.condition import Condition
    from emgsmr.analysis.comparison.electrodes import ElectrodesFound
    from emgsmr.analysis.comparison.judged import Judged
    from emgsmr.analysis.comparison.plan import ComparisonPlan


def comparison_record(
    before: Condition,
    after: Condition,
    rows: Sequence[Judged],
    plan: ComparisonPlan,
    electrodes: ElectrodesFound,
    summary: Sequence[str],
) -> dict[str, Any]:
    """Software, settings, sensors, plan, family, where errors come from, and what was left out."""
    record = _session(before)
    return {
        "software": record["software"],
        "settings": record["settings"],
        "settings_sha256": record["settings_sha256"],
        "plan": plan.as_dict(),
        "electrodes": electrodes._asdict(),
        "normalization": sorted({row.of.relative_to for row in rows if not row.of.reason}),
        "family": [f"{row.of.pair.id} {row.of.side}" for row in rows if row.primary],
        "exploratory": [f"{row.of.pair.id} {row.of.side}" for row in rows if not row.primary],
        "alpha": ALPHA,
        "published_bout_sd": published_error().sd,
        "errors": [
            {
                "pair": row.of.pair.id,
                "side": row.of.side,
                "from": row.sdc.source,
                "bout_sd": row.sdc.error.sd,
                "df": row.sdc.error.df,
            }
            for row in rows
            if row.sdc is not None
        ],
        "exclusions": [
            {"pair": row.of.pair.id, "side": row.of.side, "reason": text}
            for row in rows
            for text in (*row.of.notes, *filter(None, (row.of.reason,)))
        ],
        "looks": {look.name: _look(look) for look in (before, after)},
        "summary": list(summary),
    }


def _session(look: Condition) -> dict[str, Any]:
    return session_record(look.pipeline, Reference("baseline"))


def _look(look: Condition) -> dict[str, Any]:
    record = _session(look)
    return {
        "recording": look.source,
        "labels": list(look.bouts.labels),
        "exercise": look.bouts.exercise,
        "bouts": [
            {"label": b.label, "number": b.number, "side": b.side, "t0_s": b.t0_s, "t1_s": b.t1_s}
            for b in look.bouts.bouts
        ],
        "bouts_left_out": [
            {"label": left.bout.label, "number": left.bout.number, "side": left.bout.side, "reason": left.why}
            for left in look.bouts.left_out
        ],
        "sensors": record["sensors"],
        "placements": record["placements"],
        "exclusions": record["exclusions"],
    }
