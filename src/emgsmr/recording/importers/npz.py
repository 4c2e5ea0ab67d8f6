"""NPZ: ``data`` (n_samples, n_channels; NaN = missing), ``channels``, ``units``, ``fs_hz``, ``t0_s``."""

from __future__ import annotations

import math
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.errors import ImportFormatError
from emgsmr.recording.importers.source import Source, choose
from emgsmr.recording.importers.timestamps import check_rate
from emgsmr.recording.importers.units import Column, read_header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_MAX_RATIO = 200  # of unpacked to packed size; measured EMG does not shrink so far, a trap does
_SMALL_BYTES = 64 << 20
_PIECE_ROWS = 1 << 16


def read_npz(path: Path, *, fs: float | None, unit: str | None, sites: Mapping[str, str]) -> Source:
    """Read an NPZ file.

    Raises
    ------
    ImportFormatError
        It is no NPZ file, or something in it is missing or has the wrong shape.
    """
    arrays = _load(path)
    data = arrays["data"]
    if data.ndim != 2 or data.dtype.kind not in "fiu":
        raise ImportFormatError(
            f"{path}: data is {data.dtype} of shape {data.shape}: it must be numbers, (n_samples, n_channels)"
        )
    if not len(data):
        raise ImportFormatError(f"{path} holds no samples")
    columns = _columns(arrays, data.shape[1], path)
    rate = check_rate(_number(arrays, "fs_hz", path) if fs is None else fs)
    t0_s = _number(arrays, "t0_s", path) if "t0_s" in arrays else 0.0
    choices = choose(columns, sites, unit)
    positions = [choice.position for choice in choices]
    values = [
        data[start : start + _PIECE_ROWS, positions].astype(np.float64)
        for start in range(0, len(data), _PIECE_ROWS)
    ]
    notes: tuple[str, ...] = ()
    if fs is not None and "fs_hz" in arrays and abs(_number(arrays, "fs_hz", path) / fs - 1) > 1e-3:
        notes = (
            f"the file says {_number(arrays, 'fs_hz', path):g} Hz, --rate says {fs:g} Hz: --rate was taken",
        )
    return Source(path, columns, choices, None, values, None, rate, t0_s, notes)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.file_size > max(_SMALL_BYTES, _MAX_RATIO * member.compress_size):
                    raise ImportFormatError(
                        f"{path}: {member.filename} unpacks to far more than it is: not opened"
                    )
        with np.load(path, allow_pickle=False) as archive:
            arrays = {
                key: archive[key]
                for key in ("data", "channels", "units", "fs_hz", "t0_s")
                if key in archive.files
            }
    except OSError as error:
        raise ImportFormatError(f"{path} cannot be read: {error.strerror or error}") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        EOFError,
        KeyError,
        NotImplementedError,
        MemoryError,
    ) as error:
        raise ImportFormatError(
            f"{path} is no NPZ file that can be read ({error}): save it with numpy.savez"
        ) from error
    for key in ("data", "channels", "fs_hz"):
        if key not in arrays:
            raise ImportFormatError(f"{path} has no {key}: an NPZ file needs data, channels, units and fs_hz")
    return arrays


def _columns(arrays: Mapping[str, NDArray[Any]], n_channels: int, path: Path) -> tuple[Column, ...]:
    names = [str(name) for name in np.atleast_1d(arrays["channels"]).ravel()]
    if len(names) != n_channels:
        raise ImportFormatError(f"{path} names {len(names)} channels: its data have {n_channels}")
    columns = [read_header(name) for name in names]
    if "units" not in arrays:
        return tuple(columns)
    units = [str(unit) for unit in np.atleast_1d(arrays["units"]).ravel()]
    if len(units) == 1:
        units *= n_channels
    if len(units) != n_channels:
        raise ImportFormatError(
            f"{path} has {len(units)} units: give one, or one for each of {n_channels} channels"
        )
    return tuple(
        Column(column.header, column.name, unit or column.unit)
        for column, unit in zip(columns, units, strict=True)
    )


def _number(arrays: Mapping[str, NDArray[Any]], key: str, path: Path) -> float:
    if key not in arrays:
        raise ImportFormatError(f"{path} has no {key}")
    array = arrays[key]
    if array.size != 1 or array.dtype.kind not in "fiu" or not math.isfinite(float(array.reshape(())[()])):
        raise ImportFormatError(f"{path}: {key} is no single number")
    return float(array.reshape(())[()])
