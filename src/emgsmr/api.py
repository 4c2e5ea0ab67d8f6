"""Functions of ``import emgsmr`` that wire several rooms together; the others live in their rooms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from emgsmr.errors import ArgumentError
from emgsmr.recording import open_recording

if TYPE_CHECKING:
    from emgsmr.recording import Recording

__all__ = ["export", "open", "simulate"]


def open(path: str | Path) -> Recording:  # noqa: A001 - emgsmr.open() reads well
    """Open a recording for reading; samples are read when they are asked for.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    NotARecordingError, DamagedRecordingError
    """
    return open_recording(path)


def export(recording: Recording, folder: str | Path, *, format: Literal["csv"] = "csv") -> list[Path]:  # noqa: A002
    """Write a recording, and its tables, for other programs.

    Parameters
    ----------
    recording : Recording
    folder : path-like
    format : {"csv"}

    Returns
    -------
    list of Path
        The files written: tables, data dictionary, session and signal.

    Raises
    ------
    ArgumentError
        If the format is not known.
    """
    from emgsmr.analysis import analyze
    from emgsmr.export import export_csv

    if format != "csv":
        raise ArgumentError(f"The format {format!r} is not supported; use 'csv'.")
    return list(export_csv(recording, analyze(recording), Path(folder)))


def simulate(
    scenario: str = "glute_inhibition",
    *,
    minutes: float | None = None,
    seed: int = 1,
    path: str | Path | None = None,
    engine: Literal["surrogate", "pool"] = "surrogate",
) -> tuple[Recording, dict[str, Any]]:
    """Simulate a runner and record it, without a radio.

    Parameters
    ----------
    scenario : str
        A name of `emgsmr.simulate.SCENARIOS` or `emgsmr.simulate.TREATMENTS`.
    minutes : float, optional
        Default: as long as the scenario's script.
    seed : int
        Equal seeds give equal recordings.
    path : path-like, optional
        Where to; default: a new file in a temporary folder.
    engine : {"surrogate", "pool"}
        EMG as shaped noise, or from motor units that tire and share loads (several times slower).

    Returns
    -------
    recording : Recording
    truth : dict
        What was simulated: contacts, gains over time, shifts, drop-outs.

    Examples
    --------
    >>> recording, truth = simulate("healthy", minutes=0.5, seed=1)
    >>> recording.sites[:3], truth["scenario"]
    (('GMAX_L', 'GMAX_R', 'BFLH_L'), 'healthy')
    """
    import tempfile

    from emgsmr.radio.cast import cast_scenario, write_cast

    cast = cast_scenario(scenario, seed=seed, minutes=minutes, engine=engine)
    target = Path(path) if path is not None else Path(tempfile.mkdtemp()) / f"{scenario}-{seed}.emgsmr"
    return write_cast(cast, target), cast.truth
