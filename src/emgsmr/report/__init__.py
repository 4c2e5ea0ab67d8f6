"""One page about a recording, or about before and after: what was found, how sure, and what it rests on."""

from __future__ import annotations

from emgsmr.report.comparison_page import write_comparison_page
from emgsmr.report.comparison_pdf import write_comparison_pdf
from emgsmr.report.page import write_report

__all__ = ["write_comparison_page", "write_comparison_pdf", "write_report"]
