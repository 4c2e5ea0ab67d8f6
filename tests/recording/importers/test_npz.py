from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, EmgsmrError, ImportFormatError, SamplingRateError
from emgsmr.recording import Recording, import_npz

SITES = {"GMAX": "GMAX_R", "BF": "BFLH_R"}


def bring(tmp_path: Path, content: dict[str, Any], **options: Any) -> Recording:
    np.savez(tmp_path / "walk.npz", **content)
    out = tmp_path / "walk.emgsmr"
    return import_npz(tmp_path / "walk.npz", out, **{"sites": SITES, **options})


def good() -> dict[str, Any]:
    data = np.arange(200.0).reshape(100, 2)
    data[10:20] = np.nan
    return {"data": data, "channels": ["GMAX", "BF"], "units": "uV", "fs_hz": 1000.0, "t0_s": 7.5}


def test_an_npz_file(tmp_path):
    with bring(tmp_path, good()) as recording:
        [sensor] = recording.sensors
        assert (sensor.rate_hz, sensor.channels) == (1000.0, 2)
        assert recording.counts(1, 20, 21).tolist() == [[4000, 4100]]
        assert [(gap.first_missing, gap.n_missing, gap.t_start_s) for gap in recording.gaps()] == [
            (10, 10, 7.51)
        ]
        assert (recording.start_s, recording.end_s) == (7.5, 7.6)


def test_units_of_each_channel_and_of_the_user(tmp_path):
    content = {**good(), "units": ["mV", "au"], "data": np.full((10, 2), 2, dtype=np.int16)}
    with bring(tmp_path, content) as recording:
        assert [sensor.scale_known for sensor in recording.sensors] == ["known", "unknown"]
        assert recording.counts(1, 0, 1)[0, 0] == 200_000
    del content["units"]
    (tmp_path / "walk.emgsmr").unlink()
    with pytest.raises(ArgumentError, match="--unit"):
        bring(tmp_path, content)
    with bring(tmp_path, content, unit="V", fs=2000) as recording:
        assert recording.sensors[0].rate_hz == 2000.0
        assert "--rate was taken" in recording.session["source"]["notes"][0]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": np.zeros(5)}, ImportFormatError, "n_samples, n_channels"),
        ({"data": np.zeros((5, 2), dtype=complex)}, ImportFormatError, "must be numbers"),
        ({"data": np.array([["a", "b"]])}, ImportFormatError, "must be numbers"),
        ({"data": np.array([[{}, 1]], dtype=object)}, ImportFormatError, "no NPZ file"),
        ({"data": np.zeros((0, 2))}, ImportFormatError, "no samples"),
        ({"data": np.full((5, 2), np.inf)}, ImportFormatError, "infinite"),
        ({"channels": ["GMAX"]}, ImportFormatError, "names 1 channels"),
        ({"channels": ["GMAX", "SOL"]}, ArgumentError, "no column 'BF'.*GMAX, SOL"),
        ({"units": ["uV"] * 3}, ImportFormatError, "3 units"),
        ({"units": "uV?"}, ArgumentError, "unsure"),
        ({"fs_hz": 100.0}, SamplingRateError, "100 samples"),
        ({"fs_hz": [1, 2]}, ImportFormatError, "fs_hz is no single number"),
        ({"fs_hz": float("nan")}, ImportFormatError, "fs_hz is no single number"),
        ({"t0_s": "soon"}, ImportFormatError, "t0_s is no single number"),
    ],
)
def test_mistakes_are_said_clearly(tmp_path, changes, error, message):
    with pytest.raises(error, match=message):
        bring(tmp_path, {**good(), **changes})
    assert not (tmp_path / "walk.emgsmr").exists()


@pytest.mark.parametrize("key", ["data", "channels", "fs_hz"])
def test_what_must_be_there(tmp_path, key):
    content = good()
    del content[key]
    with pytest.raises(ImportFormatError, match=f"has no {key}"):
        bring(tmp_path, content)


def test_a_file_that_unpacks_to_far_more_than_it_is_stays_closed(tmp_path):
    np.savez_compressed(
        tmp_path / "bomb.npz",
        data=np.zeros((50_000_000, 2), dtype=np.int8),
        **{key: value for key, value in good().items() if key != "data"},
    )
    with pytest.raises(ImportFormatError, match="unpacks"):
        import_npz(tmp_path / "bomb.npz", tmp_path / "a.emgsmr", sites=SITES)


@given(st.binary(max_size=100), st.integers(0, 2000))
def test_garbage_is_an_import_error(tmp_path, raw, place):
    path = tmp_path / "garbage.npz"
    path.write_bytes(raw)
    (tmp_path / "a.emgsmr").unlink(missing_ok=True)
    with pytest.raises(ImportFormatError):
        import_npz(path, tmp_path / "a.emgsmr", sites=SITES)
    np.savez(path, **good())
    whole = bytearray(path.read_bytes())
    whole[place : place + len(raw)] = raw
    path.write_bytes(whole)
    try:
        import_npz(path, tmp_path / "a.emgsmr", sites=SITES).close()
    except EmgsmrError:
        assert not (tmp_path / "a.emgsmr").exists()
