"""Areas under curves against loops over all pairs, and intervals against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from emgsmr.analysis.validation.scores import average_precision, interval, roc_auc

SCORES = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30)


def auc_by_pairs(score, positive, weight):
    """Every positive against every negative."""
    won = total = 0.0
    for s, p, w in zip(score, positive, weight, strict=True):
        for s2, p2, w2 in zip(score, positive, weight, strict=True):
            if p and not p2:
                total += w * w2
                won += w * w2 * (1.0 if s > s2 else 0.5 if s == s2 else 0.0)
    return won / total if total else np.nan


def precision_by_loop(score, positive, weight):
    """Precision at each distinct score from high to low, weighted by the recall that it adds."""
    hits = sum(w for p, w in zip(positive, weight, strict=True) if p)
    misses = sum(w for p, w in zip(positive, weight, strict=True) if not p)
    if not hits or not misses:
        return np.nan
    area = before = 0.0
    for level in sorted(set(score), reverse=True):
        caught = sum(w for s, p, w in zip(score, positive, weight, strict=True) if s >= level and p)
        flagged = sum(w for s, w in zip(score, weight, strict=True) if s >= level)
        if flagged:
            area += caught / flagged * (caught - before) / hits
        before = caught
    return area


@given(SCORES)
def test_areas_are_those_of_the_loops(rows):
    score, positive, weight = (np.array(column) for column in zip(*rows, strict=True))
    for fast, slow in ((roc_auc, auc_by_pairs), (average_precision, precision_by_loop)):
        found = fast(score.astype(float), positive, weight=weight.astype(float))
        assert found.shape == (1,)
        assert found[0] == pytest.approx(slow(score, positive, weight), nan_ok=True)


@given(SCORES, st.integers(0, 10))
def test_weights_are_repetitions_and_columns_are_separate(rows, seed):
    score, positive, weight = (np.array(column) for column in zip(*rows, strict=True))
    other = np.random.default_rng(seed).integers(0, 3, len(score))
    for area in (roc_auc, average_precision):
        both = area(score.astype(float), positive, weight=np.column_stack([weight, other]).astype(float))
        for column, times in enumerate((weight, other)):
            repeated = area(np.repeat(score, times).astype(float), np.repeat(positive, times))
            assert both[column] == pytest.approx(repeated[0], nan_ok=True)


def test_the_rank_sum_test_agrees():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=40), rng.normal(0.5, size=30)
    u = stats.mannwhitneyu(y, x).statistic
    positive = np.r_[np.zeros(40), np.ones(30)].astype(bool)
    assert roc_auc(np.r_[x, y], positive)[0] == pytest.approx(u / (40 * 30))


def test_what_is_not_known_is_left_out_and_nothing_is_no_area():
    score = np.array([np.nan, 0.2, 0.9, np.nan])
    assert roc_auc(score, np.array([True, False, True, False]))[0] == 1.0
    for area in (roc_auc, average_precision):
        assert np.isnan(area(np.array([]), np.array([], dtype=bool))).all()
        assert np.isnan(area(np.full(3, np.nan), np.array([True, False, True]))).all()
        assert np.isnan(area(np.ones(3), np.ones(3, dtype=bool))).all()


def test_the_interval_of_a_mean_of_few_groups_covers():
    """Means of eight values: percentiles alone cover 90 %, widened ones 95 %."""
    rng = np.random.default_rng(5)
    covered = narrow = 0
    for _ in range(600):
        values = rng.normal(size=8)
        means = values[rng.integers(0, 8, size=(400, 8))].mean(axis=1)
        low, high = interval(means, n_groups=8)
        covered += low <= 0.0 <= high
        narrow += np.quantile(means, 0.025) <= 0.0 <= np.quantile(means, 0.975)
    assert 0.92 < covered / 600 < 0.98
    assert narrow / 600 < 0.92


def test_an_interval_needs_groups_and_values():
    assert np.isnan(interval(np.ones(10), n_groups=1)).all()
    assert np.isnan(interval(np.array([1.0, np.nan, np.nan]), n_groups=5)).all()
    assert np.isnan(interval(np.array([]), n_groups=5)).all()
