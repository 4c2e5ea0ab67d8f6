"""A whole guided session of the virtual person, from protocol to verdict: the treated leg, and no other."""

from __future__ import annotations

import dataclasses
import html
import json

import numpy as np
import pytest

from emgsmr.analysis.comparison import ComparisonPlan, compare
from emgsmr.analysis.protocols import load_protocol, protocol_names, schedule_events, session_schedule
from emgsmr.cli.main import main
from emgsmr.radio import cast as cast_module
from emgsmr.radio.client import client_scenario
from emgsmr.recording import Recorder, Recording, SampleBlock
from emgsmr.simulate import simulate_runner

FS = 500.0
MUSCLES = {"P1": ("GMAX", "BFLH", "ST"), "P2": ("BFLH", "ST", "MGAS", "LGAS")}
TREATED_S = 5.0
CHANGE = 60.0
SEED = 1


def recorded(protocol, path, *, change_pct):
    """A session as it was asked for, of the sites of the first primary pair; and what was put in."""
    sets = session_schedule(protocol)
    scenario = client_scenario(protocol, sets, change_pct=change_pct, treatment_s=TREATED_S)
    run = simulate_runner(scenario, seed=SEED)
    sites = [f"{muscle}_{side}" for muscle in MUSCLES[protocol.primary[0]] for side in "LR"]
    x = np.column_stack([run.emg(site, fs=FS) for site in sites])
    with Recorder(path, started_ns=0, session={"started_utc": "2026-05-04T09:00:00Z"}) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="s.csv", firmware="", rate_hz=FS, channels=len(sites),
            dtype="<i4", scale_uv=0.01, scale_known="known", placements=list(enumerate(sites)),
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, FS, None, "file")
        recorder.write(SampleBlock(info.id, 0, np.round(100 * x).astype("<i4")))
        now = 0.0
        for steps in sets:
            for event in schedule_events(protocol, steps, now):
                recorder.add_event(event)
            now += TREATED_S if steps[0].kind == "treatment" else steps[-1].end_s
    return Recording(path), run.truth


def short(name):
    """A protocol without its rests."""
    protocol = dataclasses.replace(load_protocol(name), rest_s=0.0, change_s=0.0, quiet_s=5.0, warm_up_s=0.0)
    if protocol.repetitions is None:
        return dataclasses.replace(protocol, bout_s=12.0, primary=("P1",))
    each_s = protocol.bout_s / protocol.repetitions
    return dataclasses.replace(protocol, repetitions=4, bout_s=4 * each_s)


@pytest.mark.parametrize("name", protocol_names())
def test_the_treated_leg_is_called_changed_and_the_other_is_not(name, tmp_path):
    protocol = short(name)
    recording, truth = recorded(protocol, tmp_path / "session.emgsmr", change_pct=CHANGE)
    with recording:
        found = compare(recording, plan=ComparisonPlan(("A1", "A2"), ("B",), primary=protocol.primary))
    rows = {row.side: row for row in found.table.itertuples() if row.pair == protocol.primary[0]}
    assert {side: row.verdict for side, row in rows.items()} == {"L": "no_detectable_change", "R": "changed"}
    assert np.log1p(rows["R"].change_pct / 100) == pytest.approx(np.log1p(CHANGE / 100), abs=0.25)
    assert rows["R"].ci_low_pct < CHANGE < rows["R"].ci_high_pct
    bouts = found.bouts[found.bouts["pair"] == protocol.primary[0]]
    assert len(bouts) == 2 * 3 * protocol.bouts
    if protocol.exercise is None:
        return
    for bout in bouts.itertuples():
        put_in = [
            r
            for r in truth["repetitions"]
            if r["side"] in (None, bout.side) and bout.t_start_s <= r["t0_s"] and r["t1_s"] <= bout.t_end_s
        ]
        assert len(put_in) == protocol.repetitions
        assert abs(bout.n - len(put_in)) <= 1


def test_a_treatment_that_changes_nothing_is_not_called_a_change(tmp_path):
    protocol = short("bridge")
    recording, _ = recorded(protocol, tmp_path / "session.emgsmr", change_pct=0.0)
    with recording:
        found = compare(recording, plan=ComparisonPlan(("A1", "A2"), ("B",), primary=protocol.primary))
    verdicts = found.table.loc[found.table["pair"] == protocol.primary[0], "verdict"]
    assert list(verdicts) == ["no_detectable_change"] * 2


def test_over_the_air_to_the_report(tmp_path, monkeypatch, capsys):
    """As a user types it, with the sensors of one thigh and buttock."""
    monkeypatch.setattr(
        cast_module,
        "SCENARIO_SENSORS",
        tuple(entry for entry in cast_module.SCENARIO_SENSORS if entry[1] in ("uMyo-GR", "NPG-THR")),
    )
    own, out, page = tmp_path / "own.toml", tmp_path / "x.emgsmr", tmp_path / "x.html"
    own.write_text(
        'title = "Bridge"\nexercise = "bridge"\nbouts = 3\nrepetitions = 3\nrepetition_s = 3\nrest_s = 0\n'
        'quiet_s = 0\nprimary = ["P1"]\n'
    )
    arguments = ["protocol", "run", str(own), "-o", str(out), "--radio", "virtual:treatment_150"]
    assert main([*arguments, "--phase", "before", "--phase", "after", "--speed", "10000", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sets"] == ["before", "after"]
    arguments = ["report", str(out)]
    assert main([*arguments, "-o", str(page)]) == 0
    said = html.unescape(page.read_text(encoding="utf-8"))
    assert "One ratio changed beyond measurement error" in said
    assert '"n_valid": 18' in said  # 3 repetitions in each of 6 bouts
