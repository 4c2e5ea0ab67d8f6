"""What holds for every device without EMG: garbage is refused or a reading, and it is found as what it is."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.errors import PacketError
from emgsmr.sensors import COMPANIONS, DEVICES, FAMILIES, Advertisement, Facts, Reading, find
from emgsmr.sensors.standard_services import BATTERY_LEVEL, battery_level, encode_battery_level

EACH = pytest.mark.parametrize("device", COMPANIONS.values(), ids=COMPANIONS)
PAYLOADS = 100_000
QUANTITIES = {
    "heart_rate": {"contact", "rr_interval_ms", "heart_rate_bpm"},
    "foot_pod": {"cadence_spm", "stride_length_m", "distance_m", "speed_mps"},
}


def test_companions_are_no_families():
    assert set(COMPANIONS) == set(QUANTITIES)
    assert not set(COMPANIONS) & set(FAMILIES)
    assert set(DEVICES) == set(COMPANIONS) | set(FAMILIES)


@EACH
def test_garbage_is_refused_or_is_readings(device, rng):
    decoder = device.decoder(Facts())
    [uuid] = device.notify_uuids
    lengths = rng.integers(0, 21, PAYLOADS)
    noise = rng.integers(0, 256, lengths.sum(), dtype=np.uint8).tobytes()
    ends = np.cumsum(lengths).tolist()
    refused = 0
    for start, end in zip([0, *ends], ends, strict=False):
        try:
            found = decoder.feed(uuid, noise[start:end])
        except PacketError:
            refused += 1
            continue
        assert {item.quantity for item in found} <= QUANTITIES[device.key]
        assert all(np.isfinite(value) and value >= 0 for item in found for value in item.values)
    assert 0 < refused < PAYLOADS


@EACH
@pytest.mark.parametrize("battery", [0, 50, 100])
def test_a_twin_is_found_as_what_it_is(device, battery):
    for name in ("", "Rosa's"):
        said = device.advertise(name, 0, battery)
        assert find(said) is device
        assert find(Advertisement(None, tuple(uuid.upper() for uuid in said.service_uuids))) is device
        assert device.battery_pct(said) is None


@EACH
def test_a_short_name_and_fifteen_bytes_make_no_umyo_of_it(device):
    said = Advertisement("HRM-Pro", device.advertise("", 0, 50).service_uuids, bytes([0x87, 0, *range(13)]))
    assert find(said) is device


@EACH
def test_a_twin_says_nothing_that_it_does_not_measure(device):
    unit = device.unit(Facts())
    assert unit.encode_reading(Reading("acceleration_g", (0.0, 0.0, 1.0))) == []
    assert unit.encode(0, np.zeros((24, 1), dtype=np.int16)) == []
    assert unit.answer(device.notify_uuids[0], b"START").action == ""
    assert unit.encode_reading(Reading("battery_pct", (85.0,))) == [(BATTERY_LEVEL, b"\x55")]


@pytest.mark.parametrize("value", [b"", b"\x65", b"\xff", b"\x32\x00"])
def test_a_battery_level_that_is_none_is_unknown(value):
    assert battery_level(value) is None


@pytest.mark.parametrize("level", [0, 1, 20, 100])
def test_battery_levels_there_and_back(level):
    uuid, value = encode_battery_level(level)
    assert uuid == BATTERY_LEVEL
    assert battery_level(value) == level
