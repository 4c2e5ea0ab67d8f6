"""A binding that loses references to None is found before it ends a run."""

from __future__ import annotations

import ctypes
import sys

import pytest

pytest.importorskip("PySide6.QtCore", exc_type=ImportError)

from emgsmr.errors import EmgsmrError
from emgsmr.gui import binding


def release_none():
    """What the faulty release does: one reference less than there should be."""
    ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None lives forever from Python 3.12 on")
def test_lost_references_are_counted():
    try:
        assert binding.lost_references(release_none, calls=50) == pytest.approx(1, abs=0.1)
    finally:
        for _ in range(51):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))


def test_a_sound_call_loses_nothing():
    assert binding.lost_references(lambda: None) == 0


def test_a_faulty_binding_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr(binding, "lost_references", lambda call: 1.0)
    with pytest.raises(EmgsmrError, match=r"pip install 'PySide6-Essentials>=6\.6,!=6\.12\.0'"):
        binding.require_sound_binding()


def test_the_installed_binding_is_sound():
    binding.require_sound_binding()
