"""What other programs read: the result tables, their dictionary, and the signal as CSV."""

from __future__ import annotations

from emgsmr.export.dictionary import Column, Table, load_dictionary
from emgsmr.export.signal import export_csv
from emgsmr.export.tables import tables_as_records, write_comparison, write_tables

__all__ = [
    "Column",
    "Table",
    "export_csv",
    "load_dictionary",
    "tables_as_records",
    "write_comparison",
    "write_tables",
]
