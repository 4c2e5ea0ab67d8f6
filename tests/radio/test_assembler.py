"""Numbering: whatever is lost, repeated, held up or out of order, a sample keeps its index.

The packets come from `arrivals.py`: the counts of each sample are its own number.
"""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from emgsmr.errors import PacketError
from emgsmr.radio.assembler import Assembler
from emgsmr.sensors import Packet
from emgsmr.sensors.counter import Numbering

LONG = [
    "umyo",
    "npg_lite",
    "ganglion",
    "gforce_numbered",
    "shimmer",
]  # a turn is longer than a radio's delays
SHORT = ["bitalino", "bitalino_2", "bitalino_whole", "myo"]
COUNTING = [*LONG, *SHORT]
INTERVALS = st.integers(6, 36).map(lambda units: 0.00125 * units)
NPG_LITE = Numbering(500.0, 256, restarts=True, rate_tolerance=1e-3)


def take_all(assembler, received):
    blocks = [block for arrival_ns, packets, *_ in received for block in assembler.take(arrival_ns, packets)]
    return blocks + assembler.flush()


def misplaced(blocks):
    """Samples that do not have their own number."""
    indices = [np.arange(block.first_index, block.end_index) for block in blocks]
    return sum(int((block.counts[:, 0] != index).sum()) for block, index in zip(blocks, indices, strict=True))


def delivered(received):
    return sum(len(packet.counts) for _, packets, *_ in received for packet in packets)


def said_missing(assembler):
    return assembler.missing if assembler.numbering.certain else assembler.possibly_missing


def check(assembler, blocks, received, true):
    """All that came was handed on, once, in order, and the rest is known to be missing."""
    assert said_missing(assembler) == true
    assert assembler.samples == sum(block.n for block in blocks) == delivered(received)
    assert all(a.end_index <= b.first_index for a, b in pairwise(blocks))
    assert assembler.end_index == blocks[-1].end_index
    assert (assembler.repeated, assembler.refused, assembler.estimated_missing) == (0, 0, 0)


def test_all_kinds_are_tested(arrivals):
    assert {*COUNTING, "gforce"} == set(arrivals.KINDS)


# -- losses ---


@pytest.mark.parametrize("key", LONG)
@settings(max_examples=8, phases=[Phase.generate])
@given(
    seed=st.integers(0, 2**32),
    interval_s=INTERVALS,
    singles=st.sampled_from([0.0, 0.01, 0.1]),
    gaps=st.lists(st.tuples(st.floats(1, 24), st.floats(0.02, 5)), max_size=3),
    stalls=st.lists(st.tuples(st.floats(1, 18), st.floats(0.1, 5)), max_size=2),
)
def test_any_loss_is_counted_exactly(arrivals, key, seed, interval_s, singles, gaps, stalls):
    stalls = [(begin_s, begin_s + length_s) for begin_s, length_s in stalls]
    radio = arrivals.Radio(arrivals.KINDS[key], seed, interval_s=interval_s, stalls=stalls)
    sent = radio.sent(26.0)
    lost = arrivals.singles_and_gaps(sent, random.Random(seed), singles=singles, gaps_s=[])
    for begin_s, length_s in gaps:
        lost |= {k for k, notification in enumerate(sent) if begin_s <= notification.t_s < begin_s + length_s}
    received = radio.received(sent, lost - {0})
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, received)
    check(assembler, blocks, received, arrivals.truly_missing(received))
    overlap = any(b < e and b + n > s for b, n in gaps for s, e in stalls)
    if not overlap and len(gaps) < 2:  # within a burst only the number is known, not the place
        assert misplaced(blocks) == 0


@pytest.mark.parametrize("key", SHORT)
@settings(max_examples=8, phases=[Phase.generate])
@given(
    seed=st.integers(0, 2**32), interval_s=INTERVALS, gap_s=st.floats(0.0, 5.0), stall_s=st.floats(0.1, 5.0)
)
def test_a_counter_of_a_few_milliseconds_is_counted_with_the_clock(
    arrivals, key, seed, interval_s, gap_s, stall_s
):
    radio = arrivals.Radio(arrivals.KINDS[key], seed, interval_s=interval_s, stalls=[(18.0, 18.0 + stall_s)])
    sent = radio.sent(26.0)
    lost = arrivals.singles_and_gaps(sent, random.Random(seed), singles=0.005, gaps_s=[])
    lost |= {k for k, notification in enumerate(sent) if 8.0 <= notification.t_s < 8.0 + gap_s}
    received = radio.received(sent, {k for k in lost if 1.0 < sent[k].t_s < 25.0})
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, received)
    check(assembler, blocks, received, arrivals.truly_missing(received))


@pytest.mark.parametrize("key", [*COUNTING, "gforce"])
@pytest.mark.parametrize("stall_s", [0.3, 1.0, 5.0])
def test_a_stall_that_loses_nothing_is_no_gap(arrivals, key, stall_s):
    radio = arrivals.Radio(arrivals.KINDS[key], 1, interval_s=0.045, stalls=[(4.0, 4.0 + stall_s)])
    received = radio.received(radio.sent(12.0), set())
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, received)
    check(assembler, blocks, received, 0)
    assert misplaced(blocks) == assembler.missing == assembler.possibly_missing == 0


@pytest.mark.parametrize("key", LONG)
@pytest.mark.parametrize("length_s", [0.02, 0.25, 0.5, 0.512, 0.53, 1.0, 1.02, 5.0])
def test_gaps_longer_than_the_counters_range(arrivals, key, length_s):
    radio = arrivals.Radio(arrivals.KINDS[key], 3, interval_s=0.02)
    sent = radio.sent(10.0)
    lost = {k for k, notification in enumerate(sent) if 3.0 <= notification.t_s < 3.0 + length_s}
    received = radio.received(sent, lost)
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, received)
    check(assembler, blocks, received, arrivals.truly_missing(received))
    assert misplaced(blocks) == 0


@pytest.mark.parametrize("key", ["npg_lite", "bitalino_whole", "gforce"])
def test_the_same_packets_give_the_same_blocks(arrivals, key):
    radio = arrivals.Radio(arrivals.KINDS[key], 5, stalls=[(3.0, 4.0)])
    sent = radio.sent(10.0)
    lost = arrivals.singles_and_gaps(sent, random.Random(5), singles=0.02, gaps_s=[1.0])
    received = radio.received(sent, lost)
    once, again = (take_all(Assembler(1, radio.kind.numbering), received) for _ in range(2))
    assert [(b.first_index, b.arrivals.tolist()) for b in once] == [
        (b.first_index, b.arrivals.tolist()) for b in again
    ]


# -- what waits, and how long ---


@pytest.mark.parametrize("key", [*LONG, "gforce"])
def test_nothing_waits_without_a_reason(arrivals, key):
    radio = arrivals.Radio(arrivals.KINDS[key], 2, interval_s=0.045)
    assembler = Assembler(1, radio.kind.numbering)
    for arrival_ns, packets, _ in radio.received(radio.sent(30.0), set()):
        assert [block.n for block in assembler.take(arrival_ns, packets)] == [len(packets[0].counts)]


@pytest.mark.parametrize("key", ["bitalino", "bitalino_2", "myo"])
def test_a_short_counter_waits_for_the_end_of_a_connection_event(arrivals, key):
    radio = arrivals.Radio(arrivals.KINDS[key], 2, interval_s=0.045)
    assembler = Assembler(1, radio.kind.numbering)
    waits_s = [
        (arrival_ns - int(block.arrivals[-1, 1])) / 1e9
        for arrival_ns, packets, _ in radio.received(radio.sent(30.0), set())
        for block in assembler.take(arrival_ns, packets)
    ]
    assert max(waits_s) < 0.05
    assert sorted(waits_s)[int(0.99 * len(waits_s))] < 0.002


@pytest.mark.parametrize("key", ["umyo", "shimmer", "gforce_numbered"])
def test_a_long_counter_waits_for_late_packets_only(arrivals, key):
    radio = arrivals.Radio(arrivals.KINDS[key], 2)
    sent = radio.sent(20.0)
    lost = arrivals.singles_and_gaps(sent, random.Random(2), singles=0.05, gaps_s=[3.0])
    received = radio.received(sent, lost)
    assembler = Assembler(1, radio.kind.numbering)
    places = {k: place for place, (_, _, k) in enumerate(received)}
    by_first = {sent[k].first: place for k, place in places.items()}
    for place, (arrival_ns, packets, _) in enumerate(received):
        for block in assembler.take(arrival_ns, packets):
            assert place - by_first[block.first_index] <= radio.kind.numbering.late_packets


@pytest.mark.parametrize("hole", [97, 92])
def test_a_gap_after_which_the_counter_fits_an_earlier_hole(hole):
    received = steady(400)
    first = hole + 128  # 1280 samples, five turns
    assembler = Assembler(1, NPG_LITE)
    blocks = take_all(assembler, received[:hole] + received[hole + 1 : 100] + received[first:])
    assert misplaced(blocks) == 0
    assert assembler.missing == 10 * (1 + first - 100)


def test_what_a_stall_holds_back_comes_with_the_flush():
    assembler = Assembler(1, NPG_LITE)
    received = steady(150)
    take_all(assembler, received[:100])
    arrival_ns, packets = received[149]
    assert assembler.take(arrival_ns, packets) == []
    assert [block.first_index for block in assembler.flush()] == [1490]


# -- repeated, late and senseless packets ---


def steady(n_packets, *, numbering=NPG_LITE, n=10, late_s=0.02, start_ns=10**9):
    """(arrival, packets), each as late as the others."""
    received = []
    for packet in range(n_packets):
        counts = np.arange(packet * n, packet * n + n, dtype=np.int32)[:, None]
        counter = None if numbering.modulus is None else packet * n % numbering.modulus
        arrival_ns = start_ns + round((packet * n + n) / numbering.rate_hz * 1e9 + late_s * 1e9)
        received.append((arrival_ns, [Packet(counter, counts)]))
    return received


@pytest.mark.parametrize("key", [*COUNTING, "gforce"])
def test_notifications_that_come_twice_count_once(arrivals, key):
    radio = arrivals.Radio(arrivals.KINDS[key], 4)
    received = radio.received(radio.sent(10.0), set())
    twice = [
        (ns + extra, [Packet(p.counter, p.counts.copy()) for p in packets], k)
        for ns, packets, k in received
        for extra in (0, 10_000)
    ]
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, twice)
    assert misplaced(blocks) == said_missing(assembler) == 0
    assert assembler.samples == assembler.repeated == delivered(received)


@pytest.mark.parametrize("key", LONG)
@settings(max_examples=20, phases=[Phase.generate])
@given(data=st.data())
def test_late_and_repeated_packets_find_their_place(arrivals, key, data):
    radio = arrivals.Radio(arrivals.KINDS[key], data.draw(st.integers(0, 1000)))
    received = radio.received(radio.sent(4.0), set())
    arrived = [ns for ns, *_ in received]
    order = list(range(len(received)))
    for k in data.draw(st.sets(st.integers(1, len(order) // 8 - 1), max_size=8)):
        late = data.draw(st.integers(1, 3))
        order.insert(8 * k + late, order.pop(8 * k))
    again = data.draw(st.sets(st.sampled_from(order), max_size=10))
    shuffled = [received[i] for i in order for _ in range(2 if i in again else 1)]
    # they come when they come: arrival times stay in order
    shuffled = [(arrived[min(i, len(arrived) - 1)], packets) for i, (_, packets, _) in enumerate(shuffled)]
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, shuffled)
    assert misplaced(blocks) == assembler.missing == assembler.refused == 0
    assert assembler.samples == delivered(received)
    assert assembler.repeated == sum(len(received[i][1][0].counts) for i in again)


@pytest.mark.parametrize("wild", [2**31, 2**20, 2**32 - 5000])
def test_a_wild_counter_makes_no_gap(wild):
    umyo = Numbering(1116.0, 2**32)
    received = steady(200, numbering=umyo, n=24)
    ns, [packet] = received[100]
    received[100] = (ns, [Packet((packet.counter + wild) % 2**32, packet.counts)])
    assembler = Assembler(1, umyo)
    blocks = take_all(assembler, received)
    assert misplaced(blocks) == 0
    assert (assembler.missing, assembler.refused) == (24, 1)
    assert "does not fit the time" in str(assembler.last_error)


def test_a_sensor_that_counts_anew_by_itself_is_numbered_by_the_clock():
    umyo = Numbering(1116.0, 2**32)
    first = steady(500, numbering=umyo, n=24)
    again = steady(100, numbering=umyo, n=24, start_ns=first[-1][0] + 2 * 10**9)
    assembler = Assembler(1, umyo)
    take_all(assembler, first)
    blocks = take_all(assembler, again)
    assert assembler.missing == assembler.estimated_missing == pytest.approx(2.02 * 1116, abs=5)
    assert assembler.samples == 600 * 24
    assert len({block.first_index - int(block.counts[0, 0]) for block in blocks}) == 1


def test_a_counter_that_starts_again_unannounced():
    first, again = steady(100), steady(100, start_ns=10**9 + 2 * 10**9)
    for cut in (93, 96, 98, 100):  # from where its jump looks like a loss, like an old packet, like nothing
        assembler = Assembler(1, NPG_LITE)
        take_all(assembler, first[:cut])
        take_all(assembler, again)
        assert assembler.end_index == pytest.approx(2000, abs=50)  # 0.1 s


def test_samples_from_long_before_the_start_are_no_gap():
    umyo = Numbering(1116.0, 2**32)
    old = [(10**9 + k, packets) for k, (_, packets) in enumerate(steady(10, numbering=umyo, n=24))]
    new = [(ns, [Packet(p.counter + 10**6, p.counts)]) for ns, [p] in steady(100, numbering=umyo, n=24)]
    assembler = Assembler(1, umyo)
    take_all(assembler, old + new)
    assert assembler.samples == 110 * 24
    assert assembler.missing < 0.3 * 1116


# -- the start ---


@pytest.mark.parametrize("arrived_at", [0, 3, 12])
def test_the_first_sample_of_a_counter_that_starts_at_zero(arrived_at):
    assembler = Assembler(1, NPG_LITE)
    blocks = take_all(assembler, steady(30)[arrived_at:])
    assert blocks[0].first_index == assembler.missing == 10 * arrived_at
    assert misplaced(blocks) == 0


def test_a_counter_that_has_been_running_starts_at_index_zero():
    umyo = Numbering(1116.0, 2**32)
    blocks = take_all(Assembler(1, umyo), steady(50, numbering=umyo, n=24)[40:])
    assert (blocks[0].first_index, blocks[-1].end_index) == (0, 240)


# -- a new link ---


@pytest.mark.parametrize("key", ["npg_lite", "ganglion", "bitalino", "gforce_numbered", "gforce", "myo"])
@pytest.mark.parametrize("away_s", [0.7, 3.0, 300.0])
def test_after_a_new_link_the_gap_is_as_long_as_the_clock_says(arrivals, key, away_s):
    kind = arrivals.KINDS[key]
    radio = arrivals.Radio(kind, 6, missed_events=0.0)
    before = radio.received(radio.sent(60.0), set())
    resumes = 60.0 + away_s
    later = arrivals.Radio(kind, 6, missed_events=0.0)  # it counts from 0 and is the same sensor
    after = [
        (ns + round(resumes * 1e9), packets, k) for ns, packets, k in later.received(later.sent(5.0), set())
    ]
    assembler = Assembler(1, kind.numbering)
    take_all(assembler, before)
    end = assembler.end_index
    assert assembler.restart() == []
    blocks = take_all(assembler, after)
    expected = resumes * radio.rate_hz - end
    tolerance = 0.025 * radio.rate_hz + away_s * radio.rate_hz * 3e-4
    assert assembler.missing == assembler.estimated_missing == pytest.approx(expected, abs=tolerance)
    assert blocks[0].first_index == end + assembler.missing
    assert len({block.first_index - int(block.counts[0, 0]) for block in blocks}) == 1


def test_a_counter_that_went_on_tells_the_gap_exactly():
    umyo = Numbering(1116.0, 2**32)
    received = steady(4000, numbering=umyo, n=24)
    assembler = Assembler(1, umyo)
    take_all(assembler, received[:100])
    assembler.restart()
    late = [(arrival_ns + 30_000_000, packets) for arrival_ns, packets in received[3000:]]
    assert len(assembler.take(*late[0])) == 0  # it waits for those that may be late, and for nothing else
    blocks = [block for item in late[1:4] for block in assembler.take(*item)]
    assert [block.first_index for block in blocks] == [72000, 72024, 72048, 72072]
    assert (assembler.missing, assembler.estimated_missing) == (2900 * 24, 0)


def test_samples_that_were_kept_while_the_link_was_down_have_their_place():
    umyo = Numbering(1116.0, 2**32)
    received = steady(1000, numbering=umyo, n=24)
    assembler = Assembler(1, umyo)
    take_all(assembler, received[:100])
    assembler.restart()
    back_ns = received[300][0]
    late = [(back_ns + k, packets) for k, (_, packets) in enumerate(received[100:110])] + received[300:]
    assert misplaced(take_all(assembler, late)) == 0
    assert (assembler.missing, assembler.estimated_missing) == (190 * 24, 0)


def test_a_counter_that_began_again_although_it_should_not():
    umyo = Numbering(1116.0, 2**32)
    before = steady(2000, numbering=umyo, n=24)
    after = steady(40, numbering=umyo, n=24, start_ns=before[-1][0] + 3 * 10**9 - 20_000_000)
    assembler = Assembler(1, umyo)
    take_all(assembler, before)
    assembler.restart()
    first = take_all(assembler, after)[0].first_index
    assert first == pytest.approx(48000 + 3 * 1116, abs=5)
    assert assembler.estimated_missing == assembler.missing


def test_a_new_link_before_anything_came_changes_nothing():
    assembler = Assembler(1, NPG_LITE)
    assert assembler.restart() == []
    assert [block.first_index for block in take_all(assembler, steady(5))] == [0, 10, 20, 30, 40]


# -- a sensor that does not count ---


@pytest.mark.parametrize("pause_s", [0.5, 2.0, 5.0])
def test_a_pause_without_a_counter_is_possible_loss(arrivals, pause_s):
    radio = arrivals.Radio(arrivals.KINDS["gforce"], 7)
    sent = radio.sent(30.0)
    lost = {k for k, notification in enumerate(sent) if 10.0 <= notification.t_s < 10.0 + pause_s}
    received = radio.received(sent, lost)
    assembler = Assembler(1, radio.kind.numbering)
    blocks = take_all(assembler, received)
    true = arrivals.truly_missing(received)
    assert assembler.possibly_missing == pytest.approx(true, abs=16)  # a packet
    assert assembler.missing == 0
    assert misplaced(blocks) in (
        0,
        sum(block.n for block in blocks if block.counts[0, 0] > sent[min(lost)].first),
    )


def test_single_losses_without_a_counter_show_in_the_rate_alone(arrivals):
    radio = arrivals.Radio(arrivals.KINDS["gforce"], 8)
    sent = radio.sent(120.0)
    for singles, seen in ((0.004, False), (0.1, True)):
        lost = arrivals.singles_and_gaps(sent, random.Random(8), singles=singles, gaps_s=[])
        assembler = Assembler(1, radio.kind.numbering)
        received = radio.received(sent, lost)
        take_all(assembler, received)
        true = arrivals.truly_missing(received)
        assert assembler.missing == 0
        assert (assembler.possibly_missing > 0) == seen
        assert assembler.possibly_missing <= true


def test_hints_that_the_clock_denies_are_none():
    myo = Numbering(200.0, 8, certain=False, rate_tolerance=0.01)
    rng = random.Random(9)
    received = [
        (ns, [Packet(2 * rng.randrange(4), packet.counts)])
        for ns, [packet] in steady(3000, numbering=myo, n=2, late_s=0.0)
    ]
    assembler = Assembler(1, myo)
    take_all(assembler, received)
    assert assembler.missing == 0
    assert assembler.end_index <= 6000 + 200  # it is not believed for long


# -- packets ---


def test_bytes_that_are_no_packet_are_counted():
    assembler = Assembler(1, NPG_LITE)
    error = PacketError("three bytes are no packet")
    assembler.refuse(error)
    assert (assembler.refused, assembler.samples, assembler.last_error) == (1, 0, error)


def test_a_packet_with_other_channels_is_refused():
    assembler = Assembler(1, NPG_LITE)
    three, six = (np.zeros((10, n), dtype=np.int16) for n in (3, 6))
    assert len(assembler.take(10**9, [Packet(0, three)])) == 1
    assert assembler.take(10**9 + 20_000_000, [Packet(10, six)]) == []
    assert "6 channels" in str(assembler.last_error)
    assert assembler.channels == 3


def test_arrivals_belong_to_the_last_sample_of_a_notification():
    counts = np.zeros((10, 3), dtype=np.int16)
    packets = [Packet(0, counts[:5]), Packet(25, counts[5:])]  # the sensor dropped 20 within a notification
    first, second = Assembler(1, NPG_LITE).take(10**9, packets)
    assert (first.first_index, first.end_index, first.arrivals.tolist()) == (0, 5, [])
    assert (second.first_index, second.arrivals.tolist()) == (25, [[30, 10**9]])


def test_a_notification_without_packets_is_nothing():
    assembler = Assembler(1, NPG_LITE)
    assert assembler.take(10**9, []) == []
    assert assembler.take(10**9, []) == []
    assert (assembler.samples, assembler.repeated, assembler.end_index) == (0, 0, 0)


@pytest.mark.parametrize("before_s", [0.0, 0.2, 0.4, 1.0, 3.0])
@pytest.mark.parametrize("after_s", [0.0, 0.4, 3.0])
def test_a_counter_that_went_on_tells_the_outage_whatever_the_delays_were(before_s, after_s):
    """A busy host stamps late before the link is lost, or after it is back; the counter knows better."""
    umyo = Numbering(1116.0, 2**32)
    assembler, lost, blocks = Assembler(1, umyo), 140, []
    random_ = random.Random(1)
    last_ns = 0
    for k in (*range(500), *range(500 + lost, 800 + lost)):
        if k == 500 + lost:
            blocks += assembler.restart()
        late_s = (before_s if k < 500 else after_s) + random_.uniform(0, 0.03)
        last_ns = max(last_ns + 20_000, round(((k + 1) * 24 / 1116 + late_s) * 1e9))
        counts = np.arange(24 * k, 24 * (k + 1), dtype=np.int32)[:, None]
        blocks += assembler.take(last_ns, [Packet(24 * k, counts)])
    blocks += assembler.flush()
    assert misplaced(blocks) == 0
    assert assembler.missing == 24 * lost
    assert assembler.estimated_missing == assembler.refused == 0
