"""Settings: what they refuse, and that a fingerprint stands for all of them."""

from __future__ import annotations

import dataclasses
import json

import pytest

from emgsmr.analysis import Settings
from emgsmr.errors import SettingsError

OTHER = {
    "low_hz": 20.0,
    "high_hz": 400.0,
    "filter_order": 2,
    "mains_hz": 60.0,
    "remove_mains": False,
    "cycles": "bursts",
    "normalization": "mvc",
    "onset_method": "double_threshold",
    "onset_snr_db": 20.0,
    "spectrum_snr_db": 6.0,
    "spectrum_bursts": 10,
    "baseline": (10.0, 20.0),
    "warmup_s": 0.0,
    "baseline_s": 60.0,
    "pairs": ("P1",),
    "catalog": "own.toml",
    "block_strides": 5,
    "cusum_k": 0.5,
    "hours_per_false_alarm": 1.0,
    "floor_pct": 10.0,
    "cadence_tolerance_pct": 5.0,
}


def test_every_setting_changes_the_fingerprint() -> None:
    assert set(OTHER) == {field.name for field in dataclasses.fields(Settings)}
    prints = {Settings(**{name: value}).fingerprint() for name, value in OTHER.items()}
    assert len({*prints, Settings().fingerprint()}) == len(OTHER) + 1


def test_the_settings_survive_json() -> None:
    settings = Settings(baseline=(10, 70), pairs=("P1", "P2"))
    read = json.loads(json.dumps(settings.as_dict()))
    again = Settings(**{**read, "baseline": tuple(read["baseline"]), "pairs": tuple(read["pairs"])})
    assert again.fingerprint() == settings.fingerprint()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"baseline": (30, 30)}, "must end after it begins"),
        ({"baseline": (60, 30)}, "60:30"),
        ({"baseline": (float("nan"), 30)}, "must end after it begins"),
        ({"low_hz": 0}, "band"),
        ({"low_hz": 450, "high_hz": 30}, "band"),
        ({"block_strides": 0}, "block_strides"),
        ({"cycles": "steps"}, "cycles is one of auto, events"),
        ({"normalization": "peak"}, "normalization is one of"),
        ({"onset_method": "eye"}, "onset_method is one of"),
        ({"spectrum_bursts": 3}, "4 or more"),
        ({"filter_order": 0}, "filter_order"),
        ({"cusum_k": 0.0}, "cusum_k"),
        ({"cusum_k": float("nan")}, "cusum_k"),
        ({"hours_per_false_alarm": -1.0}, "hours_per_false_alarm"),
        ({"baseline_s": 0.0}, "baseline_s"),
        ({"warmup_s": -1.0}, "warmup_s"),
        ({"floor_pct": -5.0}, "floor_pct"),
        ({"cadence_tolerance_pct": -1.0}, "cadence_tolerance_pct"),
        ({"mains_hz": 55.0}, "50 or 60"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings(**wrong)  # type: ignore[arg-type]
