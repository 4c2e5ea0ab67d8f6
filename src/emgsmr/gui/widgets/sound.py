"""Sounds for a flag, for missing data and for a step that is done; played as far as the computer can.

A flag rises and is bright, missing data falls and is dull, a step is one soft note: they can be told apart
without looking, and by people who hear few high notes (all below 1 kHz, where treadmills are not loudest).
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

Sound = Literal["flag", "no_data", "step"]
RATE_HZ = 44100
NOTES: dict[Sound, tuple[tuple[float, float], ...]] = {
    "flag": ((523.0, 0.14), (659.0, 0.14), (784.0, 0.28)),
    "no_data": ((330.0, 0.35), (220.0, 0.55)),
    "step": ((587.0, 0.18),),
}
"""Frequency (Hz) and length (s) of each note."""
PARTIALS: dict[Sound, tuple[float, ...]] = {
    "flag": (1.0, 0.0, 0.45, 0.0, 0.25),  # odd ones, as a clarinet
    "no_data": (1.0, 0.6, 0.15),
    "step": (1.0,),
}
BEEPS_MS: dict[Sound, tuple[int, ...]] = {"flag": (0, 180, 360), "no_data": (0, 600), "step": (0,)}
"""When to beep where only a beep is left: by their rhythm, too, they can be told apart."""

_log = logging.getLogger(__name__)


def synthesize(sound: Sound, *, rate_hz: int = RATE_HZ) -> NDArray[np.int16]:
    """A sound as samples.

    Returns
    -------
    samples : ndarray of int16, shape (n_samples,)

    Examples
    --------
    >>> len(synthesize("step")) / RATE_HZ
    0.18
    """
    parts = []
    for frequency, seconds in NOTES[sound]:
        t = np.arange(round(seconds * rate_hz)) / rate_hz
        wave = sum(
            weight * np.sin(2 * np.pi * frequency * (k + 1) * t) for k, weight in enumerate(PARTIALS[sound])
        )
        fade = np.minimum(np.minimum(t / 0.01, 1.0), (seconds - t) / 0.05).clip(0, 1)
        parts.append(wave * fade / sum(PARTIALS[sound]))
    return np.asarray(np.concatenate(parts) * 0.7 * 32767, dtype=np.int16)


class Player(Protocol):
    """Plays samples."""

    def play(self, sound: Sound) -> None:
        """Begin; returns at once."""
        ...


class Beeper:
    """The system's beep, in a rhythm for each sound."""

    def __init__(self, beep: Callable[[], None] = QApplication.beep) -> None:
        self._beep = beep

    def play(self, sound: Sound) -> None:
        """Beep now and at the later times of the rhythm."""
        for after_ms in BEEPS_MS[sound]:
            if after_ms == 0:
                self._beep()
            else:
                QTimer.singleShot(after_ms, self._beep)


class Speaker:
    """The loudspeaker through QtMultimedia (part of PySide6-Addons)."""

    def __init__(self, multimedia: Any) -> None:
        from PySide6.QtCore import QBuffer, QByteArray

        form = multimedia.QAudioFormat()
        form.setSampleRate(RATE_HZ)
        form.setChannelCount(1)
        form.setSampleFormat(multimedia.QAudioFormat.SampleFormat.Int16)
        self._sink = multimedia.QAudioSink(multimedia.QMediaDevices.defaultAudioOutput(), form)
        self._data = {sound: QByteArray(synthesize(sound).tobytes()) for sound in NOTES}
        self._buffer = QBuffer()

    def play(self, sound: Sound) -> None:
        """Play from the beginning, instead of what still plays."""
        self._sink.stop()
        self._buffer.close()
        self._buffer.setData(self._data[sound])
        self._buffer.open(self._buffer.OpenModeFlag.ReadOnly)
        self._sink.start(self._buffer)


def best_player() -> Player | None:
    """Loudspeaker, else beep, else None; the log says what is missing."""
    try:
        multimedia = importlib.import_module("PySide6.QtMultimedia")
        if not multimedia.QMediaDevices.defaultAudioOutput().isNull():
            return Speaker(multimedia)
        _log.warning("No loudspeaker was found: alerts beep instead.")
    except ImportError:
        _log.warning("Alerts beep only: for sounds that differ, install PySide6-Addons.")
    if QApplication.instance() is None:
        _log.warning("There is no application to beep with: alerts stay silent.")
        return None
    return Beeper()


class Sounds:
    """Plays what it is told; the way to do so is chosen at the first sound."""

    def __init__(self, find: Callable[[], Player | None] = best_player) -> None:
        self._find = find
        self._player: Player | None = None
        self._sought = False

    def play(self, sound: Sound) -> None:
        """Play a sound, if this computer can."""
        if not self._sought:
            self._player, self._sought = self._find(), True
        if self._player is not None:
            self._player.play(sound)
