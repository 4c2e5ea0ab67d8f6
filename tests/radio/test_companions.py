"""Devices without EMG over Bleak: what a strap and a pod said arrives, in its order, beside the EMG."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakGATTProtocolError

from emgsmr.errors import SensorNotFoundError
from emgsmr.radio.bumble_backend import BumbleClient
from emgsmr.radio.channel import Companion
from emgsmr.radio.link import LinkState, StateChange
from emgsmr.radio.played import PlayedSensor, address
from emgsmr.radio.receiver import Receiver
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.radio.watch import Notice
from emgsmr.recording import Montage, MontageSensor, SampleBlock, TimedReading, open_recording
from emgsmr.sensors import COMPANIONS, Reading
from emgsmr.sensors.standard_services import BATTERY_LEVEL, uuid16
from emgsmr.session import Session

ANSWERS = {uuid16("2a29"): "Acme", uuid16("2a26"): "1.2.3"}


def companion(number, key, name, readings, **options):
    return PlayedSensor(
        family=COMPANIONS[key],
        address=address(number),
        name=name,
        battery_pct=options.pop("battery_pct", 80),
        sites={},
        rate_hz=1.0,
        counts=np.zeros((0, 0), dtype=np.int16),
        readings=tuple((t_s, Reading(quantity, (value,))) for t_s, quantity, value in readings),
        **options,
    )


def strap(number=8, *, seconds=10, **options):
    """Once a second: contact, two intervals, a heart rate that counts the seconds."""
    readings = []
    for i in range(seconds):
        intervals = [(300 + i) * 1000 / 1024, (301 + i) * 1000 / 1024]
        readings += [(i + 0.5, "contact", 1.0)]
        readings += [(i + 0.5, "rr_interval_ms", interval) for interval in intervals]
        readings += [(i + 0.5, "heart_rate_bpm", 100.0 + i)]
    return companion(number, "heart_rate", "Strap", readings, **options)


def pod(number=9, *, seconds=10):
    """Once a second: cadence, distance, and a speed that counts the seconds."""
    readings = []
    for i in range(seconds):
        readings += [(i + 0.7, "cadence_spm", 170.0), (i + 0.7, "distance_m", 3.0 * i)]
        readings += [(i + 0.7, "speed_mps", 2 + i / 256)]
    return companion(number, "foot_pod", "Pod", readings)


def receive(cast, *, montage=None, outages=()):
    """Everything that a receiver gives, and the receiver; time 0 is when the play began."""

    async def main():
        async with VirtualAir(cast, speed=None, outages=outages) as air:
            receiver = Receiver(air, montage or cast.montage)
            await receiver.connect()
            await receiver.start()

            async def end():
                await air.finished.wait()
                await receiver.stop()

            ending = asyncio.create_task(end())
            items = [item async for batch in receiver.batches() for item in batch]
            await ending
            return items, receiver, air.play_started_ns

    return asyncio.run(main())


def readings_of(items, name, begun_ns):
    """(arrival after the play's start in s, quantity, value)."""
    return [
        ((item.arrival_ns - begun_ns) / 1e9, item.quantity, item.values[0])
        for source, item in items
        if isinstance(item, TimedReading) and source.link.label == name
    ]


def told(played):
    return [(item.quantity, item.values[0]) for _, item in played.readings]


def test_what_strap_and_pod_said_arrives_in_its_order_and_time(make_cast):
    cast = make_cast("umyo", strap(), pod(), seconds=10.0)
    items, receiver, begun_ns = receive(cast)
    assert [channel.link.label for channel in receiver.channels] == ["uMyo-01"]
    assert [device.link.label for device in receiver.companions] == ["Strap", "Pod"]
    for played in cast.sensors[1:]:
        arrived = readings_of(items, played.name, begun_ns)
        assert [entry[1:] for entry in arrived] == [
            (quantity, pytest.approx(value)) for quantity, value in told(played)
        ]
        late_s = [t_s - due_s for (t_s, *_), (due_s, _) in zip(arrived, played.readings, strict=True)]
        assert min(late_s) >= 0
        assert max(late_s) < 0.2
    samples = sum(item.n for _, item in items if isinstance(item, SampleBlock))
    assert samples == len(cast.sensors[0].counts) // 24 * 24
    arrivals = [item.arrival_ns for _, item in items if isinstance(item, TimedReading)]
    assert arrivals == sorted(arrivals)
    assert all(
        item.sample_index is None
        for source, item in items
        if isinstance(source, Companion) and isinstance(item, TimedReading)
    )


def test_battery_and_device_information_are_read_as_of_any_sensor(make_cast):
    cast = make_cast("umyo", strap(information=ANSWERS), pod(), seconds=2.0)
    _, receiver, _ = receive(cast)
    links = {device.link.label: device.link for device in receiver.companions}
    assert links["Strap"].information == {"manufacturer": "Acme", "firmware": "1.2.3"}
    assert links["Pod"].information == {}
    assert {link.battery_pct for link in links.values()} == {80}


def test_a_battery_that_is_notified_is_known_and_one_above_100_is_not(make_cast):
    first, last = (0.1, "battery_pct", 55.0), (1.0, "battery_pct", 200.0)
    cast = make_cast(
        "umyo",
        companion(8, "heart_rate", "Strap", [first, last], battery_pct=200),
        seconds=2.0,
    )
    items, receiver, begun_ns = receive(cast)
    assert [entry[1:] for entry in readings_of(items, "Strap", begun_ns)] == [first[1:]]
    [device] = receiver.companions
    assert device.link.battery_pct == 55
    assert device.status(0).latest == {}  # a battery is nothing that it measured


@pytest.mark.parametrize("value", [b"", b"\xc8", b"\x32\x32"])
def test_a_battery_level_that_is_none_is_unknown(make_cast, value):
    cast = make_cast("umyo", strap(), seconds=2.0)

    async def main():
        async with VirtualAir(cast, speed=None) as air:
            air.twins[address(8)]._values[BATTERY_LEVEL] = value
            receiver = Receiver(air, cast.montage)
            await receiver.connect()
            await receiver.stop()
            return receiver.companions[0].link.battery_pct

    assert asyncio.run(main()) is None


@pytest.mark.parametrize("key", COMPANIONS)
def test_a_twin_serves_the_whole_gatt_table(make_cast, key):
    cast = make_cast(companion(1, key, "x", []))

    async def main():
        async with VirtualAir(cast, speed=None) as air:
            async with BleakScanner(**air.scanner_args) as scanner:
                await air.sleep(1.0)
            [device] = scanner.discovered_devices
            async with BleakClient(device, **air.client_args) as client:
                return {
                    service.uuid: {entry.uuid: set(entry.properties) for entry in service.characteristics}
                    for service in client.services
                }

    table = asyncio.run(main())
    for service, entries in COMPANIONS[key].services.items():
        assert table[service] == {entry.uuid: set(entry.properties) for entry in entries}


def test_both_come_back_after_an_outage(make_cast):
    cast = make_cast("umyo", strap(seconds=20), pod(seconds=20), seconds=20.0)
    outages = [Outage(address(8), 5.0, 3.0), Outage(address(9), 6.0, 3.0)]
    items, _, begun_ns = receive(cast, outages=outages)
    for played, outage in zip(cast.sensors[1:], outages, strict=True):
        states = [
            item.state
            for source, item in items
            if isinstance(item, StateChange) and item.sensor == played.name
        ]
        assert states[2:4] == [LinkState.STREAMING, LinkState.LOST]
        assert states[-2:] == [LinkState.STREAMING, LinkState.STOPPED]
        arrived = readings_of(items, played.name, begun_ns)
        times = [t_s for t_s, *_ in arrived]
        [(lost_s, back_s)] = [(a, b) for a, b in pairwise(times) if b - a > 1.5]
        assert lost_s <= outage.start_s
        assert outage.start_s + outage.duration_s <= back_s <= outage.start_s + outage.duration_s + 5.0
        # what was said before and after is whole, and nothing comes twice
        expected = [
            (item.quantity, pytest.approx(item.values[0]))
            for t_s, item in played.readings
            if t_s <= lost_s or t_s > back_s - 0.2
        ]
        assert [entry[1:] for entry in arrived] == expected
        [notice] = [item.text for _, item in items if isinstance(item, Notice) and item.sensor == played.name]
        assert notice.startswith(f"{played.name} is back after ")
        assert "samples" not in notice
    samples = sum(item.n for _, item in items if isinstance(item, SampleBlock))
    assert samples == len(cast.sensors[0].counts) // 24 * 24


def test_what_was_said_last_is_of_the_last_notification(make_cast):
    readings = [(0.2, "contact", 1.0), (0.2, "heart_rate_bpm", 140.0), (1.0, "contact", 0.0)]
    cast = make_cast("umyo", companion(8, "heart_rate", "Strap", readings), seconds=2.0)
    items, receiver, begun_ns = receive(cast)
    assert [entry[1:] for entry in readings_of(items, "Strap", begun_ns)] == [
        ("contact", 1.0),
        ("heart_rate_bpm", 140.0),
        ("contact", 0.0),
    ]
    [device] = receiver.companions
    status = device.status(0)
    assert (status.latest, status.samples, status.missing) == ({"contact": (0.0,)}, 3, 0)
    device.restart()
    assert device.status(0).latest == {}


def record(cast, path, montage=None):
    async def main():
        air = VirtualAir(cast, speed=None)
        async with Session(montage, air=air, out=path, pipeline_factory=lambda *_: None) as session:
            await session.wait()
        return session

    return asyncio.run(main())


def test_a_session_records_beside_them(tmp_path, make_cast):
    cast = make_cast("umyo", strap(seconds=5), pod(seconds=5), seconds=5.0)
    session = record(cast, tmp_path / "run.emgsmr")
    sensor, first, second = session.status()
    assert sensor.latest is None
    assert first.latest["heart_rate_bpm"] == (104.0,)
    assert second.latest["speed_mps"] == (2 + 4 / 256,)
    assert {state.state for state in (sensor, first, second)} == {LinkState.STOPPED}
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert [info.family for info in recording.sensors] == ["umyo"]
        assert recording.montage == cast.montage
        whole = len(cast.sensors[0].counts) // 24 * 24
        assert np.array_equal(recording.counts(1, 0, whole), cast.sensors[0].counts[:whole])


def test_one_that_is_missing_stops_nothing_unless_it_is_required(tmp_path, make_cast):
    cast = make_cast("umyo", strap())
    absent = MontageSensor("Other", family="heart_rate", required=False)
    montage = Montage((*cast.montage.sensors, absent))
    session = record(cast, tmp_path / "run.emgsmr", montage)
    assert session.absent == ("Other",)
    assert [state.name for state in session.status()] == ["uMyo-01", "Strap"]
    with pytest.raises(SensorNotFoundError, match="Other"):
        record(cast, tmp_path / "no.emgsmr", Montage((*cast.montage.sensors, replace(absent, required=True))))


def test_a_strap_alone_is_no_session(tmp_path, make_cast):
    with pytest.raises(SensorNotFoundError, match="no EMG sensor"):
        record(make_cast(strap()), tmp_path / "run.emgsmr")


def test_the_montage_of_a_cast_does_not_require_them(make_cast):
    montage = make_cast("umyo", strap(), pod()).montage
    assert [sensor.required for sensor in montage.sensors] == [True, False, False]
    assert Montage.from_dict(montage.to_dict()) == montage


def test_a_strap_that_falls_silent_is_looked_for_again(make_cast):
    cast = make_cast("umyo", strap(seconds=40), seconds=40.0)
    items, _, begun_ns = receive(cast, outages=[Outage(address(8), 5.0, 20.0, "silent")])
    [reason] = [
        item.reason
        for _, item in items
        if isinstance(item, StateChange) and item.sensor == "Strap" and item.state is LinkState.LOST
    ]
    assert reason == "no data for 15 s"
    times = [t_s for t_s, *_ in readings_of(items, "Strap", begun_ns)]
    [(lost_s, back_s)] = [(a, b) for a, b in pairwise(times) if b - a > 1.5]
    assert lost_s <= 5.0
    assert 25.0 <= back_s <= 30.0


def test_one_that_refuses_to_notify_its_battery_is_used_all_the_same(make_cast, monkeypatch):
    subscribe = BumbleClient.start_notify

    async def refuse(self, characteristic, callback, **options):
        if characteristic.uuid == BATTERY_LEVEL:
            raise BleakGATTProtocolError(5)  # insufficient authentication
        await subscribe(self, characteristic, callback, **options)

    monkeypatch.setattr(BumbleClient, "start_notify", refuse)
    items, _, begun_ns = receive(make_cast("umyo", strap(seconds=3), seconds=3.0))
    assert len(readings_of(items, "Strap", begun_ns)) == 12
