from __future__ import annotations

from types import ModuleType

from emgsmr.analysis import COLUMNS
from emgsmr.analysis.trend import TREND_COLUMNS
from emgsmr.export import load_dictionary
from emgsmr.export.tables import ANALYSIS_TABLES


def test_the_dictionary_has_the_columns_of_the_contract_to_the_letter(synthetic: ModuleType) -> None:
    dictionary = load_dictionary()
    for name, columns in synthetic.COLUMNS.items():
        assert dictionary[name].column_names == columns, name


def test_the_analysis_has_the_columns_of_the_dictionary() -> None:
    dictionary = load_dictionary()
    assert {name: dictionary[name].column_names for name in ANALYSIS_TABLES} == dict(COLUMNS)


def test_the_trend_has_the_columns_of_the_dictionary() -> None:
    assert load_dictionary()["trend"].column_names == TREND_COLUMNS


def test_every_column_says_what_it_is_how_it_is_computed_and_what_missing_means() -> None:
    for table in load_dictionary().values():
        assert table.description
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            assert column.description.endswith("."), where
            assert column.computed, where
            assert column.missing, where
            assert column.type in ("integer", "number", "boolean", "text"), where


def test_a_unit_in_the_name_is_the_unit() -> None:
    units = {
        "_s": "s",
        "_pct": "%",
        "_hz": "Hz",
        "_uV": "uV",
        "_db": "dB",
        "_per_min": "1/min",
        "_spm": "steps/min",
    }
    for table in load_dictionary().values():
        for column in table.columns:
            suffix = next((end for end in units if column.name.endswith(end)), None)
            if suffix:
                assert column.unit.startswith(units[suffix]), f"{table.name}.{column.name}"
