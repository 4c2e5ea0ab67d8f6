"""Lights of sensors and sites: a shape, a word, and the reason with what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emgsmr.gui.activity import TIMES_REST, Activity
from emgsmr.gui.screen import Light, SensorRow, Status
from emgsmr.gui.words import BATTERY_EMPTY_PCT, BATTERY_LOW_PCT, signal_light, site_title
from emgsmr.sensors import Family

if TYPE_CHECKING:
    from emgsmr.radio.channel import SensorStatus
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.recording import MontageSensor
    from emgsmr.session.snapshot import ChannelSignal, Snapshot

_STATES = {
    "gap": Light(Status.BAD, "no data", "Nothing arrives: bring the sensor closer, or switch it on again."),
    "off": Light(Status.BAD, "electrode off", "Press the electrodes on; replace them if they are dry."),
    "flat": Light(Status.BAD, "flat", "The signal does not move: check the cable and the electrodes."),
    "clipped": Light(Status.BAD, "clipped", "The signal hits its limit: check cable and ground electrode."),
    "motion": Light(Status.WARN, "motion", "It shakes: tape the cable down and tighten the strap."),
    "noisy": Light(
        Status.WARN, "mains hum", "Usable, with hum: press the ground electrode on, move away from mains."
    ),
}

UNUSABLE = frozenset({"gap", "off", "flat", "clipped", "motion"})
"""States in which a second does not count."""

NOT_PLACED = Light(
    Status.OFF, "not placed", "Contract this muscle or knock on its sensor, or pick a channel."
)

_LINKS = {
    "absent": Light(Status.BAD, "not found", "Switch it on and bring it near."),
    "connecting": Light(Status.WAIT, "connecting"),
    "ready": Light(Status.WAIT, "connected", "It does not send yet."),
    "streaming": Light(Status.GOOD, "sends"),
    "lost": Light(Status.BAD, "lost", "It is looked for: come closer, or switch it off and on."),
    "stopped": Light(Status.OFF, "stopped"),
}


def has_signal(signal: ChannelSignal) -> bool:
    """Whether a channel's signal counts now."""
    return math.isfinite(signal.rms_uv) and signal.state not in UNUSABLE


def signal_quality(signal: ChannelSignal | None) -> Light:
    """How a channel's signal is."""
    if signal is None or not math.isfinite(signal.rms_uv):
        return _STATES["gap"]
    light = _STATES.get(signal.state)
    if light is None:
        return Light(Status.GOOD, "good") if signal.state else Light(Status.WAIT, "listening")
    return Light(
        light.status, light.word, f"{light.reason} ({signal.reason})" if signal.reason else light.reason
    )


def check_light(signal: ChannelSignal | None, activity: Activity, *, answered_by: str = "") -> Light:
    """Tell whether a placed channel is ready: good signal, and a contraction that stands out from rest.

    Parameters
    ----------
    signal : ChannelSignal or None
    activity : Activity
    answered_by : str
        The site that answered when this one was to be contracted: the two may be swapped.
    """
    quality = signal_quality(signal)
    if quality.status in (Status.BAD, Status.WAIT):
        return quality
    if answered_by:
        reason = f"The {site_title(answered_by)} answered: contract again, or exchange the two channels."
        return Light(Status.WARN, "swapped?", reason)
    if not activity.contracted:
        return Light(
            Status.WARN, "contract now", f"A contraction should be {TIMES_REST:.0f} times rest or more."
        )
    if quality.status is Status.WARN:
        return quality
    return Light(Status.GOOD, "ready", f"{activity.best:.0f} times rest")


def found_row(found: FoundSensor, *, companions: bool = False) -> SensorRow:
    """A sensor in range; a strap or a pod comes along only if the user says so."""
    light = signal_light(found.rssi)
    if not (companions or isinstance(found.family, Family)):
        light = Light(Status.OFF, "stays out", "Take strap and pod along if they are yours.")
    elif found.battery_pct is not None and found.battery_pct <= BATTERY_LOW_PCT:
        light = battery_light(found.battery_pct)
    return SensorRow(
        found.name,
        found.family.name,
        found.address,
        light,
        max(found.family.channel_counts) if isinstance(found.family, Family) else 0,
        rssi_dbm=found.rssi,
        battery_pct=found.battery_pct,
        required=False,
    )


def battery_light(battery_pct: int) -> Light:
    """A battery that is low."""
    if battery_pct <= BATTERY_EMPTY_PCT:
        return Light(Status.BAD, "battery empty", "Charge it: it may not last for a run.")
    return Light(Status.WARN, "battery low", "Charge it soon.")


def missing_sensors(snapshot: Snapshot) -> tuple[MontageSensor, ...]:
    """Sensors that the montage requires and that do not send."""
    if snapshot.montage is None:
        return ()
    there = {status.name for status in snapshot.sensors if status.state == "streaming"}
    return tuple(s for s in snapshot.montage.sensors if s.required and s.label not in there)


def sensor_rows(snapshot: Snapshot, sites: dict[tuple[str, int], str]) -> tuple[SensorRow, ...]:
    """All sensors that are connected, and those that should be.

    Parameters
    ----------
    snapshot : Snapshot
    sites : mapping of (sensor, channel from 0) to site
    """
    wanted = {s.label: s for s in (snapshot.montage.sensors if snapshot.montage is not None else ())}
    found = {one.name: one for one in snapshot.found}
    rows = [
        _connected(status, snapshot, sites, found.get(status.name), wanted.get(status.name))
        for status in snapshot.sensors
    ]
    there = {row.name for row in rows}
    for label, sensor in wanted.items():
        if label not in there:
            light = _LINKS["absent"] if sensor.required else Light(Status.OFF, "not found", "Not required.")
            rows.append(
                SensorRow(
                    label,
                    sensor.family or "",
                    sensor.address or "",
                    light,
                    len(sensor.channels),
                    required=sensor.required,
                    sites=tuple(site for _, site in sorted(sensor.channels.items())),
                )
            )
    return tuple(rows)


def _connected(
    status: SensorStatus,
    snapshot: Snapshot,
    sites: dict[tuple[str, int], str],
    found: FoundSensor | None,
    wanted: MontageSensor | None,
) -> SensorRow:
    light = _LINKS[str(status.state)]
    low = status.battery_pct is not None and status.battery_pct <= BATTERY_LOW_PCT
    if light.status is Status.GOOD and low:
        light = battery_light(status.battery_pct or 0)
    channels = sorted(signal.channel for signal in snapshot.channels if signal.sensor == status.name)
    return SensorRow(
        status.name,
        status.family,
        found.address if found is not None else "",
        light,
        len(channels),
        rssi_dbm=found.rssi if found is not None else None,
        battery_pct=status.battery_pct,
        required=wanted.required if wanted is not None else any(key[0] == status.name for key in sites),
        sites=tuple(sites.get((status.name, channel), "") for channel in channels),
        said=said_by(status),
        loss_text=loss_text(status, snapshot),
    )


def said_by(status: SensorStatus) -> str:
    """What a heart rate strap or a foot pod said last."""
    latest = status.latest or {}
    said = []
    if "heart_rate_bpm" in latest:
        said.append(f"{latest['heart_rate_bpm'][0]:.0f} bpm")
    if "speed_mps" in latest:
        said.append(f"{3.6 * latest['speed_mps'][0]:.1f} km/h")
    if "cadence_spm" in latest:
        said.append(f"{latest['cadence_spm'][0]:.0f} steps/min")
    return ", ".join(said)


def loss_text(status: SensorStatus, snapshot: Snapshot) -> str:
    """What is missing of a sensor's samples, and how often its link was lost."""
    total = status.samples + status.missing
    parts = []
    if status.missing:
        seem = "" if status.loss_known == "exact" else "possibly "
        parts.append(f"{seem}{100.0 * status.missing / total:.1f} % lost")
    lost = sum(m.kind == "lost" and m.sensor == status.name for m in snapshot.messages)
    if lost:
        parts.append(f"{lost} gap{'s' if lost > 1 else ''}")
    return ", ".join(parts)
