"""Whatever is pressed and said, in any order: nothing is raised and no recording lost."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emgsmr.gui.doing import WHERE
from emgsmr.gui.screen import Screen, Step

STAGES = ("idle", "scanning", "connecting", "preview", "recording", "ended")
VALUES = ("", "GMAX_R", "ST_L", "GL/0", "TL/1", "TL/9", "a note", "L", "nose_L", "no.emgsmr")
STATES = ("", "good", "noisy", "motion", "clipped", "flat", "off", "gap", "something new")
LINKS = ("absent", "connecting", "ready", "streaming", "lost", "stopped")


def happens(engine, kind, number, scripted):
    """Something that the session might say of itself."""
    shown = engine.shown
    if kind == "stage":
        engine.set(stage=STAGES[number % len(STAGES)])
    elif kind == "error":
        engine.set(error="" if number % 3 else "The disk is full: make room.")
    elif kind == "found":
        engine.set(found=engine.in_range[: number % 5])
    elif kind == "channels":
        level = (5.0, 60.0, float("nan"), 0.0)[number % 4]
        state = STATES[number % len(STATES)]
        changed = [replace(c, rms_uv=level, state=state) for c in shown.channels[number % 3 :]]
        engine.set(channels=(*shown.channels[: number % 3], *changed))
    elif kind == "links":
        state = LINKS[number % len(LINKS)]
        engine.set(sensors=tuple(scripted.status(s.name, state, number) for s in shown.sensors))
    elif kind == "fewer":
        engine.set(sensors=shown.sensors[number % 2 :], channels=shown.channels[number % 2 :])
    elif kind == "strides":
        engine.set(baseline_strides={"L": 20 * number, "R": 20 * number})
    elif kind == "points":
        points = np.linspace(-1.0, 1.0, number % 5) * number
        engine.set(
            pairs=(scripted.pair(points, t_end=shown.elapsed_s, band=None if number % 2 else (-9.0, 9.0)),)
        )
    elif kind == "finding":
        engine.set(findings=(scripted.finding(number % 4, change=30.0 - number, name=f"F{number % 3}"),))
    elif kind == "message":
        engine.set(messages=(*shown.messages, scripted.message(t_s=shown.elapsed_s)))
    elif kind == "lost file":
        engine.set(recording="" if number % 2 else "other.emgsmr")


KINDS = (
    "stage", "error", "found", "channels", "links", "fewer", "strides", "points", "finding", "message",
    "lost file",
)  # fmt: skip

actions = st.tuples(st.just("do"), st.sampled_from(sorted(WHERE)), st.sampled_from(VALUES))
news = st.tuples(st.just("news"), st.sampled_from(KINDS), st.integers(0, 30))
times = st.tuples(st.just("wait"), st.sampled_from((0.1, 1.0, 11.0, 400.0)), st.none())
onward = st.tuples(
    st.just("do"), st.sampled_from(("connect", "next", "confirm", "skip", "stop")), st.just("")
)


@pytest.mark.parametrize("obeys", [True, False])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(actions, onward, onward, news, times), max_size=40))
def test_nothing_is_raised(scripted, obeys, steps):
    with tempfile.TemporaryDirectory() as folder:
        desk = scripted.Desk(Path(folder), obeys=obeys)
        for step, name, value in steps:
            if step == "do":
                screen = desk.do(name, value)
            elif step == "news":
                happens(desk.engine, name, value, scripted)
                screen = desk.presenter.look()
            else:
                screen = desk.wait(name, step=name)
            check(desk, screen)
        outs = [call[2] for call in desk.engine.called("begin")]
        assert len(set(outs)) == len(outs)


def check(desk, screen):
    """What always holds of a screen."""
    assert isinstance(screen, Screen)
    assert sum(action.main for action in screen.actions) <= 1
    assert {action.name for action in screen.actions} <= set(WHERE)
    keys = [action.key for action in screen.actions if action.key]
    assert len(set(keys)) == len(keys)
    assert all(action.enabled for action in screen.actions if action.main)
    assert len({(row.sensor, row.channel) for row in screen.sites if row.sensor}) == len(
        [row for row in screen.sites if row.sensor]
    )
    assert all(0.0 <= row.level <= 1.0 for row in (*screen.sites, *screen.muscles))
    desk.presenter.sounds()
    desk.presenter.alerts()
    if screen.step in (Step.CALIBRATE, Step.RUN):
        assert desk.presenter.closing()
        assert screen.recording


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(actions, onward, onward, times), max_size=40))
def test_no_recording_is_lost(scripted, steps):
    """Every recording that began is the one that is running, or was shown with a summary of its own."""
    with tempfile.TemporaryDirectory() as folder:
        summarized: list[Path] = []

        def make(path):
            summarized.append(path)
            return scripted.Summary()

        desk = scripted.Desk(Path(folder), make=make)
        begun: list[Path] = []
        for step, name, value in steps:
            before = len(desk.engine.called("begin"))
            screen = desk.do(name, value) if step == "do" else desk.wait(name, step=name)
            for _, _, out in desk.engine.called("begin")[before:]:
                assert not out.exists()
                out.write_text("begun")
                begun.append(out)
            if desk.presenter.desk.state.summary is not None:
                desk.presenter.desk.state.summary.wait(10.0)
            if screen.step in (Step.CALIBRATE, Step.RUN):
                assert screen.recording == str(begun[-1])
                assert desk.engine.shown.stage in ("recording", "ended")
        desk.do("stop")
        screen = desk.presenter.look()
        if desk.presenter.desk.state.summary is not None:
            desk.presenter.desk.state.summary.wait(10.0)
        assert [path for path in summarized if path in begun] == begun
        assert all(path.read_text() == "begun" for path in begun)
