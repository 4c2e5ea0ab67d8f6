"""What cannot be compared is refused in words by the command and on the page, and never a silent number."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Event, Recorder, SampleBlock
from emgsmr.simulate import Run, simulate_runner, treatment_session

SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R")
OTHER = {"L": "R", "R": "L"}
EXCHANGED = {site: site[:-1] + OTHER[site[-1]] for site in SITES}


@pytest.fixture(scope="module")
def run() -> Run:
    script = treatment_session(0.0, bout_s=7.0, rest_s=3.0, bout_sd=0.03)
    return simulate_runner(dataclasses.replace(script, motion_uv=0.0, stride_sd=0.05, common_sd=0.05), seed=9)


def write(
    path: Path,
    run: Run,
    labels: Sequence[str],
    *,
    sites: Mapping[str, str] | Sequence[str] = SITES,
    fs: float = 500.0,
    keep: int | None = None,
    until_s: float = float("inf"),
) -> Path:
    """Bouts with some labels; ``sites``: whose EMG each channel gets; ``keep``: so many bouts of a set."""
    really = dict(sites) if isinstance(sites, Mapping) else {site: site for site in sites}
    x = np.column_stack([100 * run.emg(of, fs=fs) for of in really.values()])
    with Recorder(path, started_ns=0, session={"started_utc": "2026-05-04T09:00:00Z"}) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="s.csv", firmware="", rate_hz=fs, channels=len(really),
            dtype="<i4", scale_uv=0.01, scale_known="known", placements=list(enumerate(really)),
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, fs, None, "file")
        n = round(min(until_s * fs, len(x)))
        recorder.write(SampleBlock(info.id, 0, np.round(x[:n]).astype("<i4")))
        for side, times in run.contacts.items():
            for t in times:
                recorder.add_event(Event(float(t), kind="foot_contact", side=side))
        for label in labels:
            for event in [e for e in run.events if e["label"] == label][:keep]:
                recorder.add_event(Event(**event))
    return path


@pytest.fixture(scope="module")
def before(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("refusals") / "before.emgsmr", run, ("A1", "A2"))


def last_bout_s(run: Run) -> float:
    return float([event["t_s"] for event in run.events if event["label"] == "B"][-1])


CASES = {
    "rates": ({"fs": 250.0}, "was sampled at 500 Hz before and 250 Hz after", "mit 250 Hz abgetastet"),
    "muscle": (
        {"sites": ("GMAX_L", "GMAX_R")},
        "of this leg were not both measured after",
        "wurden nachher nicht beide gemessen",
    ),
    "sides": ({"sites": EXCHANGED}, "left and right look exchanged", "links und rechts sehen"),
    "bouts": (
        {"keep": 2},
        "only 2 bouts after were recorded for this leg, 3 are needed",
        "nur 2 Durchgänge nachher wurden an diesem Bein aufgezeichnet, 3 sind nötig",
    ),
    "montage": (
        {"sites": ("BFLH_L", "BFLH_R", "GMAX_L", "GMAX_R")},
        "was measured with another channel after than before; BFLH_",
        "GMAX_L wurde nachher mit einem anderen Kanal gemessen als vorher; BFLH_L wurde",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_before_and_after_that_cannot_be_compared(
    name: str, before: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, english, german = CASES[name]
    after = write(tmp_path / "after.emgsmr", run, ("B",), **change)  # type: ignore[arg-type]
    files = [str(before), str(after), "--electrodes", "kept"]
    assert main(["compare", *files, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {row["side"] for row in said["comparison"]} == {"L", "R"}
    for row in said["comparison"]:
        assert row["verdict"] == "not_comparable"
        assert english in row["text"]
        assert [row[key] for key in ("change_pct", "ci_low_pct", "p", "p_holm", "sdc_pct")] == [None] * 5
    assert {entry["side"] for entry in said["session"]["exclusions"]} == {"L", "R"}
    for lang, words in (("en", english), ("de", german)):
        page = tmp_path / f"page.{lang}.html"
        assert main(["report", *files, "--lang", lang, "-o", str(page)]) == 0
        text = _shown(page)
        assert words in text
        assert text.count("Not comparable" if lang == "en" else "Nicht vergleichbar") >= 2
        assert not re.search(r"95 % CI|95-%-KI", text)
        assert 'id="bouts-' not in page.read_text(encoding="utf-8")


def test_a_bout_that_was_broken_off_is_named_and_the_others_are_compared(
    before: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = write(tmp_path / "after.emgsmr", run, ("B",), until_s=last_bout_s(run) + 3.0)
    files = [str(before), str(after), "--electrodes", "kept"]
    out = tmp_path / "tables"
    assert main(["compare", *files, "-o", str(out), "--lang", "de", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    for row in said["comparison"]:
        assert row["verdict"] == "not_comparable"
        assert "only 2 bouts after" in row["text"]
        assert "bout 3 of B was left out: it was broken off after 3 of 7 s" in row["text"]
    left = [bout for bout in said["comparison_bouts"] if bout["left_out"]]
    assert [(bout["side"], bout["bout"], bout["n"], bout["log_ratio"]) for bout in left] == [
        ("L", 3, None, None),
        ("R", 3, None, None),
    ]
    assert said["session"]["looks"]["after"]["bouts_left_out"][0]["reason"].startswith("it was broken off")
    assert "Nachher, Durchgang 3 von B, weggelassen: nach 3 von 7 s abgebrochen." in _shown(
        out / "comparison.html"
    )
    csv = (out / "comparison_bouts.csv").read_text(encoding="utf-8").splitlines()
    assert csv[0].endswith(",left_out")
    assert sum("broken off" in line for line in csv) == 2


def _shown(page: Path) -> str:
    """What a page shows, its settings left out."""
    text = page.read_text(encoding="utf-8")
    body = text[text.index("<main>") : text.index("<details>")]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
