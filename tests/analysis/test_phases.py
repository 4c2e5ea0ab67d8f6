"""Labels over time: phases with and without a duration."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis.phases import labeled_spans
from emgsmr.recording import Event

times = st.lists(st.floats(0, 1e4), min_size=1, max_size=8, unique=True)


def test_a_phase_without_a_duration_lasts_until_the_next_or_for_good() -> None:
    events = [
        Event(10.0, None, "phase", label="rest"),
        Event(20.0, None, "phase"),  # without a label it ends the one before and is none itself
        Event(5.0, 2.0, "phase", label="mvc", site="GMAX_L"),
        Event(12.0, 1.0, "note", label="rest"),
    ]
    assert [tuple(span)[:3] for span in labeled_spans(events)] == [("mvc", 5.0, 7.0), ("rest", 10.0, 20.0)]
    assert labeled_spans(events[:1], "rest")[0].t1_s == float("inf")
    assert labeled_spans(events, "baseline") == []


def test_a_phase_of_a_site_or_a_side_is_about_nothing_else() -> None:
    whole, side, site = (
        labeled_spans([Event(0.0, 1.0, "phase", label="mvc", side=side, site=site)])[0]
        for side, site in ((None, None), ("L", None), (None, "GMAX_L"))
    )
    assert whole.has("GMAX_L")
    assert whole.has("BFLH_R")
    assert side.has("BFLH_L")
    assert not side.has("BFLH_R")
    assert site.has("GMAX_L")
    assert not site.has("GMAX_R")


@given(times)
def test_open_phases_follow_each_other_without_a_hole(starts: list[float]) -> None:
    spans = labeled_spans([Event(t, None, "phase", label="a") for t in starts])
    assert [span.t0_s for span in spans] == sorted(starts)
    assert [span.t1_s for span in spans[:-1]] == [span.t0_s for span in spans[1:]]
