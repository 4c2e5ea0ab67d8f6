"""Whether snapshots have answered a request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgsmr.gui.asking import GRACE_S, Asked
from emgsmr.session.snapshot import Snapshot

IDLE = Snapshot()


def answers(request, *stages, before=IDLE, last_error="", wait_s=0.0):
    asked = Asked(request, 0.0, before)
    for stage in stages[:-1]:
        assert asked.answer(Snapshot(stage), 0.1) == "waiting"
    return asked.answer(Snapshot(stages[-1], error=last_error), 0.2 + wait_s)


@pytest.mark.parametrize(
    ("request_", "stages", "answer"),
    [
        ("scan", ("idle", "scanning", "idle"), "done"),
        ("scan", ("idle",), "waiting"),
        ("connect", ("idle", "connecting", "preview"), "done"),
        ("connect", ("idle", "connecting", "ended"), "failed"),
        ("connect", ("ended",), "waiting"),
        ("begin", ("preview", "preview", "recording"), "done"),
        ("begin", ("preview",), "waiting"),
        ("stop", ("recording", "recording", "ended"), "done"),
        ("stop", ("recording",), "waiting"),
    ],
)
def test_stages(request_, stages, answer):
    assert answers(request_, *stages) == answer


@pytest.mark.parametrize(
    ("request_", "stage", "answer"),
    [
        ("scan", "idle", "done"),
        ("connect", "ended", "failed"),
        ("begin", "ended", "failed"),
        ("begin", "preview", "waiting"),
    ],
)
def test_a_stage_that_does_not_move_is_an_answer_in_the_end(request_, stage, answer):
    assert answers(request_, stage, wait_s=GRACE_S) == answer


@pytest.mark.parametrize(
    ("request_", "stage", "answer"),
    [
        ("scan", "idle", "done"),
        ("connect", "idle", "failed"),
        ("begin", "preview", "failed"),
        ("begin", "ended", "failed"),
    ],
)
def test_a_new_error_is_an_answer_at_once(request_, stage, answer):
    assert answers(request_, stage, last_error="Bluetooth is off.") == answer
    old = replace(IDLE, error="Bluetooth is off.")
    assert answers(request_, stage, before=old, last_error="Bluetooth is off.") == "waiting"


def test_new_sensors_are_an_answer(scripted):
    asked = Asked("scan", 0.0, IDLE)
    assert asked.answer(Snapshot("scanning", (scripted.found(),)), 0.1) == "waiting"
    asked = Asked("scan", 0.0, IDLE)
    assert asked.answer(Snapshot("idle", (scripted.found(),)), 0.1) == "done"
