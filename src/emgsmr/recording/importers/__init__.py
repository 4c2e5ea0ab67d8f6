"""Importers: files of other programs become recordings. What a file does not say is asked, never guessed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.errors import ImportFormatError, RecordingExistsError
from emgsmr.recording.events import read_events
from emgsmr.recording.importers.npz import read_npz
from emgsmr.recording.importers.text_table import read_text_table
from emgsmr.recording.importers.writing import write_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emgsmr.recording.importers.source import Source
    from emgsmr.recording.importers.writing import Progress
    from emgsmr.recording.reader import Recording

__all__ = ["import_csv", "import_file", "import_npz"]


def import_csv(
    src: str | Path,
    out: str | Path,
    *,
    fs: float | None = None,
    unit: str | None = None,
    sites: Mapping[str, str],
    events: str | Path | None = None,
    progress: Progress | None = None,
) -> Recording:
    r"""Turn a CSV or TSV file into a recording.

    Its first line names the columns, with a unit if it is known (``GMAX_R [uV]``). A column named ``time``,
    ``time_s``, ``t``, ``t_s`` or ``timestamp`` gives rate and start; where it jumps, samples are missing. So
    are empty cells and NaN.

    Parameters
    ----------
    src, out : path-like
        ``out`` must not exist.
    fs : float, Hz, optional
        Needed where there is no time column.
    unit : {"uV", "mV", "V", "au"}, optional
        Needed where the header does not say it.
    sites : mapping of column to site
        Such as ``{"GMAX": "GMAX_R"}``; other columns are left out.
    events : path-like, optional
        A CSV file with ``t_s`` (on the clock of the time column), ``kind`` and others of ``events.csv``.
    progress : callable, optional
        Called with the fraction done (0 to 1).

    Returns
    -------
    Recording
        Values are stored in steps of 0.01 µV. ``session["source"]`` says what was mapped and left out.

    Raises
    ------
    ArgumentError
        Unknown column, no or contradicting unit, no rate, a site twice, ``out`` exists.
    ImportFormatError
        The file is empty, not numeric, or its lines differ in length.
    SamplingRateError
        Below 200 Hz.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = "time_s,GM [mV],KNEE [deg]\n" + "".join(f"{i / 1000},0.001,12\n" for i in range(50))
    ...     _ = Path(folder, "walk.csv").write_text(table)
    ...     recording = import_csv(f"{folder}/walk.csv", f"{folder}/walk.emgsmr", sites={"GM": "MGAS_R"})
    ...     recording.sensors[0].rate_hz, recording.sites, recording.session["source"]["left_out"]
    ...     recording.counts(1, 0, 2).tolist()  # in steps of 0.01 µV
    ...     recording.close()
    (1000.0, ('MGAS_R',), ['KNEE [deg]'])
    [[100], [100]]
    """
    return _import(src, out, read_text_table, fs, unit, sites, events, progress)


def import_npz(
    src: str | Path,
    out: str | Path,
    *,
    fs: float | None = None,
    unit: str | None = None,
    sites: Mapping[str, str],
    events: str | Path | None = None,
    progress: Progress | None = None,
) -> Recording:
    """Turn an NPZ file into a recording.

    It holds ``data`` (n_samples, n_channels; NaN = missing), ``channels`` (names), ``units`` (one, or one per
    channel), ``fs_hz`` and ``t0_s`` (time of the first sample, s). Parameters and errors as in `import_csv`.
    """
    return _import(src, out, _read_npz, fs, unit, sites, events, progress)


def import_file(
    src: str | Path,
    out: str | Path,
    *,
    fs: float | None = None,
    unit: str | None = None,
    sites: Mapping[str, str],
    events: str | Path | None = None,
    progress: Progress | None = None,
) -> Recording:
    """Turn a file into a recording, by its extension; see `import_csv` and `import_npz`."""
    suffix = Path(src).suffix.lower()
    if suffix not in _READERS:
        raise ImportFormatError(
            f"{src} cannot be imported: files with {', '.join(_READERS)} can; save it as one of these"
        )
    return _import(src, out, _READERS[suffix], fs, unit, sites, events, progress)


def _read_npz(
    path: Path,
    *,
    fs: float | None,
    unit: str | None,
    sites: Mapping[str, str],
    progress: Progress | None = None,
) -> Source:
    del progress  # numpy reads it in one go
    return read_npz(path, fs=fs, unit=unit, sites=sites)


def _import(
    src: str | Path,
    out: str | Path,
    read: Callable[..., Source],
    fs: float | None,
    unit: str | None,
    sites: Mapping[str, str],
    events: str | Path | None,
    progress: Progress | None,
) -> Recording:
    src, out = Path(src), Path(out)
    if out.exists():
        raise RecordingExistsError(f"{out} exists and is never overwritten: choose another name")
    listed = () if events is None else read_events(events)
    reading = None if progress is None else lambda fraction: progress(0.7 * fraction)
    source = read(src, fs=fs, unit=unit, sites=sites, progress=reading)
    writing = None if progress is None else lambda fraction: progress(0.7 + 0.3 * fraction)
    return write_recording(source, out, listed, writing)


_READERS = {".csv": read_text_table, ".tsv": read_text_table, ".npz": _read_npz}
