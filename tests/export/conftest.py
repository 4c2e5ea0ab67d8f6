"""The made-up analysis of tests/report/synthetic.py, and a small recording with gaps."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from emgsmr.recording import Recorder, Recording, SampleBlock, open_recording

STARTED_NS = 1_000_000_000


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    path = Path(__file__).parents[1] / "report" / "synthetic.py"
    spec = importlib.util.spec_from_file_location("synthetic_analysis", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def file_recording(tmp_path: Path) -> Iterator[Recording]:
    """Two channels of a file at 500 Hz that starts at 0.25 s; samples 1000 to 1249 are missing."""
    path = tmp_path / "file.emgsmr"
    counts = np.arange(2500)[:, None] * [1, -1]
    with Recorder(path, started_ns=STARTED_NS) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="walk.csv", firmware="", rate_hz=500.0, channels=3, dtype="<i2",
            scale_uv=0.01, scale_known="known", placements=[(0, "GMAX_L"), (2, "BFLH_L")],
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.25, 500.0, None, "file")
        three = np.column_stack([counts, counts[:, 0] % 7])
        recorder.write(SampleBlock(info.id, 0, three[:1000].astype("<i2")))
        recorder.write(SampleBlock(info.id, 1250, three[1250:].astype("<i2")))
    with open_recording(path) as recording:
        yield recording


@pytest.fixture
def radio_recording(tmp_path: Path) -> Iterator[Recording]:
    """Two sensors of nominally 500 Hz, one of them 200 ppm fast, and one of 1000 Hz with a gap."""
    path = tmp_path / "radio.emgsmr"
    sensors = [("glute", 500.0, 1.0, 0.0, "GMAX_L"), ("thigh", 500.0, 1.0002, 0.1, "BFLH_L"),
               ("calf", 1000.0, 1.0, 0.05, "MGAS_L")]  # fmt: skip
    with Recorder(path, started_ns=STARTED_NS) as recorder:
        for name, rate_hz, factor, begin_s, site in sensors:
            info = recorder.add_sensor(
                family="file", address=name, name=name, firmware="", rate_hz=rate_hz, channels=1, dtype="<i2",
                scale_uv=0.5, scale_known="known", placements=[(0, site)],
            )  # fmt: skip
            n_block = int(rate_hz // 50)
            for first in range(0, int(20 * rate_hz), n_block):
                if name == "calf" and 5000 <= first < 8000:
                    continue
                counts = np.arange(first, first + n_block, dtype="<i2")[:, None]
                t_s = begin_s + (first + n_block - 1) / (rate_hz * factor)
                arrival = np.array([[first + n_block, STARTED_NS + round(t_s * 1e9)]])
                recorder.write(SampleBlock(info.id, first, counts, arrival))
    with open_recording(path) as recording:
        yield recording
