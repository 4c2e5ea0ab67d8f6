"""How well flags and the overload index forecast events that were marked; measured, never assumed."""

from emgsmr.analysis.validation.assess import INDEX, NAIVE, Area, Validation, assess
from emgsmr.analysis.validation.events import EventScore, score_flags
from emgsmr.analysis.validation.grid import EVENTS, runner_session
from emgsmr.analysis.validation.risk import UNCALIBRATED, Risk
from emgsmr.analysis.validation.session import RunnerSession, with_history

__all__ = [
    "EVENTS",
    "INDEX",
    "NAIVE",
    "UNCALIBRATED",
    "Area",
    "EventScore",
    "Risk",
    "RunnerSession",
    "Validation",
    "assess",
    "runner_session",
    "score_flags",
    "with_history",
]
