from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis.trend import TREND_COLUMNS
from emgsmr.cli.main import main
from emgsmr.recording import Event, Recorder, SampleBlock


def recorded_with(path: Path, person: str, day: str, ratio: float, seed: int, *, mvc: bool = True) -> Path:
    """A session as in test_earlier, of a person on a day."""
    spec = importlib.util.spec_from_file_location(
        "test_earlier_", Path(__file__).with_name("test_earlier.py")
    )
    assert spec is not None
    assert spec.loader is not None
    earlier = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(earlier)

    def recorder(where: Path, *, started_ns: int) -> Recorder:
        session = {"started_utc": f"{day}T09:00:00Z", "person": person}
        found = Recorder(where, started_ns=started_ns, session=session)
        if not mvc:
            add = found.add_event
            found.add_event = lambda event: add(event) if event.label != "mvc" else None  # type: ignore[method-assign]
        return found

    earlier.Recorder = recorder
    return Path(earlier.recorded(path, ratio, seed))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("clients")
    recorded_with(found / "a.emgsmr", "P01", "2026-03-02", 1.0, 1)
    recorded_with(found / "b.emgsmr", "P01", "2026-03-16", 1.1, 2)
    recorded_with(found / "c.emgsmr", "P01", "2026-03-09", 1.0, 3, mvc=False)
    with Recorder(found / "d.emgsmr", session={"started_utc": "2026-04-01T09:00:00Z"}) as recorder:
        sensor = recorder.add_sensor(
            family="umyo", address="", name="x", firmware="", rate_hz=1000.0, channels=1, dtype="<i2",
            scale_uv=1.0, scale_known="known", placements=[(0, "GMAX_L")],
        )  # fmt: skip
        recorder.write(SampleBlock(sensor.id, 0, np.zeros((1000, 1), dtype=np.int16)))
        recorder.add_event(Event(0.1, 0.5, "phase", label="A1"))
    (found / "e.emgsmr").write_text("no recording")
    return found


def test_clients_with_their_sessions_and_phases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clients", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "P01" in said
    assert "2026-03-16" in said
    assert "mvc, baseline" in said
    assert "1 cannot be read" in said
    assert main(["clients", str(folder), "--json"]) == 0
    clients = json.loads(capsys.readouterr().out)["clients"]
    assert [(c["code"], len(c["sessions"])) for c in clients] == [("P01", 3), ("", 2)]
    assert [Path(s["path"]).name for s in clients[0]["sessions"]] == ["a.emgsmr", "c.emgsmr", "b.emgsmr"]


def test_a_clients_trend_compares_days_by_their_own_references(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "P01"
    assert main(["clients", str(folder), "P01", "-o", str(out), "--lang", "de", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [row["recording"] for row in said["trend"]] == ["a.emgsmr", "c.emgsmr", "b.emgsmr"]
    first, without, third = said["trend"]
    assert (first["n_earlier"], third["n_earlier"]) == (0, 1)
    assert third["beyond_days"] is False
    assert 0.2 < third["expected_low"] < third["ratio"] < third["expected_high"] < 5.0
    assert "maximal contraction" in without["reason"]
    assert without["ratio"] is None
    table = pd.read_csv(out / "trend.csv")
    assert tuple(table.columns) == TREND_COLUMNS
    assert table["ratio"][2] == pytest.approx(third["ratio"])
    assert set(table["task"]) == {"run"}
    described = json.loads((out / "data_dictionary.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in described["trend"]["columns"]] == list(TREND_COLUMNS)
    page = (out / "trend.html").read_text(encoding="utf-8")
    assert "kein Verhältnis: weder eine maximale Kontraktion" in page
    assert "davon 2 mit einer Referenz desselben Tages" in page
    assert "innerhalb der üblichen Tagesschwankung" in page


def test_what_cannot_be_done_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        (["P99"], "no client 'P99'"),
        (["-o", "x"], "-o is for one client"),
    ):
        assert main(["clients", str(folder), *arguments]) == 2
        assert said in capsys.readouterr().err
    assert main(["clients", str(folder / "none")]) == 2
