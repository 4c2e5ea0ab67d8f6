"""What is special about the Ganglion: two firmwares, a wrong counter, differences that need a reference."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emgsmr.errors import PacketError
from emgsmr.sensors import Advertisement, Answer, Facts, Packet, Reading, find
from emgsmr.sensors.counter import unwrap
from emgsmr.sensors.ganglion import (
    DISCONNECT,
    FAMILY,
    RAILS,
    RECEIVE,
    SEND,
    SERVICE,
    Decoder,
    Unit,
)
from emgsmr.sensors.ganglion_packets import pack, sends_differences, unpack

NOTES = Path(__file__).parents[2] / "firmware_notes" / "ganglion.md"
UNIT = 1024  # counts by which a sample differs from the one before: more than the errors of differences


class Board:
    """The firmware's own bookkeeping, as read in its source: one ADC sample after the other.

    Written from the source and apart from the twin: a bug of the counter is not in the twin only.
    """

    def __init__(self, version: str, *, accelerometer: bool = False, level: int = 0) -> None:
        self.two = version.startswith("2")
        self.bits = 18 if accelerometer else 19
        self.sample_counter = 255
        self.level = level if version == "3.0.0" else 255  # 3.0.0 forgets to reset it
        self.half: list[int] = []
        self.last = [0] * 4
        self.sent: list[tuple[bytes, tuple[int, ...]]] = []  # payload, and which ADC samples it holds
        self.taken = 0

    def take(self, sample: list[int]) -> None:
        index, self.taken = self.taken, self.taken + 1
        self.sample_counter = (self.sample_counter + 1) % 256
        if self.sample_counter > 200:
            self.sample_counter = 0
            if not self.two:
                self.level = 0
        (self._differences if self.two else self._absolutes)(index, sample)

    def _absolutes(self, index: int, sample: list[int]) -> None:
        fields = [(value >> (24 - self.bits)) & ~1 | (value < 0) for value in sample]
        if self.sample_counter % 2 == 0:
            self.half = fields
            return
        self._send(self.half + fields, (index - 1, index))

    def _differences(self, index: int, sample: list[int]) -> None:
        if self.sample_counter == 0:
            raw = b"".join(value.to_bytes(3, "big", signed=True) for value in sample)
            self.sent.append((bytes([0]) + raw + b"ABCDEFG", (index,)))
            self.level, self.last = 1, sample
            return
        steps = [a - b for a, b in zip(self.last, sample, strict=True)]
        fields = [step & ~1 | (step < 0) for step in steps]
        self.last = sample
        if self.sample_counter % 2 == 1:
            self.half = fields
            return
        self._send(self.half + fields, (index - 1, index))

    def _send(self, fields: list[int], samples: tuple[int, ...]) -> None:
        number = (self.level + (100 if self.bits == 19 else 0)) % 256
        self.sent.append((pack(number, fields, self.bits), samples))
        self.level += 1


def sample(index):
    """Four channels that tell their number, and differ so that no two packets are alike."""
    return [UNIT * index, -UNIT * index, 0, 7919 * index % 1000]


@cache
def counted(version, n, **options):
    """What a board sends of ``n`` ADC samples, and which of them each payload holds."""
    board = Board(version, **options)
    for index in range(n):
        board.take(sample(index))
    return board.sent


def placed(decoder, payloads):
    """ADC samples by the index that they are given; the index is unwrapped as the radio edge does.

    The clock that helps it over long gaps is the ADC's: samples come when they were taken.
    """
    expected, last, found = None, 0, {}
    for payload in payloads:
        for packet in decoder.feed(RECEIVE, payload):
            values = [round(row[0] / UNIT) for row in packet.counts]
            if expected is None:
                expected, last = packet.counter, values[0] - 1
            index = unwrap(
                packet.counter,
                modulus=FAMILY.counter_modulus,
                expected=expected + values[0] - last - 1,
                back=FAMILY.counter_modulus // 2,
            )
            found |= dict(enumerate(values, start=index))
            expected, last = index + len(values), values[-1]
    return found


def documented():
    for block in re.findall(r"^```vectors\n(.*?)^```", NOTES.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        yield from (v for v in tomllib.loads(block)["vector"] if v["origin"] == "documented")


def test_documented_fields_are_packed_again():
    vectors = list(documented())
    assert len(vectors) == 4
    for vector in vectors:
        payload = bytes.fromhex(vector["hex"])
        bits = 18 if payload[0] <= 100 else 19
        packed = pack(payload[0], unpack(payload, bits), bits)
        assert packed[: bits + 1] == payload[: bits + 1]
        # and the differences that the counts make give the fields
        rows = [[0] * 4, *vector["packets"][0]["counts"]]
        steps = [a - b for before, now in pairwise(rows) for a, b in zip(before, now, strict=True)]
        fields = [step & ~1 | (step < 0) for step in steps]
        assert pack(payload[0], fields, bits)[: bits + 1] == payload[: bits + 1]


@given(st.lists(st.integers(0, 2**19 - 1), min_size=8, max_size=8), st.sampled_from([18, 19]))
def test_fields_there_and_back(fields, bits):
    fields = [field % 2**bits for field in fields]
    assert unpack(pack(7, fields, bits), bits) == fields


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=8, max_size=8), st.booleans())
def test_firmware_3_gives_the_upper_bits(values, accelerometer):
    """Against arithmetic: the nearest lower multiple, whatever the sign."""
    board = Board("3.0.0", accelerometer=accelerometer)
    board.take(values[:4])
    board.take(values[4:])
    [(payload, _)] = board.sent
    step = 128 if accelerometer else 64
    [packet] = Decoder("3.0.2").feed(RECEIVE, payload)
    assert packet.counts.ravel().tolist() == [value // step * step for value in values]
    # BrainFlow's rule says the same: invert a negative field and take two more away
    bits = 18 if accelerometer else 19
    top = 2 ** (bits - 1)
    theirs = [-(2**bits - 1 - field) - 2 if field >= top else field for field in unpack(payload, bits)]
    assert [value * 2 ** (24 - bits) for value in theirs] == packet.counts.ravel().tolist()


@pytest.mark.parametrize("accelerometer", [False, True])
@pytest.mark.parametrize("version", ["3.0.0", "3.0.1", "3.0.2"])
def test_the_sample_that_firmware_3_never_sends_is_no_loss(version, accelerometer):
    sent = counted(version, 10 * 201, accelerometer=accelerometer)
    found = placed(Decoder(version), [payload for payload, _ in sent])
    begun = 0 if version == "3.0.0" else 201  # the first cycle of the others is discarded
    delivered = [i for i in range(begun, 10 * 201) if i % 201 != 200]
    assert found == dict(enumerate(delivered))


@pytest.mark.parametrize("accelerometer", [False, True])
def test_firmware_3_0_2_numbers_its_first_cycle_one_too_low(accelerometer):
    numbers = [payload[0] for payload, _ in counted("3.0.2", 402, accelerometer=accelerometer)]
    first = 0 if accelerometer else 100
    assert numbers == [(first - 1) % 256, *range(first, first + 99), *range(first, first + 100)]


@pytest.mark.parametrize("level", [0, 1, 37, 100, 101])
def test_firmware_3_0_0_that_is_started_again_is_waited_for(level):
    sent = counted("3.0.0", 5 * 201, level=level)
    found = placed(Decoder("3.0.0"), [payload for payload, _ in sent])
    values = list(found.values())
    good = [i for i in range(5 * 201) if i % 201 != 200]
    assert values == good[-len(values) :]  # true samples, from some point on
    assert len(values) >= 390
    assert [index - min(found) for index in found] == list(range(len(found)))  # and no hole


def test_firmware_2_gives_all_but_the_reference():
    sent = counted("2.0.1", 10 * 201)
    assert [payload[0] for payload, _ in sent[:102]] == [0, *range(101, 201), 0]
    found = placed(Decoder("2.0.1"), [payload for payload, _ in sent])
    assert found == dict(enumerate(i for i in range(10 * 201) if i % 201))


def test_errors_of_differences_stay_small(rng):
    walk = np.cumsum(rng.integers(-20_000, 20_000, (4 * 201, 4)), axis=0)
    board = Board("2.0.1")
    for sample in walk.tolist():
        board.take(sample)
    decoder = Decoder("2.0.1")
    worst = 0
    for payload, samples in board.sent:
        for packet in decoder.feed(RECEIVE, payload):
            worst = max(worst, np.abs(packet.counts - walk[list(samples)]).max())
    assert 0 < worst < 60  # of some 10 000 that a typical step has


@pytest.mark.parametrize("version", ["2.0.1", "3.0.0", "3.0.2"])
@given(data=st.data())
def test_real_losses_are_counted_exactly(version, data):
    """Of any length, with a clock; what is delivered is where it belongs, and nothing else is missing."""
    sent = counted(version, 15 * 201)
    lost = set()
    for _ in range(data.draw(st.integers(0, 5))):
        first = data.draw(st.integers(101, len(sent) - 1))  # the first cycle is another test's
        lost |= set(range(first, first + data.draw(st.integers(1, 40) | st.integers(1, 500))))
    known, arrived, gap = False, set(), 0
    for k, (payload, samples) in enumerate(sent):
        if version == "2.0.1":
            if k in lost:
                gap += 1
            else:
                assume(gap == 0 or gap % 101)  # whole turns: the next packet seems to follow
                gap = 0
            # what follows a loss is not known until the next reference, which is not handed on
            known = k not in lost and (known or payload[0] == 0)
            arrived |= set(samples) if known and payload[0] else set()
        elif k not in lost:
            arrived |= set(samples)
    found = placed(Decoder(version), [payload for k, (payload, _) in enumerate(sent) if k not in lost])
    whole = placed(Decoder(version), [payload for payload, _ in sent])
    assert found == {index: i for index, i in whole.items() if i in arrived}


def test_a_lost_first_packet_of_3_0_2_shows_as_two_samples():
    sent = [payload for payload, _ in counted("3.0.2", 5 * 201)]
    found = placed(Decoder("3.0.2"), sent[1:])
    missing = max(found) + 1 - len(found)
    assert missing == 2  # lost where the cycle ends, not where it began; two all the same


def test_samples_after_a_loss_are_never_guessed():
    sent = [payload for payload, _ in counted("2.0.1", 402)]
    decoder = Decoder("2.0.1")
    got = [decoder.feed(RECEIVE, payload) for k, payload in enumerate(sent) if k != 50]
    assert [len(packets) for packets in got] == [0, *[1] * 49, *[0] * 50, 0, *[1] * 100]


def test_without_packet_0_firmware_2_tells_nothing():
    sent = [payload for payload, _ in counted("2.0.1", 3 * 201)]
    decoder = Decoder("2.0.1")
    got = [bool(decoder.feed(RECEIVE, payload)) for k, payload in enumerate(sent) if k not in (0, 101)]
    assert got == [False] * 201 + [True] * 100


def test_what_is_delivered_twice_counts_once():
    for version in ("2.0.1", "3.0.0"):
        sent = [payload for payload, _ in counted(version, 3 * 201)]
        assert placed(Decoder(version), [p for payload in sent for p in (payload, payload)]) == placed(
            Decoder(version), sent
        )


def test_firmware_2_shows_itself_where_the_revision_is_not_known():
    sent = [payload for payload, _ in counted("2.0.1", 402)]
    assert placed(Decoder(""), sent) == placed(Decoder("2.0.1"), sent)


@pytest.mark.parametrize("software", ["3.0.2", "3.0.1"])
def test_the_twin_numbers_its_packets_as_the_board_does(software):
    board = counted(software, 3 * 201)
    unit = Unit(software)
    twin = []
    for k, (_, samples) in enumerate(board):
        twin += unit.encode(2 * k, np.array([sample(i) for i in samples]))
    assert [payload for _, payload in twin] == [payload for payload, _ in board]


def test_the_twin_of_firmware_2_sends_as_the_board_does():
    board = counted("2.0.1", 3 * 201)
    unit, twin, k = Unit("2.0.1"), [], 0
    for payload, samples in board:
        if payload[0]:
            twin += unit.encode(2 * k, np.array([sample(i) for i in samples]))
            k += 1
    assert [payload[0] for _, payload in twin] == [payload[0] for payload, _ in board]
    # the sample between cycles is not known to the twin: those after it are alike, but for its difference
    again = placed(Decoder("2.0.1"), [payload for _, payload in twin])
    assert again == placed(Decoder("2.0.1"), [payload for payload, _ in board])


def test_the_twin_of_firmware_2_is_right_to_some_counts(rng):
    unit, decoder = Unit("2.0.1"), Decoder("2.0.1")
    walk = np.cumsum(rng.integers(-9_000, 9_000, (1000, 4)), axis=0)
    for i in range(0, len(walk), 2):
        [packet] = [p for n in unit.encode(i, walk[i : i + 2]) for p in decoder.feed(*n)]
        assert packet.counter == i % 200
        np.testing.assert_allclose(packet.counts, walk[i : i + 2], atol=60)


def test_rails_of_firmware_2_are_kept(rng):
    """Rounding errors at a rail do not lead beyond it."""
    unit, decoder = Unit("2.0.1"), Decoder("2.0.1")
    counts = np.clip(RAILS[1] - rng.integers(-999, 40_000, (400, 4)), None, RAILS[1])
    for i in range(0, len(counts), 2):
        for notification in unit.encode(i, counts[i : i + 2]):
            for packet in decoder.feed(*notification):
                assert packet.counts.max() < 2**23


@pytest.mark.parametrize("software", ["", "2.0.1", "3.0.0", "3.0.2"])
def test_a_hundred_thousand_payloads_of_garbage(software, rng):
    decoder, refused = Decoder(software), 0
    lengths = rng.choice([0, 1, 7, 19, 20, 20, 20, 20, 20, 20, 21, 60], 100_000)
    stream = rng.bytes(int(lengths.sum()))
    end = 0
    in_order = rng.random(len(lengths)) < 0.5  # as many packets as possible get as far as they can
    for k, length in enumerate(lengths.tolist()):
        payload, end = stream[end : end + length], end + length
        if in_order[k] and length == 20:
            payload = bytes([k % 201]) + payload[1:]
        try:
            packets = decoder.feed(RECEIVE, payload)
        except PacketError:
            refused += 1
            continue
        for packet in packets:
            assert isinstance(packet, Packet)
            assert 0 <= packet.counter < 200
            assert packet.counts.dtype == "<i4"
            assert -(2**23) <= packet.counts.min() <= packet.counts.max() < 2**23
    assert refused > 10_000


@pytest.mark.parametrize(("software", "lowest"), [("2.0.1", 208), ("3.0.0", 208), ("3.0.0", 200)])
def test_numbers_beyond_the_range_are_refused(software, lowest):
    decoder = Decoder(software)
    for payload, _ in counted(software, 20):
        decoder.feed(RECEIVE, payload)
    for number in range(lowest, 256):
        if number not in range(201, 208):
            with pytest.raises(PacketError, match=f"no packet {number}"):
                decoder.feed(RECEIVE, bytes([number]) + bytes(19))


def test_text_and_impedances_hold_no_emg():
    for number in range(201, 208):
        assert Decoder("3.0.2").feed(RECEIVE, bytes([number]) + b"1234Z") == []
        assert Decoder("2.0.1").feed(RECEIVE, bytes([number])) == []


def test_commands():
    unit = Unit()
    assert unit.answer(SEND, b"b") == Answer("start")
    assert unit.answer(SEND, b"b") == Answer()  # it runs already
    stopped = unit.answer(SEND, b"start")  # the first byte counts
    assert stopped.action == "stop"
    assert [Decoder().feed(*notification) for notification in stopped.notifications] == [[]]
    assert unit.answer(SEND, b"bogus") == Answer("start")
    for nothing in (b"", b"v", b"\xff"):
        assert unit.answer(SEND, nothing) == Answer()
    assert unit.answer(DISCONNECT, b"b") == Answer()


def test_nothing_destructive_is_sent():
    sent = [*FAMILY.decoder(Facts()).start(), *FAMILY.stop]
    assert [(write.uuid, write.data) for write in sent] == [(SEND, b"b"), (SEND, b"s")]


@pytest.mark.parametrize("software", ["2.0.1", "3.0.0"])
def test_with_the_accelerometer_packets_have_18_bits(software):
    unit, decoder = Unit(software), Decoder(software)
    unit.answer(SEND, b"n")
    counts = np.array([[12_800, -12_800, 0, 1280], [12_928, -12_928, 128, 1152]])
    notifications = unit.encode(0, counts)
    assert notifications[-1][1][0] in (0, 1)
    [packet] = [p for n in notifications for p in decoder.feed(*n)]
    np.testing.assert_allclose(packet.counts, counts, atol=2)
    unit.answer(SEND, b"N")
    assert unit.encode(2, counts)[0][1][0] in (101, 102)


def test_it_measures_nothing_else():
    assert Unit().encode_reading(Reading("battery_pct", (50.0,))) == []


@pytest.mark.parametrize(
    ("software", "expected"),
    [("3.0.2", False), ("3", False), ("", False), ("2.0.1", True), ("1.1", True), ("v3", True)],
)
def test_the_software_revision_decides(software, expected):
    assert sends_differences(software) is expected


def test_names():
    assert find(Advertisement("Ganglion-1a2b")) is FAMILY
    assert find(Advertisement("Simblee", (SERVICE,))) is FAMILY
    assert find(Advertisement("Simblee")) is None
    assert find(Advertisement("My Ganglion")) is None


def test_scale_is_that_of_the_maker():
    assert FAMILY.scale_known == "known"
    assert FAMILY.scale_uv == pytest.approx(0.00186995, abs=1e-8)
    assert FAMILY.scale_uv * 2**23 == pytest.approx(15686, abs=1)
