"""What holds for every family: the codec is its own inverse, garbage is refused, it declares itself."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors import FAMILIES, Advertisement, find

EACH = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEGAL = {"npg_lite": {7, 13, 70, 130}, "umyo": {20, 26, 27, 36, 52, 53, 60, 61}}


@EACH
@given(data=st.data())
def test_what_is_encoded_is_decoded(family, data):
    channels = data.draw(st.sampled_from(family.channel_counts))
    n = family.samples_per_packet
    near_wrap = family.counter_modulus * data.draw(st.integers(1, 3)) + data.draw(st.integers(-2 * n, 2 * n))
    index = data.draw(st.one_of(st.integers(0, 2**40), st.just(near_wrap)))
    values = st.integers(*family.rails)
    counts = np.array(
        data.draw(st.lists(values, min_size=n * channels, max_size=n * channels)), dtype=family.dtype
    ).reshape(n, channels)
    uuid, payload = family.encode(index, counts)
    assert uuid in family.notify_uuids
    assert len(payload) + 3 <= family.min_mtu
    [packet] = family.decode(uuid.upper(), payload)
    assert packet.counter == index % family.counter_modulus
    np.testing.assert_array_equal(packet.counts, counts)


@EACH
def test_channels_are_not_mixed_up(family):
    for channels in family.channel_counts:
        counts = np.arange(family.samples_per_packet * channels).reshape(-1, channels)
        [packet] = family.decode(*family.encode(0, counts))
        np.testing.assert_array_equal(packet.counts, counts)


def garbage(family, payload):
    """Decode what may be anything; return whether it was refused."""
    try:
        packets = family.decode(family.notify_uuids[0], payload)
    except PacketError:
        return True
    for packet in packets:
        assert 0 <= packet.counter < family.counter_modulus
        assert packet.counts.ndim == 2
        assert packet.counts.shape[1] in family.channel_counts
    assert sum(len(packet.counts) for packet in packets) <= family.samples_per_packet
    return False


@EACH
def test_garbage_of_every_length_is_refused_or_is_a_packet(family, rng):
    for n_bytes in range(301):
        for top in (1, 16, 256):
            for _ in range(5):
                payload = bytes(
                    rng.integers(0, top, n_bytes, dtype=np.uint8 if top < 256 else np.uint16).tolist()
                )
                assert garbage(family, payload) or n_bytes in LEGAL[family.key]


@EACH
@given(data=st.data())
def test_garbage_of_legal_length_does_no_harm(family, data):
    n_bytes = data.draw(st.sampled_from(sorted(LEGAL[family.key])))
    garbage(family, data.draw(st.binary(min_size=n_bytes, max_size=n_bytes)))


@EACH
def test_other_characteristics_are_refused(family):
    with pytest.raises(PacketError, match="characteristic"):
        family.decode("00002a19-0000-1000-8000-00805f9b34fb", b"\x10")


@EACH
def test_wrong_arrays_are_not_encoded(family):
    n, channels = family.samples_per_packet, family.channel_counts[0]
    for shape in ((n + 1, channels), (n, channels + 7), (n,), (0, channels)):
        with pytest.raises(ArgumentError, match="packet holds"):
            family.encode(0, np.zeros(shape, dtype=np.int16))
    for value in (family.rails[0] - 1, family.rails[1] + 1):
        with pytest.raises(ArgumentError, match="counts from"):
            family.encode(0, np.full((n, channels), value))


@EACH
def test_arguments_are_left_alone(family):
    counts = np.ones((family.samples_per_packet, family.channel_counts[0]), dtype=np.int16)
    payload = bytearray(family.encode(5, counts)[1])
    before = bytes(payload)
    family.decode(family.notify_uuids[0], bytes(payload))
    assert (counts == 1).all()
    assert payload == before


@EACH
def test_declarations_fit_together(family):
    assert FAMILIES[family.key] is family
    characteristics = {c.uuid: c for group in family.services.values() for c in group}
    assert all(UUID.fullmatch(uuid) for uuid in (*family.services, *characteristics))
    for uuid in family.notify_uuids:
        assert "notify" in characteristics[uuid].properties
    for uuid in family.required_uuids:
        assert uuid in characteristics
    for write in (*family.start, *family.stop):
        assert "write" in characteristics[write.uuid].properties
    if family.battery_uuid is not None:
        assert "read" in characteristics[family.battery_uuid].properties
    assert bool(family.start) != family.starts_on_subscribe
    assert family.rails == (0, 2**family.bits - 1)
    assert np.iinfo(family.dtype).max >= family.rails[1]
    assert family.rate_hz >= 200
    assert family.can
    assert family.cannot
    assert family.scale_note


@EACH
def test_commands_are_understood_by_the_twin(family):
    for writes, effect in ((family.start, "start"), (family.stop, "stop")):
        for write in writes:
            assert family.answer(write.uuid, write.data)[0] == effect


@EACH
@pytest.mark.parametrize("battery", [0, 1, 50, 99, 100])
def test_a_twin_is_found_as_what_it_is(family, battery):
    for channels in family.channel_counts:
        for name in ("", {"npg_lite": "NPG-THL", "umyo": "uMyo-GMAX-L"}[family.key]):
            advertisement = family.advertise(name, channels, battery)
            assert find(advertisement) is family
            assert family.battery_pct(advertisement) in (None, battery)


@given(st.text(max_size=30) | st.none(), st.binary(max_size=31))
def test_any_advertisement_can_be_judged(name, manufacturer):
    advertisement = Advertisement(name, (), manufacturer)
    family = find(advertisement)
    if family is not None:
        level = family.battery_pct(advertisement)
        assert level is None or 0 <= level <= 100


@pytest.mark.parametrize(
    "advertisement",
    [
        Advertisement(None),
        Advertisement(""),
        Advertisement("Polar H10 1234", ("0000180d-0000-1000-8000-00805f9b34fb",)),
        Advertisement("My NPG"),
        Advertisement(None, (), bytes(15)),  # a beacon without a name
        Advertisement("Thermometer", (), bytes(15)),  # longer than the seven characters of a uMyo
        Advertisement("L-Forea", (), bytes(14)),
        Advertisement("uMyo v2", (), bytes(15)),  # firmware that cannot be connected
    ],
)
def test_others_are_not_taken_for_a_sensor(advertisement):
    assert find(advertisement) is None
