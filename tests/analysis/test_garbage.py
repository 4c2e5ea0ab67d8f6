"""Garbage in: a state with a reason, a hint, or an error of one sentence; never a silent number.

Each case goes the whole way, through a file and an importer to the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Analysis, analyze
from emgsmr.analysis.quality import UNUSABLE
from emgsmr.errors import ImportFormatError, SamplingRateError
from emgsmr.recording import import_file

FS = 1000
T = np.arange(5 * FS) / FS
NOISE = np.random.default_rng(0).normal(0, 60, len(T))
MAINS = 30 * np.sin(2 * np.pi * 50 * T)

Through = Callable[..., Analysis]


def as_csv(path: Path, x: np.ndarray, unit: str, fs: float) -> Path:
    path = path.with_suffix(".csv")
    rows = (f"{i / fs!r},{value!r}" for i, value in enumerate(x.tolist()))
    path.write_text("\n".join([f"time_s,GMAX [{unit}]", *rows, ""]))
    return path


def as_npz(path: Path, x: np.ndarray, unit: str, fs: float) -> Path:
    path = path.with_suffix(".npz")
    np.savez(path, data=x[:, np.newaxis], channels=["GMAX"], units=[unit], fs_hz=fs, t0_s=0.0)
    return path


@pytest.fixture(params=[as_csv, as_npz])
def through(request: pytest.FixtureRequest, tmp_path: Path) -> Through:
    """Through a file of one channel, to the tables."""

    def go(x: np.ndarray, unit: str = "uV", fs: float = FS) -> Analysis:
        src = request.param(tmp_path / "garbage", np.asarray(x, dtype=np.float64), unit, fs)
        with import_file(src, tmp_path / "garbage.emgsmr", sites={"GMAX": "GMAX_R"}) as recording:
            return analyze(recording)

    return go


def with_values(values: dict[int, float]) -> np.ndarray:
    x = NOISE.copy()
    for place, value in values.items():
        x[place] = value
    return x


@pytest.mark.parametrize(
    ("x", "state"),
    [
        (np.zeros(5000), "flat"),
        (np.full(5000, 123.4), "flat"),
        (np.full(5000, -5e6), "flat"),
        (np.clip(30 * NOISE, -500, 500), "clipped"),
        (np.clip(30 * NOISE, -5e5, 200), "clipped"),
        (MAINS, "off"),
        (30 * np.sin(2 * np.pi * 60 * T), "off"),
        (0.1 * MAINS, "off"),
        (MAINS + 0.3 * np.random.default_rng(1).normal(size=len(T)), "off"),
        (np.arange(5000.0), "off"),
        (np.cumsum(NOISE), "motion"),
        (1e4 * (np.arange(5000) == 2500), "flat"),
        (1e3 * (np.arange(5000) // 1000 % 2), "flat"),
    ],
)
def test_a_state_with_a_reason(through: Through, x: np.ndarray, state: str) -> None:
    result = through(x)
    assert set(result.quality["state"]) <= UNUSABLE
    assert result.quality["state"].mode()[0] == state
    assert result.quality["reason"].notna().all()
    assert result.hints["kind"].tolist() == ["unusable"]
    assert any(f"mostly {state}" in line for line in result.summary())
    assert not result.activation["valid"].any()


@pytest.mark.parametrize(
    ("x", "unit", "says"),
    [
        (np.full(5000, np.nan), "uV", "holds no sample"),
        (with_values({700: np.inf}), "uV", "infinite"),
        (with_values({700: -np.inf, 701: np.nan}), "uV", "infinite"),
        (1e9 * NOISE, "uV", "check --unit"),
        (1e300 * NOISE, "V", "check --unit"),
        (NOISE, "V", "check --unit"),
        (
            1e-6 * NOISE,
            "uV",
            "check --unit",
        ),  # volts that are called microvolts: nothing but zeros would be left
        (1e-310 * NOISE, "mV", "check --unit"),
        (1e300 * NOISE, "au", "size that can be squared"),
        (1e-300 * NOISE, "au", "size that can be squared"),
        (NOISE[:0], "uV", "holds no samples"),
    ],
)
def test_an_error_of_one_sentence(
    through: Through, tmp_path: Path, x: np.ndarray, unit: str, says: str
) -> None:
    with pytest.raises(ImportFormatError, match=says) as error:
        through(x, unit)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "garbage.emgsmr").exists()


def test_too_slow(through: Through) -> None:
    with pytest.raises(SamplingRateError):
        through(NOISE, fs=100)


@pytest.mark.parametrize("n", [2, 7, 50])
def test_hardly_any_samples(through: Through, n: int) -> None:
    result = through(NOISE[:n])
    assert result.quality.empty
    assert result.hints["kind"].tolist() == ["too_short"]


def test_one_sample(tmp_path: Path) -> None:
    """Its time tells no rate; with a rate there is nothing that could be said."""
    sites = {"GMAX": "GMAX_R"}
    with pytest.raises(ImportFormatError, match="fewer than two samples"):
        import_file(as_csv(tmp_path / "one", NOISE[:1], "uV", FS), tmp_path / "one.emgsmr", sites=sites)
    with import_file(
        as_npz(tmp_path / "one", NOISE[:1], "uV", FS), tmp_path / "one.emgsmr", sites=sites
    ) as one:
        result = analyze(one)
    assert result.hints["kind"].tolist() == ["too_short"]
    assert any("nothing can be said" in line for line in result.summary())


def test_a_third_of_a_second_is_judged(through: Through) -> None:
    assert through(NOISE[:300]).quality["state"].tolist() == ["good"]


def test_missing_samples_are_gaps(through: Through) -> None:
    result = through(with_values(dict.fromkeys(range(1000, 1500), np.nan)))
    assert result.gaps["n_missing"].tolist() == [500]
    assert result.quality["state"].tolist().count("gap") == 1


def test_every_second_sample_missing(through: Through) -> None:
    result = through(with_values(dict.fromkeys(range(0, 5000, 2), np.nan)))
    assert set(result.quality["state"]) == {"gap"}
    assert result.hints["kind"].tolist() == ["too_short"]


@pytest.mark.parametrize("unit", ["uV", "mV"])
def test_a_wrong_unit_is_a_hint(through: Through, unit: str) -> None:
    """200 mV of a thigh muscle, whichever way they are written."""
    result = through(NOISE / NOISE.std() * (2e5 if unit == "uV" else 200), unit)
    assert result.hints["kind"].tolist() == ["wrong_unit"]
    said = result.hints["text"][0].removeprefix("GMAX_R reaches ")
    assert 180 < float(said.split(" mV rms")[0]) < 205
    assert set(result.quality["state"]) == {"good"}


def test_nothing_wrong(through: Through) -> None:
    result = through(NOISE)
    assert result.hints.empty
    assert set(result.quality["state"]) == {"good"}


# --- left and right ---------------------------------------------------------------------------------------

CENTERS = {"GMAX": 4.0, "BFLH": 95.0, "MGAS": 6.0}


def runner(tmp_path: Path, *, swapped: bool) -> Analysis:
    """Both legs and their foot contacts; the columns of the file may be exchanged."""
    rng = np.random.default_rng(4)
    fs, stride_s = 500, 0.7
    t = np.arange(20 * fs) / fs
    columns = {}
    for side, first in (("L", 0.3), ("R", 0.65)):
        for code, center in CENTERS.items():
            phase = (t - first) / stride_s - center / 100
            level = 3 + 90 * np.exp(6 * (np.cos(2 * np.pi * phase) - 1))
            columns[f"{code}_{side}"] = level * rng.normal(size=len(t))
    src, events = tmp_path / "run.npz", tmp_path / "contacts.csv"
    np.savez(
        src, data=np.column_stack(list(columns.values())), channels=list(columns), units=["uV"], fs_hz=fs
    )
    lines = [f"{0.35 * k + 0.3:.3f},foot_contact,{'LR'[k % 2]}" for k in range(55)]
    events.write_text("\n".join(["t_s,kind,side", *lines, ""]))
    other = {"L": "R", "R": "L"} if swapped else {"L": "L", "R": "R"}
    sites = {name: f"{name[:-1]}{other[name[-1]]}" for name in columns}
    with import_file(src, tmp_path / "run.emgsmr", sites=sites, events=events) as recording:
        return analyze(recording)


def test_exchanged_legs_are_a_hint(tmp_path: Path) -> None:
    result = runner(tmp_path, swapped=True)
    assert result.hints["kind"].tolist() == ["swapped_sides"]
    assert "left and right" in result.summary()[-1]


def test_legs_that_are_right_are_none(tmp_path: Path) -> None:
    assert runner(tmp_path, swapped=False).hints.empty
