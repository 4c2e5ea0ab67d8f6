"""What is special about the Myo: four characteristics in turn, a motion sensor, and a will to sleep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import PacketError
from emgsmr.sensors import Advertisement, Answer, Facts, Packet, Reading, find
from emgsmr.sensors.myo import (
    BATTERY,
    CLASSIFIER,
    COMMAND,
    EMG,
    ENVELOPE,
    FAMILY,
    IMU,
    MANUFACTURER,
    SERVICE,
    TAP,
    Unit,
    decode,
)

int16 = st.integers(-(2**15), 2**15 - 1)


def test_it_is_kept_awake_before_it_streams():
    sent = list(FAMILY.decoder(Facts()).start())
    assert [write.data.hex() for write in sent] == ["090101", "0103030100"]
    assert [write.data.hex() for write in FAMILY.stop] == ["0103000000"]
    for write in (*sent, *FAMILY.stop):
        assert write.uuid == COMMAND
        assert write.response
        assert write.data[0] != 0x04  # deep sleep: only a charger wakes it


def test_all_four_characteristics_are_subscribed():
    assert set(EMG) < set(FAMILY.notify_uuids)
    assert set(EMG) < set(FAMILY.required_uuids)


@pytest.mark.parametrize("lost", range(4))
def test_a_turn_that_is_left_out_hints_at_what_was_lost(lost):
    """As many packets as turns are missing; four look like none."""
    unit, counters = Unit(), []
    for k in range(20):
        [notification] = unit.encode(2 * k, np.zeros((2, 8), dtype=int))
        assert notification[0] == EMG[k % 4]
        if not 10 <= k < 10 + lost:
            [packet] = decode(*notification)
            counters.append(packet.counter)
    missing = (np.diff(counters) - 2) % FAMILY.counter_modulus
    assert missing.tolist() == [0] * 9 + [2 * lost] + [0] * (9 - lost)


def test_what_it_shows_is_a_possible_loss():
    assert not FAMILY.counter_certain
    assert FAMILY.loss_known == "possible"
    assert FAMILY.scale_known == "unknown"


@given(st.lists(int16, min_size=10, max_size=10))
def test_motion_there_and_back(values):
    payload = np.array(values, dtype="<i2").tobytes()
    readings = decode(IMU, payload)
    assert [reading.quantity for reading in readings] == ["acceleration_g", "rotation_dps", "orientation"]
    assert readings[0].values == tuple(value / 2048 for value in values[4:7])
    assert readings[1].values == tuple(value / 16 for value in values[7:])
    assert readings[2].values == tuple(value / 16384 for value in values[:4])
    unit = Unit()
    assert [n for reading in readings for n in unit.encode_reading(reading)] == [(IMU, payload)]


def test_readings_that_it_does_not_take():
    assert Unit().encode_reading(Reading("heart_rate_bpm", (60.0,))) == []
    [(_, far)] = Unit().encode_reading(Reading("orientation", (9.0, -9.0, 0.0, 0.0)))
    assert decode(IMU, far)[0].values == (0.0, 0.0, 0.0)
    assert decode(IMU, far)[2].values == pytest.approx((2.0, -2.0, 0.0, 0.0), abs=1e-4)


def test_gestures_taps_envelopes_and_battery_hold_no_emg():
    for uuid in (ENVELOPE, CLASSIFIER, TAP, BATTERY, MANUFACTURER):
        assert decode(uuid, b"\x03") == []
        assert decode(uuid, b"") == []


@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("0103030100", "start"),
        ("0103020100", "start"),
        ("0103010100", "stop"),  # envelopes: the EMG characteristics are silent
        ("0103000000", "stop"),
        ("090101", ""),
        ("0400", ""),
        ("01030301", ""),
        ("", ""),
    ],
)
def test_commands(command, action):
    assert Unit().answer(COMMAND, bytes.fromhex(command)) == Answer(action)
    assert Unit().answer(IMU, bytes.fromhex(command)) == Answer()


def test_it_is_found_by_its_service():
    assert find(Advertisement("whatever you like", (SERVICE.upper(),))) is FAMILY
    assert find(Advertisement(None, (SERVICE,))) is FAMILY
    assert find(Advertisement("My Myo")) is None


def test_a_hundred_thousand_payloads_of_garbage(rng):
    decoder, refused = FAMILY.decoder(Facts()), 0
    lengths = rng.choice([0, 1, 15, 16, 16, 16, 17, 20, 20, 40], 100_000)
    uuids = rng.choice(FAMILY.notify_uuids, 100_000).tolist()
    stream, end = rng.bytes(int(lengths.sum())), 0
    for uuid, length in zip(uuids, lengths.tolist(), strict=True):
        payload, end = stream[end : end + length], end + length
        try:
            found = decoder.feed(uuid, payload)
        except PacketError:
            refused += 1
            continue
        for item in found:
            if isinstance(item, Packet):
                assert item.counter in (0, 2, 4, 6)
                assert item.counts.shape == (2, 8)
            else:
                assert np.isfinite(item.values).all()
    assert refused > 10_000
