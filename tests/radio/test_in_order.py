"""Late and repeated packets, against the order that they were sent in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.radio.in_order import InOrder, Numbered


def packet(first, *, n=10, arrival_ns=0, opens=True):
    return Numbered(first, np.arange(first, first + n)[:, None], arrival_ns, opens=opens)


@given(st.data())
def test_packets_that_are_late_by_up_to_three_come_out_in_order(data):
    order = list(range(40))
    for start in range(1, 37, 5):
        order.insert(start + data.draw(st.integers(0, 3)), order.pop(start))
    in_order = InOrder(late=3)
    out = [ready.first for k in order for ready in in_order.put(packet(10 * k))]
    assert out == list(range(0, 400, 10))
    assert in_order.repeated == 0


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 20)), max_size=60))
def test_no_sample_comes_out_twice(packets):
    in_order = InOrder(late=3)
    out = [ready for first, n in packets for ready in in_order.put(packet(first, n=n))] + in_order.flush()
    indices = [int(i) for ready in out for i in ready.counts[:, 0]]
    assert indices == sorted(set(indices))
    assert all(ready.counts[0, 0] == ready.first for ready in out)
    assert len(indices) + in_order.repeated == sum(n for _, n in packets)


def test_a_packet_that_never_comes_is_waited_for_a_while():
    in_order = InOrder(late=3)
    in_order.put(packet(0))
    assert in_order.put(packet(20, arrival_ns=10**9)) == []
    assert [ready.first for ready in in_order.put(packet(30, arrival_ns=2 * 10**9))] == [20, 30]


def test_a_hole_within_a_notification_is_not_waited_for():
    in_order = InOrder(late=3)
    in_order.put(packet(0))
    assert [ready.first for ready in in_order.put(packet(20, opens=False))] == [20]


def test_without_patience_nothing_waits():
    in_order = InOrder(late=0)
    assert [ready.first for first in (0, 20, 10) for ready in in_order.put(packet(first))] == [0, 20]
    assert in_order.repeated == 10
