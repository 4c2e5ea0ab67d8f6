"""What is special about the Shimmer: a stream of bytes without frames, and a dialog that sets it up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import PacketError, SensorError, UnsupportedFirmwareError
from emgsmr.sensors import FAMILIES, Advertisement, Answer, Facts, Packet, Reading, find
from emgsmr.sensors.shimmer import REGISTERS, SHIMMER3, SHIMMER3R
from emgsmr.sensors.shimmer_stream import Frames, inquiry

STREAM = SHIMMER3R.notify_uuids[0]
HELLO = bytes.fromhex("ff02200001ff0109000000 03 01 1d1e1f ff")
BOTH = pytest.mark.parametrize("family", [SHIMMER3R, SHIMMER3], ids=["shimmer3r", "shimmer3"])


def decoder_after_start():
    decoder = SHIMMER3R.decoder(Facts())
    assert decoder.feed(STREAM, HELLO) == []
    return decoder


def samples(n, seed=0):
    return np.random.default_rng(seed).integers(-(2**23), 2**23, (n, 2))


def as_bytes(counts, first=0):
    unit = SHIMMER3R.unit(Facts())
    pieces = [unit.encode(first + i, counts[i : i + 32]) for i in range(0, len(counts), 32)]
    return b"".join(payload for piece in pieces for _, payload in piece)


def test_the_fixture_of_pyshimmer():
    frames = Frames(4, lambda layout: True)
    assert inquiry(bytes.fromhex("02400001ff0109010112"), 4)[0].ticks == 64
    assert frames.feed(bytes.fromhex("ff 02400001ff0109010112 ff 8a7121")) == []
    [run] = frames.feed(bytes.fromhex("00ded0b22607 001ed1b2fc06"))
    values = [int.from_bytes(run.data[i + 4 : i + 6], "little") for i in (0, 6)]
    assert (run.ticks, values) == (0xB2D0DE, [0x0726, 0x06FC])
    assert int.from_bytes(run.data[7:10], "little") == 0xB2D11E


@given(st.lists(st.integers(0, 704), max_size=12))
def test_any_cut_of_the_stream_gives_the_same_samples(cuts):
    counts = samples(64)
    stream, decoder = as_bytes(counts, first=524288 - 20), decoder_after_start()
    edges = [0, *sorted(cuts), len(stream)]
    packets = [packet for begin, end in pairwise(edges) for packet in decoder.feed(STREAM, stream[begin:end])]
    np.testing.assert_array_equal(np.concatenate([packet.counts for packet in packets]), counts)
    expected = 524288 - 20
    for packet in packets:
        assert packet.counter == expected % 524288
        expected += len(packet.counts)


COUNTS = samples(640) // 2**12  # as EMG is: most values begin with 00 or FF
LONG = as_bytes(COUNTS)


@given(st.integers(20, 244), st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5)), max_size=4))
def test_lost_notifications_cost_their_packets_and_make_no_false_ones(size, lost):
    pieces = [LONG[i : i + size] for i in range(0, len(LONG), size)]
    gone = {i for first, n in lost for i in range(first, first + n)} & set(range(len(pieces)))
    decoder, found = decoder_after_start(), 0
    for i, piece in enumerate(pieces):
        for packet in decoder.feed(STREAM, piece) if i not in gone else ():
            n = len(packet.counts)
            begin = packet.counter
            assert np.array_equal(packet.counts, COUNTS[begin : begin + n])
            found += n
    assert found >= 640 - len(gone) * (size // 11 + 3) - 2 * len(lost)


@pytest.mark.parametrize("late", [-7, -1, 0, 1, 7])
def test_a_clock_that_is_read_late_does_not_move_samples(late):
    stream = bytearray(as_bytes(samples(32), first=100))
    ticks = 110 * 32 + late
    stream[111 - 1 : 114] = b"\0" + ticks.to_bytes(3, "little")
    packets = decoder_after_start().feed(STREAM, bytes(stream))
    assert [packet.counter for packet in packets] == [100]
    assert len(packets[0].counts) == 32


def test_memory_is_bounded_and_nonsense_is_said():
    decoder = decoder_after_start()
    refused = 0
    for _ in range(3000):
        try:
            assert decoder.feed(STREAM, b"\x33" * 100) == []
        except PacketError:
            refused += 1
        assert len(decoder._frames._rest) < 500
    assert refused > 100
    fresh = SHIMMER3R.decoder(Facts())
    for payload in (b"\xff\x02" * 100, b"\xff" * 999, b"\xff\x02" + b"\xf0" * 40):
        for _ in range(100):
            fresh.feed(STREAM, payload)
            assert len(fresh._frames._rest) < 500


def test_a_hundred_thousand_random_notifications(rng):
    decoders = [SHIMMER3R.decoder(Facts()), decoder_after_start()]
    lengths = rng.integers(0, 40, 50_000).tolist()
    noise = rng.integers(0, 256, sum(lengths), dtype=np.uint8)
    noise[rng.random(len(noise)) < 0.3] = 0  # where a packet may begin
    stream, at = noise.tobytes(), 0
    for length in lengths:
        for decoder in decoders:
            try:
                packets = decoder.feed(STREAM, stream[at : at + length])
            except PacketError:
                continue
            assert all(isinstance(packet, Packet) and packet.counts.shape[1] == 2 for packet in packets)
        at += length


def converse(family, unit, respond=None):
    """Commands of a start; ``respond`` may change what the unit notifies."""
    dialog, reply, commands = family.decoder(Facts()).start(), None, []
    while True:
        try:
            write = dialog.send(reply)
        except StopIteration:
            return commands
        commands.append(write.data)
        told = [payload for _, payload in unit.answer(write.uuid, write.data).notifications]
        told = respond(write.data, told) if respond else told
        reply = next((p for p in told if write.is_reply(family.notify_uuids[0], p)), None)


@BOTH
def test_what_is_set_up_already_is_not_written_again(family):
    unit = family.unit(Facts())
    first, second = converse(family, unit), converse(family, unit)
    assert [command[0] for command in first] == [0x20, 1, 5, 8, 0x63, 0x61, 0x63, 0x61, 1, 7]
    assert [command[0] for command in second] == [0x20, 1, 0x63, 0x63, 7]
    assert first[2:4] == [bytes.fromhex("052000"), bytes.fromhex("08100000")]
    assert first[5] == bytes.fromhex("6100000a") + REGISTERS[0]


@BOTH
def test_replies_may_come_in_pieces(family):
    commands = converse(
        family, family.unit(Facts()), lambda _, told: [p[i : i + 1] for p in told for i in range(len(p))]
    )
    assert commands[-1] == b"\x07"


def test_a_stream_that_still_runs_does_not_spoil_the_dialog():
    noise = as_bytes(samples(32))[5:171]
    commands = converse(SHIMMER3R, SHIMMER3R.unit(Facts()), lambda _, told: [noise, *told])
    assert commands[-1] == b"\x07"


@pytest.mark.parametrize(
    ("respond", "error"),
    [
        (lambda command, told: [], SensorError),
        (lambda command, told: [b"\xfe"] if command[0] == 5 else told, SensorError),
        (lambda command, told: [b"\xfe"] if command[0] == 7 else told, SensorError),
        (
            lambda command, told: (
                [bytes.fromhex("ff02800201ff0109000000010112")] if command == b"\x01" else told
            ),
            UnsupportedFirmwareError,
        ),
    ],
)
def test_a_unit_that_cannot_is_said_to(respond, error):
    with pytest.raises(error, match="Shimmer"):
        converse(SHIMMER3R, SHIMMER3R.unit(Facts()), respond)


def test_the_unit_is_silent_about_what_it_does_not_know():
    unit = SHIMMER3R.unit(Facts())
    for command in (b"", b"\x99", b"\x05\x20\x00\x00\x00"):
        assert unit.answer(STREAM, command).action == ""
    assert unit.answer(STREAM, b"\x99") == Answer()
    assert unit.answer("0000beef-0000-1000-8000-00805f9b34fb", b"\x07") == Answer()
    assert unit.encode_reading(Reading("battery_pct", (50.0,))) == []


def test_found_by_name_and_not_by_the_service_of_its_radio_module():
    assert find(Advertisement("Shimmer3R-2F31-BLE")) is FAMILIES["shimmer3r"]
    assert find(Advertisement("Shimmer3-2F31")) is FAMILIES["shimmer3"]
    assert find(Advertisement("naviGuertel", tuple(SHIMMER3R.services))) is None


def test_scale_is_the_makers():
    assert SHIMMER3R.scale_uv * 1e-3 == pytest.approx(2420 / 12 / (2**23 - 1))
    assert SHIMMER3R.rate_hz == 1024
    assert SHIMMER3R.counter_modulus == 2**24 // 32
