"""emgsmr: which muscle is doing another's work, from surface EMG of sensors that a runner can buy.

Names are imported when they are first used, so ``import emgsmr`` is light.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis, Pipeline, Settings, analyze
    from emgsmr.analysis.comparison import Comparison, ComparisonPlan, compare
    from emgsmr.api import export, open, simulate  # noqa: A004
    from emgsmr.recording import Recording
    from emgsmr.recording.importers import import_csv
    from emgsmr.report import write_comparison_page, write_comparison_pdf, write_report
    from emgsmr.session import Session

_HOMES = {
    "Analysis": "emgsmr.analysis",
    "Comparison": "emgsmr.analysis.comparison",
    "ComparisonPlan": "emgsmr.analysis.comparison",
    "Pipeline": "emgsmr.analysis",
    "Recording": "emgsmr.recording",
    "Session": "emgsmr.session",
    "Settings": "emgsmr.analysis",
    "analyze": "emgsmr.analysis",
    "compare": "emgsmr.analysis.comparison",
    "export": "emgsmr.api",
    "import_csv": "emgsmr.recording.importers",
    "open": "emgsmr.api",
    "simulate": "emgsmr.api",
    "write_comparison_page": "emgsmr.report",
    "write_comparison_pdf": "emgsmr.report",
    "write_report": "emgsmr.report",
}

__all__ = [
    "Analysis",
    "Comparison",
    "ComparisonPlan",
    "Pipeline",
    "Recording",
    "Session",
    "Settings",
    "analyze",
    "compare",
    "export",
    "import_csv",
    "open",
    "simulate",
    "write_comparison_page",
    "write_comparison_pdf",
    "write_report",
]


class _Package(ModuleType):
    """The package: finds a public name in its room on first use.

    Two functions, ``export`` and ``simulate``, share their name with the room behind them. When a room is
    imported, Python sets it as an attribute here; these two names are kept for the functions.
    ``from emgsmr.export import ...`` finds the room as ever.
    """

    def __getattr__(self, name: str) -> Any:
        if name in _HOMES:
            return getattr(importlib.import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'emgsmr' has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package
