"""What holds for every family: the codec is its own inverse, garbage is refused, it declares itself."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors import DEVICES, FAMILIES, Advertisement, Facts, Packet, find, gforce_protocol, is_kind

EACH = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
EACH_DEVICE = pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def emg(found):
    """Only the packets."""
    return [item for item in found if isinstance(item, Packet)]


def converse(decoder, unit):
    """Start the stream, as the radio does; the commands, each with what the unit answers."""
    dialog, reply, said = decoder.start(), None, []
    while True:
        try:
            write = dialog.send(reply)
        except StopIteration:
            return said
        answer = unit.answer(write.uuid, write.data)
        said.append((write, answer))
        for uuid, payload in answer.notifications:
            decoder.feed(uuid, payload)
        told = answer.notifications if write.is_reply is not None else ()
        reply = next((payload for uuid, payload in told if write.is_reply(uuid, payload)), None)


def started(family, channels):
    """Both ends of a connection after the start."""
    facts = Facts(channels=channels)
    decoder, unit = family.decoder(facts), family.unit(facts)
    converse(decoder, unit)
    return decoder, unit


def sent(decoder, unit, index, counts):
    """What arrives of samples that are sent, by counter."""
    n = len(counts)
    packets = [
        item for notification in unit.encode(index, counts) for item in emg(decoder.feed(*notification))
    ]
    assert sum(len(packet.counts) for packet in packets) <= 2 * n
    return packets


@EACH
@given(data=st.data())
def test_what_is_encoded_is_decoded(family, data):
    channels = data.draw(st.sampled_from(family.channel_counts))
    decoder, unit = started(family, channels)
    n = family.samples_per_packet
    modulus = family.counter_modulus or 2**32
    near_wrap = modulus * data.draw(st.integers(1, 3)) + n * data.draw(st.integers(-2, 2))
    index = n * (data.draw(st.one_of(st.integers(0, 2**32), st.just(near_wrap))) // n)
    values = st.integers(*family.rails)
    rounds = data.draw(st.integers(1, 3))
    counts = np.array(
        data.draw(st.lists(values, min_size=n * channels * rounds, max_size=n * channels * rounds)),
        dtype=family.dtype,
    ).reshape(rounds * n, channels)
    counts = as_sent(family, counts)
    packets = []
    for i in range(0, len(counts), n):
        packets += sent(decoder, unit, index + i, counts[i : i + n])
    np.testing.assert_array_equal(np.concatenate([packet.counts for packet in packets]), counts)
    if family.counter_modulus is not None and family.counter_certain:
        expected = index
        for packet in packets:
            assert packet.counter == expected % family.counter_modulus
            expected += len(packet.counts)


def as_sent(family, counts):
    """Counts that the protocol can carry: some send fewer bits than they have."""
    if family.key == "gforce_ids":
        return gforce_protocol.from_train_data(gforce_protocol.to_train_data(counts))
    return counts - counts % family.step


@EACH
def test_channels_are_not_mixed_up(family):
    for channels in family.channel_counts:
        decoder, unit = started(family, channels)
        n = family.samples_per_packet
        counts = (np.arange(n * channels).reshape(-1, channels) % 40 + 20) * family.step
        packets = sent(decoder, unit, 0, counts.astype(family.dtype))
        np.testing.assert_array_equal(np.concatenate([packet.counts for packet in packets]), counts)


def garbage(family, decoder, uuid, payload):
    """Decode what may be anything; return whether it was refused."""
    try:
        packets = emg(decoder.feed(uuid, payload))
    except PacketError:
        return True
    for packet in packets:
        if family.counter_modulus is not None:
            assert 0 <= packet.counter < family.counter_modulus
        assert packet.counts.ndim == 2
        assert packet.counts.shape[1] in family.channel_counts
        assert packet.counts.dtype == family.dtype
    return False


@EACH
def test_garbage_of_every_length_is_refused_or_is_a_packet(family, rng):
    decoder, _ = started(family, family.channel_counts[0])
    for n_bytes in range(301):
        for top in (1, 16, 256):
            for _ in range(5):
                payload = bytes(
                    rng.integers(0, top, n_bytes, dtype=np.uint8 if top < 256 else np.uint16).tolist()
                )
                for uuid in family.notify_uuids:
                    garbage(family, decoder, uuid, payload)


@EACH
def test_a_long_stream_of_garbage_does_no_harm(family, rng):
    decoder, _ = started(family, family.channel_counts[-1])
    lengths = rng.integers(0, 21, 100_000)
    stream = rng.integers(0, 256, int(lengths.sum()), dtype=np.uint8).tobytes()
    ends = np.cumsum(lengths).tolist()
    uuids = family.notify_uuids
    refused = sum(
        garbage(family, decoder, uuids[i % len(uuids)], stream[start:end])
        for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False))
    )
    assert refused > 1000


@EACH
@given(data=st.data())
def test_garbage_of_any_order_does_no_harm(family, data):
    decoder = family.decoder(Facts(channels=data.draw(st.sampled_from((0, *family.channel_counts)))))
    uuids = st.sampled_from(family.notify_uuids)
    for uuid, payload in data.draw(st.lists(st.tuples(uuids, st.binary(max_size=140)), max_size=8)):
        garbage(family, decoder, uuid, payload)


@EACH_DEVICE
def test_other_characteristics_are_refused(device):
    with pytest.raises(PacketError, match="characteristic"):
        device.decoder(Facts()).feed("0000beef-0000-1000-8000-00805f9b34fb", b"\x10")


@EACH
def test_wrong_arrays_are_not_encoded(family):
    n, channels = family.samples_per_packet, family.channel_counts[0]
    for shape in ((n + 1, channels), (n, channels + 7), (n,), (0, channels)):
        with pytest.raises(ArgumentError, match="holds"):
            family.unit(Facts(channels=channels)).encode(0, np.zeros(shape, dtype=np.int16))
    for value in (family.rails[0] - 1, family.rails[1] + 1):
        with pytest.raises(ArgumentError, match="counts from"):
            family.unit(Facts(channels=channels)).encode(0, np.full((n, channels), value))


@EACH
def test_arguments_are_left_alone(family):
    channels = family.channel_counts[0]
    counts = np.full((family.samples_per_packet, channels), 64, dtype=np.int16)
    decoder, unit = started(family, channels)
    before = counts.copy()
    for uuid, payload in unit.encode(0, counts):
        decoder.feed(uuid, payload)
    np.testing.assert_array_equal(counts, before)


@EACH_DEVICE
def test_declarations_fit_together(device):
    assert DEVICES[device.key] is device
    characteristics = {c.uuid: c for group in device.services.values() for c in group}
    assert all(UUID.fullmatch(uuid) for uuid in (*device.services, *characteristics))
    for uuid in device.notify_uuids:
        assert {"notify", "indicate"} & set(characteristics[uuid].properties)
    for uuid in device.required_uuids:
        assert uuid in characteristics
    facts = Facts(channels=1)
    said = converse(device.decoder(facts), device.unit(facts))
    for write in (*(write for write, _ in said), *device.stop):
        wanted = "write" if write.response else "write-without-response"
        assert wanted in characteristics[write.uuid].properties
    if device.battery_uuid is not None:
        assert "read" in characteristics[device.battery_uuid].properties
    assert device.can
    assert device.cannot
    assert not device.variant_of or device.variant_of in DEVICES


@EACH
def test_the_signal_is_declared(family):
    low, high = family.rails
    assert np.iinfo(family.dtype).min <= low < high <= np.iinfo(family.dtype).max
    assert high - low < 2**family.bits
    assert family.rate_hz >= 200
    assert family.scale_note
    assert family.loss_detection


@EACH
def test_commands_are_understood_by_the_twin(family):
    facts = Facts(channels=family.channel_counts[0])
    unit = family.unit(facts)
    actions = [answer.action for _, answer in converse(family.decoder(facts), unit)]
    assert ("start" in actions) != family.starts_on_subscribe
    if family.stop:
        assert "stop" in [unit.answer(write.uuid, write.data).action for write in family.stop]


@EACH
@pytest.mark.parametrize("battery", [0, 1, 50, 99, 100])
def test_a_twin_is_found_as_what_it_is(family, battery):
    for channels in family.channel_counts:
        default = family.advertise("", channels, battery).name
        for name in ("", f"{default}-R"):
            advertisement = family.advertise(name, channels, battery)
            assert is_kind(family.key, find(advertisement))
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
        Advertisement("Treadmill", ("00001826-0000-1000-8000-00805f9b34fb",)),
        Advertisement("Scale", ("0000181d-0000-1000-8000-00805f9b34fb",), bytes(15)),
        Advertisement("My NPG"),
        Advertisement(None, (), bytes(15)),  # a beacon without a name
        Advertisement("Thermometer", (), bytes(15)),  # longer than the seven characters of a uMyo
        Advertisement("L-Forea", (), bytes(14)),
        Advertisement("uMyo v2", (), bytes(15)),  # firmware that cannot be connected
    ],
)
def test_others_are_not_taken_for_a_sensor(advertisement):
    assert find(advertisement) is None
