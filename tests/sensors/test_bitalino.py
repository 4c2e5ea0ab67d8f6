"""What is special about the BITalino: frames in a stream from which pieces are missing."""

from __future__ import annotations

import random
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import PacketError, SensorError
from emgsmr.sensors import Advertisement, Facts, Reading, bitalino_frames, find
from emgsmr.sensors.bitalino import COMMANDS, FAMILY, FRAMES, SERVICE, Decoder, Unit
from emgsmr.sensors.bitalino_frames import LENGTHS, FrameStream, pack

CHANNELS = st.sampled_from(sorted(LENGTHS))
EACH_COUNT = pytest.mark.parametrize("channels", sorted(LENGTHS))


def crc(frame):
    """Remainder of a frame without its checksum, bit by bit."""
    remainder = 0
    for byte in [*frame[:-1], frame[-1] & 0xF0]:
        for bit in range(7, -1, -1):
            remainder = (remainder << 1 | byte >> bit & 1) & 0x1F
            if remainder & 0x10:
                remainder ^= 0x13
    return remainder


def read(frame, channels):
    """Number, digital lines and values of a frame, byte by byte from its end, as the maker's API has it."""
    b = [0, *frame[::-1]]
    values = [(b[2] & 0x0F) << 6 | b[3] >> 2]
    if channels > 1:
        values.append((b[3] & 3) << 8 | b[4])
    if channels > 2:
        values.append(b[5] << 2 | b[6] >> 6)
    if channels > 3:
        values.append((b[6] & 0x3F) << 4 | b[7] >> 4)
    return b[1] >> 4, b[2] >> 4, values


def values_of(index, channels):
    """Values that differ from frame to frame, and hide no pattern."""
    source = random.Random(index * 8 + channels)
    return [source.randrange(1024) for _ in range(channels)]


def framed(n, channels):
    """Frames 0 to n."""
    return [pack(i, values_of(i, channels)) for i in range(n)]


def cut(stream, sizes):
    """Chunks of these sizes, again and again; each with where it begins."""
    chunks, start = [], 0
    while start < len(stream):
        for size in sizes:
            chunks.append((start, stream[start : start + size]))
            start += size
    return [chunk for chunk in chunks if chunk[1]]


def given_away(stream, chunks):
    """Frames that come out: number and values."""
    return [
        ((number + i) % 16, values)
        for _, chunk in chunks
        for number, run in stream.feed(chunk)
        for i, values in enumerate(run)
    ]


def true(indices, channels):
    return [(i % 16, values_of(i, channels)) for i in indices]


@given(CHANNELS, st.data())
def test_a_frame_is_laid_out_as_the_makers_programs_read_it(channels, data):
    number, digital = data.draw(st.integers(0, 15)), data.draw(st.integers(0, 15))
    values = data.draw(st.lists(st.integers(0, 1023), min_size=channels, max_size=channels))
    frame = pack(number, values, digital)
    assert len(frame) == -(-(12 + 10 * channels) // 8)
    assert read(frame, channels) == (number, digital, values)
    assert frame[-1] & 15 == crc(frame)


@given(CHANNELS, st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_chunks_may_be_cut_anywhere(channels, sizes):
    length, n = LENGTHS[channels], 60
    chunks = cut(b"".join(framed(n, channels)), sizes)
    found = given_away(FrameStream(channels), chunks)
    first = 0 if sizes[0] >= length else 1  # one that is cut serves to find the next
    assert found == true(range(first, first + len(found)), channels)
    assert first + len(found) >= n - 2  # two are held until a third one confirms them


@pytest.mark.parametrize("sizes", [(20,), (13, 20), (20, 17, 14)])
@given(CHANNELS, st.data())
def test_a_lost_chunk_costs_the_frames_that_it_cuts_and_no_other(sizes, channels, data):
    length, n = LENGTHS[channels], 120
    chunks = cut(b"".join(framed(n, channels)), sizes)
    lost = data.draw(st.integers(2, len(chunks) - 5))
    start, chunk = chunks.pop(lost)
    found = given_away(FrameStream(channels), chunks)
    whole = [i for i in range(n) if (i + 1) * length <= start or i * length >= start + len(chunk)]
    assert found == true(whole[: len(found)], channels)
    assert len(found) >= len(whole) - 2


@EACH_COUNT
def test_two_frames_a_chunk_as_the_firmware_sends_them(channels):
    length, n = LENGTHS[channels], 60
    for lost in range(2, 26):
        chunks = cut(b"".join(framed(n, channels)), [2 * length])
        chunks.pop(lost)
        found = given_away(FrameStream(channels), chunks)
        whole = [i for i in range(n) if i // 2 != lost]
        assert found == true(whole[: len(found)], channels)
        assert len(found) >= len(whole) - 2


@EACH_COUNT
def test_frames_that_the_board_drops_are_a_jump_of_the_number(channels):
    frames = framed(40, channels)
    decoder = Decoder(Facts(channels=channels))
    stream = b"".join(frames[:10] + frames[13:])
    packets = [packet for _, chunk in cut(stream, [150]) for packet in decoder.feed(FRAMES, chunk)]
    assert [packet.counter for packet in packets][:2] == [0, 13]
    assert len(packets[0].counts) == 10
    assert sum(len(packet.counts) for packet in packets) == 37


@EACH_COUNT
def test_sixteen_missing_frames_look_like_none_and_begin_a_packet(channels):
    frames = framed(40, channels)
    decoder = Decoder(Facts(channels=channels))
    before = decoder.feed(FRAMES, b"".join(frames[:8]))
    after = decoder.feed(FRAMES, b"".join(frames[24:]))
    assert [packet.counter for packet in before + after] == [
        0,
        8,
    ]  # what the clock makes of it is the radio's


@EACH_COUNT
def test_no_frame_is_made_up_whatever_is_lost(channels):
    """A long stream with a fifth of its chunks missing: all that is given away was sent, in this order."""
    n = 8_000
    chunks = cut(b"".join(framed(n, channels)), [20])
    source = random.Random(5)
    stream, sent, found = FrameStream(channels), 0, 0
    for _, chunk in [chunk for chunk in chunks if source.random() > 0.2]:
        runs = []
        with suppress(PacketError):
            runs = stream.feed(chunk)
        for number, run in runs:
            for i, values in enumerate(run):
                expected = ((number + i) % 16, values)
                while (sent % 16, values_of(sent, channels)) != expected:
                    sent += 1
                    assert sent < n, "a frame that nobody sent"
                sent += 1
                found += 1
    assert sent > n - 100
    assert found > (0.1 if channels == 4 else 0.4) * n


@pytest.mark.parametrize("needed", [2, 3])
def test_chance_is_as_rare_as_it_is_said_to_be(monkeypatch, rng, needed):
    """Four frames in a row are too rare to be met; fewer have to come as often as computed."""
    monkeypatch.setattr(bitalino_frames, "_FOUND", needed)
    n = 100_000 if needed == 2 else 300_000
    noise, found = rng.integers(0, 256, n, dtype=np.uint8).tobytes(), 0
    stream = FrameStream(1)
    for _, chunk in cut(noise, [2000]):
        with suppress(PacketError):
            found += len(stream.feed(chunk)) > 0
    expected = n * 2.0 ** (4 - 8 * needed)
    assert abs(found - expected) <= 4 * expected**0.5 + 0.5


@EACH_COUNT
def test_a_stream_without_frames_is_said_to_be_none(channels):
    decoder = Decoder(Facts(channels=channels))
    source = random.Random(1)
    refused = 0
    for _ in range(100):
        try:
            assert decoder.feed(FRAMES, source.randbytes(20)) == []
        except PacketError:
            refused += 1
    assert 20 <= refused <= 30
    assert len(decoder._stream._data) < 60


@EACH_COUNT
def test_what_another_number_of_channels_sends_is_refused(channels):
    decoder = Decoder(Facts(channels=channels % 4 + 1))
    refused = 0
    for _, chunk in cut(b"".join(framed(60, channels)), [20]):
        try:
            assert decoder.feed(FRAMES, chunk) == []
        except PacketError:
            refused += 1
    assert refused


@pytest.mark.parametrize(("channels", "live"), [(0, 0x0D), (1, 0x05), (2, 0x0D), (3, 0x1D), (4, 0x3D)])
def test_it_is_asked_for_as_many_channels_as_the_montage_places(channels, live):
    writes = list(Decoder(Facts(channels=channels)).start())
    assert [write.data[0] for write in writes] == [0x00, 0xC3, live]
    assert all(write.response and write.uuid == COMMANDS for write in (*writes, *FAMILY.stop))


def test_the_inputs_with_six_bits_are_not_used():
    with pytest.raises(SensorError, match="A1 to A4"):
        list(Decoder(Facts(channels=5)).start())


def test_commands():
    unit = Unit(Facts(channels=1))
    assert unit.answer(COMMANDS, b"\x07").notifications == ((FRAMES, b"BITalino_v5.2\n"),)
    assert unit.answer(COMMANDS, b"\x00").action == ""  # idle: a threshold of the battery's lamp
    assert unit.answer(COMMANDS, b"\x01").action == ""  # no channel
    assert unit.answer(FRAMES, b"\x05").action == ""
    assert unit.answer(COMMANDS, b"\xc3\x05").action == "start"
    assert unit.answer(COMMANDS, b"\xc3").action == ""
    assert unit.answer(COMMANDS, b"\xff").action == "stop"
    assert Decoder(Facts()).feed(COMMANDS, b"\x05") == []


def test_a_channel_without_a_sensor_rests():
    unit, decoder = Unit(Facts(channels=1)), Decoder(Facts(channels=3))
    for write in decoder.start():
        unit.answer(write.uuid, write.data)
    sent = unit.encode(0, np.arange(20, dtype=np.int16)[:, None])
    counts = np.concatenate([packet.counts for item in sent for packet in decoder.feed(*item)])
    assert counts[:, 0].tolist() == list(range(20))
    assert (counts[:, 1:] == 512).all()
    assert unit.encode_reading(Reading("battery_pct", (50.0,))) == []


def test_it_is_known_by_its_service_or_its_name():
    assert find(Advertisement("BITalino-12-34")) is FAMILY
    assert find(Advertisement(None, (SERVICE,))) is FAMILY
    assert FAMILY.scale_uv == pytest.approx(3.1939, abs=1e-4)
    assert FAMILY.scale_uv * 88 == pytest.approx(281, abs=0.5)  # the data sheet's formula for a count of 600


@EACH_COUNT
def test_packets_of_a_twin_that_the_air_loses_cost_nothing_else(channels):
    unit, decoder = Unit(Facts(channels=channels)), Decoder(Facts(channels=channels))
    counts = np.array([values_of(i, channels) for i in range(400)], dtype=np.int16)
    kept = [start for start in range(0, 400, 20) if start not in (100, 160, 180, 200)]
    found = []
    for start in range(0, 400, 20):
        sent = unit.encode(start, counts[start : start + 20])
        if start in kept:
            packets = [packet for item in sent for packet in decoder.feed(*item)]
            assert packets[0].counter == start % 16
            found += [row for packet in packets for row in packet.counts.tolist()]
    assert found == [row for start in kept for row in counts[start : start + 20].tolist()]
