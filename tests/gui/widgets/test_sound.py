"""Sounds without a loudspeaker."""

from __future__ import annotations

import importlib
import itertools
import logging
import types

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.gui.widgets import sound
from emgsmr.gui.widgets.sound import BEEPS_MS, NOTES, RATE_HZ, Beeper, Sounds, best_player, synthesize


def spectrum(samples):
    power = np.abs(np.fft.rfft(samples, 2 * RATE_HZ)) ** 2
    return power / power.sum()


@pytest.mark.parametrize("name", NOTES)
def test_a_sound_is_short_loud_and_does_not_click(name):
    samples = synthesize(name)
    assert samples.dtype == np.int16
    assert len(samples) / RATE_HZ == pytest.approx(sum(seconds for _, seconds in NOTES[name]), abs=1e-3)
    assert len(samples) < RATE_HZ
    assert 8000 < np.abs(samples.astype(int)).max() < 32767
    assert np.abs(samples[[0, -1]].astype(int)).max() < 500
    assert np.abs(np.diff(samples.astype(int))).max() < 8000


def test_sounds_differ():
    for one, other in itertools.combinations(NOTES, 2):
        overlap = np.sqrt(spectrum(synthesize(one)) * spectrum(synthesize(other))).sum()
        assert overlap < 0.5
        assert BEEPS_MS[one] != BEEPS_MS[other]


def test_a_flag_rises_and_missing_data_falls():
    def first_and_last(name):
        return NOTES[name][0][0], NOTES[name][-1][0]

    assert first_and_last("flag")[0] < first_and_last("flag")[1]
    assert first_and_last("no_data")[0] > first_and_last("no_data")[1]


def test_beeps_in_a_rhythm(app, monkeypatch):
    later, beeped = [], []
    monkeypatch.setattr(sound.QTimer, "singleShot", lambda ms, call: later.append((ms, call)))
    Beeper(lambda: beeped.append(1)).play("flag")
    assert len(beeped) == 1
    assert [ms for ms, _ in later] == [180, 360]
    for _, call in later:
        call()
    assert len(beeped) == 3


class FakeSink:
    played: list[bytes] = []  # noqa: RUF012

    def __init__(self, device, form):
        self.form = form

    def stop(self):
        pass

    def start(self, buffer):
        self.played.append(bytes(buffer.readAll().data()))


class FakeFormat:
    SampleFormat = types.SimpleNamespace(Int16="int16")

    def setSampleRate(self, rate):
        assert rate == RATE_HZ

    def setChannelCount(self, n):
        assert n == 1

    def setSampleFormat(self, form):
        assert form == "int16"


def multimedia(*, device: bool):
    output = types.SimpleNamespace(isNull=lambda: not device)
    return types.SimpleNamespace(
        QAudioFormat=FakeFormat,
        QAudioSink=FakeSink,
        QMediaDevices=types.SimpleNamespace(defaultAudioOutput=lambda: output),
    )


def test_plays_through_the_loudspeaker_where_there_is_one(app, monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda name: multimedia(device=True))
    FakeSink.played.clear()
    player = best_player()
    player.play("flag")
    player.play("no_data")
    player.play("flag")
    wanted = [synthesize(name).tobytes() for name in ("flag", "no_data", "flag")]
    assert FakeSink.played == wanted


def test_beeps_where_no_loudspeaker_is_found(app, monkeypatch, caplog):
    monkeypatch.setattr(importlib, "import_module", lambda name: multimedia(device=False))
    assert isinstance(best_player(), Beeper)
    assert "No loudspeaker" in caplog.text


def missing(name):
    raise ImportError(name)


def test_beeps_without_qtmultimedia_and_says_so_once(app, monkeypatch, caplog):
    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.setattr(sound.QTimer, "singleShot", lambda ms, call: None)
    caplog.set_level(logging.WARNING)
    sounds = Sounds()
    for _ in range(3):
        sounds.play("step")
    assert caplog.text.count("PySide6-Addons") == 1


def test_stays_silent_without_an_application(monkeypatch, caplog):
    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.setattr(sound.QApplication, "instance", lambda: None)
    assert best_player() is None
    assert "silent" in caplog.text
    Sounds(lambda: None).play("flag")
