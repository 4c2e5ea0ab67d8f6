"""Numbering: whatever is lost, repeated or held up, a sample keeps the index that the sensor gave it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import PacketError
from emgsmr.radio.assembler import Assembler
from emgsmr.sensors import FAMILIES, Facts, npg_lite

COUNTED = ("npg_lite", "umyo")  # one notification for each packet, and a counter that is not short
START_NS = 10**9


def notifications(family, n_packets, *, late_s=0.02):
    """(arrival, uuid, payload, first index) of packets whose counts are their sample's index, in order."""
    n, channels = family.samples_per_packet, family.channel_counts[0]
    for packet in range(n_packets):
        first = packet * n
        index = (np.arange(first, first + n)[:, None] + np.zeros(channels, dtype=int)) % 4096
        [(uuid, payload)] = family.unit(Facts()).encode(first, index.astype(np.int16))
        arrival_s = (first + n) / family.rate_hz + late_s
        yield START_NS + round(arrival_s * 1e9), uuid, payload, first


def numbered(blocks):
    """First index of each block; every sample must carry its own index."""
    for block in blocks:
        assert np.array_equal(block.counts[:, 0], np.arange(block.first_index, block.end_index) % 4096)
    return [block.first_index for block in blocks]


def feed(assembler, arrival, uuid, payload):
    """Take a notification."""
    try:
        packets = assembler.family.decoder(Facts()).feed(uuid, payload)
    except PacketError as error:
        assembler.refuse(error)
        return []
    return assembler.take(arrival, packets)


def feed_all(assembler, packets):
    blocks = [
        block for arrival, uuid, payload, _ in packets for block in feed(assembler, arrival, uuid, payload)
    ]
    return blocks + assembler.flush()


@pytest.mark.parametrize("key", COUNTED)
@given(data=st.data())
def test_loss_and_repetition_are_known_to_the_sample(key, data):
    family = FAMILIES[key]
    sent = list(notifications(family, 120))
    kept = data.draw(st.lists(st.sampled_from([0, 1, 1, 1, 1, 2]), min_size=119, max_size=119))
    received = [sent[0]]
    for packet, times in zip(sent[1:], kept, strict=True):
        received += [packet] * times
    assembler = Assembler(1, family)
    firsts = numbered(feed_all(assembler, received))
    expected = [packet[3] for packet, times in zip(sent, [1, *kept], strict=True) if times]
    assert firsts == expected
    n = family.samples_per_packet
    assert assembler.samples == n * len(expected)
    assert assembler.missing == expected[-1] + n - assembler.samples
    assert assembler.repeated == n * sum(times == 2 for times in kept)


@pytest.mark.parametrize("key", COUNTED)
@pytest.mark.parametrize("n_lost", [1, 25, 26, 51, 52, 77, 95])
def test_gaps_longer_than_the_counters_range(key, n_lost):
    family = FAMILIES[key]
    sent = list(notifications(family, 300))
    del sent[100 : 100 + n_lost]
    assembler = Assembler(1, family)
    assert numbered(feed_all(assembler, sent)) == [packet[3] for packet in sent]
    assert assembler.missing == n_lost * family.samples_per_packet


@pytest.mark.parametrize("stall_s", [0.3, 1.0, 5.0])
def test_a_stall_that_loses_nothing_is_no_gap(stall_s):
    family = FAMILIES["npg_lite"]
    sent = list(notifications(family, 600))
    begin, end = sent[100][0], sent[100][0] + round(stall_s * 1e9)
    received = [(end if begin <= arrival < end else arrival, *rest) for arrival, *rest in sent]
    assembler = Assembler(1, family)
    assert numbered(feed_all(assembler, received)) == [packet[3] for packet in sent]
    assert assembler.missing == 0


def test_a_stall_that_also_loses_is_counted():
    family = FAMILIES["npg_lite"]
    sent = list(notifications(family, 600))
    begin, end = sent[100][0], sent[100][0] + 2 * 10**9
    received = [(end if begin <= arrival < end else arrival, *rest) for arrival, *rest in sent]
    del received[100:160]
    assembler = Assembler(1, family)
    assert numbered(feed_all(assembler, received)) == [packet[3] for packet in received]
    assert assembler.missing == 600


def test_what_a_stall_holds_back_comes_with_the_flush():
    family = FAMILIES["npg_lite"]
    sent = list(notifications(family, 200))
    assembler = Assembler(1, family)
    for arrival, uuid, payload, _ in sent[:100]:
        feed(assembler, arrival, uuid, payload)
    arrival, uuid, payload, first = sent[150]
    assert feed(assembler, arrival, uuid, payload) == []
    assert numbered(assembler.flush()) == [first]


@pytest.mark.parametrize("arrived_at", [0, 3])
def test_the_first_sample_of_a_counter_that_starts_at_zero(arrived_at):
    sent = list(notifications(npg_lite.FAMILY, 10))
    assembler = Assembler(1, npg_lite.FAMILY)
    assert numbered(feed_all(assembler, sent[arrived_at:]))[0] == 10 * arrived_at
    assert assembler.missing == 10 * arrived_at


def test_a_counter_that_has_been_running_starts_at_index_zero():
    family = FAMILIES["umyo"]
    sent = list(notifications(family, 50))[40:]
    assembler = Assembler(1, family)
    blocks = feed_all(assembler, sent)
    assert blocks[0].first_index == 0
    assert blocks[-1].end_index == 10 * 24


@pytest.mark.parametrize("away_s", [0.7, 3.0, 300.0])
def test_after_a_reconnection_the_gap_is_as_long_as_the_clock_says(away_s):
    family = FAMILIES["npg_lite"]
    before = list(notifications(family, 100))
    after = [(arrival + round((2.0 + away_s) * 1e9), *rest) for arrival, *rest in notifications(family, 100)]
    assembler = Assembler(1, family)
    feed_all(assembler, before)
    assembler.restart()
    blocks = feed_all(assembler, after)
    assert blocks[0].first_index == 1000 + round(away_s * 500)
    assert assembler.missing == round(away_s * 500)
    assert [b.first_index - blocks[0].first_index for b in blocks] == [p[3] for p in after]


def test_a_counter_that_went_on_tells_the_gap_exactly():
    family = FAMILIES["umyo"]
    sent = list(notifications(family, 4000))
    assembler = Assembler(1, family)
    feed_all(assembler, sent[:100])
    assembler.restart()
    late = [(arrival + 30_000_000, *rest) for arrival, *rest in sent[3000:]]
    assert numbered(feed_all(assembler, late)) == [packet[3] for packet in late]


def test_a_counter_that_began_again_although_it_should_not():
    family = FAMILIES["umyo"]
    before = list(notifications(family, 2000))
    shift_ns = before[-1][0] - START_NS + 3 * 10**9
    after = [(arrival + shift_ns, *rest) for arrival, *rest in notifications(family, 10)]
    assembler = Assembler(1, family)
    feed_all(assembler, before)
    assembler.restart()
    first = feed_all(assembler, after)[0].first_index
    assert first == pytest.approx(48000 + 3 * 1116, abs=25)


def test_a_restart_before_anything_came_changes_nothing():
    assembler = Assembler(1, npg_lite.FAMILY)
    assert assembler.restart() == []
    assert numbered(feed_all(assembler, notifications(npg_lite.FAMILY, 5))) == [0, 10, 20, 30, 40]


def test_bytes_that_are_no_packet_are_counted_and_left_out():
    assembler = Assembler(1, npg_lite.FAMILY)
    assert feed(assembler, START_NS, npg_lite.DATA, b"\1\2\3") == []
    assert (assembler.refused, assembler.samples) == (1, 0)
    assert isinstance(assembler.last_error, PacketError)


def test_a_packet_with_other_channels_is_refused():
    assembler = Assembler(1, npg_lite.FAMILY)
    three, six = (npg_lite.encode(0, np.zeros((10, n), dtype=np.int16)) for n in (3, 6))
    assert len(feed(assembler, START_NS, *three)) == 1
    assert feed(assembler, START_NS + 20_000_000, six[0], bytes([10, *six[1][1:]])) == []
    assert "6 channels" in str(assembler.last_error)


def test_arrivals_belong_to_the_last_sample_of_a_notification():
    uuid, payload = npg_lite.encode(0, np.zeros((10, 3), dtype=np.int16))
    jumped = bytearray(payload)
    for sample in range(5, 10):
        jumped[7 * sample] += 20  # the sensor itself dropped 20 samples within the notification
    first, second = feed(Assembler(1, npg_lite.FAMILY), START_NS, uuid, bytes(jumped))
    assert (first.first_index, first.end_index, first.arrivals.tolist()) == (0, 5, [])
    assert (second.first_index, second.arrivals.tolist()) == (25, [[30, START_NS]])
