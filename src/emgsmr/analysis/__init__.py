"""The pipeline from samples to findings, the same live, replayed and offline."""

from emgsmr.analysis.columns import COLUMNS
from emgsmr.analysis.covariates import covariates_at
from emgsmr.analysis.detector import PairStatus
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.pipeline import Pipeline
from emgsmr.analysis.result import TABLES, Analysis, analyze
from emgsmr.analysis.settings import Settings

__all__ = [
    "COLUMNS",
    "TABLES",
    "Analysis",
    "Finding",
    "PairStatus",
    "Pipeline",
    "Settings",
    "analyze",
    "covariates_at",
]
