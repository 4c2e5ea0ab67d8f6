"""One change, one alarm: pairs that share a muscle."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Finding, Settings
from emgsmr.analysis.arbitration import Arbiter
from emgsmr.analysis.baseline import fit_baseline
from emgsmr.analysis.detector import PairMonitor
from emgsmr.analysis.leg import members_on
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import load_catalog

CATALOG = load_catalog()
LEVELS = {"GMAX_R": 60, "ES_R": 50, "BFLH_R": 100, "ST_R": 90, "MGAS_R": 120}
STRIDE_S = 0.7
N_BASELINE = 300

HAM_UP = {"BFLH_R": 1.4, "ST_R": 1.4}
HAM_DOWN = {"BFLH_R": 0.6, "ST_R": 0.6}


def strides(
    make: SimpleNamespace,
    n: int,
    *,
    first: int = 0,
    factors: Mapping[str, float] | None = None,
    ramp: int = 1,
    seed: int = 0,
) -> list[Stride]:
    """Strides whose muscles share a part of their scatter; factors reached over ``ramp`` strides."""
    rng = np.random.default_rng([seed, first])
    common, own = 0.1 * rng.normal(size=n), 0.13 * rng.normal(size=(n, len(LEVELS)))
    found = []
    for k in range(n):
        part = min((k + 1) / ramp, 1.0)
        sites = {}
        for column, (site, level) in enumerate(LEVELS.items()):
            factor = 1 + ((factors or {}).get(site, 1.0) - 1) * part
            rms = level * factor * float(np.exp(common[k] + own[k, column]))
            facts = make.facts(rms, noise_uv=3, quiet_uv=3)
            facts.power.update({"P4": facts.power["main"]})
            sites[site] = facts
        found.append(make.stride(first + k, sites, t_start_s=(first + k) * STRIDE_S))
    return found


def leg(make: SimpleNamespace, *, pairs: tuple[str, ...] = ("P1", "P2"), seed: int = 0) -> Arbiter:
    """The pairs of a right leg after their baseline."""
    monitors = [
        PairMonitor(CATALOG.pairs[pair], "R", members, n_charts=8, settings=Settings())
        for pair in pairs
        if (members := members_on(CATALOG.pairs[pair], "R", list(LEVELS))) is not None
    ]
    learned = strides(make, N_BASELINE, seed=seed)
    baseline = fit_baseline(learned, t0_s=0, t1_s=N_BASELINE * STRIDE_S, source="settings")
    assert baseline is not None
    for monitor in monitors:
        monitor.begin(baseline, learned)
    return Arbiter(monitors)


def push(arbiter: Arbiter, more: list[Stride]) -> list[Finding]:
    return [finding for stride in more for finding in arbiter.push(stride)]


def findings(arbiter: Arbiter) -> list[Finding]:
    return [finding for monitor in arbiter.monitors for finding in monitor.findings]


@pytest.mark.parametrize("ramp", [1, 150])
@pytest.mark.parametrize(
    ("factors", "pair", "pattern", "explains"),
    [
        ({"GMAX_R": 0.75, "BFLH_R": 1.25, "ST_R": 1.25}, "P1", "compensation", True),
        ({"BFLH_R": 0.75, "ST_R": 0.75, "MGAS_R": 1.25}, "P2", "compensation", True),
        (HAM_UP, "P1", "compensator_up", True),
        (HAM_DOWN, "P2", "prime_down", True),
        ({"GMAX_R": 0.6}, "P1", "prime_down", False),
        ({"MGAS_R": 1.5}, "P2", "compensator_up", False),
        ({"GMAX_R": 1.5}, "P1", "opposite", False),
        ({"MGAS_R": 0.6}, "P2", "opposite", False),
    ],
)
def test_a_change_is_told_once(
    make: SimpleNamespace, factors: dict[str, float], pair: str, pattern: str, *, explains: bool, ramp: int
) -> None:
    arbiter = leg(make, seed=ramp)
    push(arbiter, strides(make, 300, first=N_BASELINE, factors=factors, ramp=ramp, seed=ramp))
    (found,) = findings(arbiter)
    assert (found.pair, found.pattern) == (pair, pattern)
    assert ("It also explains" in found.text) == explains


def test_what_the_shared_muscle_does_not_explain_is_told_as_well(make: SimpleNamespace) -> None:
    """The hamstrings take over from the glute, and the calf falls by itself."""
    arbiter = leg(make)
    factors = {"GMAX_R": 0.75, "BFLH_R": 1.25, "ST_R": 1.25, "MGAS_R": 0.6}
    push(arbiter, strides(make, 300, first=N_BASELINE, factors=factors))
    assert {(f.pair, f.pattern) for f in findings(arbiter)} == {("P1", "compensation"), ("P2", "opposite")}


def test_an_explained_ratio_starts_anew_once_the_episode_is_over(make: SimpleNamespace) -> None:
    arbiter = leg(make)
    push(arbiter, strides(make, 200, first=N_BASELINE, factors=HAM_UP))
    push(arbiter, strides(make, 200, first=N_BASELINE + 200))
    (found,) = findings(arbiter)
    assert found.t_end_s is not None
    assert arbiter.monitors[1].tracks[1].sum < arbiter.monitors[1].chart.limit  # type: ignore[union-attr]
    push(arbiter, strides(make, 200, first=N_BASELINE + 400, factors={"MGAS_R": 0.6}))
    assert [f.pattern for f in findings(arbiter)] == ["compensator_up", "opposite"]


def test_nobody_is_waited_for_in_vain(make: SimpleNamespace) -> None:
    """Hamstrings and calf fall alike: P2 stays, so P1's shift away from the hamstrings is told."""
    arbiter = leg(make)
    factors = {**HAM_DOWN, "MGAS_R": 0.62}
    push(arbiter, strides(make, 300, first=N_BASELINE, factors=factors))
    (found,) = findings(arbiter)
    assert (found.pair, found.pattern) == ("P1", "opposite")


def test_a_pair_alone_tells_what_it_sees(make: SimpleNamespace) -> None:
    arbiter = leg(make, pairs=("P1",))
    push(arbiter, strides(make, 300, first=N_BASELINE, factors=HAM_DOWN))
    (found,) = findings(arbiter)
    assert found.pattern == "opposite"


def test_pairs_with_the_same_prime_mover(make: SimpleNamespace) -> None:
    """P4 (glute and back) shares the glute with P1: if only that falls, one of them tells it."""
    arbiter = leg(make, pairs=("P1", "P4"))
    push(arbiter, strides(make, 300, first=N_BASELINE, factors={"GMAX_R": 0.6}))
    (found,) = findings(arbiter)
    assert found.pattern == "prime_down"
    assert "It also explains" in found.text


def test_what_is_told_while_it_runs_is_what_stands_at_the_end(make: SimpleNamespace) -> None:
    arbiter = leg(make)
    told = push(arbiter, strides(make, 300, first=N_BASELINE, factors=HAM_UP))
    assert {f.finding for f in told} == {f.finding for f in findings(arbiter)}
