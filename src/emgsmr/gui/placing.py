"""Which channel sits on which muscle: the plan, the guess, and the montage that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from emgsmr.anatomy.muscle import GROUPS
from emgsmr.gui.activity import HELD_S, TIMES_REST, Activities, Key
from emgsmr.gui.screen import Guess
from emgsmr.recording import Montage, MontageSensor, default_montage
from emgsmr.sensors import Family

if TYPE_CHECKING:
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.session.snapshot import Snapshot

Placed = Mapping[str, Key]
"""Site to channel."""

AHEAD = 2.0
"""The channel that is meant is this many times as far above its rest as any other: a neighbor that is
contracted along, or picks it up, stays below half of it."""

KNOCK_SHOWN_S = 3.0
"""So long a knock may be answered."""


def planned_sites(montage: Montage | None, n_channels: int) -> tuple[str, ...]:
    """Name the muscles to place: a montage's own, or the default's, as many as there are channels.

    With few channels both legs and all pairs come first: one muscle of each group, then the others.

    Examples
    --------
    >>> planned_sites(None, 4)
    ('GMAX_L', 'GMAX_R', 'BFLH_L', 'BFLH_R')
    """
    if montage is not None and montage.sites:
        return montage.sites
    later = {code for members in GROUPS.values() for code in members[1:]}
    sites = sorted(default_montage().sites, key=lambda site: site[:-2] in later)
    return tuple(sites[:n_channels])


def place(placed: Placed, site: str, key: Key) -> dict[str, Key]:
    """Put a channel on a site; whatever was on that site, and wherever the channel was, is freed.

    Examples
    --------
    >>> place({"GMAX_L": ("A", 0)}, "GMAX_R", ("A", 0))
    {'GMAX_R': ('A', 0)}
    """
    kept = {other: channel for other, channel in placed.items() if channel != key and other != site}
    return {**kept, site: key}


def placed_by(snapshot: Snapshot) -> dict[str, Key]:
    """Tell where channels sit already, by the montage that sensors were connected with."""
    return {
        signal.site: (signal.sensor, signal.channel)
        for signal in snapshot.channels
        if signal.site is not None
    }


def channel_of(text: str, known: Iterable[Key]) -> Key | None:
    """Read "SENSOR/CHANNEL"; None if there is no such channel.

    Examples
    --------
    >>> channel_of("A/B/1", [("A/B", 1)]), channel_of("A/2", [("A", 0)])
    (('A/B', 1), None)
    """
    return next((key for key in known if f"{key[0]}/{key[1]}" == text), None)


def guess(activities: Activities, now_s: float) -> Guess | None:
    """Tell which channel is being contracted, or was knocked on just now; None if none stands out.

    A channel is meant if its level, as a multiple of its own rest, is `TIMES_REST` or more, and sure if it
    lasted and is `AHEAD` of all others. A knock is a bump that was over before `HELD_S`; it shakes all
    channels of a sensor, so it is sure only of a sensor with one.
    """
    if not activities.channels:
        return None
    ranked = sorted(activities.channels.items(), key=lambda item: -item[1].times_rest)
    (key, first), others = ranked[0], ranked[1:]
    if first.times_rest >= TIMES_REST:
        ahead = all(first.times_rest >= AHEAD * other.times_rest for _, other in others)
        sure = ahead and first.above_s >= HELD_S
        more = "" if ahead else ", and others along with it: contract one muscle only"
        return Guess(*key, sure, f"{name_of(key)} is {first.times_rest:.0f} times its rest{more}")
    recent = {key: one.knocked_s for key, one in ranked if 0 <= now_s - one.knocked_s <= KNOCK_SHOWN_S}
    if not recent:
        return None
    sensors = {sensor for sensor, _ in recent}
    last = max(recent, key=lambda key: recent[key])
    alone = sum(sensor == last[0] for sensor, _ in activities.channels) == 1
    if len(sensors) > 1:
        return Guess(*last, sure=False, text="Several sensors were knocked on: knock on one only")
    if alone:
        return Guess(*last, sure=True, text=f"{last[0]} was knocked on")
    return Guess(*last, sure=False, text=f"{last[0]} was knocked on: contract to tell which channel")


def told_apart(found: Sequence[FoundSensor], *, companions: bool = False) -> Montage | None:
    """Name the sensors to connect; None = all EMG sensors in range, and each has a name of its own.

    Where several have one name, the end of the address is added to it, and finds the sensor again. A strap
    or a pod may be a stranger's: only the user can say that it comes along (``companions``).
    """
    names = [one.name for one in found]
    if len(set(names)) == len(names) and not companions:
        return None
    return Montage(
        tuple(
            MontageSensor(
                one.name if names.count(one.name) == 1 else f"{one.name} {one.address[-5:]}",
                one.address,
                one.family.key,
                required=False,
            )
            for one in found
            if companions or isinstance(one.family, Family)
        )
    )


def name_of(key: Key) -> str:
    """Name a channel for people, who count from 1.

    Examples
    --------
    >>> name_of(("NPG-THL", 1))
    'NPG-THL, channel 2'
    """
    return f"{key[0]}, channel {key[1] + 1}"


def montage_of(snapshot: Snapshot, placed: Placed, *, without: Sequence[str] = ()) -> Montage:
    """Write the montage of a session: sensors as connected, with the sites that were given to channels.

    Parameters
    ----------
    snapshot : Snapshot
    placed : mapping of site to (sensor, channel from 0)
    without : sequence of str
        Sensors that may be missing from now on.
    """
    base = snapshot.montage
    known = {sensor.label: sensor for sensor in (base.sensors if base is not None else ())}
    found = {one.name: one for one in snapshot.found}
    names = dict.fromkeys(
        [
            *known,
            *(status.name for status in snapshot.sensors),
            *(signal.sensor for signal in snapshot.channels),
        ]
    )
    sensors = []
    for name in names:
        sensor = known.get(name)
        if sensor is None:
            one = found.get(name)
            address, family = (one.address, one.family.key) if one is not None else (None, None)
            sensor = MontageSensor(name, address, family)
        channels = {key[1] + 1: site for site, key in placed.items() if key[0] == name}
        # of those that no montage asked for, those are needed that sit on a muscle
        needed = sensor.required if name in known and sensor.channels else bool(channels)
        required = needed and name not in without
        sensors.append(replace(sensor, channels=dict(sorted(channels.items())), required=required))
    return Montage(
        tuple(sensors),
        base.mains_hz if base is not None else None,
        base.person if base is not None else None,
    )
