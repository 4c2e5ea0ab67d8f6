from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.errors import RecordingError
from emgsmr.report import write_report
from emgsmr.report.page import render
from emgsmr.report.time_course import time_course
from emgsmr.report.words import NOT_A_DEVICE

VOID = {"meta", "br", "link", "img", "hr", "input"}
SAID_NEVER = (
    r"neural drive", r"\binhibit", r"dysfunction", r"\bwill cramp", r"\bnormal\b", r"\babnormal",
    r"fasciitis", r"injury risk", r"risk of injury", r"clinically proven", r"\bdiagnos", r"\bpredict",
    r"\bhealthy\b", r"\bcure", r"\bweak\b", r"\bSMR (fixed|caused|works)",
    r"\bNaN\b", r"\bnan\b", r"\bNone\b(?! found|\.)", r"\bundefined\b",
)  # fmt: skip


class Reader(HTMLParser):
    """Checks that tags are balanced, and collects ids, references, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.pictures: list[dict[str, str]] = []
        self.text: list[str] = []
        self.named: dict[str, str] = {}
        self._id = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        self._id = found.get("id", "")
        if self._id:
            self.ids.append(self._id)
        if tag == "svg":
            self.pictures.append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._id:
            self.named[self._id] = self.named.get(self._id, "") + data
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def no_baseline(synthetic: ModuleType) -> Any:
    analysis = synthetic.analysis(minutes=9, flagged=False)
    analysis.baseline = None
    analysis.profiles = analysis.profiles[analysis.profiles.period == "all"]
    analysis.session = {**analysis.session, "normalization": {"L": None, "R": None}, "charts": []}
    return analysis


CASES = ("full", "quiet", "nothing", "one_channel", "no_baseline", "left_only", "no_valid", "groups")


def case(synthetic: ModuleType, name: str) -> Any:
    if name == "full":
        return synthetic.analysis()
    if name == "quiet":
        return synthetic.analysis(minutes=9, flagged=False)
    if name == "nothing":
        return synthetic.without_rows()
    if name == "one_channel":
        return synthetic.one_channel()
    if name == "no_baseline":
        return no_baseline(synthetic)
    analysis = synthetic.analysis(minutes=9, flagged=False)
    if name == "left_only":
        for table in ("strides", "ratios"):
            frame = getattr(analysis, table)
            setattr(analysis, table, frame[frame.side == "L"])
        for table in ("activation", "quality", "profiles"):
            frame = getattr(analysis, table)
            setattr(analysis, table, frame[frame.site.str.endswith("_L")])
    if name == "no_valid":
        for table in ("strides", "activation", "ratios"):
            setattr(analysis, table, getattr(analysis, table).assign(valid=False, reject_reason="too short"))
        analysis.ratios = analysis.ratios[list(synthetic.COLUMNS["ratios"])].assign(log_ratio=np.nan)
    if name == "groups":
        for table in ("activation", "quality", "profiles"):
            frame = getattr(analysis, table)
            frame = frame[~frame.site.str.startswith(("BFLH", "MGAS", "LGAS"))]
            setattr(analysis, table, frame.assign(site=frame.site.str.replace("ST_", "HAM_")))
    return analysis


@pytest.mark.parametrize("name", CASES)
def test_the_page_is_whole_self_contained_and_says_nothing_it_must_not(
    synthetic: ModuleType, name: str
) -> None:
    page = render(case(synthetic, name))
    reader = read(page)
    text = " ".join(reader.text)
    _check_self_contained(page, reader)
    _check_pictures(reader)
    visible = text.replace(NOT_A_DEVICE, "").split("All settings and exclusions")[0]
    for phrase in SAID_NEVER:
        assert not re.search(phrase, visible), phrase
    assert NOT_A_DEVICE in text
    assert "theorizes that" in text


def _check_self_contained(page: str, reader: Reader) -> None:
    for tag, name, value in reader.attributes:
        if name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster"):
            assert value.startswith("#"), (tag, name, value)
        assert not name.startswith("on"), (tag, name)
        assert tag not in ("script", "link", "iframe", "object", "embed", "base", "form")
    assert "@import" not in page
    for target in re.findall(r"url\(([^)]*)\)", page):
        assert target.strip("'\"").startswith("#"), target
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|http-equiv', "", page)


def _check_pictures(reader: Reader) -> None:
    assert len(reader.ids) == len(set(reader.ids))
    for picture in reader.pictures:
        assert picture["role"] == "img"
        for target in picture["aria-labelledby"].split():
            assert reader.named[target].strip()
    for _tag, name, value in reader.attributes:
        if name in ("href", "xlink:href"):
            assert value[1:] in reader.ids
        for target in re.findall(r"url\(#([^)]*)\)", value):
            assert target in reader.ids


def test_every_color_of_the_page_has_a_light_and_a_dark_value(synthetic: ModuleType) -> None:
    page = render(synthetic.analysis(minutes=9))
    style = page[page.index("<style>") : page.index("</style>")]
    light, dark = style.split("prefers-color-scheme: dark")[:2]
    for name in set(re.findall(r"var\(--([a-z]+)\)", page)):
        assert f"--{name}:" in light
        assert f"--{name}:" in dark


def test_a_finding_comes_first_with_its_interval_its_tier_and_when(synthetic: ModuleType) -> None:
    text = " ".join(" ".join(read(render(synthetic.analysis())).text).split())
    head = text[: text.index("Each muscle against")]
    assert "Right leg: pattern consistent with compensation" in head
    assert "rose 35 % (95 % CI" in head
    assert "tier 2: compensation pattern : +35 % since 8:06" in head
    assert text.count("no lasting shift") == 2
    assert "alarm 9:05" in text
    assert "until 15:00" in text
    assert "fatigue: Borg 15" in text
    assert "tight, not painful" in text


def test_what_was_left_out_and_how_it_was_measured_is_said(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis()
    text = " ".join(" ".join(read(render(analysis)).text).split())
    assert "irregular (" in text
    assert "motion (" in text
    assert "calf R 5:00 21.0 s 10500 link" in text
    kept, found = int(analysis.strides.valid.sum()), len(analysis.strides)
    assert f"{kept} of {found} kept" in text
    for fact in ("2:00 to 7:00", "500 Hz", "1116 Hz", "4 control charts", "one false alarm in 10 hours",
                 "emgsmr 0.1.0",
                 "8c1f0a5b9d3e", "30 to 225 Hz", "NPG Lite cannot measure", "4 of 6"):  # fmt: skip
        assert fact in text, fact


def test_quiet_session_says_what_it_could_have_shown(synthetic: ModuleType) -> None:
    text = " ".join(read(render(synthetic.analysis(minutes=9, flagged=False))).text)
    assert "No lasting shift was detected" in text
    assert "The smallest shift this session could have shown is 20 %." in text


def test_without_charts_no_smallest_shift_is_claimed(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=9, flagged=False)
    analysis.session = {}
    text = " ".join(read(render(analysis)).text)
    assert "No lasting shift was detected" in text
    assert "smallest shift" not in text


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> $\\frac{1}{0$ &amp; {{ 7 * 7 }}"


def test_hostile_texts_are_shown_and_never_run(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=9)
    analysis.events = analysis.events.assign(note=HOSTILE, label=HOSTILE)
    analysis.findings = analysis.findings.assign(text=HOSTILE, pattern=HOSTILE)
    analysis.gaps = analysis.gaps.assign(sensor=HOSTILE, cause=HOSTILE)
    analysis.strides = analysis.strides.assign(source=HOSTILE, valid=False, reject_reason=HOSTILE)
    analysis.session = {
        **analysis.session,
        "software": {"name": HOSTILE},
        "scenario": HOSTILE,
        HOSTILE: HOSTILE,
    }
    analysis.session["sensors"] = [{**analysis.session["sensors"][0], "name": HOSTILE, "family": HOSTILE}]
    for table in ("activation", "quality", "profiles"):
        frame = getattr(analysis, table)
        setattr(analysis, table, frame.assign(site=frame.site.str.replace("GMAX", HOSTILE)))
    page = render(analysis)
    reader = read(page)
    assert not any(tag in ("script", "img") or name.startswith("on") for tag, name, _ in reader.attributes)
    assert "<script" not in page
    assert "<img" not in page
    assert "onerror=alert(2)&gt;" in page
    assert "{{ 7 * 7 }}" in page


def test_the_same_analysis_gives_the_same_page(synthetic: ModuleType) -> None:
    assert render(synthetic.one_channel()) == render(synthetic.one_channel())


def test_a_long_session_makes_no_long_page(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=90, flagged=False)
    pictures = [time_course(analysis, "P1", side, floor_pct=20.0) for side in "LR"]
    short = time_course(synthetic.analysis(minutes=15, flagged=False), "P1", "L", floor_pct=20.0)
    assert max(map(len, pictures)) < 3 * len(short)


def test_findings_that_still_go_on_or_lack_an_estimate(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=9)
    analysis.findings = analysis.findings.assign(
        t_end_s=np.nan,
        t_onset_s=np.nan,
        ci_low_pct=np.nan,
        ci_high_pct=np.nan,
        n_strides=pd.NA,
        overload_index=None,
    )
    text = " ".join(" ".join(read(render(analysis)).text).split())
    assert "to the end" in text
    assert "How sure: The limits are calculated" in text


def test_the_page_is_written_where_it_was_asked(synthetic: ModuleType, tmp_path: Path) -> None:
    path = write_report(synthetic.one_channel(), tmp_path / "new" / "page.html")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(RecordingError, match="cannot be written"):
        write_report(synthetic.without_rows(), tmp_path)
