"""The functions behind ``import emgsmr``: each wires rooms together for scripts and notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from emgsmr.errors import ArgumentError
from emgsmr.recording import open_recording

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis, Settings
    from emgsmr.recording import Recording

__all__ = ["analyze", "export", "import_csv", "open", "simulate", "write_report"]


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


def import_csv(
    src: str | Path,
    out: str | Path,
    *,
    fs: float | None = None,
    unit: str | None = None,
    sites: dict[str, str],
    events: str | Path | None = None,
) -> Recording:
    """Turn a CSV or TSV file into a recording.

    Parameters
    ----------
    src, out : path-like
    fs : float, Hz, optional
        Needed where the file has no time column.
    unit : {"uV", "mV", "V", "au"}, optional
        Needed where the header does not state it.
    sites : dict of column name to site
        Such as ``{"GMAX": "GMAX_R"}``; other columns are left out.
    events : path-like, optional
        CSV with ``t_s, kind`` and any other columns of ``events.csv``.
    """
    from emgsmr.recording.importers import import_csv as run

    return run(Path(src), Path(out), fs=fs, unit=unit, sites=sites, events=events)


def analyze(recording: Recording, settings: Settings | None = None) -> Analysis:
    """Strides, activation, ratios, findings and quality of a recording, as DataFrames.

    Parameters
    ----------
    recording : Recording
    settings : Settings, optional

    Raises
    ------
    SamplingRateError, NotEnoughDataError
        If a sensor samples below 200 Hz, or no channel has a site.

    Examples
    --------
    >>> recording, truth = simulate("healthy", minutes=0.5, seed=1)
    >>> result = analyze(recording)
    >>> sorted(result.ratios["pair"].unique().tolist()), len(result.findings)
    (['P1', 'P2'], 0)
    """
    from emgsmr.analysis import analyze as run

    return run(recording, settings)


def write_report(analysis: Analysis, path: str | Path) -> Path:
    """Write one self-contained HTML page about an analysis.

    Parameters
    ----------
    analysis : Analysis
    path : path-like
        Replaced where it exists: a page can be made again.

    Returns
    -------
    Path
    """
    from emgsmr.report import write_report as run

    return Path(run(analysis, Path(path)))


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
) -> tuple[Recording, dict[str, Any]]:
    """Simulate a runner and record it, without a radio.

    Parameters
    ----------
    scenario : str
        A name of `emgsmr.simulate.SCENARIOS`.
    minutes : float, optional
        Default: as long as the scenario's script.
    seed : int
        Equal seeds give equal recordings.
    path : path-like, optional
        Where to; default: a new file in a temporary folder.

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

    cast = cast_scenario(scenario, seed=seed, minutes=minutes)
    target = Path(path) if path is not None else Path(tempfile.mkdtemp()) / f"{scenario}-{seed}.emgsmr"
    return write_cast(cast, target), cast.truth
