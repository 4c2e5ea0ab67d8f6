"""Where a leg's cycles come from: foot contacts, else the motion of a sensor, else the EMG's own rhythm.

Repetitions and held contractions come from the EMG, where the settings or a marked phase say so.
"""

from __future__ import annotations

from collections.abc import Mapping

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import ContactSource, EventContacts, WindowContacts
from emgsmr.analysis.emg_rhythm import EmgRhythm, RhythmChannel
from emgsmr.analysis.exercises import ExerciseContacts
from emgsmr.analysis.motion import MotionRhythm, segment_of
from emgsmr.analysis.motion_track import MotionTrack
from emgsmr.analysis.repetitions import ActiveChannel, BurstContacts, HoldContacts
from emgsmr.analysis.settings import Cycles, Settings
from emgsmr.anatomy import Catalog, parse_site
from emgsmr.errors import NotEnoughDataError

Sites = Mapping[str, tuple[SensorStream, int]]
"""Site: the stream that measures it, and the column there."""

SIDE_NAMES = {"L": "left", "R": "right"}


def contacts_of(
    side: str,
    *,
    settings: Settings,
    stepped: bool,
    sites: Sites,
    tracks: dict[int, MotionTrack],
    catalog: Catalog,
) -> ContactSource:
    """What gives a side's contacts, or the cycles that the settings ask for instead.

    Parameters
    ----------
    side : "L" or "R"
    settings : Settings
        Of which ``cycles`` names a source, or "auto".
    stepped : bool
        Whether foot contacts of this side are known.
    sites : Sites
        Of both sides.
    tracks : dict of sensor id to MotionTrack
        Takes in the sensors of this side whose motion is wanted.
    catalog : Catalog

    Raises
    ------
    NotEnoughDataError
        If strides shall come from motion and no sensor sits where it could tell them.

    Notes
    -----
    "auto" asks for motion, then for the EMG, in every window: where a sensor with motion is lost, the EMG
    goes on, and each stride says which of them it is from.
    """
    cycles = settings.cycles
    active = [ActiveChannel(site, *sites[site]) for site in sorted(sites) if site.endswith(f"_{side}")]
    if cycles == "bursts":
        return BurstContacts(active)
    if cycles == "windows":
        return HoldContacts(active)
    steps = _steps(side, cycles, stepped=stepped, sites=sites, tracks=tracks, catalog=catalog)
    return ExerciseContacts(steps, active, side) if cycles == "auto" else steps


def _steps(
    side: str,
    cycles: Cycles,
    *,
    stepped: bool,
    sites: Sites,
    tracks: dict[int, MotionTrack],
    catalog: Catalog,
) -> EventContacts | WindowContacts:
    """Contacts of gait."""
    if cycles == "events" or (cycles == "auto" and stepped):
        return EventContacts()
    other = "R" if side == "L" else "L"
    emg = EmgRhythm(rhythm_channels(side, sites, catalog), rhythm_channels(other, sites, catalog))
    if cycles == "emg":
        return WindowContacts([emg])
    found = motion_tracks(side, sites)
    tracks.update({track.stream.info.id: track for _, track in found})
    if cycles == "imu":
        if not found:
            raise NotEnoughDataError(
                f"No sensor sits on the {SIDE_NAMES[side]} leg and nowhere else, so none can tell its "
                "strides by its motion; let them come from the EMG (cycles = emg)."
            )
        return WindowContacts([MotionRhythm(found)])
    return WindowContacts([MotionRhythm(found), emg])


def motion_tracks(side: str, sites: Sites) -> list[tuple[str, MotionTrack]]:
    """Sensors that sit on this leg and on nothing else, with the part of it."""
    placed: dict[SensorStream, list[str]] = {}
    for site, (stream, _) in sites.items():
        placed.setdefault(stream, []).append(site)
    found = []
    for stream, names in placed.items():
        segment = segment_of(names[0])
        if segment is not None and all(name.endswith(f"_{side}") for name in names):
            found.append((segment, MotionTrack(stream)))
    return found


def rhythm_channels(side: str, sites: Sites, catalog: Catalog) -> list[RhythmChannel]:
    """Muscles of this side whose time in the stride is known."""
    channels = []
    for site, (stream, column) in sorted(sites.items()):
        muscle = catalog.muscles[parse_site(site).muscles[0]]
        run, walk = muscle.center_run_pct, muscle.center_walk_pct
        if site.endswith(f"_{side}") and run is not None and walk is not None:
            channels.append(RhythmChannel(stream, column, run, walk))
    return channels


def check_sources(settings: Settings, *, kinds: set[str], quantities: set[str]) -> None:
    """Say so before a recording is analyzed if it cannot have what strides shall come from.

    Parameters
    ----------
    settings : Settings
    kinds : set of str
        Kinds of the recording's events.
    quantities : set of str
        What its readings tell.

    Raises
    ------
    NotEnoughDataError
    """
    if settings.cycles == "events" and "foot_contact" not in kinds:
        raise NotEnoughDataError(
            "The recording has no foot contacts, from which strides shall come; add them as events, or let "
            "strides come from motion or the EMG (cycles = auto)."
        )
    if settings.cycles == "imu" and not quantities & {"acceleration_g", "rotation_dps"}:
        raise NotEnoughDataError(
            "No sensor in the recording tells its motion, from which strides shall come; let them come from "
            "the EMG (cycles = emg)."
        )
