"""A folder of recordings as clients and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emgsmr.errors import EmgsmrError
from emgsmr.recording.listing import list_recordings
from emgsmr.recording.reader import Recording


@dataclass(frozen=True, slots=True)
class ClientSession:
    """One recording of a client.

    Attributes
    ----------
    path : Path
    code : str
        Of the person, as the montage says it; empty where it says none.
    started_utc : str, optional
        ISO 8601; None where the recording does not know (imported files).
    duration_s : float, s
    phases : tuple of str
        Labels of its phases, each once, in the order of time.
    error : str, optional
        Why the rest is missing.
    """

    path: Path
    code: str = ""
    started_utc: str | None = None
    duration_s: float | None = None
    phases: tuple[str, ...] = ()
    error: str | None = None

    @property
    def day(self) -> str:
        """Date (UTC), or a question mark."""
        return (self.started_utc or "?")[:10]


def client_sessions(folder: Path | str) -> dict[str, list[ClientSession]]:
    """The sessions of each client below a folder, the oldest first; by code, those without a code last.

    Raises
    ------
    ArgumentError
        It is not a folder.

    Notes
    -----
    A recording that cannot be read is among those without a code, with its error.
    """
    found: dict[str, list[ClientSession]] = {}
    for summary in list_recordings(folder):
        session = _session(summary.path)
        found.setdefault(session.code, []).append(session)
    for sessions in found.values():
        sessions.sort(key=lambda s: (s.started_utc is None, s.started_utc or "", str(s.path)))
    return dict(sorted(found.items(), key=lambda entry: (entry[0] == "", entry[0])))


def _session(path: Path) -> ClientSession:
    try:
        with Recording(path) as recording:
            started = recording.session.get("started_utc")
            events = sorted((e for e in recording.events() if e.kind == "phase"), key=lambda e: e.t_s)
            return ClientSession(
                path,
                recording.montage.person or str(recording.session.get("person") or ""),
                started if isinstance(started, str) else None,
                recording.duration_s,
                tuple(dict.fromkeys(event.label for event in events if event.label)),
            )
    except EmgsmrError as error:
        return ClientSession(path, error=str(error))
