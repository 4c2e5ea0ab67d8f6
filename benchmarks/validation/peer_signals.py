"""The real recordings on which other software is run beside ours, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# name in the document: file, channels (None = all)
FILES = {
    "walk": ("santuz_walk_13muscle/ID0012_TW_01.csv", None),
    "biceps bursts": ("plux_biceps_fatigue/emg_bursts.csv", None),
    "biceps fatigue": ("plux_biceps_fatigue/emg_fatigue.csv", None),
    "knee flexions": ("uci_lower_limb/N01_standing.npz", ("BF", "ST")),
    "hold (elderly)": ("elderly_isometric_cc0/ID01_VLtask.npz", ("VL",)),
}
CYCLES = "santuz_walk_13muscle/ID0012_TW_01_gait_cycles.csv"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Real EMG of one rate: ``x`` has shape (n_samples, n_channels), in the unit of its source."""

    name: str
    x: FloatArray
    fs: float
    t0_s: float
    channels: tuple[str, ...]

    @property
    def t_s(self) -> FloatArray:
        return self.t0_s + np.arange(len(self.x)) / self.fs


def recordings(real_data: Path, names: tuple[str, ...]) -> dict[str, Recording]:
    """Those that are there."""
    found = {}
    for name in names:
        file, channels = FILES[name]
        path = real_data / file
        if path.exists():
            found[name] = _read(name, path, channels)
    return found


def walk_cycles(real_data: Path) -> FloatArray:
    """Touchdown and liftoff of the right foot (s), one row per cycle."""
    return np.genfromtxt(real_data / CYCLES, delimiter=",", skip_header=1, usecols=(1, 2))


def _read(name: str, path: Path, wanted: tuple[str, ...] | None) -> Recording:
    if path.suffix == ".npz":
        with np.load(path) as file:
            x, fs, t0_s = file["data"].astype(np.float64), float(file["fs_hz"]), float(file["t0_s"])
            names = [str(channel) for channel in file["channels"]]
    else:
        with path.open(encoding="utf-8") as text:
            names = [column.split(" [")[0] for column in text.readline().strip().split(",")][1:]
        table = np.genfromtxt(path, delimiter=",", skip_header=1)
        x, t0_s = table[:, 1:], float(table[0, 0])
        fs = float(np.round((len(table) - 1) / (table[-1, 0] - table[0, 0]), 6))
    keep = list(range(len(names))) if wanted is None else [names.index(channel) for channel in wanted]
    return Recording(name, np.ascontiguousarray(x[:, keep]), fs, t0_s, tuple(names[k] for k in keep))
