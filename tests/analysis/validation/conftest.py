from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def sessions() -> ModuleType:
    """Runner-sessions made up without EMG: `sessions.py` beside this file."""
    spec = importlib.util.spec_from_file_location("made_up_sessions", Path(__file__).with_name("sessions.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made_up(sessions: ModuleType):
    return sessions.made_up
