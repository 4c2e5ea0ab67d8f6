"""Outages of a second are no news."""

from __future__ import annotations

from dataclasses import replace

from emgsmr.gui.outages import LASTS_S, Outages


def test_only_a_lasting_outage_counts(scripted):
    bad = scripted.streaming(channels=(scripted.channel("GL", 0, "GMAX_L", state="motion"),), elapsed_s=10.0)
    good = scripted.streaming(channels=(scripted.channel("GL", 0, "GMAX_L"),), elapsed_s=12.0)
    outages = Outages()
    outages.take(bad)
    assert not outages.lasts(["GMAX_L"])
    outages.take(good)
    outages.take(replace(bad, elapsed_s=13.0))
    outages.take(replace(bad, elapsed_s=12.9 + LASTS_S))
    assert not outages.lasts(["GMAX_L", "ST_L"])
    outages.take(replace(bad, elapsed_s=13.0 + LASTS_S))
    assert outages.lasts(["GMAX_L"])
    assert not outages.lasts(["ST_L"])


def test_a_channel_on_no_muscle_does_not_count(scripted):
    outages = Outages()
    for t_s in (0.0, 10.0):
        outages.take(scripted.streaming(channels=(scripted.channel(state="off"),), elapsed_s=t_s))
    assert not outages.lasts(["GMAX_L"])
