"""What is special about the open profile: each unit describes itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import PacketError, SensorError
from emgsmr.sensors import FAMILIES, Advertisement, Facts, Reading, find, signal_of, umyo
from emgsmr.sensors.open_description import BATTERY, CONTROL, DATA, MOTION, SERVICE, Description, parse
from emgsmr.sensors.open_twin import SAMPLES_PER_PACKET, OpenUnit

OPEN = FAMILIES["open"]


@st.composite
def descriptions(draw):
    value_bytes = draw(st.sampled_from((2, 3)))
    flags = draw(st.integers(0, 15))
    return Description(
        channels=draw(st.integers(1, 8)),
        rate_mhz=draw(st.integers(10**5, 10**7)),
        bits=draw(st.integers(8, 8 * value_bytes - bool(flags & 4))),
        value_bytes=value_bytes,
        flags=flags,
        scale_pv=draw(st.integers(0, 2**32 - 1)),
        label=draw(st.text(max_size=8)),
    )


def started(description):
    decoder, unit = OPEN.decoder(Facts()), OpenUnit(description)
    assert signal_of(decoder) is None
    dialog, reply, commands = decoder.start(), None, []
    while True:
        try:
            write = dialog.send(reply)
        except StopIteration:
            return decoder, unit, commands
        commands.append(write.data)
        [(uuid, reply)] = unit.answer(write.uuid, write.data).notifications
        assert write.is_reply(uuid, reply)
        assert not write.is_reply(DATA, reply)


@given(descriptions(), st.data())
def test_every_unit_that_describes_itself_is_read(description, data):
    assert parse(description.pack()) == description
    decoder, unit, commands = started(description)
    signal = signal_of(decoder)
    assert commands == [b"\x01", b"\x02"]
    assert signal == description.signal
    index = data.draw(st.integers(0, 2**33))
    seed = data.draw(st.integers(0, 99))
    low, high = signal.rails
    shape = (SAMPLES_PER_PACKET, signal.channels)
    counts = np.random.default_rng(seed).integers(low, high, shape, endpoint=True)
    [notification] = unit.encode(index, counts)
    [packet] = decoder.feed(*notification)
    np.testing.assert_array_equal(packet.counts, counts)
    assert packet.counts.dtype == signal.dtype
    assert not packet.counts.flags.writeable
    assert packet.counter == index % 2**32


def test_the_signal_is_what_the_unit_says():
    signal = Description(2, 500_000, 12, flags=4, scale_pv=805_664).signal
    assert (signal.rate_hz, signal.rails, signal.dtype) == (500.0, (0, 4095), "<i2")
    assert (signal.scale_uv, signal.scale_known) == (pytest.approx(0.805664), "estimated")
    assert Description(2, flags=8, scale_pv=24).signal.scale_known == "known"
    assert Description(2, flags=8).signal.scale_known == "unknown"
    assert Description(1, bits=24, value_bytes=3).signal.rails == (-(2**23), 2**23 - 1)


def test_other_families_have_no_signal_of_their_own():
    assert signal_of(umyo.FAMILY.decoder(Facts())) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_a_description_or_are_refused(data):
    try:
        said = parse(data)
    except PacketError:
        return
    assert said.signal.channels in range(1, 9)


def test_a_hundred_thousand_random_notifications(rng):
    fresh = OPEN.decoder(Facts())
    decoders = [fresh, started(Description(3))[0], started(Description(2, value_bytes=3, bits=24))[0]]
    lengths = rng.integers(0, 40, 34_000).tolist()
    stream, at, refused = rng.integers(0, 256, sum(lengths), dtype=np.uint8).tobytes(), 0, 0
    for i, length in enumerate(lengths):
        uuid = (DATA, MOTION, CONTROL)[i % 3]
        for decoder in decoders:
            try:
                decoder.feed(uuid, stream[at : at + length])
            except PacketError:
                refused += 1
        at += length
    assert refused > 10_000


@pytest.mark.parametrize("reply", [None, b"\x81", b"\x81\x01", b"\x81\x02\x01"])
def test_a_unit_that_refuses_to_describe_itself_is_said_to(reply):
    dialog = OPEN.decoder(Facts()).start()
    next(dialog)
    with pytest.raises(SensorError, match="the sensor"):
        dialog.send(reply)


def test_a_description_that_breaks_a_rule_ends_the_dialog():
    dialog = OPEN.decoder(Facts()).start()
    next(dialog)
    with pytest.raises(SensorError, match="9 channels"):
        dialog.send(b"\x81\0" + Description(9).pack())


def test_the_twin_answers_every_command():
    unit = OPEN.unit(Facts(channels=2))
    assert unit.answer(CONTROL, b"\x04\x05").notifications == ((CONTROL, b"\x84\0"),)
    assert unit.answer(CONTROL, b"\x30").notifications == ((CONTROL, b"\xb0\x01"),)
    assert unit.answer(CONTROL, b"").notifications == ()
    assert unit.answer(DATA, b"\x02").notifications == ()


def test_readings():
    unit = OPEN.unit(Facts(channels=1))
    assert unit.encode_reading(Reading("battery_pct", (50.0,))) == [(BATTERY, b"\x32")]
    assert unit.encode_reading(Reading("heart_rate_bpm", (50.0,))) == []
    assert unit.encode_reading(Reading("acceleration_g", (0.0, 99.0, -1.0))) == []
    [notification] = unit.encode_reading(Reading("rotation_dps", (1.0, 2.0, -3.0)))
    acceleration, rotation = OPEN.decoder(Facts()).feed(*notification)
    assert acceleration.values == pytest.approx((0, 16, -1), abs=1e-3)
    assert rotation.values == (1, 2, -3)


def test_found_by_its_service_whatever_its_name():
    assert find(Advertisement("My sensor", (SERVICE.upper(),))) is OPEN
    assert find(Advertisement("OpenEMG-1A2B")) is OPEN
    assert find(Advertisement("EMG-1A2B")) is None
