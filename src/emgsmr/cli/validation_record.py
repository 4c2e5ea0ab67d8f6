"""A validation as a record for programs."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emgsmr.analysis.validation import Risk, RunnerSession, Validation
    from emgsmr.analysis.validation.events import EventScore


def as_record(validation: Validation, refused: Mapping[str, str], sentences: Sequence[str]) -> dict[str, Any]:
    """The validation, ready for JSON (missing = null)."""
    record = {
        "horizon_min": validation.horizon_s / 60.0,
        "n_sessions": len(validation.sessions),
        "n_runners": validation.n_runners,
        "n_refused": len(refused),
        "refused": dict(refused),
        "simulated": validation.simulated,
        "n_events": validation.events.n_events,
        "flags": _flags(validation.events),
        "windows": {
            "n_minutes": len(validation.known.positive),
            "n_positive": int(validation.known.positive.sum()),
            "prevalence": validation.prevalence,
            "predictors": [area._asdict() for area in validation.areas],
        },
        "risk": _risk(validation.risk),
        "sessions": [_session(session) for session in validation.sessions],
        "verdict": list(sentences),
    }
    known = _known(record)
    assert isinstance(known, dict)
    return known


def _flags(events: EventScore) -> dict[str, Any]:
    return {
        "sensitivity": events.sensitivity,
        "sensitivity_ci": events.sensitivity_ci,
        "n_caught": events.n_caught,
        "n_began_within_horizon": events.n_began_within,
        "lead_min_quartiles": lead_quartiles(events),
        "n_false": events.n_false,
        "event_free_hours": events.hours,
        "false_per_hour": events.false_per_hour,
        "false_per_hour_ci": events.false_per_hour_ci,
        "ppv": events.ppv,
        "ppv_ci": events.ppv_ci,
        "event_free_time_flagged": events.false_on,
        "chance_sensitivity": events.chance,
        "shifted_sensitivity": events.shifted,
        "shifted_sensitivity_range": events.shifted_range,
        "p_shifted": events.p_shifted,
    }


def _risk(risk: Risk) -> dict[str, Any]:
    """How the hazard model did; its coefficients stay inside until they may be called a risk."""
    names = ("n_events", "why_not", "slope", "slope_ci", "intercept", "intercept_ci", "brier", "brier_plain",
             "skill", "skill_ci", "reliability")  # fmt: skip
    return {"label": risk.label, "calibrated": risk.calibrated} | {
        name: getattr(risk, name) for name in names
    }


def _session(session: RunnerSession) -> dict[str, Any]:
    return {
        "name": session.name,
        "runner": session.runner,
        "started_utc": session.started or None,
        "watched_min": 60.0 * session.hours,
        "event_s": session.event_s,
        "flags": session.flags,
        "overload_index": float(session.predictors["overload"][-1]),
    }


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_known(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def lead_quartiles(events: EventScore) -> tuple[float, float, float] | None:
    """Quartiles of the lead time, min; None where nothing was caught."""
    if not events.lead_s:
        return None
    low, middle, high = np.quantile(events.lead_s, [0.25, 0.5, 0.75]) / 60.0
    return float(low), float(middle), float(high)
