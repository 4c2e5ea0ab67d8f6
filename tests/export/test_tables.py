from __future__ import annotations

import csv
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from emgsmr.errors import ArgumentError, RecordingError
from emgsmr.export import load_dictionary, tables_as_records, write_tables
from emgsmr.export.tables import ANALYSIS_TABLES, plain, replaced


@pytest.fixture(scope="module")
def analysis(synthetic: ModuleType) -> Any:
    return synthetic.analysis(minutes=9)


def test_every_table_its_dictionary_and_the_session_are_written(analysis: Any, tmp_path: Path) -> None:
    written = write_tables(analysis, tmp_path / "new" / "folder")
    names = [path.name for path in written]
    assert names == [f"{name}.csv" for name in ANALYSIS_TABLES] + ["data_dictionary.json", "session.json"]
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(names)
    session = json.loads((tmp_path / "new" / "folder" / "session.json").read_text(encoding="utf-8"))
    assert session == analysis.session


def test_a_table_starts_with_the_columns_of_the_contract(
    analysis: Any, synthetic: ModuleType, tmp_path: Path
) -> None:
    write_tables(analysis, tmp_path)
    described = json.loads((tmp_path / "data_dictionary.json").read_text(encoding="utf-8"))
    for name in ANALYSIS_TABLES:
        first = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        assert first == ",".join(synthetic.COLUMNS[name])
        assert [column["name"] for column in described[name]["columns"]] == list(synthetic.COLUMNS[name])


def test_pandas_reads_back_the_same_table(analysis: Any, tmp_path: Path) -> None:
    write_tables(analysis, tmp_path)
    for name in ANALYSIS_TABLES:
        back = pd.read_csv(tmp_path / f"{name}.csv", low_memory=False)
        frame = getattr(analysis, name)
        assert len(back) == len(frame)
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for column in load_dictionary()[name].columns:
            if column.type == "number":
                wanted = frame[column.name].astype(float)
                written = [float(row[column.name] or "nan") for row in rows]
                np.testing.assert_array_equal(written, wanted)
                # the parser of pandas before 3 is off in the last digits
                np.testing.assert_allclose(back[column.name].to_numpy(float), wanted, rtol=1e-11)
            elif column.type == "boolean":
                assert back[column.name].dtype == bool or not len(frame)
                assert back[column.name].tolist() == frame[column.name].tolist()
            else:
                text = frame[column.name].astype(object)
                assert back[column.name].isna().tolist() == text.isna().tolist(), column.name
                kept = text.notna()
                assert back[column.name][kept].astype(str).tolist() == text[kept].astype(str).tolist()


def test_lines_end_in_lf_booleans_are_words_and_whole_numbers_have_no_point(
    analysis: Any, tmp_path: Path
) -> None:
    write_tables(analysis, tmp_path)
    content = (tmp_path / "activation.csv").read_bytes()
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8").splitlines()))
    assert {row["valid"] for row in rows} == {"true", "false"}
    assert all(row["stride"].isdigit() for row in rows)
    rejected = [row for row in rows if row["valid"] == "false"]
    assert rejected
    assert all(row["rel"] == "" and row["reject_reason"] for row in rejected)


def test_a_column_of_missing_whole_numbers_stays_whole(synthetic: ModuleType, tmp_path: Path) -> None:
    analysis = synthetic.analysis(minutes=9)
    analysis.gaps = pd.DataFrame(
        {"sensor": ["a", "b"], "t_start_s": [1.0, 2.0], "t_end_s": [1.5, np.inf], "n_missing": [np.nan, 12.0],
         "cause": ["", None]}
    )  # fmt: skip
    write_tables(analysis, tmp_path)
    lines = (tmp_path / "gaps.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert lines == ["a,1.0,1.5,,", "b,2.0,,12,"]
    assert tables_as_records(analysis)["gaps"][1] == {
        "sensor": "b", "t_start_s": 2.0, "t_end_s": None, "n_missing": 12, "cause": None,
    }  # fmt: skip


def test_text_with_commas_quotes_lines_and_umlauts_survives(synthetic: ModuleType, tmp_path: Path) -> None:
    analysis = synthetic.analysis(minutes=9)
    note = 'müde, "sehr"\nund Krampf =1+1 <script>'
    analysis.events = analysis.events.assign(note=note)
    write_tables(analysis, tmp_path)
    assert set(pd.read_csv(tmp_path / "events.csv")["note"]) == {note}


def test_empty_tables_keep_their_columns(synthetic: ModuleType, tmp_path: Path) -> None:
    analysis = synthetic.without_rows()
    write_tables(analysis, tmp_path)
    for name in ANALYSIS_TABLES:
        assert_frame_equal(
            pd.read_csv(tmp_path / f"{name}.csv"), pd.DataFrame(columns=synthetic.COLUMNS[name])
        )
    assert tables_as_records(analysis) == {name: [] for name in ANALYSIS_TABLES}


def test_records_are_json_without_nan_and_hold_what_the_tables_hold(analysis: Any, tmp_path: Path) -> None:
    records = tables_as_records(analysis)
    text = json.dumps(records, allow_nan=False)
    assert json.loads(text) == records
    write_tables(analysis, tmp_path)
    for name in ANALYSIS_TABLES:
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(records[name])
        for row, record in zip(rows[:50], records[name][:50], strict=True):
            words = {True: "true", False: "false", None: ""}
            said = {k: words[v] if v is None or isinstance(v, bool) else str(v) for k, v in record.items()}
            assert row == said


def test_another_analysis_replaces_the_tables_and_leaves_other_files(
    analysis: Any, synthetic: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    write_tables(analysis, tmp_path)
    write_tables(synthetic.without_rows(), tmp_path)
    assert (tmp_path / "strides.csv").read_text(encoding="utf-8").count("\n") == 1
    assert (tmp_path / "mine.txt").read_text() == "kept"
    assert not list(tmp_path.glob("*.part"))


def test_a_table_with_other_columns_is_refused(synthetic: ModuleType, tmp_path: Path) -> None:
    analysis = synthetic.analysis(minutes=9)
    analysis.gaps = analysis.gaps[["t_start_s", "sensor"]]
    with pytest.raises(ArgumentError, match=r"gaps has the columns t_start_s, sensor where"):
        write_tables(analysis, tmp_path)


def test_a_file_where_the_folder_should_be_is_an_argument_error(analysis: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ArgumentError, match="is a file"):
        write_tables(analysis, tmp_path / "taken")


def test_a_place_that_cannot_be_written_is_one_sentence(analysis: Any, tmp_path: Path) -> None:
    (tmp_path / "strides.csv").mkdir()
    with pytest.raises(RecordingError, match=r"strides.csv cannot be written"):
        write_tables(analysis, tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    def interrupted() -> None:
        with replaced(path) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.floats(width=32).map(np.float32) | st.integers(-5, 5).map(np.int16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_anything_becomes_plain_json(value: Any) -> None:
    text = json.dumps(plain(value), allow_nan=False)
    assert json.loads(text) == plain(value)
