"""Eight sensors at once while the air loses packets: every loss is known, every other count is there.

``EMGSMR_FAULT_SECONDS=600`` makes it the long campaign (`make test-faults`); a minute is what every run does.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from emgsmr.radio.played import Cast, PlayedSensor, address, montage_of, sent_ranges, whole_packets
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.recording import open_recording
from emgsmr.sensors import FAMILIES
from emgsmr.sensors.gforce_protocol import from_train_data, to_train_data
from emgsmr.session import Session

SECONDS = float(os.environ.get("EMGSMR_FAULT_SECONDS", "60"))
LOST_PART = 0.01
GAP_PART = 5 / 6  # of it in gaps: of ten minutes 5 s
LONGEST_GAP_S = 5.0
EIGHT = ("npg_lite", "umyo", "ganglion", "gforce_ids", "bitalino", "shimmer3r", "open", "myo")
SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "ST_L", "ST_R", "MGAS_L", "MGAS_R")


def withheld(rng, *, n_samples, packet, rate_hz):
    """Sample ranges that are never sent: 1 % of the packets, most in gaps of up to 5 s, the rest singly."""
    budget = LOST_PART * n_samples
    quiet = round(3 * rate_hz)  # the first and the last seconds are whole: what follows shows what was lost
    ranges = []
    in_gaps = 0.0
    while in_gaps < GAP_PART * budget:
        left_s = (GAP_PART * budget - in_gaps) / rate_hz
        length = max(2 * packet, min(LONGEST_GAP_S, left_s) * rate_hz)
        start = rng.uniform(quiet, n_samples - quiet - length)
        ranges.append((start, start + length))
        in_gaps += length
        if in_gaps + 2 * packet > GAP_PART * budget:
            break
    for _ in range(round((1 - GAP_PART) * budget / packet)):
        start = rng.uniform(quiet, n_samples - quiet)
        ranges.append((start, start + 1))
    return whole_packets(ranges, n_samples=n_samples, packet=packet)


def lossy(number, key, *, seed):
    family = FAMILIES[key]
    rng = np.random.default_rng([seed, number])
    n = round(SECONDS * family.rate_hz) // family.samples_per_packet * family.samples_per_packet
    channels = family.channel_counts[0]
    low, high = family.rails
    counts = rng.integers(low, high + 1, size=(n, channels)) // family.step * family.step
    if key == "gforce_ids":  # sends 12 bits and a shift
        counts = from_train_data(to_train_data(counts))
    stem = {"umyo": "uMyo"}.get(key) or family.advertise("", channels, 50).name
    return PlayedSensor(
        family=family,
        address=address(number),
        name=f"{stem}-{number:02d}",
        battery_pct=90,
        sites={0: SITES[number - 1]},
        rate_hz=family.rate_hz * (1 + rng.uniform(-50e-6, 50e-6)),
        counts=counts.astype(family.dtype),
        lost=withheld(rng, n_samples=n, packet=family.samples_per_packet, rate_hz=family.rate_hz),
        t0_s=float(rng.uniform(0, 0.05)),
    )


def record(cast, out, *, seed, outages=()):
    async def main():
        air = VirtualAir(cast, speed=None, seed=seed, outages=outages)
        session = Session(air=air, out=out, pipeline_factory=lambda *_: None)
        async with session:
            await session.wait()
        return session

    return asyncio.run(main())


def assert_known(played, gaps):
    """Every gap is where it was made, and as long.

    A stream that is silent for 2 s is connected anew. Where the sensor then counts from 0 again, nothing but
    the clock tells how long the silence was: to 30 ms, which the numbers of all later samples carry on.
    """
    family, shift = played.emg, 0
    assert len(gaps) == len(played.lost), family.key
    for (first, n), (a, b) in zip(gaps, played.lost, strict=True):
        assert first == a + shift, family.key
        by_clock = family.counter_restarts and b - a > 1.9 * family.rate_hz
        assert abs(n - (b - a)) <= (0.03 * family.rate_hz if by_clock else 0), family.key
        shift += n - (b - a)


def assert_nearly_known(played, gaps):
    """All that is missing is known to 1 % of it.

    A counter that goes round within 16 ms needs the clock for every loss: of several losses within half a
    second it knows how much is missing in all, not always which turn belongs to which; seldom it errs by one.
    """
    made = sum(b - a for a, b in played.lost)
    restart = 0.03 * played.emg.rate_hz if max(b - a for a, b in played.lost) > 1.9 * played.rate_hz else 0
    assert abs(sum(n for _, n in gaps) - made) <= max(16, 0.01 * made) + restart
    exact = {first for first, _ in gaps} & {first for first, _ in played.lost}
    assert exact  # the first ones at least, before any number is shifted


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1])
def test_what_the_air_lost_is_known_to_the_sample(tmp_path, seed):
    sensors = tuple(lossy(number, key, seed=seed) for number, key in enumerate(EIGHT, start=1))
    cast = Cast(sensors, montage_of(sensors), (), SECONDS + 0.2, {}, "lossy")
    session = record(cast, tmp_path / "run.emgsmr", seed=seed)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        for info, played, status in zip(recording.sensors, sensors, session.status(), strict=True):
            pieces = list(recording.pieces(info.id))
            sent = np.concatenate([played.counts[a:b] for a, b in sent_ranges(played)])
            came = np.concatenate([piece.counts for piece in pieces])
            assert np.array_equal(came, sent), info.family  # every delivered count, in its order
            assert status.loss_known == FAMILIES[info.family].loss_known
            if status.loss_known == "possible":
                assert FAMILIES[info.family].counter_modulus is None or not played.emg.counter_certain
                continue
            gaps = [(g.first_missing, g.n_missing) for g in recording.gaps() if g.sensor == info.id]
            (assert_nearly_known if played.emg.counter_modulus < 64 else assert_known)(played, gaps)
            assert status.missing == sum(n for _, n in gaps)
            assert all(after.first_index >= before.end_index for before, after in pairwise(pieces))


def test_the_campaign_withholds_what_it_says(rng):
    ranges = withheld(rng, n_samples=600_000, packet=10, rate_hz=1000.0)
    lost = sum(b - a for a, b in ranges)
    assert lost == pytest.approx(0.01 * 600_000, rel=0.1)
    assert max(b - a for a, b in ranges) >= 2000
    assert min(b - a for a, b in ranges) == 10


def test_a_sensor_that_cannot_count_says_so():
    assert {key for key, family in FAMILIES.items() if family.loss_known == "possible"} == {
        "gforce",
        "gforce_8bit",
        "myo",
    }
    assert replace(FAMILIES["umyo"], counter_modulus=None).loss_known == "possible"


@pytest.mark.parametrize("key", FAMILIES)
def test_each_family_comes_back_and_says_what_it_cost(tmp_path, key):
    sensor = replace(lossy(1, key, seed=1), lost=())
    cast = Cast((sensor,), montage_of((sensor,)), (), 12.0, {}, "one outage")
    outage = Outage(sensor.address, 4.0, 3.0, "away")
    session = record(cast, tmp_path / "run.emgsmr", seed=1, outages=[outage])
    with open_recording(tmp_path / "run.emgsmr") as recording:
        before, after = recording.pieces(1)
        [gap] = recording.gaps()
    assert gap.n_missing == after.first_index - before.end_index
    assert 2.9 < gap.n_missing / sensor.rate_hz < 5.0
    assert session.status()[0].missing >= gap.n_missing
