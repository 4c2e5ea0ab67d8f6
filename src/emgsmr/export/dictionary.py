"""The data dictionary: which columns each table has, in which unit, and what an empty field means."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, get_args

ColumnType = Literal["integer", "number", "boolean", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        A name with braces, such as ``{site}_uV``, stands for one column per site.
    type : {"integer", "number", "boolean", "text"}
    unit : str
        Empty where there is none.
    description, computed, missing : str
        What it is, how it is computed, and what an empty field means.
    """

    name: str
    type: ColumnType
    unit: str
    description: str
    computed: str
    missing: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: ``<name>.csv``, and the same name in the API and in ``--json``."""

    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the file."""
        return tuple(column.name for column in self.columns)

    def as_record(self) -> dict[str, Any]:
        """The table as it stands in ``data_dictionary.json``."""
        columns = []
        for column in self.columns:
            record = asdict(column)
            columns.append(record)
        return {"description": self.description, "columns": columns}


@functools.cache
def load_dictionary() -> Mapping[str, Table]:
    """The tables of emgsmr by name, in the order in which they are written.

    Examples
    --------
    >>> dictionary = load_dictionary()
    >>> dictionary["gaps"].column_names
    ('sensor', 't_start_s', 't_end_s', 'n_missing', 'cause')
    >>> [column.unit for column in dictionary["gaps"].columns]
    ['', 's', 's', 'samples', '']
    """
    text = resources.files("emgsmr.export").joinpath("dictionary.toml").read_text(encoding="utf-8")
    tables = {name: _table(name, entry) for name, entry in tomllib.loads(text).items()}
    return MappingProxyType(tables)


def _table(name: str, entry: dict[str, Any]) -> Table:
    columns = tuple(Column(name=key, **value) for key, value in entry["columns"].items())
    assert all(column.type in get_args(ColumnType) for column in columns), name
    return Table(name, entry["description"], columns)
