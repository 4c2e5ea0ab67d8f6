"""Before and after: bouts of one person, compared with the error of measuring them."""

from emgsmr.analysis.comparison.comparison import Comparison, compare
from emgsmr.analysis.comparison.frames import COMPARISON_COLUMNS
from emgsmr.analysis.comparison.plan import ComparisonPlan

__all__ = ["COMPARISON_COLUMNS", "Comparison", "ComparisonPlan", "compare"]
