"""The statistics of a comparison against scipy, slow loops and closed forms."""

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from emgsmr.analysis.comparison.detectable import (
    detectable,
    own_sdc,
    published_error,
    smallest_detectable,
)
from emgsmr.analysis.comparison.effect import (
    contrast,
    equivalence_p,
    half_width,
    hedges_g,
    matched,
    p_value,
    two_groups,
)
from emgsmr.analysis.comparison.multiplicity import false_discovery, holm
from emgsmr.analysis.comparison.permutation import MAX_SPLITS, permute_bouts
from emgsmr.analysis.comparison.verdict import changed, verdict

bouts = st.lists(st.floats(-1, 1).map(lambda x: round(x, 6)), min_size=3, max_size=7)
p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def scattered(values: list[float]) -> np.ndarray:
    """No two alike, so that there is a spread."""
    return np.array(values) + 0.01 * np.arange(len(values))


@given(bouts, bouts)
def test_welch_is_scipys(before: list[float], after: list[float]) -> None:
    x, y = scattered(before), scattered(after)
    effect, scipys = two_groups(x, y), stats.ttest_ind(y, x, equal_var=False)
    assert p_value(effect) == pytest.approx(scipys.pvalue, abs=1e-12)
    assert effect.df == pytest.approx(scipys.df)
    interval = scipys.confidence_interval(0.95)
    assert effect.y - half_width(effect) == pytest.approx(interval.low)
    assert effect.y + half_width(effect) == pytest.approx(interval.high)


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=8))
def test_paired_is_scipys(pairs: list[tuple[float, float]]) -> None:
    x = np.array([a for a, _ in pairs])
    y = np.array([b for _, b in pairs]) + 0.01 * np.arange(len(pairs)) ** 2
    scipys = stats.ttest_rel(y, x)
    if np.isfinite(scipys.pvalue):
        assert p_value(matched(x, y)) == pytest.approx(scipys.pvalue, abs=1e-9)


@given(bouts, bouts)
def test_exchanging_before_and_after_changes_the_sign_and_nothing_else(
    a: list[float], b: list[float]
) -> None:
    one, other = two_groups(a, b), two_groups(b, a)
    assert one.y == pytest.approx(-other.y)
    assert p_value(one) == pytest.approx(p_value(other), nan_ok=True)
    forth, back = permute_bouts(a, b), permute_bouts(b, a)
    assert forth.p == pytest.approx(back.p)


def test_a_contrast_of_four_groups_is_the_slow_sum(rng: np.random.Generator) -> None:
    groups = [rng.normal(size=n) for n in (3, 4, 6, 5)]
    weights = (1.0, -1.0, -1.0, 1.0)
    effect = contrast(groups, weights)
    parts = [w**2 * np.var(g, ddof=1) / len(g) for w, g in zip(weights, groups, strict=True)]
    assert effect.sd == pytest.approx(np.sqrt(sum(parts)))
    assert effect.df == pytest.approx(
        sum(parts) ** 2 / sum(part**2 / (len(g) - 1) for part, g in zip(parts, groups, strict=True))
    )


def test_thousands_of_sessions_go_through_the_same_lines(rng: np.random.Generator) -> None:
    before, after = rng.normal(size=(50, 2, 3)), rng.normal(size=(50, 2, 4))
    many = p_value(two_groups(before, after))
    assert many.shape == (50, 2)
    assert many[7, 1] == p_value(two_groups(before[7, 1], after[7, 1]))


def test_bouts_without_any_spread_end_in_no_warning() -> None:
    same = two_groups([0.1, 0.1, 0.1], [0.1, 0.1, 0.1])
    assert p_value(same) == 1.0
    assert half_width(same) == pytest.approx(0.0, abs=1e-12)
    assert p_value(two_groups([0.0, 0.0, 0.0], [0.5, 0.5, 0.5])) == 0.0
    assert np.isnan(hedges_g([0.0] * 3, [1.0] * 3))


@given(bouts, bouts, st.floats(0.05, 0.5))
def test_equivalence_is_two_one_sided_t_tests(a: list[float], b: list[float], margin: float) -> None:
    x, y = scattered(a), scattered(b)
    above = stats.ttest_ind(y + margin, x, equal_var=False, alternative="greater").pvalue
    below = stats.ttest_ind(y - margin, x, equal_var=False, alternative="less").pvalue
    assert equivalence_p(two_groups(x, y), margin=margin) == pytest.approx(max(above, below), abs=1e-9)


@given(p_lists)
def test_holm_is_the_slow_step_down(p: list[float]) -> None:
    expected = [0.0] * len(p)
    reached = 0.0
    for step, k in enumerate(sorted(range(len(p)), key=lambda k: p[k])):
        reached = max(reached, min(1.0, (len(p) - step) * p[k]))
        expected[k] = reached
    assert holm(p).tolist() == pytest.approx(expected)


@given(p_lists)
def test_false_discovery_is_scipys(p: list[float]) -> None:
    assert false_discovery(p).tolist() == pytest.approx(stats.false_discovery_control(p).tolist())


def test_a_declared_test_that_could_not_be_made_counts_as_one() -> None:
    assert holm([0.01, np.nan]).tolist() == pytest.approx([0.02, np.nan], nan_ok=True)
    assert holm([[0.01, 0.03], [0.04, 0.01]])[:, 0].tolist() == pytest.approx([0.02, 0.04])
    assert false_discovery([np.nan]).tolist() == pytest.approx([np.nan], nan_ok=True)
    assert false_discovery([]).shape == (0,)


@given(
    st.lists(st.integers(-9, 9), min_size=3, max_size=5), st.lists(st.integers(-9, 9), min_size=3, max_size=5)
)
def test_permutation_is_the_slow_loop(a: list[int], b: list[int]) -> None:
    values, seen = [*a, *b], abs(np.mean(b) - np.mean(a))
    as_far = 0
    for chosen in itertools.combinations(range(len(values)), len(b)):
        after = [values[k] for k in chosen]
        before = [values[k] for k in range(len(values)) if k not in chosen]
        as_far += abs(np.mean(after) - np.mean(before)) >= seen - 1e-9
    found = permute_bouts(a, b)
    assert found.exact
    assert found.p == pytest.approx(as_far / comb(len(values), len(b)))
    assert found.p >= found.smallest


@pytest.mark.parametrize(("n", "smallest"), [(3, 0.10), (4, 0.029), (5, 0.008)])
def test_the_smallest_p_is_the_published_one(n: int, smallest: float) -> None:
    found = permute_bouts(np.arange(n), 10.0 + np.arange(n))
    assert found.p == found.smallest == pytest.approx(smallest, abs=5e-4)


def test_many_bouts_are_permuted_at_random_and_the_same_way_each_time(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=15), rng.normal(size=15) + 0.4
    one, other = permute_bouts(x, y), permute_bouts(x, y)
    assert one == other
    assert not one.exact
    assert one.p == pytest.approx(stats.ttest_ind(x, y).pvalue, abs=0.03)  # near it with so many bouts
    assert one.smallest == pytest.approx(1 / (MAX_SPLITS + 1))


def test_the_detectable_change_is_the_one_of_the_literature() -> None:
    error = published_error()
    assert [round(float(np.exp(detectable(error, n, n))), 2) for n in (1, 2, 3, 5)] == [
        1.73,
        1.47,
        1.37,
        1.28,
    ]
    single = 1.96 * np.sqrt(2) * np.sqrt(2 * np.log(1 + 0.14**2))
    assert detectable(error, 1, 1) == pytest.approx(single, rel=1e-4)


def test_the_own_error_counts_what_drifted_between_sets() -> None:
    steady = [np.array([0.0, 0.1, -0.1]), np.array([0.1, 0.0, -0.1])]
    drifted = [steady[0], steady[1] + 0.6]
    one, other = (own_sdc(sets, n_before=6, n_after=3) for sets in (steady, drifted))
    assert other[1] > 3 * one[1]
    assert one[1] == pytest.approx(np.std(np.concatenate(steady), ddof=1))
    assert one[0] == pytest.approx(stats.t.ppf(0.975, 5) * one[1] * np.sqrt(1 / 6 + 1 / 3))
    many = own_sdc([np.stack([a, b]) for a, b in zip(steady, drifted, strict=True)], n_before=6, n_after=3)
    assert many[0].tolist() == pytest.approx([float(one[0]), float(other[0])])
    found = smallest_detectable([("A1", drifted[0]), ("A2", drifted[1])], n_before=6, n_after=3)
    assert found.drift == pytest.approx(0.6)
    assert found.y >= 0.6
    assert found.source == "the own bouts A1 and A2"
    alone = smallest_detectable([("A1", drifted[0]), ("A2", [0.1])], n_before=4, n_after=3)
    assert "14 %" in alone.source


def test_the_verdict_takes_both() -> None:
    assert changed([0.5, 0.5, 0.2, -0.5], [0.05, 0.051, 0.01, 0.01], 0.3).tolist() == [
        True,
        False,
        False,
        True,
    ]
    assert not changed(np.nan, np.nan, 0.3)
    assert verdict(changed=True, p_equivalent=0.001) == "changed"
    assert verdict(changed=False, p_equivalent=0.051) == "no_detectable_change"
