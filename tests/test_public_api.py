"""``import emgsmr`` offers what the README promises, and nothing by accident."""

from __future__ import annotations

import inspect

import pytest

import emgsmr

PROMISED = {
    "Analysis",
    "Comparison",
    "ComparisonPlan",
    "Pipeline",
    "Recording",
    "Session",
    "analyze",
    "compare",
    "export",
    "import_csv",
    "open",
    "simulate",
    "write_comparison_page",
    "write_comparison_pdf",
    "write_report",
}


def test_promised_names_are_there():
    assert set(emgsmr.__all__) >= PROMISED


@pytest.mark.parametrize("name", sorted(getattr(emgsmr, "__all__", ())))
def test_every_public_name_works_and_is_documented(name):
    item = getattr(emgsmr, name)
    if callable(item):
        assert (item.__doc__ or "").strip()


def test_dir_shows_the_public_names():
    assert set(emgsmr.__all__) <= set(dir(emgsmr))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError):
        emgsmr.no_such_name  # noqa: B018


def test_sampling_rate_never_has_a_default():
    """A wrong rate that nobody typed is the worst kind of wrong."""
    from emgsmr import dsp

    for name in getattr(dsp, "__all__", ()):
        function = getattr(dsp, name)
        if inspect.isfunction(function) and "fs" in (parameters := inspect.signature(function).parameters):
            assert parameters["fs"].default is inspect.Parameter.empty, f"dsp.{name}"
