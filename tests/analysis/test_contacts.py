"""Foot contacts from events and from the EMG's rhythm."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import Contact, EventContacts, WindowContacts
from emgsmr.analysis.emg_rhythm import EmgRhythm, RhythmChannel
from emgsmr.analysis.timeline import ExactTimeline

FS = 1000.0
STRIDE_S = 0.7
CENTERS = {"GMAX_R": (4.0, 4.0), "BFLH_R": (95.0, 95.0), "MGAS_R": (6.0, 41.0)}


def test_events_are_handed_out_once_and_in_order() -> None:
    contacts = EventContacts()
    for t in (1.0, 1.7, 2.4):
        contacts.add(t)
    assert contacts.until(0.5) == []
    assert contacts.until(1.7) == [Contact(1.0), Contact(1.7)]
    assert contacts.until(1.7) == []
    assert contacts.until(9.0) == [Contact(2.4)]
    assert contacts.finish() == []


@pytest.mark.parametrize(("stance", "gait"), [(0.6, "walk"), (0.51, "walk"), (0.49, "run"), (0.3, "run")])
def test_the_share_of_stance_tells_gait(stance: float, gait: str) -> None:
    contacts = EventContacts()
    contacts.add(10.0 + stance, toe_off=True)
    assert contacts.gait(10.0, 11.0) == gait
    assert contacts.gait(11.0, 12.0) is None  # no toe-off in it


def emg_contacts(channels: list[RhythmChannel]) -> WindowContacts:
    return WindowContacts([EmgRhythm(channels)])


def rhythm(
    make: SimpleNamespace, *, stride_s: float, walk: bool = False, seconds: float = 20.0, first_s: float = 0.3
) -> WindowContacts:
    centers = {site: pair[walk] for site, pair in CENTERS.items()}
    signals = make.runner(centers, fs=FS, seconds=seconds, stride_s=stride_s, first_s=first_s)
    stream = SensorStream(make.sensor(1, 3, fs=FS), [0, 1, 2], ExactTimeline(FS), Settings())
    stream.feed(make.block(np.column_stack(list(signals.values()))))
    return emg_contacts([RhythmChannel(stream, c, *pair) for c, pair in enumerate(CENTERS.values())])


@pytest.mark.parametrize(
    ("stride_s", "walk"), [(0.632, False), (0.7, False), (0.8, False), (1.0, True), (1.2, True), (1.55, True)]
)
def test_the_rhythm_finds_every_contact_once(make: SimpleNamespace, stride_s: float, walk: bool) -> None:
    contacts = rhythm(make, stride_s=stride_s, walk=walk)
    found = [*contacts.until(20.0), *contacts.finish()]
    truth = 0.3 + stride_s * np.arange(100)
    truth = truth[(truth > 0.5) & (truth < 19.5)]
    times = np.array([c.t_s for c in found])
    for t in truth:
        assert np.min(np.abs(times - t)) < 0.06
    inside = times[(times > 0.4) & (times < 19.6)]
    assert abs(len(inside) - len(truth)) <= 1
    assert np.diff(times).min() > 0.6 * stride_s
    assert {c.gait for c in found} == {"walk" if walk else "run"}


def test_looking_often_finds_the_same_contacts(make: SimpleNamespace) -> None:
    once = rhythm(make, stride_s=0.7)
    often = rhythm(make, stride_s=0.7)
    expected = [*once.until(20.0), *once.finish()]
    got = [c for t in np.arange(0, 20.01, 0.13) for c in often.until(float(t))] + often.until(20.0)
    assert [*got, *often.finish()] == expected


def test_standing_has_no_contacts(make: SimpleNamespace, rng: np.random.Generator) -> None:
    stream = SensorStream(make.sensor(1, 3, fs=FS), [0, 1, 2], ExactTimeline(FS), Settings())
    stream.feed(make.block(rng.normal(0, 10, (20_000, 3))))
    contacts = emg_contacts([RhythmChannel(stream, c, *pair) for c, pair in enumerate(CENTERS.values())])
    assert contacts.until(20.0) == []
    assert contacts.finish() == []


def test_less_than_a_window_is_too_little(make: SimpleNamespace) -> None:
    contacts = rhythm(make, stride_s=0.7, seconds=5.5)
    assert contacts.until(5.5) == []
    assert contacts.finish() == []


def test_without_a_muscle_of_known_timing_there_is_no_rhythm() -> None:
    contacts = emg_contacts([])
    assert contacts.until(100.0) == []
    assert contacts.finish() == []


def test_a_sensor_that_never_sent_anything_has_no_rhythm(make: SimpleNamespace) -> None:
    silent = SensorStream(make.sensor(1, 1, fs=FS), [0], ExactTimeline(FS), Settings())
    contacts = emg_contacts([RhythmChannel(silent, 0, 4.0, 4.0)])
    assert contacts.until(60.0) == []
    assert contacts.finish() == []


def spoiled(make: SimpleNamespace, how: str) -> dict[str, np.ndarray]:
    """A minute and a half of running; a fifth of the strides spoiled, or a channel for good."""
    rng = np.random.default_rng(4)
    signals = make.runner(
        {s: p[0] for s, p in CENTERS.items()}, fs=FS, seconds=90.0, stride_s=STRIDE_S, first_s=0.3
    )
    t = np.arange(int(90 * FS)) / FS
    for k in np.flatnonzero(rng.random(128) < 0.2):
        begin = 0.3 + STRIDE_S * k
        around = (t > begin - 0.4 * STRIDE_S) & (t < begin + 0.5 * STRIDE_S)
        site = str(rng.choice(list(signals)))
        if how == "a burst missing":
            signals[site][around] = rng.normal(0, 3, around.sum())
        elif how == "a burst more":
            at = begin + rng.uniform(0, STRIDE_S)
            signals[site] += 90 * np.exp(-(((t - at) / 0.06) ** 2)) * rng.normal(size=len(t))
        else:
            at = begin + rng.uniform(0, STRIDE_S)
            ring = np.exp(-(t - at).clip(0) / 0.08) * np.sin(2 * np.pi * 45 * (t - at)) * (t >= at)
            for channel in signals.values():
                channel += 1500 * ring
    if how == "a dead channel":
        signals["BFLH_R"][:] = 0.0
    elif how == "a channel of noise":
        signals["BFLH_R"][:] = rng.normal(0, 60, len(t))
    return signals


@pytest.mark.parametrize(
    "how", ["a burst missing", "a burst more", "knocks", "a dead channel", "a channel of noise"]
)
def test_spoiled_strides_cost_no_contacts(make: SimpleNamespace, how: str) -> None:
    signals = spoiled(make, how)
    stream = SensorStream(make.sensor(1, 3, fs=FS), [0, 1, 2], ExactTimeline(FS), Settings())
    stream.feed(make.block(np.column_stack(list(signals.values()))))
    contacts = emg_contacts([RhythmChannel(stream, c, *pair) for c, pair in enumerate(CENTERS.values())])
    found = np.array([c.t_s for c in [*contacts.until(90.0), *contacts.finish()]])
    truth = 0.3 + STRIDE_S * np.arange(1, 127)
    off = np.array([found[np.argmin(np.abs(found - t))] - t for t in truth])
    assert np.mean(np.abs(off) < 0.15 * STRIDE_S) >= 0.98
    assert len(found) - len(truth) <= 4
    assert off.std() < 0.03


def test_a_channel_that_falls_out_leaves_the_contacts_in_place(make: SimpleNamespace) -> None:
    """This person's calf works 6 % of the stride later than the textbook's: that was learned."""
    centers = {"GMAX_R": 4.0, "BFLH_R": 95.0, "MGAS_R": 12.0}
    signals = make.runner(centers, fs=FS, seconds=120.0, stride_s=STRIDE_S)
    signals["MGAS_R"][int(80 * FS) :] = 0.0
    stream = SensorStream(make.sensor(1, 3, fs=FS), [0, 1, 2], ExactTimeline(FS), Settings())
    stream.feed(make.block(np.column_stack(list(signals.values()))))
    contacts = emg_contacts([RhythmChannel(stream, c, *pair) for c, pair in enumerate(CENTERS.values())])
    found = np.array([c.t_s for c in contacts.until(120.0)])
    off = (found - 0.3 + STRIDE_S / 2) % STRIDE_S - STRIDE_S / 2
    before, after = off[(found > 60) & (found < 74)].mean(), off[(found > 88) & (found < 114)].mean()
    assert abs(after - before) < 0.008  # a third of 6 % of a stride would be 14 ms


def test_gait_that_stops_has_no_more_contacts_than_one(make: SimpleNamespace) -> None:
    signals = make.runner({s: p[0] for s, p in CENTERS.items()}, fs=FS, seconds=40.0, stride_s=STRIDE_S)
    rng = np.random.default_rng(1)
    for x in signals.values():
        x[int(20 * FS) :] = rng.normal(0, 3, len(x) - int(20 * FS))
    stream = SensorStream(make.sensor(1, 3, fs=FS), [0, 1, 2], ExactTimeline(FS), Settings())
    stream.feed(make.block(np.column_stack(list(signals.values()))))
    contacts = emg_contacts([RhythmChannel(stream, c, *pair) for c, pair in enumerate(CENTERS.values())])
    found = np.array([c.t_s for c in [*contacts.until(40.0), *contacts.finish()]])
    assert found.max() < 20.0 + 2 * STRIDE_S
    assert (found < 19.5).sum() >= 26
