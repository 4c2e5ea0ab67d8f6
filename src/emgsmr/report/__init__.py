"""One page about a recording: what was found, how sure it is, and what it rests on."""

from __future__ import annotations

from emgsmr.report.page import write_report

__all__ = ["write_report"]
