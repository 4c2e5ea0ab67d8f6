"""emgsmr: which muscle is doing another's work, from surface EMG of sensors that a runner can buy.

Names are imported when they are first used, so ``import emgsmr`` is light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis, Pipeline, Settings
    from emgsmr.api import analyze, export, import_csv, open, simulate, write_report  # noqa: A004
    from emgsmr.recording import Recording
    from emgsmr.session import Session

_HOMES = {
    "Analysis": "emgsmr.analysis",
    "Pipeline": "emgsmr.analysis",
    "Recording": "emgsmr.recording",
    "Session": "emgsmr.session",
    "Settings": "emgsmr.analysis",
    "analyze": "emgsmr.api",
    "export": "emgsmr.api",
    "import_csv": "emgsmr.api",
    "open": "emgsmr.api",
    "simulate": "emgsmr.api",
    "write_report": "emgsmr.api",
}

__all__ = [
    "Analysis",
    "Pipeline",
    "Recording",
    "Session",
    "Settings",
    "analyze",
    "export",
    "import_csv",
    "open",
    "simulate",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Find a public name in its room (``emgsmr.simulate`` is the function; the room is imported as a module)."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'emgsmr' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
