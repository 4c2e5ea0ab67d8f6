"""What is special about the gForce: settings that can be refused, packets in parts, three ways to count."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import PacketError, SensorError, UnsupportedFirmwareError
from emgsmr.sensors import FAMILIES, Advertisement, Answer, Facts, Packet, Reading, find, is_kind
from emgsmr.sensors.gforce import FAMILY, FAMILY_8BIT, FAMILY_IDS, Unit
from emgsmr.sensors.gforce_protocol import (
    BITS_8,
    BITS_12,
    COMMAND,
    DATA,
    NUMBERED,
    SERVICE,
    Decoder,
    from_train_data,
    to_train_data,
)

KEYS = ("gforce", "gforce_8bit", "gforce_ids")
MODES = {"gforce": BITS_12, "gforce_8bit": BITS_8, "gforce_ids": NUMBERED}
EACH = pytest.mark.parametrize("key", KEYS)
EMG_ON = bytes.fromhex("4f80000000")


def talk(key, replies):
    """What is written when these replies come (by command; None = none comes)."""
    written, dialog, reply = [], FAMILIES[key].decoder(Facts()).start(), None
    while True:
        try:
            write = dialog.send(reply)
        except StopIteration:
            return written
        written.append(write.data)
        assert write.uuid == COMMAND
        reply = replies.get(write.data[0], bytes([0, write.data[0]]))
        assert reply is None or write.is_reply(COMMAND.upper(), reply)


def accepting(key):
    return {0x46: b"\x00\x46" + MODES[key].config}


def parts(packet, size):
    """A packet in parts of so many bytes, as a radio with a small MTU sends it."""
    pieces = [packet[i : i + size] for i in range(0, len(packet), size)]
    return [bytes([0xFF, left]) + piece for left, piece in zip(range(len(pieces))[::-1], pieces, strict=True)]


def packet_of(key, first=0):
    family = FAMILIES[key]
    counts = (np.arange(family.samples_per_packet * 8).reshape(-1, 8) + first) % 200
    [(_, packet)] = family.unit(Facts()).encode(first, counts.astype(family.dtype))
    return packet, counts


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("gforce", ["4f00000000", "3ff401ff00800c", "46", "4f80000000"]),
        ("gforce_8bit", ["4f00000000", "3fe803ff008008", "46", "4f80000000"]),
        ("gforce_ids", ["4f00000000", "3ff401ff008008", "2601", "4f80000000"]),
    ],
)
def test_the_start_is_configured_then_switched_on(key, expected):
    assert [data.hex() for data in talk(key, accepting(key))] == expected
    assert all(data[0] not in (0x1D, 0x1E, 0x1F) for data in talk(key, accepting(key)))


@pytest.mark.parametrize(
    ("key", "command", "other"),
    [
        ("gforce", 0x3F, "gforce_8bit"),
        ("gforce_8bit", 0x3F, "gforce"),
        ("gforce_ids", 0x3F, "gforce"),
        ("gforce_ids", 0x26, "gforce"),
        ("gforce", 0x4F, "gforce_8bit"),
    ],
)
@pytest.mark.parametrize("code", [1, 2, 3, 4, 9])
def test_a_refusal_names_the_variant_to_write(key, command, other, code):
    replies = accepting(key) | {command: bytes([code, command])}
    with pytest.raises(UnsupportedFirmwareError, match=f'write family = "{other}" in the montage'):
        talk(key, replies)


@EACH
@pytest.mark.parametrize("command", [0x3F, 0x4F])
def test_silence_is_said(key, command):
    with pytest.raises(SensorError, match="no answer"):
        talk(key, accepting(key) | {command: None})


@pytest.mark.parametrize("key", KEYS[:2])
def test_a_configuration_that_was_not_taken_is_noticed(key):
    other = bytes.fromhex("0046 8a02 ff00 80 08")
    with pytest.raises(UnsupportedFirmwareError, match="did not take"):
        talk(key, {0x46: other})
    assert talk(key, {0x46: None})  # older firmware may not tell
    assert talk(key, {0x46: b"\x01\x46"})


def test_only_the_answer_to_a_command_is_its_reply():
    [write] = [next(Decoder(BITS_12).start())]
    assert write.is_reply(COMMAND, b"\x00\x4f")
    for uuid, payload in (
        (DATA, b"\x00\x4f"),
        (COMMAND, b"\x00\x3f"),
        (COMMAND, b"\x00"),
        (COMMAND, b"\xff\x4f"),
    ):
        assert not write.is_reply(uuid, payload)


@EACH
@given(size=st.integers(1, 140))
def test_packets_in_parts(key, size):
    packet, counts = packet_of(key, 16)
    decoder = FAMILIES[key].decoder(Facts())
    for _ in range(2):
        found = [item for part in parts(packet, size) for item in decoder.feed(DATA, part)]
        assert [item.counts.tolist() for item in found] == [counts.tolist()]


@EACH
@given(lost=st.integers(0, 7), size=st.sampled_from([18, 20, 40]))
def test_a_packet_that_lacks_a_part_is_dropped_and_no_other(key, lost, size):
    decoder = FAMILIES[key].decoder(Facts())
    packets = [packet_of(key, 16 * i) for i in range(3)]
    cut = [parts(packet, size) for packet, _ in packets]
    cut[1].pop(lost % len(cut[1]))
    found, refused = [], 0
    for part in (*cut[0], *cut[1], *cut[2]):
        try:
            found += decoder.feed(DATA, part)
        except PacketError:
            refused += 1
    assert [item.counts.tolist() for item in found] == [packets[0][1].tolist(), packets[2][1].tolist()]
    assert refused >= 1


def test_parts_cannot_fill_the_memory():
    decoder = Decoder(BITS_12)
    refused = 0
    for left in range(255, -1, -1):
        try:
            decoder.feed(DATA, bytes([0xFF, left]) + bytes(500))
        except PacketError:
            refused += 1
        assert len(decoder._parts) <= 131
    assert refused > 200


def test_a_whole_packet_ends_one_in_parts():
    packet, _ = packet_of("gforce")
    decoder = Decoder(BITS_12)
    decoder.feed(DATA, parts(packet, 20)[0])
    assert len(decoder.feed(DATA, packet)) == 1
    *rest, last = parts(packet, 20)[1:]
    assert [decoder.feed(DATA, part) for part in rest] == [[]] * len(rest)
    with pytest.raises(PacketError):  # too short without its first part
        decoder.feed(DATA, last)


@EACH
def test_the_highest_bit_of_the_type_does_not_matter(key):
    packet, counts = packet_of(key)
    for head in (0x08, 0x88):
        [found] = FAMILIES[key].decoder(Facts()).feed(DATA, bytes([head]) + packet[1:])
        assert found.counts.tolist() == counts.tolist()


@pytest.mark.parametrize(
    ("sent", "asked", "other"),
    [
        ("gforce_8bit", "gforce", "gforce_8bit"),  # as many bytes, but no 12-bit values
        ("gforce_ids", "gforce", "gforce_ids"),
        ("gforce_ids", "gforce_8bit", "gforce_ids"),
        ("gforce", "gforce_ids", "gforce"),
    ],
)
def test_packets_of_another_mode_name_the_variant_to_write(sent, asked, other):
    packet, _ = packet_of(sent)
    with pytest.raises(PacketError, match=f'write family = "{other}" in the montage'):
        FAMILIES[asked].decoder(Facts()).feed(DATA, packet)


def test_motion_is_read_where_it_comes():
    decoder, unit = Decoder(BITS_12), Unit(BITS_12)
    sent = [
        Reading("acceleration_g", (0.5, -1.0, 0.25)),
        Reading("rotation_dps", (250.0, -0.5, 0.0)),
        Reading("orientation", (1.0, 0.0, -0.5, 0.25)),
    ]
    assert [unit.encode_reading(reading) for reading in sent] == [[], [], []]  # nobody switched it on
    assert unit.answer(COMMAND, bytes.fromhex("4f13000000")).action == "stop"  # no EMG among it
    made = [notification for reading in sent for notification in unit.encode_reading(reading)]
    assert [len(payload) for _, payload in made] == [13, 13, 17]
    assert [item for notification in made for item in decoder.feed(*notification)] == sent
    two = decoder.feed(DATA, b"\x01" + struct.pack("<6i", *range(0, 6 * 65536, 65536)))
    assert [item.values for item in two] == [(0, 1, 2), (3, 4, 5)]
    assert unit.encode_reading(Reading("battery_pct", (1.0,))) == []


@pytest.mark.parametrize(
    "payload",
    ["01", "0100", "05" + "00" * 15, "05" + "0000c07f" * 4, "00", "0d00", "7f", "08", "ff", "ff0008", "ff00"],
)
def test_what_is_no_packet_is_refused(payload):
    with pytest.raises(PacketError):
        Decoder(BITS_12).feed(DATA, bytes.fromhex(payload))


def test_what_is_not_recorded_is_passed_over():
    for kind in (3, 4, 6, 7, 9, 10, 11, 12):
        assert Decoder(BITS_8).feed(DATA, bytes([kind, 1, 2])) == []
    assert Decoder(BITS_8).feed(COMMAND, b"\x00\x3f") == []


@given(st.integers(-(2**23), 2047 << 12))
def test_a_mantissa_and_an_exponent_keep_twelve_bits(count):
    [sent] = to_train_data(np.array([count]))
    [back] = from_train_data(np.array([sent]))
    exponent = int(sent) & 15
    assert back <= count < back + 2**exponent
    assert (
        exponent == 0 or not -1024 * 2**exponent <= back < 1024 * 2**exponent or back == -1024 * 2**exponent
    )
    assert from_train_data(to_train_data(np.array([back])))[0] == back


@given(st.integers(-(2**15), 2**15 - 1))
def test_any_number_that_is_sent_is_read_as_the_makers_program_does(sent):
    assert from_train_data(np.array([sent], dtype="<i2"))[0] == (sent >> 4) << (sent & 15)


def test_the_number_of_a_packet_counts_samples():
    packet, _ = packet_of("gforce_ids", 8 * 65536 + 24)
    assert packet[1:3] == b"\x03\x00"
    [found] = Decoder(NUMBERED).feed(DATA, packet)
    assert isinstance(found, Packet)
    assert found.counter == 24


def test_commands():
    unit = Unit(BITS_12)
    assert unit.answer(COMMAND, EMG_ON) == Answer("start", b"", ((COMMAND, b"\x00\x4f"),))
    assert unit.answer(COMMAND, bytes(1)) == Answer("", b"", ((COMMAND, b"\x01\x00"),))
    assert unit.answer(COMMAND, b"\x26\x01").notifications == ((COMMAND, b"\x01\x26"),)
    assert Unit(NUMBERED).answer(COMMAND, b"\x26\x01").notifications == ((COMMAND, b"\x00\x26"),)
    assert unit.answer(COMMAND, b"\x3f" + BITS_8.config).notifications == ((COMMAND, b"\x02\x3f"),)
    assert unit.answer(COMMAND, b"") == unit.answer(DATA, EMG_ON) == Answer()


def test_it_is_found_as_one_kind_and_the_montage_says_which():
    for advertisement in (
        Advertisement("gForcePro+(A1B2)", (SERVICE,)),
        Advertisement("gForceOct"),
        Advertisement(None, (SERVICE,)),
    ):
        found = find(advertisement)
        assert found is FAMILY
        assert all(is_kind(key, found) for key in KEYS)
    assert find(Advertisement("Kitchen scale", (SERVICE,))) is None


def test_scales_are_the_makers():
    assert FAMILY.scale_uv == pytest.approx(0.5086, abs=1e-4)
    assert FAMILY_8BIT.scale_uv == pytest.approx(16 * FAMILY.scale_uv)
    assert FAMILY_IDS.scale_uv == pytest.approx(0.47684, abs=1e-5)
    assert FAMILY_IDS.counter_modulus == 524288
    assert FAMILY.counter_modulus is FAMILY_8BIT.counter_modulus is None
    assert {family.loss_known for family in (FAMILY, FAMILY_8BIT)} == {"possible"}
