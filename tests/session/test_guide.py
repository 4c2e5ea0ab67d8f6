"""A guide through a protocol: bouts land where they were said, and the session ends with the last step."""

from __future__ import annotations

import asyncio

import pytest

from emgsmr.analysis.protocols import Step, as_protocol
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import open_recording
from emgsmr.session import Session, run_session
from emgsmr.session.guide import Guide, start_guide

PROTOCOL = as_protocol(
    {"title": "Run", "bouts": 3, "bout_s": 5, "rest_s": 0, "primary": ["P1"]}, name="short_run"
)


def steps(label):
    return (
        Step("quiet", 0.0, 1.0, "Hold still.", label),
        Step("bout", 1.0, 2.5, "Run.", label, "R", 1, 1),
        Step("end", 3.5, 0.0, "Done.", label),
    )


TREATMENT = (Step("treatment", 0.0, 0.0, "Treat.", ""),)


@pytest.fixture
def guided(make_cast, tmp_path):
    """``guided(sets, wait)``: run it; gives the guide, what was said, the counts and the recording."""

    def run(sets, wait=None, seconds=20.0, fail=False):
        said, counted, out = [], [], tmp_path / "guided.emgsmr"
        session = Session(air=VirtualAir(make_cast("umyo", seconds=seconds), speed=None), out=out)

        def say(cue):
            if fail:
                raise ValueError("the console is gone")
            said.append((cue.step.kind, cue.step.label, cue.t_s))

        async def treated():
            await session.air.sleep(2.0)

        guide = Guide(session, PROTOCOL, sets, say=say, wait=wait or treated, count=counted.append)
        tasks = []
        run_session(session, on_start=lambda: tasks.append(start_guide(guide, session)))
        return guide, said, counted, out, tasks[0]

    return run


def test_bouts_land_with_label_side_and_length(guided):
    guide, said, counted, out, _ = guided((steps("A1"), TREATMENT, steps("B")))
    assert guide.done == ["A1", "B"]
    kinds = [kind for kind, _, _ in said]
    assert kinds == ["quiet", "bout", "end", "treatment", "quiet", "bout", "end"]
    with open_recording(out) as recording:
        events = recording.events()
        bouts = [e for e in events if e.kind == "phase" and e.label in ("A1", "B")]
        assert [(e.label, e.side, e.note) for e in bouts] == [
            ("A1", "R", "short_run"),
            ("B", "R", "short_run"),
        ]
        assert [e.duration_s for e in bouts] == pytest.approx([2.5, 2.5], abs=0.1)
        assert bouts[1].t_s - bouts[0].t_s == pytest.approx(3.5 + 2.0, abs=0.2)
        assert [e.label for e in events if e.kind == "phase"] == ["rest", "A1", "rest", "B"]
        notes = {e.label: e.note for e in events if e.kind == "note"}
        assert notes["protocol"] == "short_run; primary pairs P1"
        assert "treatment" in notes
        assert recording.duration_s == pytest.approx(9.0, abs=1.0)
    left = [cue.left_s for cue in counted if cue.step.kind == "bout"]
    assert left[:3] == pytest.approx([2.5, 2.0, 1.0], abs=0.05)


def test_a_radio_that_ends_early_leaves_the_last_set_unfinished(guided):
    guide, said, _, out, task = guided((steps("A1"), steps("A2")), seconds=5.5)
    assert guide.done == ["A1"]
    assert said[-1][1] == "A2"
    assert task.done()
    assert out.exists()


def test_what_goes_wrong_while_guiding_ends_the_session_and_is_told(guided):
    *_, task = guided((steps("A1"),), fail=True)
    assert isinstance(task.exception(), ValueError)


def test_enter_ends_the_treatment(guided):
    async def pressed():
        await asyncio.sleep(0)

    guide, *_ = guided((steps("A1"), TREATMENT, steps("B")), wait=pressed)
    assert guide.done == ["A1", "B"]
