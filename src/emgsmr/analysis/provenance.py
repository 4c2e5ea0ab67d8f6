"""How an analysis was made: what another person needs to judge and repeat it (``session.json``)."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.analysis.limits import limits_at
from emgsmr.analysis.reference import Reference
from emgsmr.analysis.timeline import clock_facts

if TYPE_CHECKING:
    from emgsmr.analysis.pipeline import Pipeline


def session_record(pipeline: Pipeline, reference: Reference) -> dict[str, Any]:
    """What another person needs to judge and repeat the analysis."""
    try:
        software = version("emgsmr")
    except PackageNotFoundError:  # run from a source tree that is not installed
        software = "unknown"
    settings = pipeline.settings
    record = {
        "software": {"name": "emgsmr", "version": software, "python": platform.python_version()},
        "settings": settings.as_dict(),
        "settings_sha256": settings.fingerprint(),
        "sensors": [_sensor(pipeline, sensor) for sensor in pipeline.streams],
        "placements": {site: stream.info.name for site, (stream, _) in sorted(pipeline.sites.items())},
        "normalization": _normalization(pipeline),
        "reference": {
            "normalization": reference.normalization,
            "source": reference.source,
            "name": reference.name,
        },
        "charts": _charts(pipeline),
        "standing": pipeline.standing.as_dict(),
        "exclusions": _exclusions(pipeline),
    }
    return {name: _known(value) for name, value in record.items()}


def _known(value: Any) -> Any:
    """The same, with None for what is missing: JSON knows no NaN."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_known(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _sensor(pipeline: Pipeline, sensor: int) -> dict[str, Any]:
    stream = pipeline.streams[sensor]
    info = stream.info
    return {
        "name": info.name,
        "family": info.family,
        "rate_hz": info.rate_hz,
        "channels": info.channels,
        "scale_uv": info.scale_uv,
        "scale_known": info.scale_known,
        "band_hz": list(stream.band_hz),
        "settling_samples": stream.settle,
        "delay_ms": 1000.0 * stream.delay_s,
        "seconds": len(stream.seconds),
        "seconds_with_mains_removed": {
            site: sum(bool(np.isfinite(second.mains_removed_db[column])) for second in stream.seconds)
            for site, (of, column) in sorted(pipeline.sites.items())
            if of is stream
        },
        "limits": limits_at(info.rate_hz)._asdict(),
        "clock": clock_facts(stream.timeline),
        "n_gaps": len(stream.gaps),
        "n_missing": sum(stop - first for first, stop in stream.gaps),
    }


def _normalization(pipeline: Pipeline) -> dict[str, Any]:
    return {
        side: None
        if (b := leg.baseline) is None
        else {
            "reference": "own baseline" if b.source != "whole recording" else "whole recording",
            "source": b.source,
            "t0_s": b.t0_s,
            "t1_s": b.t1_s,
            "gait": b.gait,
            "n_strides": b.n_strides,
            "cadence_spm": b.cadence_spm,
            "noise_uv": {site: float(np.sqrt(power)) for site, power in b.noise.items()},
            "noise_source": b.noise_source,
        }
        for side, leg in pipeline.legs.items()
    }


def _charts(pipeline: Pipeline) -> list[dict[str, Any]]:
    rows = []
    for side, leg in pipeline.legs.items():
        for monitor in leg.monitors:
            chart = monitor.chart
            row: dict[str, Any] = {
                "pair": monitor.pair.id,
                "side": side,
                "prime_sites": list(monitor.members.prime),
                "compensator_sites": list(monitor.members.compensator),
                "reason": monitor.why_not,
            }
            if chart is not None:
                row |= chart.as_record(pipeline.settings)
            if monitor.adjustment is not None:
                row["adjustment"] = monitor.adjustment.as_record()
            rows.append(row)
    return rows


def _exclusions(pipeline: Pipeline) -> dict[str, Any]:
    strides = [stride for leg in pipeline.legs.values() for stride in leg.strides]
    reasons: dict[str, int] = {}
    for stride in strides:
        if not stride.valid:
            reasons[stride.reason] = reasons.get(stride.reason, 0) + 1
    sites: dict[str, dict[str, int]] = {}
    for stride in strides:
        for site, facts in stride.sites.items():
            if not facts.valid:
                kind = facts.reason.split(":")[0]
                counts = sites.setdefault(site, {})
                counts[kind] = counts.get(kind, 0) + 1
    return {
        "strides": reasons,
        "sites": sites,
        "n_strides": len(strides),
        "n_valid": sum(s.valid for s in strides),
    }
