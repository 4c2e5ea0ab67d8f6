"""Protocols: what comes with emgsmr can be done, an own file is a copied one, and nonsense is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emgsmr.analysis.exercises import EXERCISES
from emgsmr.analysis.protocols import CUES, as_protocol, load_protocol, protocol_names, protocol_text
from emgsmr.anatomy import load_catalog
from emgsmr.errors import SettingsError

GOOD: dict[str, Any] = {
    "title": "Squat",
    "exercise": "squat",
    "sides": "both",
    "bouts": 3,
    "repetitions": 6,
    "repetition_s": 4.0,
    "rest_s": 60.0,
}


@pytest.mark.parametrize("name", protocol_names())
def test_each_protocol_can_be_compared_afterwards(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.bouts >= 3
    assert protocol.exercise is None or protocol.exercise in EXERCISES
    assert protocol.exercise == (None if name.startswith("easy") else name)
    assert set(protocol.primary) <= set(load_catalog().pairs)
    assert {"prepare", "ready", "bout", "rest", "end"} <= set(protocol.cues) <= set(CUES)
    assert protocol.rest_s >= 30


def test_an_own_protocol_is_a_copied_file(tmp_path: Path) -> None:
    own = tmp_path / "my_bridge.toml"
    own.write_text(protocol_text("bridge").replace("bouts = 4", "bouts = 5"), encoding="utf-8")
    protocol = load_protocol(own)
    assert (protocol.name, protocol.bouts) == ("my_bridge", 5)
    assert protocol.exercise == "bridge"


def test_what_is_good_is_read() -> None:
    protocol = as_protocol(GOOD, name="squat")
    assert (protocol.bout_s, protocol.change_s, protocol.quiet_s, protocol.primary) == (
        24.0,
        10.0,
        10.0,
        ("P1", "P2"),
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bouts": 2}, "between 3 and 20"),
        ({"bouts": 3.5}, "whole number"),
        ({"bouts": True}, "whole number"),
        ({"bouts": None}, "whole number"),
        ({"exercise": "yoga"}, "no exercise is called 'yoga'"),
        ({"exercise": 7}, "words between quotation marks"),
        ({"title": ""}, "words between quotation marks"),
        ({"sides": "left"}, '"both" or "each"'),
        ({"rest_s": -1}, "between 0 and 3600"),
        ({"rest_s": "long"}, "number of seconds"),
        ({"rest_s": float("nan")}, "between 0 and 3600"),
        ({"repetition_s": float("inf")}, "between 0.5 and 60"),
        ({"repetitions": 0}, "between 3 and 100"),
        ({"bout_s": 30.0}, "give bout_s for gait"),
        ({"primary": []}, "a list such as"),
        ({"primary": "P1"}, "a list such as"),
        ({"pairs": ["P1"]}, "pairs is unknown"),
        ({"cues": "go"}, "table"),
        ({"cues": {"go": "now"}}, "no cue is called 'go'"),
        ({"cues": {"bout": 3}}, "write words"),
        ({"cues": {"bout": "use the {leg} leg"}}, "between braces"),
        ({"cues": {"bout": "use the {side.x} leg"}}, "between braces"),
        ({"cues": {"bout": "bout {number:99999999}"}}, "between braces"),
        ({"cues": {"bout": "half a brace {"}}, "between braces"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        as_protocol({**GOOD, **change}, name="squat", source="squat.toml")
    assert str(error.value).startswith("squat.toml: ")
    assert str(error.value).endswith(".")


def test_what_is_missing_is_said() -> None:
    for key in ("bouts", "rest_s", "repetitions", "repetition_s"):
        with pytest.raises(SettingsError):
            as_protocol({name: value for name, value in GOOD.items() if name != key}, name="squat")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="use bridge, easy_run"):
        load_protocol("squats")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_protocol(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "words.toml").write_text("three bouts please")
    (tmp_path / "large.toml").write_bytes(b"#" * (1 << 20) + b"#")
    for name in ("bytes", "words"):
        with pytest.raises(SettingsError, match="no TOML"):
            load_protocol(tmp_path / f"{name}.toml")
    with pytest.raises(SettingsError, match="larger than 1 MB"):
        load_protocol(tmp_path / "large.toml")
