"""The conformance check: a good unit passes, and each way of being wrong fails its own rule."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.sensors import FAMILIES, Facts
from emgsmr.sensors.conformance import Finding, Trial, check, check_description, check_table
from emgsmr.sensors.open_description import (
    BATTERY,
    CONTROL,
    DATA,
    DESCRIBE,
    HAS_BATTERY,
    HAS_MOTION,
    MOTION,
    Description,
)
from emgsmr.sensors.open_twin import OpenUnit

OPEN = FAMILIES["open"]
RULES = (
    *("table", "description", "motion", "battery", "packets", "size", "rate", "bunching", "load"),
    *("loss", "order", "rails", "life", "stop", "restart"),
)


def table_of(family):
    return {entry.uuid: entry.properties for group in family.services.values() for entry in group}


def by_rule(findings):
    assert len({finding.rule for finding in findings}) == len(findings)
    return {finding.rule: finding for finding in findings}


def failed(findings):
    assert all(finding.seen for finding in findings)
    assert all(bool(finding.advice) == (finding.passed is False) for finding in findings)
    return [finding.rule for finding in findings if finding.passed is False]


def streamed(family, unit, *, first=0, begin_s=0.0, seconds=10.0, rate_hz=None, interval_s=0.02):
    """Notifications of a unit that samples at its rate, and sends at connection events."""
    rate_hz = rate_hz or family.rate_hz
    n, channels = family.samples_per_packet, family.channel_counts[0]
    low, high = max(family.rails[0], -9), min(family.rails[1], 9)
    rng = np.random.default_rng(1)
    arrivals = []
    for index in range(first, first + round(seconds * rate_hz), n):
        taken_s = begin_s + (index - first + n) / rate_hz
        counts = rng.integers(low, high + 1, (n, channels)) // family.step * family.step
        event_s = -(-taken_s // interval_s) * interval_s
        arrivals += [(event_s, uuid, payload) for uuid, payload in unit.encode(index, counts.astype(int))]
    return arrivals


def open_trial(**changes):
    description = Description(1, flags=HAS_BATTERY | HAS_MOTION)
    unit, decoder = OpenUnit(description), OPEN.decoder(Facts())
    decoder.feed(*unit.answer(CONTROL, bytes((DESCRIBE,))).notifications[0])
    parts = {
        "table": table_of(OPEN),
        "stream": streamed(OPEN, unit),
        "stopped_s": 10.0,
        "after_stop": [(10.1, CONTROL, b"\x83\0"), (10.02, DATA, bytes(34))],
        "restarted": streamed(OPEN, unit, first=13005, begin_s=13.0, seconds=2.0),
        "description": description.pack(),
        "mtu": 247,
        "battery_pct": 80,
    }
    return decoder, Trial(**{**parts, **changes})


def test_a_good_unit_keeps_all_rules():
    findings = check(OPEN, *open_trial())
    assert [finding.rule for finding in findings] == [rule for rule in RULES if rule != "motion"]
    assert all(finding.passed for finding in findings), findings


def lose(stream, first, last):
    return [arrival for i, arrival in enumerate(stream) if not first <= i < last]


def renumbered(stream):
    """A firmware whose index counts packets, not samples."""
    return [(t, u, i.to_bytes(4, "little") + p[4:]) for i, (t, u, p) in enumerate(stream)]


STREAM = open_trial()[1].stream


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"table": {}}, ["table", "motion"]),
        ({"table": {**table_of(OPEN), DATA: ("read",)}}, ["table"]),
        ({"description": b"\1\2"}, ["description"]),
        ({"description": Description(2, flags=HAS_BATTERY | HAS_MOTION).pack()}, ["description"]),
        ({"description": Description(1, flags=HAS_BATTERY).pack()}, ["motion"]),
        ({"battery_pct": None}, ["battery"]),
        ({"battery_pct": 130}, ["battery"]),
        ({"mtu": 23}, ["size"]),
        ({"stream": [(t * 1.1, u, p) for t, u, p in STREAM]}, ["rate", "restart"]),
        ({"stream": lose(STREAM, 100, 120)}, ["bunching", "loss"]),
        ({"stream": lose(STREAM, 100, 103)}, []),
        ({"stream": [*STREAM[:300], STREAM[299], *STREAM[300:]]}, ["order"]),
        ({"stream": renumbered(STREAM)}, ["rate", "order", "restart"]),
        ({"stream": [(t - t % 0.3 + 0.3, u, p) for t, u, p in STREAM]}, ["bunching"]),
        ({"stream": [*STREAM[:9], (0.2, DATA, b"\0" * 5), *STREAM[9:]]}, ["packets"]),
        ({"stream": [(t, u, p[:4] + bytes(30)) for t, u, p in STREAM]}, ["life"]),
        ({"stream": []}, ["packets", "rate"]),
        ({"stream": STREAM[:50]}, ["rate"]),
        ({"after_stop": [(11.0, DATA, bytes(34))]}, ["stop"]),
        ({"restarted": [(t + 20, u, p) for t, u, p in STREAM[:50]]}, ["restart"]),
    ],
)
def test_each_mistake_breaks_its_own_rule(changes, rules):
    assert failed(check(OPEN, *open_trial(**changes))) == rules


def test_counts_beyond_the_declared_bits():
    description = Description(1, bits=12, flags=HAS_BATTERY | HAS_MOTION)
    decoder, trial = open_trial(description=description.pack())
    decoder.description = description
    assert failed(check(OPEN, decoder, trial)) == []
    loud = [(t, u, p[:4] + b"\xff\x7f" + p[6:]) for t, u, p in trial.stream]
    assert failed(check(OPEN, *open_trial(stream=loud))) == []  # 16 bits
    decoder, trial = open_trial(description=description.pack(), stream=loud)
    decoder.description = description
    assert failed(check(OPEN, decoder, trial)) == ["rails"]


def test_one_sample_in_each_notification_is_too_many_notifications():
    stream = [
        (t + k * 1e-4, u, (15 * i + k).to_bytes(4, "little") + p[4 + 2 * k : 6 + 2 * k])
        for i, (t, u, p) in enumerate(STREAM[:220])
        for k in range(15)
    ]
    assert failed(check(OPEN, *open_trial(stream=stream))) == ["load"]


def test_what_was_not_tried_is_neither_good_nor_bad():
    findings = by_rule(check(OPEN, *open_trial(stopped_s=None, after_stop=(), restarted=(), mtu=None)))
    assert [findings[rule].passed for rule in ("stop", "restart", "size")] == [None] * 3


def test_motion_and_battery_may_be_absent():
    plain = Description(1)
    table = {uuid: props for uuid, props in table_of(OPEN).items() if uuid not in (MOTION, BATTERY)}
    assert check_table(OPEN, table).passed
    assert failed(check_description(plain.pack(), table)) == []


@pytest.mark.parametrize("key", [key for key in FAMILIES if key != "open"])
def test_every_other_family_is_judged_by_the_general_rules(key):
    family = FAMILIES[key]
    facts = Facts(channels=family.channel_counts[0])
    unit, decoder = family.unit(facts), family.decoder(facts)
    stream, dialog, reply = [], decoder.start(), None
    while True:
        try:
            write = dialog.send(reply)
        except StopIteration:
            break
        told = unit.answer(write.uuid, write.data).notifications
        stream += [(0.0, uuid, payload) for uuid, payload in told]
        reply = next((p for u, p in told if write.is_reply and write.is_reply(u, p)), None)
    stream += streamed(family, unit)
    findings = check(family, decoder, Trial(table=table_of(family), stream=stream, stopped_s=20.0))
    assert failed(findings) == []
    assert {finding.rule for finding in findings} <= set(RULES)
    assert isinstance(findings[0], Finding)
