"""``emgsmr slings``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from emgsmr.cli.main import main

DEFAULT = {
    "SBL": ["MGAS", "LGAS", "BFLH", "ST"],
    "LL": ["GMAX"],
    "SL": ["BFLH"],
    "BFL": ["GMAX"],
    "POS": ["GMAX"],
    "DLS": ["BFLH"],
}


def report(capsys, *arguments):
    assert main(["slings", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def test_fifteen_slings_and_what_the_default_montage_measures(capsys):
    content = report(capsys)
    slings = {sling["id"]: sling for sling in content["slings"]}
    assert len(content["slings"]) == len(slings) == 15
    for name, sling in slings.items():
        codes = DEFAULT.get(name, [])
        assert sling["measured"] == {side: [f"{code}_{side}" for code in codes] for side in "LR"}
        assert sling["n_measured"] == len(codes)
        assert sling["n_members"] == len(sling["members"]) > len(codes)
        assert sling["evidence"]
        assert sling["name"]
        assert sling["system"] in ("anatomy_trains", "core_subsystem")
        assert all(source["citation"] for source in sling["sources"])
        here = [member["site"] for member in sling["members"] if member["measured"]["L"]]
        assert here == codes
    assert {"GMAX_L", "LGAS_R"} <= set(content["sites"])


def test_pairs(capsys):
    pairs = {pair["id"]: pair for pair in report(capsys)["pairs"]}
    assert list(pairs) == [f"P{number}" for number in range(1, 10)]
    assert [name for name, pair in pairs.items() if pair["enabled"]] == ["P1", "P2"]
    assert pairs["P1"]["measured"] == {"L": True, "R": True}
    assert pairs["P5"]["measured"] == {"L": False, "R": False}
    assert pairs["P1"]["level"] == "B"
    assert pairs["P3"]["derived_from"] == "P2"


def test_a_montage_of_one_leg(capsys, tmp_path):
    montage = tmp_path / "montage.toml"
    montage.write_text('[[sensor]]\nname = "NPG-1"\n[sensor.channels]\n1 = "GMAX_R"\n2 = "LD_L"\n', "utf-8")
    slings = {sling["id"]: sling for sling in report(capsys, "--montage", str(montage))["slings"]}
    assert slings["BFL"]["measured"] == {"L": [], "R": ["GMAX_R", "LD_L"]}
    assert slings["BFL"]["n_measured_by_side"] == {"L": 0, "R": 2}
    assert slings["FAL"]["n_measured"] == 1
    assert main(["slings", "--montage", str(montage)]) == 0
    assert "L 0, R 2" in capsys.readouterr().out


def test_an_own_catalog(capsys, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[[pair]]\nid = "P5"\nenabled = true\n', "utf-8")
    pairs = {pair["id"]: pair for pair in report(capsys, "--catalog", str(own))["pairs"]}
    assert pairs["P5"]["enabled"]


@pytest.mark.parametrize("option", ["--montage", "--catalog"])
def test_a_file_that_is_not_there_is_one_sentence(capsys, tmp_path, option):
    assert main(["slings", option, str(tmp_path / "none.toml")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "cannot be read" in captured.err


def test_people_get_a_table_of_100_columns(capsys):
    assert main(["slings"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    assert "4 of 11" in out
    assert "● MGAS gastrocnemius medialis" in out
    assert "GMAX → HAM" in out
    assert "not a medical device" in " ".join(out.split())
    for word in ("inhibited muscle", "you will cramp", "risk"):
        assert word not in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["slings"], "* MGAS gastrocnemius medialis"),
        (["slings"], "GMAX -> HAM"),
        (["slings", "--json"], '"GMAX_L"'),
        (["sensors"], "2.75 ?V per count"),
        (["sensors", "--json"], '"npg_lite"'),
    ],
)
def test_an_output_without_shapes_gets_letters(arguments, says):
    done = subprocess.run(
        [sys.executable, "-c", f"from emgsmr.cli.main import main; main({arguments})"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
    )
    assert says in done.stdout.decode("ascii")
