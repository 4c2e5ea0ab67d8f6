"""The made-up analysis and comparison beside this file, as fixtures."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from emgsmr.report.comparison_page import render_comparison


def _beside(name: str) -> ModuleType:
    """A module beside this file."""
    spec = importlib.util.spec_from_file_location(f"report_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    return _beside("synthetic")


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    return _beside("made_up_comparison")


@pytest.fixture(scope="session")
def comparison_text(made_up: ModuleType) -> str:
    return render_comparison(made_up.comparison())


@pytest.fixture(scope="session")
def comparison_text_de(made_up: ModuleType) -> str:
    return render_comparison(made_up.comparison(), lang="de")
