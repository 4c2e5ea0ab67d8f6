from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import MontageError
from emgsmr.recording import Montage, MontageSensor, default_montage, load_montage, montage_template
from emgsmr.recording.montage import parse_montage

GOOD = """
mains_hz = 50
[person]
code = "P01"

[[sensor]]
name = "uMyo 1"
family = "umyo"
required = false
[sensor.channels]
1 = "GMAX_L"

[[sensor]]
address = "AA:BB:CC:DD:EE:FF"
[sensor.channels]
2 = "BFLH_R"
1 = "HAM_L"
"""


def load(tmp_path: Path, text: str) -> Montage:
    path = tmp_path / "montage.toml"
    path.write_text(text, encoding="utf-8")
    return load_montage(path)


def test_a_montage(tmp_path):
    montage = load(tmp_path, GOOD)
    assert (montage.mains_hz, montage.person) == (50.0, "P01")
    assert montage.sites == ("GMAX_L", "HAM_L", "BFLH_R")
    assert montage.sensors[0] == MontageSensor("uMyo 1", None, "umyo", required=False, channels={1: "GMAX_L"})
    assert montage.sensors[1].label == "AA:BB:CC:DD:EE:FF"
    assert Montage.from_dict(montage.to_dict()) == montage


def test_the_default_montage():
    montage = default_montage()
    assert {sensor.name: dict(sensor.channels) for sensor in montage.sensors} == {
        "uMyo-GL": {1: "GMAX_L"},
        "uMyo-GR": {1: "GMAX_R"},
        "NPG-THL": {1: "BFLH_L", 2: "ST_L"},
        "NPG-THR": {1: "BFLH_R", 2: "ST_R"},
        "NPG-CAL": {1: "MGAS_L", 2: "LGAS_L"},
        "NPG-CAR": {1: "MGAS_R", 2: "LGAS_R"},
    }
    assert all(sensor.required for sensor in montage.sensors)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no sensor"),
        ("sensor = []", "no sensor"),
        ("sensor = [1]", r"\[\[sensor\]\]"),
        ("[[sensor", "no TOML"),
        ('[[sensor]]\nchannels = {1 = "GMAX_L"}', "neither name nor address"),
        ('[[sensor]]\nname = ""', "text in quotes"),
        ("[[sensor]]\nname = 3", "text in quotes"),
        ('[[sensor]]\nname = "a"\n[sensor.channels]\n1 = "GMAXX_L"', "GMAX_L"),
        ('[[sensor]]\nname = "a"\n[sensor.channels]\n1 = "GMAX"', "GMAX"),
        ('[[sensor]]\nname = "a"\n[sensor.channels]\n1 = 7', "write a site"),
        ('[[sensor]]\nname = "a"\n[sensor.channels]\n0 = "GMAX_L"', "count from 1"),
        ('[[sensor]]\nname = "a"\n[sensor.channels]\nfirst = "GMAX_L"', "count from 1"),
        ('[[sensor]]\nname = "a"\n[sensor.channels]\n1 = "GMAX_L"\n1 = "GMAX_R"', "same thing twice"),
        (
            '[[sensor]]\nname = "a"\n[sensor.channels]\n1 = "GMAX_L"\n01 = "GMAX_R"',
            "channel 1 is placed twice",
        ),
        (
            '[[sensor]]\nname = "a"\n[sensor.channels]\n1 = "GMAX_L"\n2 = "GMAX_L"',
            "give each site one channel",
        ),
        ('[[sensor]]\nname = "a"\n[[sensor]]\nname = "a"', "listed twice"),
        ('[[sensor]]\nname = "a"\nchannels = 5', "sensor.channels"),
        ('[[sensor]]\nname = "a"\nfamily = "umio"', "did you mean 'umyo'"),
        ('[[sensor]]\nname = "a"\nfamily = "heart_rat"', "did you mean 'heart_rate'"),
        (
            '[[sensor]]\nname = "a"\nfamily = "heart_rate"\n[sensor.channels]\n1 = "GMAX_L"',
            "a heart rate strap has no EMG channels",
        ),
        (
            '[[sensor]]\nname = "a"\nfamily = "foot_pod"\n[sensor.channels]\n1 = "GMAX_L"',
            "a foot pod has no EMG channels",
        ),
        ('[[sensor]]\nname = "a"\nrequired = "no"', "true or false"),
        ('[[sensor]]\nname = "a"\nadress = "b"', "did you mean 'address'"),
        ('mains_hz = 55\n[[sensor]]\nname = "a"', "50 or 60"),
        ('mains_hz = true\n[[sensor]]\nname = "a"', "50 or 60"),
        ('person = "me"\n[[sensor]]\nname = "a"', r"\[person\]"),
        ('[person]\nname = "me"\n[[sensor]]\nname = "a"', "'name' is no word"),
        ('sensors = 1\n[[sensor]]\nname = "a"', "did you mean 'sensor'"),
        ("a = " + "[" * 5000, "no TOML"),
    ],
)
def test_mistakes_are_said_clearly(tmp_path, text, message):
    with pytest.raises(MontageError, match=message) as caught:
        load(tmp_path, text)
    assert "montage.toml" in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(MontageError, match="cannot be read"):
        load_montage(tmp_path / "absent.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(MontageError, match="larger than a megabyte"):
        load_montage(tmp_path / "large.toml")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_a_montage_error(raw):
    with pytest.raises(MontageError):
        parse_montage(raw, source="x")


def test_a_strap_needs_no_channels():
    text = b'[[sensor]]\nname = "a"\nfamily = "heart_rate"\nrequired = false\n'
    montage = parse_montage(text, source="x")
    assert montage.sensors == (MontageSensor("a", None, "heart_rate", required=False),)
    assert montage.sites == ()
    assert Montage.from_dict(montage.to_dict()) == montage


def test_the_template_offers_a_device_without_emg_no_channels():
    strap = MontageSensor("Strap", "AA:03", "heart_rate", required=False)
    text = montage_template([MontageSensor("a"), strap], channel_counts={"heart_rate": 0})
    assert text.count("[sensor.channels]") == 1
    assert parse_montage(text.encode(), source="template").sensors[1] == strap


def test_the_template_is_a_montage_to_fill_in():
    found = [
        MontageSensor("NPG Lite", "AA:01", "npg_lite"),
        MontageSensor('odd "name" \\ \n\x07', "AA:02", None, channels={1: "GMAX_R"}),
    ]
    text = montage_template(found, channel_counts={"npg_lite": 3})
    montage = parse_montage(text.encode(), source="template")
    assert [(s.name, s.address, s.family) for s in montage.sensors] == [
        (f.name, f.address, f.family) for f in found
    ]
    assert montage.sites == ("GMAX_R",)
    filled = text.replace('# 1 = "GMAX_L"', '1 = "BFLH_L"').replace('# 3 = "GMAX_L"', '3 = "ST_L"')
    assert parse_montage(filled.encode(), source="filled").sensors[0].channels == {1: "BFLH_L", 3: "ST_L"}
