"""A sensor is lost three times and once falls silent: one recording, exact gaps, and the rest is used."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from emgsmr.analysis import analyze
from emgsmr.radio.cast import cast_scenario
from emgsmr.radio.played import sent_ranges
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.recording import open_recording
from emgsmr.session import Session

LOST_S = 3.0
LOST_AT_S = {"away": (20.0, 45.0, 70.0), "silent": (95.0,)}
SITE = "GMAX_R"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The cast, the session's updates and the recording's path."""
    cast = cast_scenario("demo", seed=3, minutes=2.0)
    sensor = next(sensor for sensor in cast.sensors if SITE in sensor.sites.values())
    outages = [
        Outage(sensor.address, at_s, LOST_S, kind) for kind, times in LOST_AT_S.items() for at_s in times
    ]
    path = tmp_path_factory.mktemp("outages") / "run.emgsmr"

    async def main():
        air = VirtualAir(cast, speed=None, outages=outages)
        async with Session(air=air, out=path, pipeline_factory=lambda *_: None) as session:
            return [update async for update in session.updates()]

    return sensor, asyncio.run(main()), path


def test_recording_goes_on_within_five_seconds_of_the_return(run):
    _, updates, _ = run
    resumed = [u.t_s for u in updates if u.notice and u.notice.kind == "resumed"]
    returns = [at_s + LOST_S for times in LOST_AT_S.values() for at_s in times]
    assert len(resumed) == len(returns)
    for resumed_s, return_s in zip(resumed, returns, strict=True):
        assert 0 <= resumed_s - return_s < 5


def test_gap_rows_are_exact_and_what_came_is_what_was_sent(run):
    sensor, _, path = run
    with open_recording(path) as recording:
        info = next(info for info in recording.sensors if info.name == sensor.name)
        pieces = list(recording.pieces(info.id))
        gaps = [gap for gap in recording.gaps() if gap.sensor == info.id]
    for piece in pieces:  # each at its own place: what is between two pieces is what is missing
        assert np.array_equal(piece.counts, sensor.counts[piece.first_index : piece.end_index])
    assert sum(gap.n_missing for gap in gaps) == pieces[-1].end_index - sum(piece.n for piece in pieces)
    never_sent = sum(b - a for a, b in sent_ranges(sensor)) - sum(piece.n for piece in pieces)
    assert never_sent / sensor.rate_hz == pytest.approx(
        4 * LOST_S, abs=2.0
    )  # the search, and the link's start


def test_analysis_drops_only_what_touches_the_gaps(run):
    _, _, path = run
    with open_recording(path) as recording:
        result = analyze(recording)
    gaps = result.gaps[result.gaps.sensor.str.startswith("uMyo-GR")]
    strides = result.strides[result.strides.side == SITE[-1]].set_index("stride")
    activation = result.activation[result.activation.site == SITE].set_index("stride")
    assert len(gaps) >= 4
    for stride, row in strides.iterrows():
        overlap_s = (np.minimum(gaps.t_end_s, row.t_end_s) - np.maximum(gaps.t_start_s, row.t_start_s)).max()
        if overlap_s > 0.2:
            assert not activation.valid[stride]
        elif overlap_s < -1.0:  # neither the filter's settling nor the swing before reaches so far
            assert activation.valid[stride], activation.reject_reason[stride]
    others = result.activation[~result.activation.site.isin([SITE])]
    assert others.valid.mean() > 0.99
