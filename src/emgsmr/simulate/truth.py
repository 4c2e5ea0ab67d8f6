"""The ground truth of a simulated run, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.cramp import level_uv
from emgsmr.simulate.gain import shifted_sites
from emgsmr.simulate.maximal import electrode_gain, running_level
from emgsmr.simulate.repetition import repetition_times
from emgsmr.simulate.scenario import Points, Scenario
from emgsmr.simulate.variation import bout_variation

if TYPE_CHECKING:
    from emgsmr.anatomy import Pair
    from emgsmr.simulate.person import Person


def ground_truth(
    scenario: Scenario,
    *,
    seed: int,
    contacts: Mapping[str, NDArray[np.float64]],
    cadence: Points,
    persons: Mapping[str, Person],
    gains: Mapping[str, Points],
    scales: Mapping[str, Points],
    pairs: Mapping[str, Pair],
) -> dict[str, Any]:
    """List everything that was put into a run.

    Returns
    -------
    dict
        ``sites`` has for each site of the scenario ``peak_uv`` (rms at the burst's top before any change),
        ``noise_uv``, ``low_hz`` and ``high_hz`` (its spectrum), ``maximum_uv`` (rms of a maximal
        contraction), ``electrode_gain`` (of everything from the start), and three lists of
        ``[t_s, value]`` with straight lines between: ``gain`` (of the bursts), ``spectral_scale`` and
        ``channel_gain`` (of everything, noise included); ``bouts`` has the factor of each
        phase. ``repetitions`` says when muscles worked in each repetition, and in which leg.
        ``expected`` lists what a detector should say; whatever else it says at tier 1 or above is a false
        alarm, and an expected notice may be left unsaid. Changes in it are those of the shift alone,
        without fatigue or speed.
    """
    sites = [f"{muscle}_{side}" for muscle in scenario.muscles for side in "LR"]
    channel: dict[str, Points] = {gain.site: gain.points for gain in scenario.gains}
    flat: Points = ((0.0, 1.0),)
    return {
        "scenario": scenario.name,
        "description": scenario.description,
        "seed": seed,
        "duration_s": 60.0 * scenario.minutes,
        "gait": scenario.gait,
        "start_s": scenario.start_s,
        "cadence_spm": _listed(cadence),
        "speed": _listed(scenario.speed),
        "contacts": {side: [round(float(t), 6) for t in times] for side, times in contacts.items()},
        "phases": [
            {"label": phase.label, "t0_s": phase.start_s, "t1_s": phase.stop_s} for phase in scenario.phases
        ],
        "sites": {
            site: {
                "peak_uv": persons[site].peak_uv,
                "noise_uv": persons[site].noise_uv,
                "low_hz": persons[site].spectrum.low_hz,
                "high_hz": persons[site].spectrum.high_hz,
                "maximum_uv": persons[site].peak_uv / running_level(seed, site.rsplit("_", 1)[0]),
                "electrode_gain": electrode_gain(seed, site, scenario.electrode_gain),
                "gain": _listed(gains[site]),
                "spectral_scale": _listed(scales.get(site, flat)),
                "channel_gain": _listed(channel.get(site, flat)),
                "bouts": [float(np.exp(ln)) for ln in bout_variation(scenario, seed, site)],
            }
            for site in sites
        },
        "contractions": [
            {"t0_s": c.start_s, "t1_s": c.stop_s, "muscles": list(c.muscles)} for c in scenario.contractions
        ],
        "repetitions": [repetition._asdict() for repetition in repetition_times(scenario, seed)],
        "shifts": _shifts(scenario, pairs),
        "dropouts": [{"site": d.site, "t0_s": d.start_s, "t1_s": d.stop_s} for d in scenario.dropouts],
        "expected": _expected(scenario, pairs),
    } | _incidents(scenario, persons)


def _incidents(scenario: Scenario, persons: Mapping[str, Person]) -> dict[str, Any]:
    return {
        "cramps": [
            {
                "site": cramp.site,
                "t0_s": cramp.start_s,
                "t1_s": cramp.start_s + cramp.duration_s,
                "level": cramp.level,
                "rms_uv": level_uv(cramp, persons[cramp.site].peak_uv),
            }
            for cramp in scenario.cramps
        ],
        "pauses": [{"t0_s": p.start_s, "t1_s": p.stop_s} for p in scenario.pauses],
        "cross_talk": [asdict(talk) for talk in scenario.cross_talk],
    }


def _listed(points: Points) -> list[list[float]]:
    return [[float(t), float(value)] for t, value in points]


def _shifts(scenario: Scenario, pairs: Mapping[str, Pair]) -> list[dict[str, Any]]:
    out = []
    for shift in scenario.shifts:
        prime, compensator = shifted_sites(shift, pairs)
        out.append(
            {
                "pair": shift.pair,
                "side": shift.side,
                "size": shift.size,
                "t_onset_s": shift.onset_s,
                "t_full_s": shift.onset_s + shift.ramp_s,
                "prime_sites": list(prime),
                "compensator_sites": list(compensator),
                "change_pct": shift.change_pct,
            }
        )
    return out


def _expected(scenario: Scenario, pairs: Mapping[str, Pair]) -> list[dict[str, Any]]:
    expected: list[dict[str, Any]] = []
    for shift in scenario.shifts:
        pair = pairs[shift.pair]
        tiring = {site for fatigue in scenario.fatigue for site in fatigue.sites}
        tires = bool(tiring & set(shifted_sites(shift, pairs)[1]))
        expected.append(
            {
                "kind": "finding",
                "pattern": "compensation" if shift.size > 0 else "opposite",
                "pair": shift.pair,
                "side": shift.side,
                "prime": f"{pair.prime_name}_{shift.side}",
                "compensator": f"{pair.compensator_name}_{shift.side}",
                "t_onset_s": shift.onset_s,
                "t_full_s": shift.onset_s + shift.ramp_s,
                "change_pct": shift.change_pct,
                "d_prime_pct": -100.0 * shift.size,
                "d_compensator_pct": 100.0 * shift.size,
                "tier": 3 if tires else 2,
            }
        )
    for gain in scenario.gains:
        expected.append(
            {"kind": "notice", "pattern": "gain_drift", "site": gain.site, "t_onset_s": gain.points[0][0]}
        )
    for other in scenario.expected:
        named = {"pair": other.pair, "side": other.side, "site": other.site}
        expected.append(
            {"kind": other.kind, "pattern": other.pattern, "t_onset_s": other.t_onset_s}
            | {key: value for key, value in named.items() if value is not None}
        )
    return expected
