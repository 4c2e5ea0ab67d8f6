"""What is special about the uMyo: its motion sensor, and the battery in its advertisement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors import FAMILIES, Advertisement, Answer, Facts, Reading, find
from emgsmr.sensors.umyo import (
    FAMILY,
    NAME,
    TELEMETRY,
    Motion,
    Unit,
    battery_pct,
    decode,
    decode_motion,
    encode_motion,
)

AUX = bytes.fromhex("0000 0000 0040 0a00 f6ff 0000 6400 38ff 2c01 007d 0000 0000 0000")
int16 = st.integers(-(2**15), 2**15 - 1)


@pytest.mark.parametrize("payload", [AUX, b"\x03" + AUX])
def test_motion_has_units(payload):
    motion = decode_motion(TELEMETRY, payload)
    assert motion == Motion((0, 0, 16384), (10, -10, 0), (100, -200, 300), (32000, 0, 0, 0))
    assert motion.acceleration_g == (0, 0, 1)
    assert motion.rotation_dps == pytest.approx((0.1526, -0.1526, 0), abs=1e-4)
    assert motion.orientation == (1, 0, 0, 0)


@given(st.lists(int16, min_size=13, max_size=13))
def test_motion_there_and_back(values):
    motion = Motion(tuple(values[:3]), tuple(values[3:6]), tuple(values[6:9]), tuple(values[9:]))
    assert decode_motion(*encode_motion(motion)) == motion
    assert decode(*encode_motion(motion)) == []


def test_a_packet_with_orientation_gives_both():
    for head in (b"", b"\x01"):
        payload = head + bytes(52) + AUX[18:]
        assert decode(TELEMETRY, payload)[0].counts.shape == (24, 1)
        motion = decode_motion(TELEMETRY, payload)
        assert motion == Motion((), (), (), (32000, 0, 0, 0))
        assert motion.acceleration_g == ()


def test_emg_alone_has_no_motion():
    assert decode_motion(TELEMETRY, bytes(52)) is None
    assert decode_motion(NAME, b"L-Forearm\0") is None
    assert decode(NAME, b"L-Forearm\0") == []
    with pytest.raises(PacketError):
        decode_motion(TELEMETRY, bytes(25))
    with pytest.raises(ArgumentError):
        encode_motion(Motion((), (), (), (1, 2, 3, 4)))


def test_renamed_units_are_found_by_their_field():
    field = bytes([77, 170]) + bytes(13)
    assert find(Advertisement("L-Forea", (), field)) is FAMILIES["umyo"]
    assert find(Advertisement("L-Forea", (), bytes([77, 251]) + bytes(13))) is None  # 4.51 V is never sent
    assert find(Advertisement("uMyo-1A")) is FAMILIES["umyo"]


@pytest.mark.parametrize(
    ("byte", "expected"),
    [(0, None), (119, None), (120, 0), (170, 50), (220, 100), (255, 100)],
)
def test_battery(byte, expected):
    assert battery_pct(Advertisement("uMyo-1A", (), bytes([9, byte]) + bytes(13))) == expected


def test_no_battery_without_the_field():
    assert battery_pct(Advertisement("uMyo-1A", (), b"\x01\x02")) is None


def test_scale_is_computed_from_the_parts():
    assert FAMILY.scale_known == "estimated"
    # 0.6 V at gain 1/6 over 2**14 counts, through an amplifier of 80
    assert FAMILY.scale_uv == pytest.approx(219.7 / 80, abs=0.001)


def test_there_is_no_command():
    assert Unit().answer(TELEMETRY, b"START") == Answer()
    assert Unit().answer(NAME, b"L-Calf\0") == Answer(value=b"L-Calf\0")


def test_motion_readings_there_and_back():
    decoder, unit = FAMILY.decoder(Facts()), Unit()
    told = (
        Reading("acceleration_g", (0.5, -1.0, 1.9)),
        Reading("rotation_dps", (10.0, -400.0, 0.0)),
        Reading("orientation", (0.5, 0.5, -0.5, 0.5)),
    )
    made = [notification for reading in told for notification in unit.encode_reading(reading)]
    assert len(made) == 1  # all three in one packet
    heard = decoder.feed(*made[0])
    for before, after in zip(told, heard, strict=True):
        assert after.quantity == before.quantity
        assert after.values == pytest.approx(before.values, abs=0.01)
    assert unit.encode_reading(Reading("heart_rate_bpm", (60.0,))) == []
    far = unit.encode_reading(Reading("orientation", (9.0, -9.0, 0.0, 0.0)))
    assert decoder.feed(*far[0])[2].values == pytest.approx((1.024, -1.024, 0, 0), abs=1e-3)
