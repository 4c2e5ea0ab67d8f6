"""Does a sensor keep the rules? Judges what was seen of one: pure functions, no radio.

`emgsmr doctor --sensor` makes a `Trial` (connect, read, stream for some ten seconds, stop, start again) and
shows what `check` finds. For the open profile all rules of its specification are checked
(``firmware_notes/open_profile.md``), for other families those that hold for every sensor.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from emgsmr.errors import PacketError
from emgsmr.sensors.conversation import Decoder, Signal, signal_of
from emgsmr.sensors.family import Device, Family
from emgsmr.sensors.open_description import BATTERY, HAS_BATTERY, HAS_MOTION, MOTION, Description, parse
from emgsmr.sensors.stream_rules import check_stream
from emgsmr.sensors.trial import Arrival, Finding, Trial

__all__ = ["Arrival", "Finding", "Trial", "check", "check_description", "check_stream", "check_table"]

_WAYS = ({"read"}, {"write", "write-without-response"}, {"notify", "indicate"})


def check(device: Device, decoder: Decoder, trial: Trial) -> list[Finding]:
    """Judge a sensor.

    Parameters
    ----------
    device : Device
        What it is taken for.
    decoder : Decoder
        Of the trial's connection: its `start` dialog is over. It reads the trial's notifications here, in
        their order, so give one that has not been fed with them yet.
    trial : Trial

    Returns
    -------
    findings : list of Finding
        In the order in which they are best read: what is missing explains what fails after it.
    """
    findings = [check_table(device, trial.table)]
    if trial.description is not None:
        findings += check_description(trial.description, trial.table, signal_of(decoder), trial.battery_pct)
    signal = signal_of(decoder)
    if not isinstance(device, Family):
        return findings
    rate_hz = signal.rate_hz if signal else device.rate_hz
    rails = signal.rails if signal else device.rails
    return findings + check_stream(device, decoder, trial, rate_hz=rate_hz, rails=rails)


def check_table(device: Device, table: Mapping[str, Collection[str]]) -> Finding:
    """Whether the characteristics are there that must be, with their properties."""
    present = {uuid.lower(): set(properties) for uuid, properties in table.items()}
    wrong = [f"{uuid} is missing" for uuid in device.required_uuids if uuid.lower() not in present]
    needed = {uuid.lower() for uuid in (*device.required_uuids, *device.notify_uuids)}
    for entry in (entry for group in device.services.values() for entry in group):
        has = present.get(entry.uuid.lower())
        if has is None or entry.uuid.lower() not in needed:
            continue
        for way in _WAYS:
            if way & set(entry.properties) and not way & has:
                wrong.append(f"{entry.uuid} lacks: {' or '.join(sorted(way))}")
    if wrong:
        return Finding(
            "table",
            passed=False,
            seen="; ".join(wrong),
            advice="add what is missing to the sensor's GATT table",
        )
    return Finding("table", passed=True, seen=f"{len(present)} characteristics, with their properties")


def check_description(
    description: bytes,
    table: Mapping[str, Collection[str]],
    replied: Signal | None = None,
    battery_pct: int | None = None,
) -> list[Finding]:
    """Whether a sensor of the open profile describes itself, and is as it says.

    Examples
    --------
    >>> [finding.passed for finding in check_description(b"", {})]
    [False]
    """
    try:
        said = parse(description)
    except PacketError as error:
        return [
            Finding(
                "description",
                passed=False,
                seen=str(error),
                advice="correct the bytes: section 2 of the specification",
            )
        ]
    shown = (
        f"{said.channels} channels, {said.rate_mhz / 1000:g} Hz, {said.bits} bits in {said.value_bytes} "
        f"bytes, {said.scale_pv} pV per count"
    )
    same = replied is None or replied == said.signal
    advice = "" if same else "give the same bytes in the reply to 'describe' as in the characteristic"
    return [
        Finding(
            "description",
            passed=same,
            seen=shown if same else f"{shown}; the reply says {replied}",
            advice=advice,
        ),
        _flags(said, {uuid.lower() for uuid in table}, battery_pct),
    ]


def _flags(said: Description, present: set[str], battery_pct: int | None) -> Finding:
    if bool(said.flags & HAS_MOTION) != (MOTION in present):
        text = "the description and the GATT table do not agree about a motion sensor"
        return Finding(
            "motion",
            passed=False,
            seen=text,
            advice="set flag 1 if, and only if, the characteristic is there",
        )
    if not said.flags & HAS_BATTERY:
        return Finding("battery", passed=None, seen="the description says that there is none")
    good = BATTERY in present and battery_pct is not None and 0 <= battery_pct <= 100
    seen = "not read" if battery_pct is None else f"{battery_pct} %"
    return Finding(
        "battery",
        passed=good,
        seen=seen,
        advice="" if good else "serve the battery service 180F with 0 to 100",
    )
