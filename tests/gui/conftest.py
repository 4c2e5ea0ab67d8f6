"""The scripted engine beside this file, as fixtures."""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def scripted() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scripted_engine", Path(__file__).with_name("scripted.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", autouse=True)
def _collected_in_this_thread() -> Iterator[None]:
    """As in the program (`emgsmr.gui.garbage`): a widget that another thread collects is a crash later on."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture
def desk(scripted: ModuleType, tmp_path: Path) -> Any:
    """A presenter with its engine, clock and folder; nothing was found yet."""
    return scripted.Desk(tmp_path)


@pytest.fixture(scope="session")
def whole_session() -> ModuleType:
    """The user who drives a window, beside this file."""
    pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    spec = importlib.util.spec_from_file_location(
        "whole_session", Path(__file__).with_name("whole_session.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
