"""Listing: what recordings are in a folder, without reading their samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emgsmr.errors import ArgumentError, RecordingError
from emgsmr.recording.reader import Recording
from emgsmr.recording.schema import SUFFIX


@dataclass(frozen=True, slots=True)
class Summary:
    """One recording of a list; ``error`` says why the rest is missing.

    Attributes
    ----------
    path : Path
    started_utc : str, optional
        ISO 8601; None where the recording does not know (imported files).
    duration_s : float, s
    sensors, sites : tuple of str
    n_events, n_gaps : int
    closed : bool
        False while it is being recorded, or if its recorder was killed.
    error : str, optional
    """

    path: Path
    started_utc: str | None = None
    duration_s: float | None = None
    sensors: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    n_events: int | None = None
    n_gaps: int | None = None
    closed: bool = False
    error: str | None = None


def list_recordings(folder: str | Path) -> tuple[Summary, ...]:
    """All recordings below a folder, by path; one that cannot be read is in the list with its error."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ArgumentError(f"{folder} is not a folder: give the folder that holds the recordings")
    return tuple(summarize(path) for path in sorted(folder.rglob(f"*{SUFFIX}")))


def summarize(path: str | Path) -> Summary:
    """The facts about one recording."""
    path = Path(path)
    try:
        with Recording(path) as recording:
            started = recording.session.get("started_utc")
            return Summary(
                path,
                started if isinstance(started, str) else None,
                recording.duration_s,
                tuple(sensor.name for sensor in recording.sensors),
                recording.sites,
                len(recording.events()),
                len(recording.gaps()),
                "ended_utc" in recording.session,
            )
    except RecordingError as error:
        return Summary(path, error=str(error))
